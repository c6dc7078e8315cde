//! The records of one element, by key.

use super::rows::Rows;
use super::{Change, StoreLimits};
use crate::element::TypedElement;
use crate::record::{ElementKind, OwnedRecord, Record};

/// The records of one element that exist, by key (B80).
#[derive(Clone, Debug)]
pub struct Table {
    kind: ElementKind<'static>,
    pub(super) rows: Rows,
    pub(super) bytes: usize,
    pub(super) dropped: u64,
    pub(super) current: bool,
}

impl Table {
    pub(super) fn new(kind: ElementKind<'static>) -> Self {
        Self { kind, rows: Rows::default(), bytes: 0, dropped: 0, current: false }
    }

    /// The element.
    #[must_use]
    pub const fn kind(&self) -> ElementKind<'static> {
        self.kind
    }

    /// Whether the records are those of the PBX: its list came on this connection, and every change
    /// since. Otherwise some are missing, or they are as old as the connection before (B85).
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
        self.rows.len() == 0
    }

    /// Records that were left out because the store was full, since it was made.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The keys (B40), in the order of their bytes.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let mut keys: Vec<&str> = self.rows.iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys.into_iter()
    }

    /// The records, in the order in which they came; the place of a record that is gone is used
    /// again.
    pub fn records(&self) -> impl Iterator<Item = &OwnedRecord> {
        self.rows.iter().map(|(_, row)| row)
    }

    /// The record with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&OwnedRecord> {
        self.rows.get(key)
    }

    /// The records as one type of element, in the order of [`records`](Self::records); none if they
    /// are of another.
    pub fn typed<'a, T: TypedElement<'a>>(&'a self) -> impl Iterator<Item = T> {
        self.records().filter_map(OwnedRecord::typed)
    }

    /// Sets the record with this key, and tells what that has changed. `others` is the size of the
    /// other tables.
    pub(super) fn put(
        &mut self,
        key: &str,
        record: Record<'_>,
        limits: StoreLimits,
        others: usize,
    ) -> Option<Change> {
        let kind = self.kind;
        let needed = key.len() + record.wire().len();
        let room = limits.bytes.saturating_sub(others + self.bytes);
        let full = self.rows.len() >= limits.rows || needed > room;
        // The only look-up: keys of a large table are far apart in memory.
        match self.rows.get_mut(key) {
            Some(row) => {
                let held = size(key, row);
                if needed > room + held {
                    // What does not fit is left out rather than kept as it was before.
                    self.drop_record();
                    let before = self.remove(key);
                    return Some(Change::new(kind, before, None));
                }
                if row.is_same(record) {
                    return None;
                }
                let after = record.to_owned();
                let before = std::mem::replace(row, after.clone());
                self.bytes = self.bytes + needed - held;
                Some(Change::new(kind, Some(before), Some(after)))
            }
            None if full => {
                self.drop_record();
                None
            }
            None => {
                let after = record.to_owned();
                self.bytes += needed;
                self.rows.insert(key, after.clone());
                Some(Change::new(kind, None, Some(after)))
            }
        }
    }

    /// Counts a record that was left out; the table is then no longer that of the PBX.
    const fn drop_record(&mut self) {
        self.dropped += 1;
        self.current = false;
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<OwnedRecord> {
        let before = self.rows.remove(key)?;
        self.bytes -= size(key, &before);
        Some(before)
    }

    pub(super) fn replace(&mut self, rows: Rows) -> Rows {
        self.bytes = rows.iter().map(|(key, row)| size(key, row)).sum();
        std::mem::replace(&mut self.rows, rows)
    }
}

/// Bytes that a row takes, without what the allocator adds.
fn size(key: &str, row: &OwnedRecord) -> usize {
    key.len() + row.as_record().wire().len()
}
