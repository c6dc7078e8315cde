//! Records that outlive their message.

use std::fmt;
use std::sync::Arc;

use triomphe::ThinArc;

use super::schema::Schema;
use super::starts::Starts;
use super::{ElementKind, Record};

/// An owned record: its bytes and the places of its fields in one buffer, shared by reference
/// count.
#[derive(Clone)]
pub struct OwnedRecord(ThinArc<Header, u8>);

struct Header {
    schema: Arc<Schema>,
    starts: Starts,
}

impl OwnedRecord {
    /// The memory that a record takes besides its bytes and its schema.
    pub(crate) const OVERHEAD: usize = size_of::<Header>() + 2 * size_of::<usize>();

    pub(super) fn new(record: &Record<'_>) -> Self {
        Self::with_schema(record, record.schema)
    }

    /// The record with an equal schema in place of its own.
    pub(crate) fn with_schema(record: &Record<'_>, schema: &Arc<Schema>) -> Self {
        let header = Header { schema: Arc::clone(schema), starts: record.starts };
        Self(ThinArc::from_header_and_slice(header, record.wire))
    }

    /// The record, borrowed.
    #[must_use]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn as_record(&self) -> Record<'_> {
        let Header { schema, starts } = &self.0.header.header;
        Record { schema, wire: &self.0.slice, starts: *starts }
    }

    /// The element that the record describes.
    #[must_use]
    pub fn kind(&self) -> ElementKind {
        self.schema().kind()
    }

    /// The order of the fields.
    #[must_use]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.0.header.header.schema
    }

    /// The memory that the record takes, in bytes, without its schema.
    pub(crate) fn bytes(&self) -> usize {
        self.0.slice.len() + Self::OVERHEAD
    }
}

impl PartialEq for OwnedRecord {
    fn eq(&self, other: &Self) -> bool {
        self.as_record() == other.as_record()
    }
}

impl fmt::Debug for OwnedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_record().fmt(f)
    }
}
