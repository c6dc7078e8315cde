//! What a tracker has done and holds.

use serde::{Deserialize, Serialize};

/// Counters of a [`Tracker`](crate::Tracker), since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Events of calls that were taken in.
    pub events: u64,
    /// Events that were copies of known ones.
    pub copies: u64,
    /// Events of calls that were forgotten.
    pub late: u64,
    /// Events of other kinds, or without a call.
    pub ignored: u64,
    /// Records that were emitted, revisions included.
    pub records: u64,
    /// Notices that were dropped because nobody polled them.
    pub notices_dropped: u64,
    /// Calls that were decided early because memory was short.
    pub decided_early: u64,
    /// Calls that were reduced to a hash early because memory was short.
    pub forgotten_early: u64,
    /// Attempts that are no longer kept in detail.
    pub attempts_folded: u64,
    /// Calls that are open now.
    pub open: usize,
    /// Calls that are decided and still kept.
    pub decided: usize,
    /// Ids of calls that are kept as hashes.
    pub hashes: usize,
    /// Bytes held, as counted against the budget.
    pub bytes: usize,
}
