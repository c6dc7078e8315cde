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
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Mutex, PoisonError};
///
/// use async_trait::async_trait;
/// use voip_module::module_script::push::{Spool, SpoolError, Spooled};
///
/// /// In memory, as a stand-in for a database.
/// #[derive(Default)]
/// struct Memory(Mutex<BTreeMap<String, Spooled>>);
///
/// #[async_trait]
/// impl Spool for Memory {
///     fn recover(&self) -> Result<Vec<Spooled>, SpoolError> {
///         let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         Ok(kept.values().cloned().collect())
///     }
///
///     async fn put(&self, spooled: Spooled) -> Result<(), SpoolError> {
///         let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         kept.insert(spooled.message.id().to_owned(), spooled);
///         Ok(())
///     }
///
///     async fn remove(&self, ids: &[Box<str>]) -> Result<(), SpoolError> {
///         let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         kept.retain(|id, _| !ids.iter().any(|removed| **removed == **id));
///         Ok(())
///     }
/// }
/// ```
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
