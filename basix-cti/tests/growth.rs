//! Growth of memory: at twice the size every entry takes at most 2.2 times the bytes, for every
//! family of hostile terms, and at most a stated number of bytes for each byte of the message.
//!
//! A new entry point is a line in [`ENTRIES`].

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/allocation.rs"]
mod allocation;
#[path = "../src/growth/families.rs"]
mod families;

use std::hash::{DefaultHasher, Hash};
use std::hint::black_box;
use std::io::{Cursor, Write as _, sink};
use std::time::{Duration, Instant};

use allocation::{Counting, measure};
use basix_cti::bert::{self, Decoder, Limits, Term};
use basix_cti::recording::{Recorder, Recording};
use basix_cti::session::SessionOptions;
use basix_cti::{Parser, Session, Store, Timestamp};
use families::{FAMILIES, around, in_two_forms};
use serde::de::IgnoredAny;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Entry {
    name: &'static str,
    /// Bytes for each byte of the message, the result included.
    factor: f64,
    /// The same for terms nested thousands of levels deep, which need a limit above the default.
    deep_factor: f64,
    work: fn(&[u8], &[u8]),
}

const fn entry(name: &'static str, factor: f64, deep_factor: f64, work: fn(&[u8], &[u8])) -> Entry {
    Entry { name, factor, deep_factor, work }
}

/// The work gets one term in two forms.
const ENTRIES: &[Entry] = &[
    entry("decode", 4.0, 16.0, |a, _| with_term(a, |_| ())),
    entry("decode_cti", 0.0, 0.0, |a, _| {
        black_box(bert::decode_cti(a).is_ok());
    }),
    entry("Display", 4.0, 16.0, |a, _| with_term(a, |term| write!(sink(), "{term}").unwrap())),
    entry("Debug", 4.0, 16.0, |a, _| with_term(a, |term| write!(sink(), "{term:?}").unwrap())),
    entry("Hash", 4.0, 16.0, |a, _| {
        with_term(a, |term| term.hash(&mut DefaultHasher::new()));
    }),
    // These two sort the maps of both terms.
    entry("==", 8.0, 24.0, |a, b| with_term(a, |a| with_term(b, |b| assert!(a == b)))),
    entry("Ord", 8.0, 24.0, |a, b| with_term(a, |a| with_term(b, |b| assert!(a.cmp(&b).is_eq())))),
    entry("encode", 4.0, 16.0, |a, _| with_term(a, |term| drop(bert::encode(term)))),
    entry("JSON", 4.0, 16.0, |a, _| {
        with_term(a, |term| serde_json::to_writer(sink(), &term).unwrap());
    }),
    entry("from_slice of an ignored value", 1.0, 1.0, |a, _| {
        black_box(bert::from_slice::<IgnoredAny>(a).is_ok());
    }),
    // A `Value` has 32 bytes, and a vector that doubles holds three times as many for a moment.
    entry("from_slice of any value", 96.0, 96.0, |a, _| {
        drop(bert::from_slice::<serde_json::Value>(a).ok());
    }),
    entry("Parser: a payload", 4.0, 16.0, |a, _| {
        black_box(parser().parse(&around(b"\x83h\x02d\0\x03msg", a, b"")).is_ok());
    }),
    entry("Parser: a field list", 40.0, 40.0, |a, _| {
        black_box(parser().parse(&around(SPEC, a, b"")).is_ok());
    }),
    // The message itself, the row, and what the change has of it.
    entry("Store: a field", 4.0, 16.0, |a, _| {
        let (mut parser, mut store) = (parser(), Store::new());
        parser.parse(&around(SPEC, b"\x83l\0\0\0\x02w\x04uuidw\x01xj", b"")).unwrap();
        let event = around(EVENT, a, b"w\x05added");
        if let Ok(message) = parser.parse(&event) {
            drop(store.apply(&message));
        }
    }),
    entry("Session: a field", 8.0, 20.0, |a, _| {
        let now = Instant::now();
        let mut session = Session::new(now, SessionOptions::default());
        session.handle_connected(now);
        let spec = around(SPEC, b"\x83l\0\0\0\x02w\x04uuidw\x01xj", b"");
        session.handle_frame(now, &spec);
        session.handle_frame(now, &around(EVENT, a, b"w\x05added"));
    }),
    entry("a recording", 4.0, 4.0, |a, _| {
        let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(0)).unwrap();
        recorder.binary(Duration::ZERO, a).unwrap();
        let recording = Recording::new(Cursor::new(recorder.into_inner())).unwrap();
        assert_eq!(recording.count(), 1);
    }),
    #[cfg(feature = "eetf")]
    entry("to and from eetf", 160.0, 160.0, |a, _| {
        with_term(a, |term| {
            drop(eetf::Term::try_from(term).map(|term| bert::encode_eetf(&term)));
        });
    }),
];

const SPEC: &[u8] = b"\x83h\x03w\x0afield_speck\0\x07channel";
/// An event of a channel with a uuid, up to its second value.
const EVENT: &[u8] = b"\x83h\x04w\x0ainfo_eventk\0\x07channelh\x02m\0\0\0\x01c";

fn parser() -> Parser {
    Parser::with_limits(Limits::default().with_depth(u32::MAX))
}

fn with_term(message: &[u8], work: impl FnOnce(Term<'_>)) {
    let limits = Limits::default().with_depth(u32::MAX);
    work(Decoder::new().with_limits(limits).decode(message).unwrap());
}

/// The families that take too much memory, or memory that grows too fast.
fn not_linear(entry: &Entry) -> Vec<String> {
    const BYTES: usize = 20_000;
    // What no growth explains: first allocations, hash tables of the test itself.
    const SMALL: usize = 4096;
    let mut found = Vec::new();
    for (family, message) in FAMILIES {
        let peak = |bytes| {
            let [a, b] = in_two_forms(&message(bytes));
            (a.len(), measure(|| (entry.work)(&a, &b)).1.peak)
        };
        let ((small, peak), (large, doubled)) = (peak(BYTES), peak(2 * BYTES));
        let deep = family.starts_with("nested") || *family == "a fun in a fun";
        let factor = if deep { entry.deep_factor } else { entry.factor };
        let fast = doubled as f64 > 2.2 * peak as f64 + SMALL as f64;
        if fast || doubled as f64 > factor * large as f64 + SMALL as f64 {
            found.push(format!(
                "{}, {family}: {peak} for {small} bytes, {doubled} for {large}",
                entry.name
            ));
        }
    }
    found
}

#[test]
fn memory_grows_as_the_input_does() {
    let work = || ENTRIES.iter().flat_map(not_linear).collect::<Vec<_>>();
    // Serde recurses, and a debug build takes much stack for it.
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(work).unwrap();
    let found = thread.join().unwrap();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn decoding_a_message_without_maps_allocates_nothing() {
    let message = FAMILIES.iter().find(|(name, _)| *name == "empty lists").unwrap().1(10_000);
    let (read, usage) = measure(|| bert::decode(&message).is_ok());
    assert_eq!((read, usage.allocations), (true, 0));
}
