//! The most recent keys, within a bounded memory.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};

/// A value for each of the most recent keys. Of keys only fingerprints are kept, so that memory does not
/// depend on their length; beyond the capacity, the key known longest is forgotten.
#[derive(Clone, Debug)]
pub(crate) struct Recent<V> {
    capacity: usize,
    /// Its seed is random: nobody can construct a collision.
    hash: RandomState,
    known: HashMap<u64, V>,
    order: VecDeque<u64>,
}

impl<V> Recent<V> {
    /// Remembers at most this many keys, at least one.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            hash: RandomState::new(),
            known: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// The fingerprint of a key or of any other value.
    pub(crate) fn fingerprint(&self, value: &impl Hash) -> u64 {
        self.hash.hash_one(value)
    }

    pub(crate) fn get(&self, key: u64) -> Option<&V> {
        self.known.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        self.known.get_mut(&key)
    }

    /// Adds a key that is not known; returns the value of the key that is forgotten for it.
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
