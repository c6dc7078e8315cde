//! No input allocates more than a small multiple of its length (§6.3), and what is too large nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ucom_events::{ParseError, Policy, classify, parse_body};

/// Counts what a thread allocates.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it is; counting touches a thread-local
// cell that neither allocates nor has a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `System.alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// All that is allocated while something is done, whether freed again or not.
fn allocated(work: impl FnOnce()) -> usize {
    let before = ALLOCATED.get();
    work();
    ALLOCATED.get() - before
}

#[test]
fn parsing_allocates_a_small_multiple_of_the_input() {
    let inputs = [
        String::new(),
        "a&".repeat(256),
        "=&".repeat(256),
        "%&".repeat(256),
        format!("EventType=hangup&CallID={}", "c".repeat(60_000)),
        format!("EventType=hangup&CallID=c&CallerIDNum=+{}", "1".repeat(60_000)),
        format!("EventType={}", "x".repeat(65_000)),
        format!("EventType={}", "%FF".repeat(21_000)),
        format!("EventType=hangup&CallID=c{}", "&CallID=d".repeat(254)),
        format!("agent_id=1&agent_status=x&agent_number=+{}", "1".repeat(60_000)),
        format!("event_type=call-status-change&client_id={}", "1".repeat(60_000)),
    ];
    for input in inputs {
        let used = allocated(|| {
            if let Ok(ucom_events::Event::Extension(event)) = parse_body(&input) {
                let _ = classify(&event, &Policy::default(), None).code();
            }
        });
        let most = 10 * input.len() + 512;
        assert!(used <= most, "{used} bytes for {} of {:.40}", input.len(), input);
    }
}

#[test]
fn what_is_too_large_allocates_nothing() {
    for input in ["x".repeat(65_537), "x&".repeat(257), "a=1&".repeat(10_000)] {
        let used = allocated(|| assert_eq!(parse_body(&input).unwrap_err(), ParseError::TooLarge));
        assert_eq!(used, 0);
    }
}
