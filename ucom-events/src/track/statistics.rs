//! Counters and sizes of a tracker.

use serde::{Deserialize, Serialize};

/// Counters of a [`Tracker`](crate::Tracker) since its creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Accepted events of calls.
    pub events: u64,
    /// Copies of known events.
    pub copies: u64,
    /// Events of calls that were forgotten.
    pub late: u64,
    /// Events of other kinds, or without a call.
    pub ignored: u64,
    /// Records that were emitted, revisions included.
    pub records: u64,
    /// Notices dropped because they were not polled.
    pub notices_dropped: u64,
    /// Calls decided early because of the budget.
    pub decided_early: u64,
    /// Calls reduced to a hash early because of the budget.
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
