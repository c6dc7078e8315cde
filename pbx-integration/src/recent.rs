//! What came lately, within a bounded memory.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};

/// A value for each of the last so many keys. Of keys only fingerprints are kept, so that memory does not
/// depend on how long they are; beyond the capacity, the key that has been known longest is forgotten.
#[derive(Clone, Debug)]
pub(crate) struct Recent<V> {
    capacity: usize,
    /// Two independent hashes, taken together: fingerprints of 128 bits that nobody can aim at.
    hashes: [RandomState; 2],
    known: HashMap<u128, V>,
    order: VecDeque<u128>,
}

impl<V> Recent<V> {
    /// Knows at most so many keys, at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            hashes: [RandomState::new(), RandomState::new()],
            known: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// What stands for a key, or for any other value, here.
    pub(crate) fn fingerprint(&self, value: &impl Hash) -> u128 {
        self.hashes.iter().fold(0, |print, hash| (print << 64) | u128::from(hash.hash_one(value)))
    }

    /// The value of a key, by its fingerprint.
    pub(crate) fn get_mut(&mut self, key: u128) -> Option<&mut V> {
        self.known.get_mut(&key)
    }

    /// Adds a key that is not known.
    pub(crate) fn add(&mut self, key: u128, value: V) {
        if self.order.len() >= self.capacity {
            let oldest = self.order.pop_front();
            oldest.and_then(|oldest| self.known.remove(&oldest));
        }
        self.order.push_back(key);
        self.known.insert(key, value);
    }

    /// How many keys are known.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }
}
