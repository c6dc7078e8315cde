//! What has been dealt with, for a while.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use crate::event::Timestamp;

/// Keys that are forgotten after a time, or when there are too many, the oldest first.
#[derive(Debug)]
pub(super) struct Remembered<K> {
    keys: HashSet<K>,
    order: VecDeque<(Timestamp, K)>,
}

impl<K: Clone + Eq + Hash> Remembered<K> {
    pub(super) fn new() -> Self {
        Self { keys: HashSet::new(), order: VecDeque::new() }
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.keys.contains(key)
    }

    /// Remembers a key until some time after `now`, which must not be before that of the last key.
    pub(super) fn insert(&mut self, key: K, now: Timestamp, time: Duration, most: usize) {
        self.forget(now);
        if most == 0 || !self.keys.insert(key.clone()) {
            return;
        }
        self.order.push_back((now + time, key));
        if self.order.len() > most {
            if let Some((_, oldest)) = self.order.pop_front() {
                self.keys.remove(&oldest);
            }
        }
    }

    pub(super) fn forget(&mut self, now: Timestamp) {
        while self.order.front().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, key)) = self.order.pop_front() {
                self.keys.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_forgotten_after_their_time_and_beyond_the_count() {
        let at = Timestamp::from_micros;
        let mut keys = Remembered::new();
        for key in 0..4 {
            keys.insert(key, at(key), Duration::from_micros(10), 3);
        }
        assert_eq!([0, 1, 2, 3].map(|key| keys.contains(&key)), [false, true, true, true]);
        keys.forget(at(12));
        assert_eq!([1, 2, 3].map(|key| keys.contains(&key)), [false, false, true]);
        assert_eq!((keys.order.len(), keys.keys.len()), (1, 1));
    }
}
