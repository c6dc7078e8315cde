//! The records of one element, by key.

use std::collections::BTreeMap;

use crate::element::TypedElement;
use crate::record::{ElementKind, OwnedRecord};

/// The records of one element that exist, by key (B80).
#[derive(Clone, Debug)]
pub struct Table {
    kind: ElementKind<'static>,
    pub(super) rows: BTreeMap<Box<str>, OwnedRecord>,
    pub(super) bytes: usize,
    pub(super) dropped: u64,
    pub(super) current: bool,
}

impl Table {
    pub(super) const fn new(kind: ElementKind<'static>) -> Self {
        Self { kind, rows: BTreeMap::new(), bytes: 0, dropped: 0, current: false }
    }

    /// The element.
    #[must_use]
    pub const fn kind(&self) -> ElementKind<'static> {
        self.kind
    }

    /// Whether the records are those of the PBX: its list came on this connection, and every change
    /// since. Otherwise they are missing, or as old as the connection before (B85).
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.current
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Records that were left out because the store was full, since it was made.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The keys (B40), in the order of their bytes.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(|key| &**key)
    }

    /// The records, in the order of their keys.
    pub fn records(&self) -> impl Iterator<Item = &OwnedRecord> {
        self.rows.values()
    }

    /// The record with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&OwnedRecord> {
        self.rows.get(key)
    }

    /// The records as one type of element, in the order of their keys; none if they are of another.
    pub fn typed<'a, T: TypedElement<'a>>(&'a self) -> impl Iterator<Item = T> {
        self.rows.values().filter_map(OwnedRecord::typed)
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<OwnedRecord> {
        let before = self.rows.remove(key)?;
        self.bytes -= size(key, &before);
        Some(before)
    }

    pub(super) fn replace(
        &mut self,
        rows: BTreeMap<Box<str>, OwnedRecord>,
    ) -> BTreeMap<Box<str>, OwnedRecord> {
        self.bytes = rows.iter().map(|(key, row)| size(key, row)).sum();
        std::mem::replace(&mut self.rows, rows)
    }
}

/// Bytes that a row takes, without what the allocator adds.
pub(super) fn size(key: &str, row: &OwnedRecord) -> usize {
    key.len() + row.as_record().wire().len()
}
