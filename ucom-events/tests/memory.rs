//! Memory: a request takes a small multiple of its length, a tracker at most its budget.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use ucom_events::{
    Directory, ParseError, Policy, Timestamp, Tracker, TrackerOptions, classify, parse_body,
};

/// Counts the allocations and the held bytes of a thread.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator; counting touches thread-local cells that
// neither allocate nor have destructors.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        HELD.set(HELD.get() + layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.set(HELD.get() - layout.size() as isize);
        // SAFETY: the pointer came from `System.alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocated<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATED.get();
    let value = work();
    (ALLOCATED.get() - before, value)
}

#[test]
fn a_request_costs_a_small_multiple_of_its_length() {
    let padding = |name: &str, length: usize| format!("{name}={}", "x".repeat(length));
    for body in [
        "EventType=hangup&CallID=c".to_owned(),
        format!("EventType=hangup&CallID=c&{}", padding("CallerIDName", 60_000)),
        format!("EventType=hangup&CallID=c&{}", "%41".repeat(20_000)),
        format!("EventType=hangup&{}", padding("CallID", 60_000)),
        format!("EventType=hangup&CallID=c{}", "&CallerIDNum=+1".repeat(250)),
        "&".repeat(65_536),
    ] {
        let (bytes, event) = allocated(|| parse_body(&body));
        assert!(bytes <= 4 * body.len() + 4_096, "{bytes} for {}", body.len());
        let Ok(ucom_events::Event::Extension(event)) = &event else { continue };
        let directory = Directory::new();
        let (bytes, _) = allocated(|| classify(event, &directory, Policy::Default));
        assert_eq!(bytes, 0);
    }
}

#[test]
fn a_request_over_a_limit_costs_nothing() {
    for body in ["x".repeat(65_537), "a&".repeat(257)] {
        let (bytes, event) = allocated(|| parse_body(&body));
        assert_eq!((bytes, event), (0, Err(ParseError::TooLarge)));
    }
}

/// Events that maximise a tracker's memory: long texts, many legs, many calls.
fn hostile(number: usize, style: usize) -> String {
    let long = "9".repeat(if style == 0 { 4_000 } else { 20 });
    let (call, leg) = match style {
        1 => (number / 1_000, number),
        2 => (number / 300, number / 3),
        _ => (number, number),
    };
    let kind = ["dial-in", "answer", "hangup"][number % 3];
    format!(
        "EventType={kind}&CallID={call}-{long}&SubCallID={leg}-{long}&CallerIDNum=%2B{number}{long}\
         &CallerIDName={long}&CalledNumber=731*{:04}&CalledDID={long}&RemoteNumber={number}{long}\
         &CalledExtension=731*{:04}@{long}&CallerExtension={long}&CallStatus={long}&RecID={number}{long}\
         &Duration=5&EventTime={}",
        number % 10_000,
        number % 10_000,
        1_780_000_000_000_000 + number
    )
}

// D42.
#[test]
fn a_tracker_holds_no_more_than_its_budget() {
    const BUDGET: usize = 512 << 10;
    for style in 0..4 {
        let options = TrackerOptions::default().with_budget(BUDGET);
        let mut tracker = Tracker::new(options, Directory::new(), [1; 16]);
        let before = HELD.get();
        let mut most = 0;
        for number in 0..2_500 {
            let event = parse_body(hostile(number, style)).expect("an event");
            let now = Duration::from_millis(number as u64);
            tracker.handle_event(now, Timestamp::from_micros(0), &event);
            while tracker.poll().is_some() {}
            drop(event);
            most = most.max(HELD.get() - before);
        }
        let counted = tracker.statistics().bytes;
        assert!(counted <= BUDGET, "counted {counted}");
        assert!(most <= BUDGET as isize, "style {style}: {most} of {BUDGET}, counted {counted}");
        assert!(most > BUDGET as isize / 8, "style {style}: the budget is of use: {most}");
    }
}

// D42: a long text costs no more than it is cut to.
#[test]
fn ids_of_60_kilobytes_cost_what_ids_of_128_bytes_do() {
    let held = |length: usize| {
        let mut tracker = Tracker::new(TrackerOptions::default(), Directory::new(), [1; 16]);
        let before = HELD.get();
        let id = "x".repeat(length);
        for call in 0..100 {
            let body = format!("EventType=hangup&CallID={call}{id}&CallFlow=IN");
            let event = parse_body(&body).expect("an event");
            tracker.handle_event(Duration::ZERO, Timestamp::from_micros(0), &event);
        }
        HELD.get() - before
    };
    let (short, long) = (held(110), held(60_000));
    // The table of ids may grow at another moment.
    assert!(long <= 2 * short, "{long} against {short}");
}
