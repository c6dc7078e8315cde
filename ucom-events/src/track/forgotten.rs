//! Keyed hashes of the ids of forgotten calls.

// D38.

use std::collections::{HashSet, VecDeque};

/// Maximum number of hashes.
const MAX_HASHES: usize = 200_000;
/// Lifetime of a hash, in microseconds: 48 h.
const KEPT: u64 = 48 * 3600 * 1_000_000;
/// Bytes of a hash in both collections, with their free places.
const BYTES: usize = 104;

#[derive(Clone, Debug, Default)]
pub(super) struct Forgotten {
    hashes: HashSet<u128>,
    /// In order of expiry.
    queue: VecDeque<(u64, u128)>,
}

impl Forgotten {
    pub(super) fn contains(&self, hash: u128) -> bool {
        self.hashes.contains(&hash)
    }

    /// Adds a hash; hashes take at most a quarter of the budget.
    pub(super) fn insert(&mut self, hash: u128, now: u64, budget: usize) {
        self.restore(hash, now.saturating_add(KEPT));
        let most = MAX_HASHES.min(budget / 4 / BYTES);
        while self.queue.len() > most {
            self.drop_oldest();
        }
    }

    pub(super) fn restore(&mut self, hash: u128, until: u64) {
        if self.hashes.insert(hash) {
            self.queue.push_back((until, hash));
        }
    }

    pub(super) fn expire(&mut self, now: u64) {
        while self.queue.front().is_some_and(|(until, _)| *until <= now) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, hash)) = self.queue.pop_front() {
            self.hashes.remove(&hash);
        }
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (u64, u128)> + '_ {
        self.queue.iter().copied()
    }

    pub(super) fn bytes(&self) -> usize {
        self.queue.len() * BYTES
    }
}
