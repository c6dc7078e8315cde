//! Hostile messages: hostile terms in every place, and hostile field specs, records and snapshots,
//! through parser, printing, store, session and recording.

use std::hint::black_box;
use std::io::Cursor;
use std::time::{Duration, Instant};

use super::Entry;
use super::families::around;
use crate::bert::{Limits, steps};
use crate::recording::{Recorder, Recording};
use crate::session::SessionOptions;
use crate::{Message, Parser, Session, Store, Timestamp};

pub(super) const ENTRIES: &[Entry] = &[
    ("a whole message", |message| follow(&[message.to_vec()])),
    ("a payload", |message| follow(&[around(b"\x83h\x02d\0\x03msg", message, b"")])),
    ("a record", |message| {
        follow(&[spec(&["uuid", "x"]), around(EVENT, message, b"w\x05added")]);
    }),
    ("the state of a channel", |message| {
        let event = around(&[EVENT, b"h\x02m\0\0\0\x01c"].concat(), message, b"w\x05added");
        follow(&[spec(&["uuid", "state"]), event]);
    }),
    ("an unknown field, twice", |message| {
        let event = around(&[EVENT, b"h\x02m\0\0\0\x01c"].concat(), message, b"w\x05added");
        follow(&[spec(&["uuid", "x"]), event.clone(), event]);
    }),
    ("a key", |message| {
        let event = around(&[EVENT, b"h\x01"].concat(), message, b"w\x05added");
        follow(&[spec(&["uuid"]), event.clone(), event]);
    }),
    ("an end user", |message| {
        let event = around(&[EVENT, b"h\x01"].concat(), message, b"w\x05added");
        follow(&[spec(&["end_user"]), event]);
    }),
    ("a list of records", |message| {
        follow(&[spec(&["uuid", "x"]), around(LIST, message, b"")]);
    }),
    ("a field list", |message| follow(&[around(SPEC, message, b"")])),
    ("a recording", |message| {
        let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(0)).unwrap();
        recorder.opened(Duration::ZERO).unwrap();
        recorder.binary(Duration::ZERO, message).unwrap();
        let events = Recording::new(Cursor::new(recorder.into_inner())).unwrap().count();
        assert_eq!(events, 2);
    }),
];

const SPEC: &[u8] = b"\x83h\x03w\x0afield_speck\0\x07channel";
const LIST: &[u8] = b"\x83h\x03w\x0cinitial_infok\0\x07channel";
const EVENT: &[u8] = b"\x83h\x04w\x0ainfo_eventk\0\x07channel";

fn spec<S: AsRef<str>>(names: &[S]) -> Vec<u8> {
    let mut spec = [SPEC, b"l", &(names.len() as u32).to_be_bytes()].concat();
    for name in names {
        let name = name.as_ref().as_bytes();
        spec.push(b'm');
        spec.extend((name.len() as u32).to_be_bytes());
        spec.extend(name);
    }
    spec.push(b'j');
    spec
}

/// Passes messages through every reader.
fn follow(messages: &[Vec<u8>]) {
    let limits = Limits::default().with_depth(u32::MAX);
    let (mut parser, mut store) = (Parser::with_limits(limits), Store::new());
    for bytes in messages {
        let Ok(message) = parser.parse(bytes) else { continue };
        black_box(message.printed(None).map(|printed| printed.to_string()).is_ok());
        if let Message::InfoEvent(event) = &message {
            black_box(format!("{:?}", event.element()).len());
            assert!(*event.record() == event.record().to_owned().as_record());
        }
        if let Ok(changes) = store.apply(&message) {
            changes.for_each(|change| drop(change.to_string()));
        }
    }
    black_box(store.waiting().map(|caller| caller.number().to_str().len()).sum::<usize>());
    black_box(store.ringing().count() + store.free_users().count());

    let now = Instant::now();
    let mut session = Session::new(now, SessionOptions::default());
    session.handle_connected(now);
    messages.iter().for_each(|message| session.handle_frame(now, message));
    while session.poll_event().is_some() {}
}

/// A name, and messages that grow with a number of bytes.
type Messages = (&'static str, fn(usize) -> Vec<Vec<u8>>);

const MESSAGES: &[Messages] = &[
    ("as many columns, and a record of them", |n| {
        let names = columns(n / 8, 'x');
        vec![spec(&names), record(names.len())]
    }),
    ("the same record under the columns in another order", |n| {
        let mut names = columns(n / 8, 'x');
        let first = spec(&names);
        names[1..].reverse();
        let values = record(names.len());
        vec![first, values.clone(), spec(&names), values.clone(), values]
    }),
    ("few columns with long names", |n| {
        let names = ["uuid".to_owned(), "x".repeat(n / 2), "y".repeat(n / 2)];
        let event = record(3);
        vec![spec(&names), event.clone(), event]
    }),
    ("one name again and again", |n| {
        let mut names = vec!["uuid".to_owned()];
        names.extend(vec!["x".to_owned(); n / 6]);
        vec![spec(&names), record(names.len())]
    }),
    ("records without values", |n| {
        let list = [LIST, b"l", &(n as u32).to_be_bytes(), &vec![b'j'; n + 1]].concat();
        vec![spec(&["uuid"]), list]
    }),
    ("records with a key each", |n| {
        let keys = (0..n / 10).map(|at| format!("{at:04}"));
        vec![spec(&["uuid"]), list_of(keys)]
    }),
    ("records with one key", |n| {
        let keys = (0..n / 10).map(|_| "same".to_owned());
        vec![spec(&["uuid"]), list_of(keys)]
    }),
    ("a list, and a list without every second record", |n| {
        let keys = |step| list_of((0..n / 20).step_by(step).map(|at| format!("{at:04}")));
        vec![spec(&["uuid"]), keys(1), keys(2), keys(1)]
    }),
    ("field specs of elements nobody knows", |n| {
        (0..n / 40)
            .map(|at| {
                let name = format!("element{at:05}");
                [b"\x83h\x03w\x0afield_speck\0\x0c", name.as_bytes(), b"l\0\0\0\x01w\x01aj"]
                    .concat()
            })
            .collect()
    }),
    ("a field spec and a row, again and again", |n| {
        let messages = (0..n / 60).flat_map(|at| {
            let key = format!("{at:05}");
            let event = [EVENT, b"h\x01m\0\0\0\x05", key.as_bytes(), b"w\x05added"].concat();
            [spec(&["uuid".to_owned(), format!("x{at}")]), event]
        });
        messages.collect()
    }),
    ("a field behind 64 KiB", |n| {
        let padding = vec![b'p'; 66_000 + n];
        let event = [
            EVENT,
            b"h\x03m\0\0\0\x01cm",
            &(padding.len() as u32).to_be_bytes(),
            &padding,
            b"m\0\0\0\x01zw\x05added",
        ];
        vec![spec(&["uuid", "x", "call_id"]), event.concat()]
    }),
];

fn columns(count: usize, letter: char) -> Vec<String> {
    let others = (1..count.max(2)).map(|at| format!("{letter}{at}"));
    std::iter::once("uuid".to_owned()).chain(others).collect()
}

/// An event of a channel: its uuid, and integers.
fn record(values: usize) -> Vec<u8> {
    let mut event = [EVENT, b"i", &(values as u32).to_be_bytes(), b"m\0\0\0\x01c"].concat();
    (1..values).for_each(|at| event.extend([b'a', at as u8]));
    event.extend(b"w\x05added");
    event
}

fn list_of(keys: impl Iterator<Item = String>) -> Vec<u8> {
    let keys: Vec<String> = keys.collect();
    let mut list = [LIST, b"l", &(keys.len() as u32).to_be_bytes()].concat();
    for key in keys {
        list.extend(b"h\x01m");
        list.extend((key.len() as u32).to_be_bytes());
        list.extend(key.as_bytes());
    }
    list.push(b'j');
    list
}

#[test]
fn steps_grow_as_messages_do() {
    let mut found = Vec::new();
    for (family, messages) in MESSAGES {
        let steps_of = |bytes| steps::measure(|| follow(&messages(bytes)));
        let (steps, doubled) = (steps_of(20_000), steps_of(40_000));
        assert!(steps > 0, "{family} counts nothing");
        if doubled as f64 > 2.2 * steps as f64 + 400.0 {
            found.push(format!("{family}: {steps} steps, {doubled} for twice the bytes"));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
