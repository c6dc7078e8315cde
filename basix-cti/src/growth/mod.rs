//! Growth of work: at twice the size every entry takes at most 2.2 times the steps, for every family
//! of hostile terms. Steps are counted, so a busy machine changes nothing.
//!
//! A new entry point is a line in [`ENTRIES`] or [`messages`], a new kind of harm a line in
//! [`families`].

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod families;
mod messages;

use std::hash::{DefaultHasher, Hash};
use std::hint::black_box;

use serde::de::IgnoredAny;

use crate::bert::{self, Decoder, Limits, Term, steps};
use families::FAMILIES;

/// A name, and work on a message.
type Entry = (&'static str, fn(&[u8]));

const ENTRIES: &[Entry] = &[
    ("decode", |message| {
        black_box(bert::decode(message).is_ok());
    }),
    ("decode at any depth", |message| with_term(message, |_| ())),
    ("decode_cti", |message| {
        black_box(bert::decode_cti(message).is_ok());
    }),
    ("walk", |message| {
        with_term(message, |term| {
            black_box(term.walk().count());
        })
    }),
    ("Display", |message| with_term(message, |term| drop(term.to_string()))),
    ("Debug", |message| with_term(message, |term| drop(format!("{term:?}")))),
    ("as_charlist", |message| {
        with_term(message, |term| {
            black_box(term.as_charlist().map(|text| text.to_str().len()));
        });
    }),
    ("==", |message| in_two_forms(message, |a, b| assert_eq!(a, b))),
    ("Ord", |message| in_two_forms(message, |a, b| assert!(a.cmp(&b).is_eq()))),
    ("Hash", |message| with_term(message, |term| term.hash(&mut DefaultHasher::new()))),
    ("encode", |message| with_term(message, |term| drop(bert::encode(term)))),
    ("JSON", |message| with_term(message, |term| drop(serde_json::to_string(&term).unwrap()))),
    ("to_vec", |message| with_term(message, |term| drop(bert::to_vec(&term)))),
    ("from_slice of any value", |message| drop(bert::from_slice::<serde_json::Value>(message))),
    ("from_slice of an ignored value", |message| {
        black_box(bert::from_slice::<IgnoredAny>(message).is_ok());
    }),
    ("from_slice of texts", |message| drop(bert::from_slice::<Vec<String>>(message))),
    #[cfg(feature = "eetf")]
    ("to and from eetf", |message| {
        with_term(message, |term| {
            drop(eetf::Term::try_from(term).map(|term| bert::encode_eetf(&term)));
        });
    }),
    #[cfg(feature = "inflate")]
    ("inflate", |message| {
        use std::io::Write;
        let mut data = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        data.write_all(message.get(1..).unwrap()).unwrap();
        let size = (message.len() as u32 - 1).to_be_bytes();
        let compressed = [&[131, 80], &size[..], &data.finish().unwrap()].concat();
        let limits = Limits::default().with_inflated_bytes(u32::MAX);
        assert_eq!(bert::inflate(&compressed, &limits).unwrap(), message);
    }),
];

fn with_term(message: &[u8], work: impl FnOnce(Term<'_>)) {
    let limits = Limits::default().with_depth(u32::MAX);
    work(Decoder::new().with_limits(limits).decode(message).unwrap());
}

fn in_two_forms(message: &[u8], work: impl FnOnce(Term<'_>, Term<'_>)) {
    let [a, b] = families::in_two_forms(message);
    with_term(&a, |a| with_term(&b, |b| work(a, b)));
}

/// The families whose steps grow too fast.
fn not_linear(entry: &Entry) -> Vec<String> {
    const BYTES: usize = 20_000;
    let mut found = Vec::new();
    for (family, message) in FAMILIES {
        let (small, large) = (message(BYTES), message(2 * BYTES));
        let steps_of = |message: &[u8]| steps::measure(|| (entry.1)(message));
        let (steps, doubled) = (steps_of(&small), steps_of(&large));
        let limit = 2.2 * steps as f64 + 200.0;
        if doubled as f64 > limit {
            let (small, large) = (small.len(), large.len());
            found.push(format!(
                "{}, {family}: {steps} steps for {small} bytes, {doubled} for {large}",
                entry.0
            ));
        }
    }
    found
}

fn is_linear(entries: &'static [Entry]) {
    let work = || entries.iter().flat_map(not_linear).collect::<Vec<_>>();
    // Serde recurses, and a debug build takes much stack for it.
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(work).unwrap();
    let found = thread.join().unwrap();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn steps_on_terms_grow_as_the_input_does() {
    is_linear(ENTRIES);
}

#[test]
fn steps_on_messages_grow_as_the_input_does() {
    is_linear(messages::ENTRIES);
}

#[test]
fn a_step_is_counted_for_every_element() {
    let message = FAMILIES.iter().find(|(name, _)| *name == "empty lists").unwrap().1(1000);
    assert!(steps::measure(|| assert!(bert::decode(&message).is_ok())) >= 1000);
}
