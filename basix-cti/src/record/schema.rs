//! The columns of an element's records, learnt from `field_spec` at run time.

use std::collections::HashSet;
use std::fmt;

use super::kind::ElementKind;
use super::layout::Layout;
use super::starts::Starts;
use crate::bert::steps;

/// The order of the fields in the records of one element.
///
/// Belongs to one connection. Records that are kept share it.
#[derive(Clone, PartialEq, Eq)]
pub struct Schema {
    kind: ElementKind,
    name: Box<str>,
    columns: Box<[Column]>,
    /// The place of each column in the layout of the element.
    places: Box<[u8]>,
    /// True if the columns begin with the usual ones, in the usual order.
    is_usual: bool,
    bytes: usize,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: Box<str>,
    /// True if a later column has the same name; the later one wins.
    pub(crate) is_shadowed: bool,
}

impl Schema {
    /// The schema of an element from the names in their order on the wire.
    pub(crate) fn new(element: Box<str>, names: Vec<Box<str>>) -> Self {
        steps::count(names.iter().map(|name| 1 + name.len()).sum());
        let kind = ElementKind::from_name(&element);
        let layout = Layout::of(kind);
        let mut seen = HashSet::with_capacity(names.len());
        let mut is_last: Vec<bool> = names.iter().rev().map(|name| seen.insert(&**name)).collect();
        is_last.reverse();
        drop(seen);
        let places: Box<[u8]> = (names.iter().zip(&is_last))
            .map(|(name, is_last)| layout.find(name).filter(|_| *is_last).unwrap_or(Starts::OTHER))
            .collect();
        let is_usual = layout.usual > 0
            && places.len() >= layout.usual
            && (0..layout.usual).zip(&places).all(|(usual, place)| usual == usize::from(*place));
        let text: usize = names.iter().map(|name| name.len()).sum();
        let columns: Box<[Column]> = (names.into_iter().zip(is_last))
            .map(|(name, is_last)| Column { name, is_shadowed: !is_last })
            .collect();
        let bytes = size_of::<Self>() + element.len() + text + columns.len() * COLUMN_BYTES;
        Self { kind, name: element, columns, places, is_usual, bytes }
    }

    /// The wire name of the element.
    #[must_use]
    pub fn element_name(&self) -> &str {
        &self.name
    }

    /// The element.
    #[must_use]
    pub const fn kind(&self) -> ElementKind {
        self.kind
    }

    /// The names as announced, repeated ones included.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.columns.iter().map(|column| &*column.name)
    }

    /// The position of a field in a record; of the last one if a name was announced twice.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        steps::count(self.columns.len());
        self.columns.iter().rposition(|column| &*column.name == name)
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The place of each column in the layout; [`Starts::OTHER`] for one that the layout lacks.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn places(&self) -> &[u8] {
        &self.places
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn is_usual(&self) -> bool {
        self.is_usual
    }

    /// The memory of the schema, in bytes, without the allocator's overhead.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The memory of a column besides its name, in bytes.
pub(crate) const COLUMN_BYTES: usize = size_of::<Column>() + 1;

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.element_name())?;
        f.debug_list().entries(self.names()).finish()
    }
}
