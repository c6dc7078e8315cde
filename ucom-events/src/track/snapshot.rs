//! A tracker's state as a value.

// D41.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::track::agents::Agents;
use crate::track::call::Call;
use crate::track::notice::Notice;
use crate::track::record::CallRecord;
use crate::track::statistics::Statistics;

/// The version that is written, and the only one that is read.
pub(super) const VERSION: u32 = 1;

/// The whole state of a [`Tracker`](crate::Tracker), to be stored in any format of serde.
///
/// Contains telephone numbers and the key of the tracker's hashes: store it like call records. The
/// time between snapshot and restore does not count.
#[derive(Clone, Serialize, Deserialize)]
pub struct Snapshot {
    pub(super) version: u32,
    /// The tracker's clock, in microseconds.
    pub(super) elapsed: u64,
    pub(super) key: [u8; 16],
    /// In order of rank.
    pub(super) calls: Vec<Call>,
    /// Expiry of each, and the hash in two halves.
    pub(super) forgotten: Vec<(u64, [u64; 2])>,
    pub(super) agents: Agents,
    pub(super) notices: Vec<Notice>,
    pub(super) records: Vec<CallRecord>,
    pub(super) statistics: Statistics,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("calls", &self.calls.len()).finish_non_exhaustive()
    }
}

/// A snapshot of another version of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a snapshot of version {VERSION}, found {found}: start with an empty tracker")]
#[non_exhaustive]
pub struct SnapshotError {
    /// The version that was found.
    pub found: u32,
}
