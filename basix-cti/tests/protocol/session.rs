//! The recorded session, frame by frame.

use basix_cti::{BaseUrl, Parser, Store};
use serde_json::{Map, Value as Json, json};

use crate::connection::{Connection, without_nulls};
use crate::recorded::{FORMS, file, frames};

/// The address that the session's avatars belong to.
const BASE_URL: &str = "https://pbx.example.test/";

fn lines(name: &str) -> Vec<Json> {
    let text = String::from_utf8(file(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a frame has to print, as the README of the vectors tells to make it.
fn wanted(line: &Json) -> Json {
    let mut wanted = Map::new();
    for name in ["kind", "element_name", "event_name", "data", "error"] {
        wanted.insert(name.into(), line[name].clone());
    }
    let mut wanted = Json::Object(wanted);
    for (pointer, value) in line["want"].as_object().into_iter().flatten() {
        set(&mut wanted, pointer, value);
    }
    without_nulls(wanted)
}

/// Sets the value that a JSON pointer names, which need not be there.
fn set(target: &mut Json, pointer: &str, value: &Json) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *target = value.clone();
        return;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    match target.pointer_mut(parent).unwrap() {
        Json::Array(values) => values[name.parse::<usize>().unwrap()] = value.clone(),
        parent => parent[name] = value.clone(),
    }
}

/// Equality of B28 and B121: integers exactly, other numbers by value.
fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) if a.is_f64() || b.is_f64() => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

fn print(session: &str) -> Vec<Json> {
    let mut connection = Connection::new();
    connection.base_url = Some(BaseUrl::new(BASE_URL));
    frames(session).iter().map(|frame| connection.print_bytes(frame)).collect()
}

#[test]
fn every_frame_of_both_recorded_forms_prints_what_is_wanted_b120() {
    let expected = lines("session-1.expected.jsonl");
    for session in FORMS {
        let printed = print(session);
        assert_eq!(printed.len(), 389);
        assert_eq!(expected.len(), 389);
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
    let tables = store
        .tables()
        .map(|table| (table.kind().to_str().into_owned(), table.keys().collect::<Vec<_>>().into()));
    tables.collect::<Map<_, _>>().into()
}

#[test]
fn the_mirror_holds_the_wanted_keys_after_every_20_frames_b80() {
    let expected = lines("session-1.store.jsonl");
    for session in FORMS {
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
