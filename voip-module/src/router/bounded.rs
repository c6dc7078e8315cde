//! A map that forgets: by age, and the oldest when it is full.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Bounded<V> {
    capacity: usize,
    keep: Duration,
    entries: HashMap<String, Entry<V>>,
    /// Keys by the order in which they were written; the first is forgotten first.
    order: BTreeMap<u64, String>,
    next: u64,
}

#[derive(Debug)]
struct Entry<V> {
    written: Duration,
    order: u64,
    value: V,
}

impl<V> Bounded<V> {
    /// Keeps at most `capacity` values, each for at most `keep` after it was written.
    pub(crate) fn new(capacity: usize, keep: Duration) -> Self {
        Self {
            capacity: capacity.max(1),
            keep,
            entries: HashMap::new(),
            order: BTreeMap::new(),
            next: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn get(&self, now: Duration, key: &str) -> Option<&V> {
        let entry = self.entries.get(key)?;
        (now.saturating_sub(entry.written) <= self.keep).then_some(&entry.value)
    }

    pub(crate) fn insert(&mut self, now: Duration, key: &str, value: V) {
        self.remove(key);
        self.forget_old(now);
        while self.entries.len() >= self.capacity {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.entries.remove(&oldest);
        }
        self.order.insert(self.next, key.to_owned());
        self.entries.insert(key.to_owned(), Entry { written: now, order: self.next, value });
        self.next += 1;
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<V> {
        let entry = self.entries.remove(key)?;
        self.order.remove(&entry.order);
        Some(entry.value)
    }

    fn forget_old(&mut self, now: Duration) {
        while let Some(oldest) = self.order.first_entry() {
            let written = self.entries.get(oldest.get()).map_or(now, |entry| entry.written);
            if now.saturating_sub(written) <= self.keep {
                break;
            }
            self.entries.remove(&oldest.remove());
        }
    }
}
