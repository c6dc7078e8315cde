//! The events of a recording.

use std::time::Duration;

pub(super) const MAGIC: [u8; 8] = *b"\x89CTI\r\n\x1a\n";
pub(super) const VERSION: u16 = 1;

/// An event of a recorded connection, and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// Time since the start of the recording.
    pub at: Duration,
    /// The event.
    pub kind: Recorded,
}

/// An event of a recorded connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recorded {
    /// A connection was opened, so field names announced earlier no longer apply.
    Opened,
    /// A binary message arrived.
    Binary(Vec<u8>),
    /// A text message arrived. The PBX sends none.
    Text(String),
    /// The connection was closed or lost.
    Closed,
    /// An event of a kind that this version does not know.
    Unknown {
        /// The number of the kind.
        kind: u8,
        /// Its data.
        data: Vec<u8>,
    },
}

impl RecordedEvent {
    /// An event at a time since the start.
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
