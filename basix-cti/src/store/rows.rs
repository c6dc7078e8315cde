//! Records by key, in order of arrival.

use std::hash::{BuildHasher, RandomState};

use super::shared_vec::{self, SharedVec};
use crate::bert::steps;
use crate::record::OwnedRecord;

/// Records by key. A clone costs a few reference counts, independent of the number of records, and
/// so does the first change after it.
///
/// A key is not kept: its record has it.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    hasher: RandomState,
    /// The place of each record, by the hash of its key. A taken slot moves on to the next free one.
    slots: SharedVec<Slot, 64>,
    /// The number of slots: a power of two, at least twice the number of records.
    slot_count: usize,
    places: SharedVec<Place, 16>,
    /// Places that are, or were, in use.
    used: u32,
    /// The place that became free last.
    free: Option<u32>,
    len: usize,
}

/// A part of a key's hash, and the place of its record.
type Slot = Option<(u32, u32)>;

#[derive(Clone, Debug)]
enum Place {
    Row(OwnedRecord),
    /// A free place, and the place that became free before this one.
    Free(Option<u32>),
}

impl Default for Place {
    fn default() -> Self {
        Self::Free(None)
    }
}

const MIN_SLOTS: usize = 16;

impl Default for Rows {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            slots: SharedVec::new(),
            slot_count: MIN_SLOTS,
            places: SharedVec::new(),
            used: 0,
            free: None,
            len: 0,
        }
    }
}

impl Rows {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The records, in order.
    pub(super) fn iter(&self) -> Iter<'_> {
        Iter(self.places.iter(self.used as usize))
    }

    /// The place of the record with a key.
    #[inline]
    pub(super) fn find(&self, key: &[u8]) -> Option<u32> {
        let hash = self.hash(key);
        let mut slot = hash as usize;
        loop {
            steps::count(1);
            let (of_slot, place) = self.slot(slot)?;
            if of_slot == hash && self.at(place)?.as_record().key_bytes()?.as_ref() == key {
                return Some(place);
            }
            slot = slot.wrapping_add(1);
        }
    }

    /// The record at a place.
    #[inline]
    pub(super) fn at(&self, place: u32) -> Option<&OwnedRecord> {
        match self.places.get(place as usize)? {
            Place::Row(row) => Some(row),
            Place::Free(_) => None,
        }
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<&OwnedRecord> {
        self.at(self.find(key)?)
    }

    /// Puts a record with the same key in the place of another; returns the other.
    pub(super) fn replace(&mut self, place: u32, row: OwnedRecord) -> Option<OwnedRecord> {
        match self.places.get_mut(place as usize)? {
            Place::Row(before) => Some(std::mem::replace(before, row)),
            Place::Free(_) => None,
        }
    }

    /// Adds a record under a key that is not there.
    pub(super) fn insert(&mut self, key: &[u8], row: OwnedRecord) {
        if 2 * (self.len + 1) > self.slot_count {
            self.double();
        }
        let place = self.free.unwrap_or(self.used);
        let Some(slot) = self.places.get_mut(place as usize) else { return };
        match std::mem::replace(slot, Place::Row(row)) {
            Place::Free(next) if self.free.is_some() => self.free = next,
            _ => self.used += 1,
        }
        self.len += 1;
        self.enter((self.hash(key), place));
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> Option<OwnedRecord> {
        let place = self.find(key)?;
        self.leave((self.hash(key), place));
        let freed = Place::Free(self.free.replace(place));
        self.len -= 1;
        match std::mem::replace(self.places.get_mut(place as usize)?, freed) {
            Place::Row(row) => Some(row),
            Place::Free(_) => None,
        }
    }

    fn hash(&self, key: &[u8]) -> u32 {
        self.hasher.hash_one(key) as u32
    }

    /// `slot` modulo the number of slots, which is a power of two.
    #[inline]
    const fn wrap(&self, slot: usize) -> usize {
        slot & (self.slot_count - 1)
    }

    /// The slot with this number, modulo the number of slots.
    #[inline]
    fn slot(&self, slot: usize) -> Slot {
        self.slots.get(self.wrap(slot)).copied().flatten()
    }

    fn set_slot(&mut self, slot: usize, to: Slot) {
        let slot = self.wrap(slot);
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = to;
        }
    }

    fn enter(&mut self, entry: (u32, u32)) {
        let mut slot = entry.0 as usize;
        while self.slot(slot).is_some() {
            steps::count(1);
            slot = slot.wrapping_add(1);
        }
        self.set_slot(slot, Some(entry));
    }

    /// Takes an entry out, and moves back those after it that had to move on because of it.
    fn leave(&mut self, entry: (u32, u32)) {
        let mut gap = entry.0 as usize;
        while self.slot(gap) != Some(entry) {
            steps::count(1);
            gap = gap.wrapping_add(1);
        }
        let mut slot = gap;
        loop {
            slot = slot.wrapping_add(1);
            steps::count(1);
            let Some(next) = self.slot(slot) else { break };
            // Its distance from its home slot, and from the gap.
            let moved = self.wrap(slot.wrapping_sub(next.0 as usize));
            let distance = self.wrap(slot.wrapping_sub(gap));
            if moved >= distance {
                self.set_slot(gap, Some(next));
                gap = slot;
            }
        }
        self.set_slot(gap, None);
    }

    fn double(&mut self) {
        let before = std::mem::replace(&mut self.slots, SharedVec::new());
        let count = self.slot_count;
        self.slot_count = 2 * count;
        for entry in before.iter(count).flatten() {
            self.enter(*entry);
        }
    }
}

/// Iterates over the records of [`Rows`].
#[derive(Clone, Debug)]
pub(super) struct Iter<'a>(shared_vec::Iter<'a, Place, 16>);

impl<'a> Iterator for Iter<'a> {
    type Item = &'a OwnedRecord;

    #[inline]
    fn next(&mut self) -> Option<&'a OwnedRecord> {
        self.0.find_map(|place| match place {
            Place::Row(row) => Some(row),
            Place::Free(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::Rows;
    use crate::record::{OwnedRecord, Schema, read};

    fn row(key: u8) -> OwnedRecord {
        let schema = Arc::new(Schema::new("group".into(), vec!["name".into()]));
        let wire = [b'h', 1, b'm', 0, 0, 0, 1, key];
        let (record, _) = read::take(&schema, &wire, 1).unwrap().unwrap();
        record.to_owned()
    }

    fn keys(rows: &Rows) -> Vec<u8> {
        rows.iter().map(|row| row.as_record().key_bytes().unwrap()[0]).collect()
    }

    #[test]
    fn rows_keep_the_order_in_which_they_came_and_free_places_are_used_again() {
        let mut rows = Rows::default();
        for key in *b"cab" {
            rows.insert(&[key], row(key));
        }
        assert!(rows.remove(b"a").is_some());
        assert!(rows.remove(b"a").is_none());
        for key in *b"de" {
            rows.insert(&[key], row(key));
        }
        assert_eq!(keys(&rows), b"cdbe");
        assert_eq!((rows.len(), rows.used), (4, 4));
        assert!(rows.get(b"a").is_none());
    }

    proptest! {
        /// Inserts and removals, and now and then a clone that must not change.
        #[test]
        fn rows_hold_what_a_map_holds_and_clones_keep_theirs(
            steps in prop::collection::vec((0..128_u8, any::<bool>(), 0..20_u8), 0..400),
        ) {
            let mut rows = Rows::default();
            let mut model = BTreeMap::new();
            let mut kept = Vec::new();
            for (key, add, keep) in steps {
                match (add, model.contains_key(&key)) {
                    (true, false) => {
                        rows.insert(&[key], row(key));
                        model.insert(key, ());
                    }
                    (true, true) => {
                        let place = rows.find(&[key]).unwrap();
                        prop_assert!(rows.replace(place, row(key)).is_some());
                    }
                    (false, there) => {
                        prop_assert_eq!(rows.remove(&[key]).is_some(), there);
                        model.remove(&key);
                    }
                }
                if keep == 0 {
                    kept.push((rows.clone(), model.clone()));
                }
            }
            kept.push((rows, model));
            for (rows, model) in kept {
                let mut held = keys(&rows);
                held.sort_unstable();
                prop_assert_eq!(held, model.keys().copied().collect::<Vec<_>>());
                for key in 0..128 {
                    prop_assert_eq!(rows.get(&[key]).is_some(), model.contains_key(&key));
                }
                prop_assert_eq!(rows.len(), model.len());
            }
        }
    }
}
