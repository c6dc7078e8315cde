//! A mirror of the PBX: the records that exist, kept up to date by the messages of a connection.

mod apply;
mod change;
mod query;
mod rows;
mod table;

pub use change::{Change, ChangeKind, Changes};
pub use query::{Channels, Legs};
pub use table::Table;

use std::sync::Arc;

use crate::record::ElementKind;

/// A mirror of the PBX (section 8 of the protocol).
///
/// A row is its record's bytes in one buffer, with the names of the fields; the typed view is
/// decoded when it is asked for. Nothing is lost that way, and rows before and after a change are
/// shared, not copied.
///
/// A clone is a view of one moment: it shares the tables with the original, and costs a copy only of
/// those that change while it is kept.
///
/// ```
/// use basix_cti::{Parser, Store, bert::Encoder};
///
/// let (mut parser, mut store) = (Parser::new(), Store::new());
/// let spec = Encoder::new()
///     .tuple(3).atom("field_spec").string("channel").list(2).atom("uuid").atom("user_id")
///     .finish()?;
/// let event = Encoder::new()
///     .tuple(4).atom("info_event").string("channel")
///     .tuple(2).binary("c-1").integer(10001001)
///     .atom("added")
///     .finish()?;
/// for frame in [spec, event] {
///     for change in store.apply(&parser.parse(&frame)?)? {
///         assert_eq!(change.to_string(), "added channel c-1");
///     }
/// }
/// assert_eq!(store.channels().count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    /// In the order of [`ElementKind::KNOWN`].
    tables: [Arc<Table>; ElementKind::KNOWN.len()],
    limits: StoreLimits,
    /// What the tables hold together.
    bytes: usize,
    generation: u64,
}

/// Bounds on what a [`Store`] holds, so that a PBX that only adds cannot grow it for ever.
///
/// A record that does not fit is left out and counted by [`Table::dropped`]; if it was there
/// before, it is removed, so that the store never holds what is known to be old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreLimits {
    /// Records of one element; 100,000 by default.
    pub rows: usize,
    /// Bytes of keys and records together; 512 MiB by default.
    pub bytes: usize,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self { rows: 100_000, bytes: 512 << 20 }
    }
}

impl StoreLimits {
    /// The same limits with another number of records.
    #[must_use]
    pub const fn with_rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// The same limits with another number of bytes.
    #[must_use]
    pub const fn with_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty mirror with the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limits(StoreLimits::default())
    }

    /// An empty mirror.
    #[must_use]
    pub fn with_limits(limits: StoreLimits) -> Self {
        let tables = ElementKind::KNOWN.map(|kind| Arc::new(Table::new(kind)));
        Self { tables, limits, bytes: 0, generation: 0 }
    }

    /// The records of every element of section 5 of the protocol.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter().map(|table| &**table)
    }

    /// How often the records have changed. [`Change::generation`] counts on it: a view holds the
    /// changes up to its own generation.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The records of an element; `None` for an element that the mirror does not hold.
    #[must_use]
    pub fn table(&self, kind: ElementKind<'_>) -> Option<&Table> {
        self.tables.get(kind.index()?).map(|table| &**table)
    }

    /// Records that were left out because the store was full, since it was made.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.tables().map(Table::dropped).sum()
    }

    /// Bytes of keys and records.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The table of an element that is known.
    fn table_of(&self, kind: ElementKind<'static>) -> &Table {
        let [first, ..] = &self.tables;
        self.table(kind).unwrap_or(first)
    }
}
