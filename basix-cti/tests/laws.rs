//! Replays the corpus of the fuzz targets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../fuzz/src/laws.rs"]
mod laws;

use std::path::Path;

fn replay(target: &str, law: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files = std::fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{corpus:?}: {error}"));
    let mut count = 0;
    for file in files {
        law(&std::fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 10, "{count} inputs in {corpus:?}");
}

#[test]
fn what_decodes_encodes_to_the_same_term() {
    replay("term", laws::term);
}

#[test]
fn a_message_is_refused_exactly_if_it_is_not_in_order() {
    replay("message", laws::message);
}

#[test]
fn the_store_holds_what_a_map_would_hold() {
    replay("store", laws::store);
}

#[test]
fn what_is_encoded_decodes() {
    replay("encode", laws::encode);
}

#[test]
fn a_recording_of_any_bytes_is_read_to_its_end() {
    replay("recording", laws::recording);
}

#[test]
fn a_session_stays_in_order_whatever_happens() {
    replay("session", laws::session);
}
