//! A mirror of the PBX: the records that exist, kept up to date by the messages of a connection.

mod apply;
mod change;
mod free;
mod query;
mod ringing;
mod rows;
mod shared_vec;
mod table;
mod waiting;

pub use change::{Change, ChangeKind, Changes, Origin};
pub use query::{Channels, Legs};
pub use ringing::RingingLeg;
pub use table::Table;
pub use waiting::{ParkPlace, Waiting, WaitingCaller, WaitingKind};

use std::sync::Arc;

use crate::record::ElementKind;

/// A mirror of the PBX.
///
/// A row is its record's bytes in one buffer, decoded on access. Nothing is lost, and the rows
/// before and after a change are shared, not copied.
///
/// A clone is a snapshot that shares its records with the original. While it is kept, a change
/// costs a few small copies, independent of the number of records.
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
    /// The memory of all tables.
    bytes: usize,
    generation: u64,
}

/// Limits of a [`Store`], so that a PBX that only adds records cannot grow it without bound.
///
/// A record that does not fit is dropped and counted by [`Table::dropped`]; an earlier version of
/// it is removed, so that the store holds no value that is known to be old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreLimits {
    /// Records of one element; 100,000 by default.
    pub rows: usize,
    /// Memory of records and their schemas together, in bytes; 512 MiB by default.
    pub bytes: usize,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self { rows: 100_000, bytes: 512 << 20 }
    }
}

impl StoreLimits {
    /// Sets the number of records.
    #[must_use]
    pub const fn with_rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// Sets the number of bytes.
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

    /// The records of every known element.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter().map(|table| &**table)
    }

    /// The number of messages that have changed records. A view holds the changes whose
    /// [`generation`](Change::generation) is at most its own.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The records of an element; `None` for an element that the mirror does not hold.
    #[must_use]
    pub fn table(&self, kind: ElementKind) -> Option<&Table> {
        self.tables.get(kind.index()?).map(|table| &**table)
    }

    /// Records dropped because the store was full, since its creation.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.tables().map(Table::dropped).sum()
    }

    /// The memory of records and their schemas, in bytes, without the allocator's overhead.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The table of an element that is known.
    fn table_of(&self, kind: ElementKind) -> &Table {
        let [first, ..] = &self.tables;
        self.table(kind).unwrap_or(first)
    }
}
