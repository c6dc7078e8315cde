//! A spool keeps messages over a restart.

use std::io;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::message::PushMessage;

/// A message in a spool. It holds no URL and no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Spooled {
    /// Place in the order of arrival.
    pub place: u64,
    /// Time of arrival, in Unix seconds.
    pub at: u64,
    /// The message.
    #[serde(flatten)]
    pub message: PushMessage,
}

impl Spooled {
    /// Creates an entry, such as from the columns of a database.
    #[must_use]
    pub const fn new(place: u64, at: u64, message: PushMessage) -> Self {
        Self { place, at, message }
    }
}

/// The error of a spool.
#[derive(Debug, thiserror::Error)]
#[error("the spool of pushes cannot {operation}")]
#[non_exhaustive]
pub struct SpoolError {
    /// The operation that failed.
    pub operation: &'static str,
    /// The reason.
    pub source: io::Error,
}

impl SpoolError {
    /// Creates an error; `operation` completes "the spool cannot …".
    #[must_use]
    pub const fn new(operation: &'static str, source: io::Error) -> Self {
        Self { operation, source }
    }
}

/// Keeps messages over a restart. A container keeps files only with persistent storage; without it
/// a spool helps against crashes of the process alone.
#[async_trait]
pub trait Spool: Send + Sync {
    /// Returns what an earlier process left. Called once, before anything else.
    ///
    /// # Errors
    ///
    /// If the storage cannot be read.
    fn recover(&self) -> Result<Vec<Spooled>, SpoolError>;

    /// Keeps a message. It is safe once this returns.
    ///
    /// # Errors
    ///
    /// If the message is not safe. The sender of the event is asked to repeat it.
    async fn put(&self, message: Spooled) -> Result<(), SpoolError>;

    /// Removes messages; unknown ids are ignored.
    ///
    /// # Errors
    ///
    /// If one may come back. It is delivered again then, after a restart.
    async fn remove(&self, ids: &[Box<str>]) -> Result<(), SpoolError>;
}
