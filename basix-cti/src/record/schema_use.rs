//! The schemas in use by kept records.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::schema::Schema;

/// The distinct schemas that some records share, and their total memory. Records keep their schema
/// alive, and a schema may be much larger than a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct SchemaUse {
    /// The number of records that use a schema, by its address.
    records: HashMap<usize, usize>,
    bytes: usize,
}

impl SchemaUse {
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn has(&self, schema: &Arc<Schema>) -> bool {
        self.records.contains_key(&address(schema))
    }

    /// Counts a record with this schema.
    pub(crate) fn add(&mut self, schema: &Arc<Schema>) {
        let records = self.records.entry(address(schema)).or_insert_with(|| {
            self.bytes += schema.bytes();
            0
        });
        *records += 1;
    }

    /// Counts out a record with this schema.
    pub(crate) fn remove(&mut self, schema: &Arc<Schema>) {
        if let Entry::Occupied(mut records) = self.records.entry(address(schema)) {
            *records.get_mut() -= 1;
            if *records.get() == 0 {
                records.remove();
                self.bytes -= schema.bytes();
            }
        }
    }
}

/// Stays that of this schema as long as a record uses it.
fn address(schema: &Arc<Schema>) -> usize {
    Arc::as_ptr(schema).addr()
}
