//! What a session tells.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::failure::ConnectError;
use crate::bert::{OwnedTerm, Term};
use crate::error::{Error, ErrorClass};
use crate::message::{Payload, SystemMessage};
use crate::record::{ElementKind, OwnedRecord};
use crate::store::Change;

/// What has happened on the connection or in the PBX (B88).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A connection is open. The store is not current yet.
    Connected,
    /// The PBX has listed all records of an element, and the table holds them now.
    ///
    /// While the store is stale, this is all that is told of it; when it is current, the
    /// differences follow as [`Changed`](Self::Changed).
    Snapshot(Snapshot),
    /// A record was added, changed or removed.
    Changed(Change),
    /// Records that have changed nothing in the store: those of an element it does not hold, those
    /// that are as they were, and the last word on a channel that is not there.
    Passed(Passed),
    /// A notice for this connection (B34).
    System(Notice),
    /// A message from a user or an administrator (B35).
    Message(Notice),
    /// A message of a kind that this version does not know (B36).
    Unknown(OwnedTerm),
    /// A message was refused. It has changed nothing and the connection goes on, but a change may
    /// have been in it, unless it was text: if the store was current, [`Stale`](Self::Stale)
    /// follows, until all is listed anew. See [`SessionOptions::stale_limit`](super::SessionOptions::stale_limit).
    Refused(Refused),
    /// The leg that the supervisor listens with is there (B96): its channel.
    HelperLegUp(Box<str>),
    /// That leg is there no more.
    HelperLegDown,
    /// Records of an element were left out, since the store is at its limits. If the store was
    /// current, [`Stale`](Self::Stale) follows.
    Full(ElementKind),
    /// The client's recording could not be written and has ended.
    RecordingFailed(std::io::ErrorKind),
    /// The store may no longer be as the PBX is: the connection is gone, a message was refused, or
    /// the store is full. The event before says which.
    Stale,
    /// The store is as the PBX is.
    Resynced,
    /// A connection has ended, or could not be made. Channels of all kinds have been forgotten (B85).
    Disconnected(Disconnected),
    /// Events were missed, since they were not polled in time. What is missed is in the store.
    ///
    /// [`Resynced`](Self::Resynced) or [`Stale`](Self::Stale) comes right after it and tells whether
    /// the store is current; events of a later generation follow.
    Lagged {
        /// How many events were missed.
        missed: u64,
        /// The generation of the store up to which changes were missed, see
        /// [`Store::generation`](crate::Store::generation).
        generation: u64,
    },
}

impl Event {
    /// What it holds of messages, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let record = |record: &OwnedRecord| record.as_record().wire().len();
        let term = |term: &OwnedTerm| term.as_term().wire().map_or(0, <[u8]>::len);
        match self {
            Self::Changed(change) => {
                let records = [change.before(), change.after(), change.last()];
                records.into_iter().flatten().map(record).sum()
            }
            Self::Passed(passed) => passed.records.iter().map(record).sum(),
            Self::System(notice) | Self::Message(notice) => notice.term.as_ref().map_or(0, term),
            Self::Unknown(unknown) => term(unknown),
            _ => 0,
        }
    }
}

/// All records of an element that exist (B32).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The element.
    pub element: ElementKind,
    /// How many records the store holds of it now.
    pub records: usize,
}

/// Records that have changed nothing in the store.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Passed {
    /// Name of the element.
    pub element: Box<str>,
    /// What happened to the record; `None` if the PBX did not say, or listed all records.
    pub event_name: Option<Box<str>>,
    /// The record, or all of them.
    pub records: Vec<OwnedRecord>,
}

/// What a notice or message carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    term: Option<OwnedTerm>,
    known: Option<SystemMessage>,
}

impl Notice {
    pub(super) fn new(payload: Payload<'_>) -> Self {
        Self { term: payload.term().map(Term::to_owned), known: payload.system_message() }
    }

    /// The notice, if it is a known one.
    #[must_use]
    pub const fn system_message(&self) -> Option<SystemMessage> {
        self.known
    }

    /// The payload; `None` if none was sent (B112).
    #[must_use]
    pub fn term(&self) -> Option<Term<'_>> {
        self.term.as_ref().map(OwnedTerm::as_term)
    }
}

/// A message that was refused (B110).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub(super) error: Error,
    pub(super) size: usize,
}

impl Refused {
    /// The kind of refusal.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        self.error.class()
    }

    /// Where the message is wrong, in bytes from its start.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.error.offset()
    }

    /// Bytes of the message.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Why it was refused.
    #[must_use]
    pub const fn error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, of {} bytes", self.error, self.size)
    }
}

/// The end of a connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Disconnected {
    /// Why it ended.
    pub reason: DisconnectReason,
    /// Time until the next connection is made; `None` if none will be.
    pub retry_in: Option<Duration>,
}

impl fmt::Display for Disconnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.retry_in {
            Some(wait) => write!(f, "{}; next attempt in {:.1} s", self.reason, wait.as_secs_f64()),
            None => write!(f, "{}; no further attempt", self.reason),
        }
    }
}

/// Why a connection ended, or was not made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The program has closed the session.
    Requested,
    /// The PBX has closed the connection.
    Closed {
        /// Its close code, if it gave one.
        code: Option<u16>,
        /// Its reason, escaped and cut to 123 bytes; may be empty.
        reason: Box<str>,
    },
    /// The connection broke.
    Lost(std::io::ErrorKind),
    /// The peer does not keep to the websocket protocol.
    Protocol,
    /// A message was larger than the session reads.
    MessageTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The connection could not be made.
    NotMade(Arc<ConnectError>),
    /// The PBX gave no sign of life.
    Silent,
    /// The connection was open, but the store did not become current in time.
    StayedStale {
        /// The elements whose records are not current.
        missing: Vec<ElementKind>,
        /// Those of them that the store had no room for.
        full: Vec<ElementKind>,
    },
    /// The user has too many CTI connections (B34).
    ConnectionLimitReached,
    /// Another connection took the place of this one (B34).
    ConnectionReplaced,
    /// The login has ended (B34, B96).
    LoggedOut,
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => f.write_str("closed by this program"),
            Self::Closed { code, reason } => {
                match code {
                    Some(code) => write!(f, "the PBX closed with code {code}")?,
                    None => f.write_str("the PBX closed without a code")?,
                }
                if reason.is_empty() { Ok(()) } else { write!(f, ": {reason}") }
            }
            Self::Lost(kind) => write!(f, "the connection was lost: {kind}"),
            Self::Protocol => f.write_str("the peer broke the websocket protocol"),
            Self::MessageTooLarge { limit } => write!(
                f,
                "a message has more than {limit} bytes; raise the message size of the options if \
                 the PBX is that large"
            ),
            Self::NotMade(error) => error.fmt(f),
            Self::Silent => f.write_str("the PBX gave no sign of life"),
            Self::StayedStale { missing, full } if full.is_empty() => {
                write!(f, "the PBX did not list all records in time; missing: {}", Kinds(missing))
            }
            Self::StayedStale { full, .. } => write!(
                f,
                "the store is full and lacks records of: {}; raise the store limits of the session \
                 options",
                Kinds(full)
            ),
            Self::ConnectionLimitReached => f.write_str(
                "the user has too many CTI connections; close others or connect with `force`",
            ),
            Self::ConnectionReplaced => {
                f.write_str("another connection took the place of this one")
            }
            Self::LoggedOut => f.write_str("the login has ended; log in again"),
        }
    }
}

/// Elements, separated by commas.
struct Kinds<'a>(&'a [ElementKind]);

impl fmt::Display for Kinds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, kind) in self.0.iter().enumerate() {
            write!(f, "{}{kind}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
