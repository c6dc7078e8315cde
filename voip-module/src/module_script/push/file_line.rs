//! A line of the spool's files.

use std::hash::Hasher as _;
use std::io;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use super::spool::Spooled;

/// The content of a line.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Done { done: Vec<Box<str>> },
    Put(Box<Spooled>),
}

impl Line {
    /// Writes a list of the checksum and the content.
    pub(super) fn write(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_string(self)?;
        Ok(format!("[\"{}\",{json}]\n", checksum(json.as_bytes())).into_bytes())
    }

    /// Reads a line without its line feed; `None` if it is damaged.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let (sum, rest) = line.strip_prefix(b"[\"")?.split_at_checked(16)?;
        let json = rest.strip_prefix(b"\",")?.strip_suffix(b"]")?;
        if sum != checksum(json).as_bytes() {
            return None;
        }
        serde_json::from_slice(json).ok()
    }
}

/// Detects damage, not forgery: a process that can write here can deliver anything.
fn checksum(json: &[u8]) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(json);
    format!("{:016x}", hasher.finish())
}
