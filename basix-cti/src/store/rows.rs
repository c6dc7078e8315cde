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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Rows;
    use crate::element;
    use crate::record::{ElementKind, OwnedRecord, Record};

    fn row() -> OwnedRecord {
        let schema = Arc::new(element::schema(ElementKind::User, Vec::new()));
        Record::new(&schema, b"h\0").to_owned()
    }

    #[test]
    fn rows_keep_the_order_in_which_they_came_and_free_places_are_used_again() {
        let mut rows = Rows::default();
        for key in ["c", "a", "b"] {
            rows.insert(key, row());
        }
        assert!(rows.remove("a").is_some());
        assert!(rows.remove("a").is_none());
        assert!(rows.get_mut("b").is_some());
        for key in ["d", "e"] {
            rows.insert(key, row());
        }
        let keys: Vec<&str> = rows.iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["c", "d", "b", "e"]);
        assert_eq!((rows.len(), rows.rows.len()), (4, 4));
        assert!(rows.get("a").is_none());
        assert_eq!(rows.into_records().count(), 4);
    }
}
