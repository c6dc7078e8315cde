//! The events of a recording.

use std::time::Duration;

pub(super) const MAGIC: [u8; 8] = *b"\x89CTI\r\n\x1a\n";
pub(super) const VERSION: u16 = 1;

/// One thing that happened on a recorded connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// When, since the recording was started.
    pub at: Duration,
    /// What.
    pub kind: Recorded,
}

/// An event of a recorded connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recorded {
    /// A connection was opened: field names that were announced before are void.
    Opened,
    /// A binary message came.
    Binary(Vec<u8>),
    /// A text message came. The PBX sends none.
    Text(String),
    /// The connection was closed or lost.
    Closed,
    /// Something that this version does not know.
    Unknown {
        /// Its number.
        kind: u8,
        /// Its data.
        data: Vec<u8>,
    },
}

impl RecordedEvent {
    /// Something that happened.
    #[must_use]
    pub const fn new(at: Duration, kind: Recorded) -> Self {
        Self { at, kind }
    }
}

/// The codes of events in a file.
pub(super) mod kind {
    pub(in crate::recording) const OPENED: u8 = 1;
    pub(in crate::recording) const BINARY: u8 = 2;
    pub(in crate::recording) const TEXT: u8 = 3;
    pub(in crate::recording) const CLOSED: u8 = 4;
}
