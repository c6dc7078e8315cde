//! Limits of a journal, and the order of eviction.

use std::collections::BTreeMap;
use std::time::Duration;

/// Limits of a [`CallJournal`](super::CallJournal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capacity {
    /// Legs in all. Default 20,000.
    pub legs: usize,
    /// Legs of a call. Default 64.
    pub legs_per_call: usize,
    /// Bytes in all. Default 24 MiB, which takes at most 32 MiB of memory with the indexes.
    pub bytes: usize,
    /// Time that a call is remembered after its last push. Default 6 hours.
    pub age: Duration,
    /// Pause after its end before a leg may ring again. Default 3 s: racing pushes arrive within a
    /// second, and queues ring again after some seconds.
    pub ring_again: Duration,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            legs: 20_000,
            legs_per_call: 64,
            bytes: 24 << 20,
            age: Duration::from_secs(6 * 60 * 60),
            ring_again: Duration::from_secs(3),
        }
    }
}

impl Capacity {
    /// Sets the legs in all.
    #[must_use]
    pub const fn with_legs(mut self, legs: usize) -> Self {
        self.legs = legs;
        self
    }

    /// Sets the bytes in all.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the time that a call is remembered after its last push.
    #[must_use]
    pub const fn with_age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }

    /// Sets the pause after its end before a leg may ring again.
    #[must_use]
    pub const fn with_ring_again(mut self, time: Duration) -> Self {
        self.ring_again = time;
        self
    }
}

/// The value of a call; the least valuable is evicted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Quiet,
    Live,
    InFlight,
}

/// The place of a call in the order of eviction.
pub(super) type Rank = (Class, Duration, u64);

/// Calls in the order of eviction.
// V176, V177
#[derive(Debug, Default)]
pub(super) struct Order(BTreeMap<Rank, u128>);

impl Order {
    pub(super) fn insert(&mut self, rank: Rank, key: u128) {
        self.0.insert(rank, key);
    }

    pub(super) fn remove(&mut self, rank: &Rank) {
        self.0.remove(rank);
    }

    /// The first call to evict, skipping calls in flight.
    pub(super) fn first(&self) -> Option<u128> {
        let ((class, ..), key) = self.0.first_key_value()?;
        (*class != Class::InFlight).then_some(*key)
    }

    /// A call whose last push was before a moment, and that is not in flight.
    pub(super) fn older_than(&self, moment: Duration) -> Option<u128> {
        [Class::Quiet, Class::Live].into_iter().find_map(|class| {
            let ((_, last, _), key) = self
                .0
                .range((class, Duration::ZERO, 0)..=(class, Duration::MAX, u64::MAX))
                .next()?;
            (*last < moment).then_some(*key)
        })
    }
}
