//! A bounded map of the most recent keys.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};

/// A value for each of the most recent keys. Only fingerprints of keys are kept, so that memory
/// does not depend on their length; beyond the capacity, the oldest key is evicted.
#[derive(Clone, Debug)]
pub(crate) struct Recent<V> {
    capacity: usize,
    /// The seed is random, so collisions cannot be constructed.
    hash: RandomState,
    known: HashMap<u64, V>,
    order: VecDeque<u64>,
}

impl<V> Recent<V> {
    /// Creates a map of this many keys, at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            hash: RandomState::new(),
            known: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Returns the fingerprint of a key or of any other value.
    pub(crate) fn fingerprint(&self, value: &impl Hash) -> u64 {
        self.hash.hash_one(value)
    }

    pub(crate) fn get(&self, key: u64) -> Option<&V> {
        self.known.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        self.known.get_mut(&key)
    }

    /// Adds an unknown key; returns the value of the evicted key.
    pub(crate) fn add(&mut self, key: u64, value: V) -> Option<V> {
        let is_full = self.order.len() >= self.capacity;
        let oldest = if is_full { self.order.pop_front() } else { None };
        self.order.push_back(key);
        self.known.insert(key, value);
        oldest.and_then(|oldest| self.known.remove(&oldest))
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.known.values()
    }
}
