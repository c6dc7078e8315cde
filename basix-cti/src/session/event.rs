//! The events of a session.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::failure::ConnectError;
use crate::bert::{OwnedTerm, Term};
use crate::error::{Error, ErrorClass};
use crate::message::OwnedPayload;
use crate::record::{ElementKind, OwnedRecord, Schema};
use crate::store::Change;

/// An event of the connection or of the PBX.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A connection is open. The store is not current yet.
    Connected,
    /// The PBX has listed all records of an element, and the table holds them now. Every
    /// difference was emitted before, as [`Changed`](Self::Changed).
    Listed {
        /// The element.
        element: ElementKind,
        /// Number of its records in the store now.
        records: usize,
    },
    /// A record of the store was added, changed or removed: by an event, by a list that differs
    /// from the store, or because the connection is gone ([`Change::origin`]).
    ///
    /// All changes are emitted, also while the store is stale: a program that applies each of them
    /// always equals the store, unless it [lagged](Self::Lagged).
    Changed(Change),
    /// Records that changed nothing in the store: those of an element it does not hold, those
    /// equal to the stored ones, and the last event of a channel that is already gone.
    Unchanged(Unchanged),
    /// A notice for this connection.
    System(OwnedPayload),
    /// A message from a user or an administrator.
    Message(OwnedPayload),
    /// A message of a kind that this version does not know.
    Unknown(OwnedTerm),
    /// A message was refused. The connection continues.
    ///
    /// If the message names one record, that record is removed from the store, since its contents
    /// are known to be old; the next event of it adds it again. Otherwise [`Stale`](Self::Stale)
    /// follows if the message could have held a change, until the element is listed again. See
    /// [`SessionOptions::stale_limit`](super::SessionOptions::stale_limit).
    Refused(Refused),
    /// Records of an element were dropped, since the store is at its limits. If the store was
    /// current, [`Stale`](Self::Stale) follows.
    Full(ElementKind),
    /// The PBX sends no usable list of an element: its lists were refused on two connections in a
    /// row, or it was not listed on a new connection after one that ended stale. Its records are
    /// unchanged and not current; [`Resynced`](Self::Resynced) does not wait for them.
    Unavailable(ElementKind),
    /// The client's recording could not be written and has ended.
    RecordingFailed(std::io::ErrorKind),
    /// The store may differ from the PBX: the connection is gone or being replaced, a message was
    /// refused, or the store is full. The previous event shows the cause.
    Stale,
    /// The store equals the PBX: every expected element was listed, and no further list came for
    /// [`SessionOptions::settle`](super::SessionOptions::settle).
    Resynced,
    /// A connection has ended, or could not be made. Channels of all kinds are removed from the
    /// store; one [`Changed`](Self::Changed) for each of them follows.
    Disconnected(Disconnected),
    /// Events were dropped, since they were not polled in time. The store has their effect.
    ///
    /// [`Resynced`](Self::Resynced) or [`Stale`](Self::Stale) follows at once and shows whether the store is current. Then take a view of the store: older changes may still come, those of a
    /// generation up to that of the view.
    Lagged {
        /// Number of missed events.
        missed: u64,
        /// The generation of the store up to which changes were missed, see
        /// [`Store::generation`](crate::Store::generation).
        generation: u64,
    },
}

impl Event {
    /// Returns the records that it keeps alive.
    fn records(&self) -> impl Iterator<Item = &OwnedRecord> {
        let (change, unchanged) = match self {
            Self::Changed(change) => (Some(change), None),
            Self::Unchanged(unchanged) => (None, Some(unchanged)),
            _ => (None, None),
        };
        let of_change =
            change.map(|change| [change.before(), change.after(), change.last()]).into_iter();
        let of_unchanged = unchanged.into_iter().flat_map(|unchanged| &unchanged.records);
        of_change.flatten().flatten().chain(of_unchanged)
    }

    /// Returns the schemas that its records keep alive, one for each record.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        self.records().map(OwnedRecord::schema)
    }

    /// Returns the bytes of messages that it holds, without [schemas](Self::schemas).
    pub(super) fn bytes(&self) -> usize {
        let term = |term: Term<'_>| term.wire().map_or(0, <[u8]>::len);
        let records: usize = self.records().map(OwnedRecord::bytes).sum();
        records
            + match self {
                Self::Changed(change) => change.name_bytes(),
                Self::System(payload) | Self::Message(payload) => {
                    payload.as_payload().term().map_or(0, term)
                }
                Self::Unknown(unknown) => term(unknown.as_term()),
                _ => 0,
            }
    }
}

/// Records that changed nothing in the store.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unchanged {
    /// Name of the element.
    pub element: Box<str>,
    /// The PBX's name of the event; `None` if it sent none, or listed all records.
    pub event_name: Option<Box<str>>,
    /// The record, or all of them.
    pub records: Vec<OwnedRecord>,
}

/// A message that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub(super) error: Error,
    pub(super) size: usize,
}

impl Refused {
    /// Returns the kind of refusal.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        self.error.class()
    }

    /// Returns the place of the error, in bytes from the start of the message.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.error.offset()
    }

    /// Returns the size of the message in bytes.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Returns the reason of the refusal.
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
    /// The reason.
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

/// The reason why a connection ended, or was not made.
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
    /// The peer violated the websocket protocol.
    Protocol,
    /// A message was larger than the session reads.
    MessageTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The connection could not be made.
    NotMade(Arc<ConnectError>),
    /// The PBX was silent and did not answer a ping.
    Silent,
    /// The connection was open, but the store did not become current in time.
    StayedStale {
        /// The elements whose records are not current.
        missing: Vec<ElementKind>,
        /// Those of them that the store had no room for.
        full: Vec<ElementKind>,
    },
    /// The user has too many CTI connections.
    ConnectionLimitReached,
    /// Another connection took the place of this one.
    ConnectionReplaced,
    /// The login has ended.
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
