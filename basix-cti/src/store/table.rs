//! The records of one element, by key.

use std::collections::HashMap;
use std::sync::Arc;

use super::rows::Rows;
use super::{Change, StoreLimits};
use crate::bert::{Term, steps};
use crate::element::TypedElement;
use crate::record::schema_use::SchemaUse;
use crate::record::{ElementKind, OwnedRecord, Record, Schema};

/// The records of one element that exist, by key.
#[derive(Clone, Debug)]
pub struct Table {
    kind: ElementKind,
    pub(super) rows: Rows,
    /// The memory of the records, in bytes, without their schemas.
    row_bytes: usize,
    schemas: SchemaUse,
    /// The schema that records get here, and the parser's equal one.
    own: Option<Arc<Schema>>,
    parsers: Option<Arc<Schema>>,
    pub(super) dropped: u64,
    pub(super) current: bool,
}

impl Table {
    pub(super) fn new(kind: ElementKind) -> Self {
        Self {
            kind,
            rows: Rows::default(),
            row_bytes: 0,
            schemas: SchemaUse::default(),
            own: None,
            parsers: None,
            dropped: 0,
            current: false,
        }
    }

    /// An empty table for the same element, which gives records the same schema.
    pub(super) fn emptied(&self) -> Self {
        let (own, parsers) = (self.own.clone(), self.parsers.clone());
        Self { own, parsers, ..Self::new(self.kind) }
    }

    /// The element.
    #[must_use]
    pub const fn kind(&self) -> ElementKind {
        self.kind
    }

    /// Returns true if the records are those of the PBX: its list came on this connection, and every
    /// change since. Otherwise some may be missing or out of date.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.current
    }

    /// The number of records.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns true if there are no records.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Records dropped because the store was full, since its creation.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The memory of records and their schemas, in bytes, without the allocator's overhead.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.row_bytes + self.schemas.bytes()
    }

    /// The keys, sorted by their bytes.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let keys = self.records().filter_map(|row| row.as_record().key());
        let mut keys: Vec<String> = keys.map(std::borrow::Cow::into_owned).collect();
        keys.sort_unstable();
        keys
    }

    /// The records, in order of arrival; the place of a removed record is reused.
    pub fn records(&self) -> impl Iterator<Item = &OwnedRecord> + Clone {
        self.rows.iter()
    }

    /// The record with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&OwnedRecord> {
        self.rows.get(key.as_bytes())
    }

    /// The records that can be seen as one type, in the order of [`records`](Self::records); none if
    /// they are of another element.
    pub fn typed<'a, T: TypedElement<'a>>(&'a self) -> impl Iterator<Item = T> + Clone {
        self.records().filter_map(OwnedRecord::typed)
    }

    /// Sets the record with this key; returns the change if the record differs from the one before.
    /// `others` is the size of the other tables.
    pub(super) fn put(
        &mut self,
        key: &[u8],
        record: &Record<'_>,
        limits: StoreLimits,
        others: usize,
    ) -> Option<Change> {
        let schema = self.schema_for(record.schema());
        let new_schema = if self.schemas.has(&schema) { 0 } else { schema.bytes() };
        let needed = record.wire().len() + OwnedRecord::OVERHEAD + new_schema;
        let room = limits.bytes.saturating_sub(others + self.bytes());
        let Some(place) = self.rows.find(key) else {
            if self.rows.len() >= limits.rows.min(MAX_ROWS) || needed > room {
                self.drop_record();
                return None;
            }
            let after = OwnedRecord::with_schema(record, &schema);
            self.count(&after);
            self.rows.insert(key, after.clone());
            return Some(Change::new(self.kind, None, Some(after)));
        };
        let before = self.rows.at(place)?;
        if needed > room + before.bytes() {
            // A record that does not fit is dropped, and its earlier version with it.
            self.drop_record();
            let before = self.remove(key);
            return Some(Change::new(self.kind, before, None));
        }
        let same_schema = Arc::ptr_eq(before.schema(), &schema);
        let is_same = is_same(&before.as_record(), record, same_schema);
        if is_same && same_schema {
            return None;
        }
        let after = OwnedRecord::with_schema(record, &schema);
        let before = self.rows.replace(place, after.clone())?;
        if same_schema {
            self.row_bytes = self.row_bytes + after.bytes() - before.bytes();
        } else {
            self.count(&after);
            self.discount(&before);
        }
        (!is_same).then(|| Change::new(self.kind, Some(before), Some(after)))
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> Option<OwnedRecord> {
        let before = self.rows.remove(key)?;
        self.discount(&before);
        Some(before)
    }

    /// The records of this table that differ from those of an earlier one.
    pub(super) fn changes_since(&self, earlier: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut stayed = 0;
        for row in self.rows.iter() {
            let record = row.as_record();
            let before = record.key_bytes().and_then(|key| earlier.rows.get(&key));
            stayed += usize::from(before.is_some());
            let is_same = before.is_some_and(|before| {
                let same_schema = Arc::ptr_eq(before.schema(), record.schema());
                is_same(&before.as_record(), &record, same_schema)
            });
            if !is_same {
                changes.push(Change::new(self.kind, before.cloned(), Some(row.clone())));
            }
        }
        changes.reserve_exact(earlier.len() - stayed);
        let is_gone = |row: &&OwnedRecord| {
            row.as_record().key_bytes().is_some_and(|key| self.rows.find(&key).is_none())
        };
        let gone = earlier.rows.iter().filter(is_gone);
        changes.extend(gone.map(|row| Change::new(self.kind, Some(row.clone()), None)));
        changes
    }

    /// The schema that a record of the parser's schema gets here: always the same one for equal ones,
    /// also when parsers differ.
    fn schema_for(&mut self, schema: &Arc<Schema>) -> Arc<Schema> {
        if let (Some(own), Some(parsers)) = (&self.own, &self.parsers) {
            if Arc::ptr_eq(parsers, schema) {
                return Arc::clone(own);
            }
        }
        self.parsers = Some(Arc::clone(schema));
        match &self.own {
            Some(own) if own == schema => Arc::clone(own),
            _ => Arc::clone(self.own.insert(Arc::clone(schema))),
        }
    }

    fn count(&mut self, row: &OwnedRecord) {
        self.row_bytes += row.bytes();
        self.schemas.add(row.schema());
    }

    fn discount(&mut self, row: &OwnedRecord) {
        self.row_bytes -= row.bytes();
        self.schemas.remove(row.schema());
    }

    /// Counts a dropped record; the table is then no longer current.
    const fn drop_record(&mut self) {
        self.dropped += 1;
        self.current = false;
    }
}

/// The most records that can be counted by their places.
const MAX_ROWS: usize = u32::MAX as usize;

/// The most columns, and bytes of names, of records that are compared by name. A comparison costs as
/// much for each record, however short; usual records have a tenth of that.
const MAX_COLUMNS: usize = 256;
const MAX_NAMES: usize = 16 << 10;

/// Returns true if two records have the same values under the same names.
#[inline]
fn is_same(before: &Record<'_>, after: &Record<'_>, same_schema: bool) -> bool {
    if same_schema { before.wire() == after.wire() } else { is_reordered(before, after) }
}

/// Returns true if two records of different schemas have the same values under the same names.
#[cold]
fn is_reordered(before: &Record<'_>, after: &Record<'_>) -> bool {
    let is_small = |record: &Record<'_>| {
        let schema = record.schema();
        schema.columns().len() <= MAX_COLUMNS && schema.bytes() <= MAX_NAMES
    };
    if !is_small(before) || !is_small(after) {
        return false;
    }
    steps::count(before.schema().bytes());
    let mut fields: HashMap<&str, Option<&[u8]>> =
        before.fields().map(|(name, value)| (name, Term::wire(value))).collect();
    after.fields().all(|(name, value)| fields.remove(name) == Some(value.wire()))
        && fields.is_empty()
}
