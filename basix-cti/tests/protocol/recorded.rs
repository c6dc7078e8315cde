//! Recorded sessions.

use std::fs;
use std::path::PathBuf;

/// The two recorded forms of one session: atoms in Latin-1, and in UTF-8.
pub(crate) const FORMS: [&str; 2] = ["session-1", "session-1-utf8atoms"];

/// A file of `tests/vectors/basix`.
pub(crate) fn file(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/vectors/basix", name].iter().collect();
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The messages of a recorded session: each is preceded by its length.
pub(crate) fn frames(session: &str) -> Vec<Vec<u8>> {
    let file = file(&format!("{session}.frames"));
    let mut rest = file.as_slice();
    let mut frames = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (frame, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        frames.push(frame.to_vec());
        rest = after;
    }
    assert!(rest.is_empty(), "{session} ends with a whole message");
    frames
}
