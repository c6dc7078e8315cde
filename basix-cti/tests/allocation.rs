//! How much memory reading takes: none for messages as they come, and little for hostile ones.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]
#![expect(unsafe_code, reason = "an allocator that counts")]

#[path = "protocol/recorded.rs"]
mod recorded;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use basix_cti::{
    BaseUrl, Channel, Element, Group, Message, Parser, Store, StoreLimits, User, WaitingChannel,
};

use recorded::{FORMS, frames};

/// Counts what the present thread allocates, so that tests beside it do not count.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(size: isize) {
    // At the end of a thread nothing is counted any more.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + size);
        PEAK.with(|peak| peak.set(peak.get().max(held.get())));
        if size > 0 {
            ALLOCATIONS.with(|allocations| allocations.set(allocations.get() + 1));
        }
    });
}

// SAFETY: all work is the system allocator's; counting touches no memory but three numbers, which
// need no allocation themselves.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a piece of work took.
#[derive(Debug, PartialEq)]
struct Usage {
    allocations: usize,
    /// The most bytes at a time, above those that were held before.
    peak: usize,
}

fn measure<T>(work: impl FnOnce() -> T) -> (Usage, T) {
    let (allocations, held) = (ALLOCATIONS.get(), HELD.get());
    PEAK.set(held);
    let result = black_box(work());
    let peak = usize::try_from(PEAK.get() - held).unwrap();
    (Usage { allocations: ALLOCATIONS.get() - allocations, peak }, result)
}

const NOTHING: Usage = Usage { allocations: 0, peak: 0 };

/// Touches everything that a channel tells.
fn look(element: &Element<'_>) -> usize {
    let record = element.record();
    let mut seen = record.fields().filter(|(_, term)| !term.is_none()).count();
    seen += usize::from(record.get("state").is_some());
    if let Element::Channel(channel) = black_box(element) {
        seen += channel.calling_name.as_str().map_or(0, str::len);
        seen += usize::from(channel.uuid.as_text() == "no such channel");
        seen += usize::from(channel.state.is_some_and(|state| state.since.is_some()));
        seen += usize::from(channel.direction == Some(basix_cti::Direction::Inbound));
        seen += usize::from(channel.user_id == channel.last_bridged_user_id);
    }
    seen
}

#[test]
fn the_allocator_counts() {
    let (usage, text) = measure(|| {
        drop(Vec::<u8>::with_capacity(1000));
        "a".repeat(100)
    });
    assert_eq!((usage, text.len()), (Usage { allocations: 2, peak: 1000 }, 100));
}

#[test]
fn reading_an_event_and_looking_at_it_allocates_nothing() {
    for session in FORMS {
        let mut parser = Parser::new();
        let mut events = 0;
        for frame in frames(session) {
            let (usage, is_event) = measure(|| match parser.parse(&frame) {
                Ok(Message::InfoEvent(event)) => {
                    black_box(look(event.element()));
                    black_box(event.event_name());
                    Some(true)
                }
                Ok(Message::FieldSpec(_)) => None,
                other => {
                    drop(black_box(other));
                    Some(false)
                }
            });
            if let Some(is_event) = is_event {
                assert_eq!(usage, NOTHING);
                events += usize::from(is_event);
            }
        }
        assert!(events > 250, "{events} events");
    }
}

#[test]
fn going_through_a_snapshot_allocates_nothing() {
    for session in FORMS {
        let mut parser = Parser::new();
        let mut elements = 0;
        for frame in frames(session) {
            if let Ok(Message::InitialInfo(info)) = parser.parse(&frame) {
                let (usage, seen) = measure(|| {
                    let seen = info.elements().map_while(Result::ok).map(|one| look(&one)).count();
                    black_box(info.check().is_ok());
                    black_box(info.typed::<Channel<'_>>().map(Iterator::count));
                    black_box(info.typed::<User<'_>>().map(Iterator::count));
                    seen
                });
                assert_eq!(usage, NOTHING);
                elements += seen;
            }
        }
        assert!(elements > 30, "{elements} elements");
    }
}

/// Reads a message to its last byte.
fn read(parser: &mut Parser, message: &[u8]) -> bool {
    match parser.parse(message) {
        Ok(Message::InitialInfo(info)) => {
            info.elements().try_for_each(|element| element.map(drop)).is_ok()
        }
        Ok(Message::InfoEvent(event)) => look(event.element()) < usize::MAX,
        Ok(_) => true,
        Err(_) => false,
    }
}

/// What reading a message may take.
fn enough(message: &[u8]) -> usize {
    2 * message.len() + (64 << 10)
}

#[test]
fn a_damaged_message_takes_little_memory() {
    let mut parser = Parser::new();
    for frame in frames("session-1") {
        let mut scratch = parser.clone();
        let mut try_it = |message: &[u8]| {
            let (usage, _) = measure(|| read(&mut scratch, message));
            assert!(usage.peak <= enough(message), "{usage:?} for {} bytes", message.len());
        };
        for len in 0..frame.len() {
            try_it(&frame[..len]);
        }
        let mut flipped = frame.clone();
        for at in 0..8 * frame.len() {
            flipped[at / 8] ^= 1 << (at % 8);
            try_it(&flipped);
            flipped[at / 8] ^= 1 << (at % 8);
        }
        drop(parser.parse(&frame));
    }
}

#[test]
fn a_length_that_promises_more_than_there_is_reserves_nothing() {
    let mut parser = Parser::new();
    let names = ["\x83h\x03w\x0afield_speck\0\x05group", "l\0\0\0\x01w\x02idj"];
    let spec: Vec<u8> = names.concat().chars().map(|char| char as u8).collect();
    parser.parse(&spec).unwrap();
    let head = b"\x83h\x03w\x0cinitial_infok\0\x05group".as_slice();
    for claim in [
        b"l\xff\xff\xff\xff".as_slice(),
        b"l\xff\xff\xff\xffh\x01a\x01h\x01a\x02",
        b"l\x7f\xff\xff\xffi\xff\xff\xff\xff",
        b"l\0\0\0\x01h\x01m\xff\xff\xff\xff",
        b"l\0\0\0\x01h\x01n\xff\0",
        b"l\0\0\0\x01h\x01o\xff\xff\xff\xff\0",
        b"l\0\0\0\x01h\x01k\xff\xff",
        b"l\0\0\0\x01h\x01v\xff\xff",
    ] {
        let message = [head, claim].concat();
        let (usage, refused) = measure(|| match parser.parse(&message) {
            Ok(Message::InitialInfo(info)) => info.to_vec::<Group<'_>>().is_err(),
            other => other.is_err(),
        });
        assert!(refused);
        assert!(usage.peak <= 2 * message.len(), "{usage:?} for {claim:?}");
    }
    // A field list that claims to be long.
    let head = b"\x83h\x03w\x0afield_speck\0\x05group".as_slice();
    for claim in [b"l\xff\xff\xff\xff".as_slice(), b"i\xff\xff\xff\xff", b"l\xff\xff\xff\xffw\x01a"] {
        let message = [head, claim].concat();
        let (usage, refused) = measure(|| parser.parse(&message).is_err());
        assert_eq!((usage, refused), (NOTHING, true));
    }
}

#[test]
fn a_vector_of_a_snapshot_is_no_larger_than_its_elements() {
    for session in FORMS {
        let mut parser = Parser::new();
        for frame in frames(session) {
            if let Ok(Message::InitialInfo(info)) = parser.parse(&frame) {
                let (usage, _) = measure(|| {
                    drop(info.to_vec::<Channel<'_>>());
                    drop(info.to_vec::<WaitingChannel<'_>>());
                    drop(info.to_vec::<User<'_>>());
                });
                // Elements grow the vector by doubling, old and new at a time.
                let elements = 3 * info.len() * size_of::<Channel<'_>>();
                assert!(usage.peak <= 2 * frame.len() + elements, "{usage:?}");
            }
        }
    }
}

#[test]
fn printing_and_keeping_a_message_takes_memory_in_proportion_to_it() {
    let base = BaseUrl::new("https://pbx.example");
    for session in FORMS {
        let mut parser = Parser::new();
        let mut store = Store::with_limits(StoreLimits::default());
        for frame in frames(session) {
            let (usage, ()) = measure(|| {
                let Ok(message) = parser.parse(&frame) else { return };
                drop(store.apply(&message));
                if let Ok(printed) = message.printed(Some(&base)) {
                    black_box(printed.to_string());
                }
            });
            assert!(usage.peak <= 16 * frame.len() + 4096, "{usage:?} for {} bytes", frame.len());
        }
    }
}

#[test]
fn an_event_of_a_record_that_is_kept_copies_it_once() {
    let mut parser = Parser::new();
    let mut store = Store::new();
    let mut copied = 0;
    for frame in frames("session-1") {
        let Ok(message) = parser.parse(&frame) else { continue };
        if let Message::InfoEvent(event) = &message {
            let wire = event.record().wire().len();
            let (usage, _) = measure(|| store.apply(&message).unwrap().for_each(drop));
            // The record, the key, and nodes of the tree, of which no more than a few are new.
            assert!(usage.peak <= wire + 4096, "{usage:?}");
            assert!(usage.allocations <= 8, "{usage:?}");
            copied += 1;
        } else {
            drop(store.apply(&message));
        }
    }
    assert!(copied > 250);
}
