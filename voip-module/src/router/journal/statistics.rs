//! Counters of a journal.

use serde::Serialize;

/// The contents of a journal, and its counters since it was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Calls that are known.
    pub calls: usize,
    /// Legs that are known.
    pub legs: usize,
    /// Deliveries in flight.
    pub in_flight: usize,
    /// Bytes of the known calls.
    pub bytes: usize,
    /// Deliveries judged new.
    pub new: u64,
    /// Deliveries judged updates of a record.
    pub updated: u64,
    /// Repetitions of a delivery.
    pub repeated: u64,
    /// Deliveries that came too late.
    pub late: u64,
    /// Deliveries that were undone.
    pub undone: u64,
    /// Repetitions that waited for a delivery in flight.
    pub waited: u64,
    /// Repetitions that were refused because of a delivery in flight.
    pub refused_in_flight: u64,
    /// Calls evicted for their age.
    pub forgotten_for_age: u64,
    /// Calls and legs evicted for lack of room.
    pub forgotten_for_room: u64,
}
