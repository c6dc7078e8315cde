//! The recorded sessions, frame by frame.

use basix_cti::element::BaseUrl;
use basix_cti::{Parser, Store};
use serde_json::{Map, Value as Json, json};

use crate::connection::Connection;
use crate::expected::{equal, lines, wanted};
use crate::recorded::{FORMS, file, frames};

/// The address that the avatars of session 1 belong to.
const BASE_URL: &str = "https://pbx.example.test/";

/// Recorded frames, the file names of what is expected of them, and how many there are.
const SESSIONS: [(&str, &str, usize); 3] = [
    ("session-1", "session-1", 389),
    ("session-1-utf8atoms", "session-1", 389),
    ("session-5", "session-5", 88),
];

fn print(session: &str) -> Vec<Json> {
    let mut connection = Connection::new();
    connection.base_url = (session != "session-5").then(|| BaseUrl::new(BASE_URL));
    frames(session).iter().map(|frame| connection.print_bytes(frame)).collect()
}

#[test]
fn every_frame_of_the_recorded_sessions_prints_what_is_wanted() {
    for (session, expected, count) in SESSIONS {
        let expected = lines(&file(&format!("{expected}.expected.jsonl")));
        let printed = print(session);
        assert_eq!(printed.len(), count);
        assert_eq!(expected.len(), count);
        for (at, (printed, line)) in printed.iter().zip(&expected).enumerate() {
            let wanted = wanted(line);
            assert!(
                equal(printed, &wanted),
                "{session}, frame {at}, {}\nprinted {printed}\nwanted  {wanted}",
                line["note"],
            );
        }
    }
}

#[test]
fn both_recorded_forms_print_the_same() {
    let [latin1, utf8] = FORMS.map(print);
    assert_eq!(latin1, utf8);
}

/// The keys of the mirror in the form of `session-1.store.jsonl`.
fn keys(store: &Store) -> Json {
    let tables = store.tables().map(|table| (table.kind().to_string(), table.keys().into()));
    tables.collect::<Map<_, _>>().into()
}

#[test]
fn the_mirror_holds_the_wanted_keys_after_every_20_frames() {
    for (session, expected, _) in SESSIONS {
        let expected = lines(&file(&format!("{expected}.store.jsonl")));
        let (mut parser, mut store) = (Parser::new(), Store::new());
        let frames = frames(session);
        let mut seen = Vec::new();
        for (count, frame) in (1..).zip(&frames) {
            if let Ok(message) = parser.parse(frame) {
                // A message may also be refused here; the mirror stays as it was (B87).
                drop(store.apply(&message));
            }
            if count % 20 == 0 || count == frames.len() {
                seen.push(json!({"after_frames": count, "want": keys(&store)}));
            }
        }
        assert_eq!(seen.len(), expected.len());
        for (seen, expected) in seen.iter().zip(&expected) {
            assert_eq!(seen["after_frames"], expected["after_frames"]);
            assert_eq!(seen["want"], expected["want"], "after {}", expected["after_frames"]);
        }
    }
}

#[test]
fn the_typed_view_of_every_record_is_the_same_in_both_recorded_forms() {
    let [latin1, utf8] = FORMS.map(|session| {
        let mut parser = Parser::new();
        let read = |frame: &Vec<u8>| match parser.parse(frame) {
            Ok(message) => format!("{message:?}"),
            Err(error) => format!("{:?}", error.class()),
        };
        frames(session).iter().map(read).collect::<Vec<_>>()
    });
    for (latin1, utf8) in latin1.iter().zip(&utf8) {
        // The bytes behind lazily read records differ.
        if !latin1.starts_with("InitialInfo") {
            assert_eq!(latin1, utf8);
        }
    }
}
