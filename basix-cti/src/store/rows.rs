//! Records by key, in the order in which they came.

use std::collections::HashMap;
use std::sync::Arc;

use crate::record::OwnedRecord;

/// Records by key. They are found by hash, since keys of a large table are far apart in memory, and
/// gone through in the order in which they came; a place that became free is used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    places: HashMap<Arc<str>, usize>,
    rows: Vec<Option<(Arc<str>, OwnedRecord)>>,
    free: Vec<usize>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Keys and records, in order.
    pub(super) fn iter(&self) -> Iter<'_> {
        Iter(self.rows.iter())
    }

    pub(super) fn get(&self, key: &str) -> Option<&OwnedRecord> {
        let place = *self.places.get(key)?;
        self.rows.get(place)?.as_ref().map(|(_, row)| row)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut OwnedRecord> {
        let place = *self.places.get(key)?;
        self.rows.get_mut(place)?.as_mut().map(|(_, row)| row)
    }

    /// Adds a record under a key that is not there.
    pub(super) fn insert(&mut self, key: &str, row: OwnedRecord) {
        let key: Arc<str> = key.into();
        let place = self.free.pop().unwrap_or(self.rows.len());
        self.places.insert(Arc::clone(&key), place);
        match self.rows.get_mut(place) {
            Some(slot) => *slot = Some((key, row)),
            None => self.rows.push(Some((key, row))),
        }
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<OwnedRecord> {
        let place = self.places.remove(key)?;
        self.free.push(place);
        self.rows.get_mut(place)?.take().map(|(_, row)| row)
    }

    /// The records, in order.
    pub(super) fn into_records(self) -> impl Iterator<Item = OwnedRecord> {
        self.rows.into_iter().flatten().map(|(_, row)| row)
    }
}

/// Iterates over [`Rows`].
#[derive(Clone, Debug)]
pub(super) struct Iter<'a>(std::slice::Iter<'a, Option<(Arc<str>, OwnedRecord)>>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a OwnedRecord);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.by_ref().flatten().next().map(|(key, row)| (&**key, row))
    }
}
