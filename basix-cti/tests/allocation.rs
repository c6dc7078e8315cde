//! Memory of reading: none for usual messages, and little for hostile ones.

#[path = "support/allocation.rs"]
mod allocation;
#[path = "protocol/recorded.rs"]
mod recorded;

use std::hint::black_box;
use std::time::Duration;

use allocation::{Counting, measure};

use basix_cti::element::BaseUrl;
use basix_cti::recording::{Recorder, Recording, RecordingError};
use basix_cti::store::{StoreLimits, Table};
use basix_cti::{Channel, Element, Message, Parser, Store, Timestamp, User};

use recorded::{FORMS, frames};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Asserts that a piece of work allocates nothing, and gives its result.
#[track_caller]
fn without_memory<T>(work: impl FnOnce() -> T) -> T {
    let (result, usage) = measure(|| black_box(work()));
    assert_eq!((usage.allocations, usage.peak), (0, 0));
    result
}

/// Reads every field of a channel.
fn look(element: &Element<'_>) -> usize {
    let record = element.record();
    let mut seen = record.fields().filter(|(_, term)| !term.is_none()).count();
    seen += usize::from(record.get("state").is_some());
    if let Element::Channel(channel) = black_box(element) {
        seen += channel.calling_name().as_str().map_or(0, str::len);
        seen += usize::from(channel.uuid().as_text() == "no such channel");
        seen += usize::from(channel.state().is_some_and(|state| state.since.is_some()));
        seen += usize::from(channel.direction() == Some(basix_cti::element::Direction::Inbound));
        seen += usize::from(channel.user_id() == channel.last_bridged_user_id());
    }
    seen
}

#[test]
fn the_allocator_counts() {
    let (text, usage) = measure(|| {
        drop(Vec::<u8>::with_capacity(1000));
        "a".repeat(100)
    });
    assert_eq!((usage.allocations, usage.peak, text.len()), (2, 1000, 100));
}

#[test]
fn reading_an_event_and_looking_at_it_allocates_nothing() {
    for session in FORMS {
        let mut parser = Parser::new();
        let mut events = 0;
        for frame in frames(session) {
            if let Ok(Message::FieldSpec(_)) = parser.parse(&frame) {
                continue;
            }
            events += without_memory(|| match parser.parse(&frame) {
                Ok(Message::InfoEvent(event)) => {
                    black_box(look(&event.element()));
                    black_box(event.event_name());
                    1
                }
                // Refusing one allocates nothing either.
                other => {
                    drop(black_box(other));
                    0
                }
            });
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
                elements += without_memory(|| {
                    black_box(info.check().is_ok());
                    black_box(info.typed::<Channel<'_>>().count());
                    black_box(info.typed::<User<'_>>().count());
                    info.elements().map_while(Result::ok).filter(|one| look(one) > 0).count()
                });
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
        Ok(_) => true,
        Err(_) => false,
    }
}

/// Maximum memory of reading a message.
fn enough(message: &[u8]) -> usize {
    2 * message.len() + (64 << 10)
}

/// Tries damaged forms of each message of the session.
fn damage(mut damaged: impl FnMut(&mut Vec<u8>, &mut dyn FnMut(&[u8]))) {
    let mut parser = Parser::new();
    for mut frame in frames("session-1") {
        let mut scratch = parser.clone();
        damaged(&mut frame, &mut |message| {
            let (_, usage) = measure(|| read(&mut scratch, message));
            assert!(usage.peak <= enough(message), "{usage:?} for {} bytes", message.len());
        });
        drop(parser.parse(&frame));
    }
}

#[test]
fn a_message_cut_at_any_byte_takes_little_memory() {
    damage(|frame, read| (0..frame.len()).for_each(|len| read(&frame[..len])));
}

/// Tries every message with each of its bits wrong in bytes `first`, `first + 2`, …. A debug build
/// leaves out most bytes of long messages, which are long texts.
fn flip(first: usize) {
    damage(|frame, read| {
        let step = if cfg!(debug_assertions) && frame.len() > 4096 { 16 } else { 2 };
        for at in (first..frame.len()).step_by(step) {
            for bit in 0..8 {
                frame[at] ^= 1 << bit;
                read(frame);
                frame[at] ^= 1 << bit;
            }
        }
    });
}

#[test]
fn a_message_with_any_wrong_bit_in_an_even_byte_takes_little_memory() {
    flip(0);
}

#[test]
fn a_message_with_any_wrong_bit_in_an_odd_byte_takes_little_memory() {
    flip(1);
}

#[test]
fn a_length_that_promises_more_than_there_is_reserves_nothing() {
    let mut parser = Parser::new();
    let spec = b"\x83h\x03w\x0afield_speck\0\x05groupl\0\0\0\x01w\x02idj";
    parser.parse(spec).unwrap();
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
        let (refused, usage) = measure(|| match parser.parse(&message) {
            Ok(Message::InitialInfo(info)) => {
                info.elements().collect::<Result<Vec<_>, _>>().is_err()
            }
            other => other.is_err(),
        });
        assert!(refused);
        // The least room that a vector has for elements, and that for nesting.
        let least = 4 * size_of::<Element<'_>>() + 64;
        assert!(usage.peak <= 2 * message.len() + least, "{usage:?} for {claim:?}");
    }
    // A field list that claims to be long.
    let head = b"\x83h\x03w\x0afield_speck\0\x05group".as_slice();
    for claim in [b"l\xff\xff\xff\xff".as_slice(), b"i\xff\xff\xff\xff", b"l\xff\xff\xff\xffw\x01a"]
    {
        let message = [head, claim].concat();
        assert!(without_memory(|| parser.parse(&message).is_err()));
    }
}

#[test]
fn printing_and_keeping_a_message_takes_memory_in_proportion_to_it() {
    let base = BaseUrl::new("https://pbx.example");
    for session in FORMS {
        let mut parser = Parser::new();
        let mut store = Store::with_limits(StoreLimits::default());
        for frame in frames(session) {
            let ((), usage) = measure(|| {
                let Ok(message) = parser.parse(&frame) else { return };
                drop(store.apply(&message));
                if let Ok(printed) = message.printed(Some(&base)) {
                    black_box(printed.to_string());
                }
            });
            // The tables of the store double when they are full, old and new at a time.
            let tables = 256 * store.tables().map(Table::len).max().unwrap_or(0);
            let limit = 16 * frame.len() + tables + 4096;
            assert!(usage.peak <= limit, "{usage:?} for {} bytes", frame.len());
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
            let (_, usage) = measure(|| store.apply(&message).unwrap().for_each(drop));
            // The record, the key, and now and then a table of twice the size.
            let table = 256 * store.table(event.kind()).map_or(0, Table::len);
            assert!(usage.peak <= wire + table + 4096, "{usage:?}");
            assert!(usage.allocations <= 8, "{usage:?}");
            copied += 1;
        } else {
            drop(store.apply(&message));
        }
    }
    assert!(copied > 250);
}

#[test]
fn a_recording_is_read_one_event_at_a_time_however_long_it_is() {
    let message = vec![7; 10_000];
    let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(0)).unwrap();
    for _ in 0..1000 {
        recorder.binary(Duration::ZERO, &message).unwrap();
    }
    let file = recorder.into_inner();
    let (count, usage) = measure(|| {
        let events = Recording::new(file.as_slice()).unwrap();
        events.map(|event| assert!(black_box(event).is_ok())).count()
    });
    assert_eq!(count, 1000);
    assert!(usage.peak < 8 * message.len(), "{usage:?}");
}

#[test]
fn a_recording_that_promises_a_long_message_reserves_nothing() {
    let file = Recorder::new(Vec::new(), Timestamp::from_micros(0)).unwrap().into_inner();
    let file = [&file[..], b"\x02\0\0\0\0\0\0\0\0\x04\0\0\0abc"].concat();
    let (error, usage) = measure(|| Recording::new(file.as_slice()).unwrap().next());
    assert!(matches!(error, Some(Err(RecordingError::Cut { offset: 18 }))), "{error:?}");
    assert!(usage.peak < 1000, "{usage:?}");
}

#[test]
fn recording_a_message_allocates_nothing_once_one_as_long_was_recorded() {
    let mut recorder = Recorder::new(std::io::sink(), Timestamp::from_micros(0)).unwrap();
    recorder.binary(Duration::ZERO, &[7; 1000]).unwrap();
    without_memory(|| recorder.binary(Duration::ZERO, &[8; 1000]).unwrap());
}
