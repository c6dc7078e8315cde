//! Records: tuples seen by the names that the PBX announced for their elements.

pub(crate) mod key;
mod kind;
pub(crate) mod layout;
mod owned;
pub(crate) mod read;
pub(crate) mod schema;
pub(crate) mod schema_use;
pub(crate) mod starts;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

pub use kind::{ElementKind, EventName};
pub use owned::OwnedRecord;
pub use schema::Schema;

use self::schema::Column;
use self::starts::{Start, Starts};
use crate::bert::reader::{self, Head};
use crate::bert::{Elements, Term, steps};

/// One record, seen by field name.
///
/// Holds everything that the PBX sent, also fields and values that the typed views do not know. A
/// record is a view of checked bytes: small, `Copy`, and decoded on access.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    schema: &'a Arc<Schema>,
    /// One checked tuple or list.
    wire: &'a [u8],
    starts: Starts,
}

impl<'a> Record<'a> {
    /// The order of the fields.
    #[must_use]
    pub const fn schema(&self) -> &'a Arc<Schema> {
        self.schema
    }

    /// The element that the record describes.
    #[must_use]
    pub fn kind(&self) -> ElementKind {
        self.schema.kind()
    }

    /// The tuple itself, or the list in its place.
    #[must_use]
    pub fn term(&self) -> Term<'a> {
        Term::from_wire(self.wire)
    }

    /// The record's bytes.
    #[must_use]
    pub const fn wire(&self) -> &'a [u8] {
        self.wire
    }

    /// The value of a field; `None` if the name was not announced or the record is too short to
    /// have it.
    ///
    /// The atom `undefined` is a value here; [`Term::is_none`] recognises it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Term<'a>> {
        self.values().nth(self.schema.position(name)?)
    }

    /// The fields in the order of the record. Surplus elements have no name and are left out; of two
    /// fields with one name the later is here.
    pub fn fields(&self) -> impl Iterator<Item = (&'a str, Term<'a>)> + use<'a> {
        let visible = |(column, _): &(&Column, _)| !column.is_shadowed;
        let columns = self.schema.columns().iter().zip(self.values()).filter(visible);
        columns.map(|(column, term)| (&*column.name, term))
    }

    fn values(&self) -> Elements<'a> {
        let (count, rest) = match reader::head::<false>(self.wire) {
            Ok((Head::Tuple(count) | Head::List(count), rest)) => (count, rest),
            _ => (0, self.wire),
        };
        Elements::new(count, rest)
    }

    /// The record from the value of a field on, the field given by its place in the layout of the
    /// element; `None` if the record does not have it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn field(&self, place: usize) -> Option<&'a [u8]> {
        match self.starts.get(place) {
            Start::At(start) => self.wire.get(start..),
            Start::Absent => None,
            Start::Far => self.far_field(place),
        }
    }

    #[cold]
    fn far_field(&self, place: usize) -> Option<&'a [u8]> {
        let position = self.schema.places().iter().position(|at| usize::from(*at) == place)?;
        let mut values = self.values();
        for _ in 0..position {
            values.next()?;
        }
        Some(values.rest())
    }

    /// A copy of the record that shares nothing with the message: one allocation.
    #[must_use]
    pub fn to_owned(&self) -> OwnedRecord {
        OwnedRecord::new(self)
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.schema.element_name())?;
        f.debug_map().entries(self.fields()).finish()
    }
}

/// Two records are equal when they have the same fields with equal values, in any order.
impl PartialEq for Record<'_> {
    fn eq(&self, other: &Self) -> bool {
        if Arc::ptr_eq(self.schema, other.schema) || self.schema == other.schema {
            return self.wire == other.wire || self.fields().eq(other.fields());
        }
        let hashed = self.fields().inspect(|(name, _)| steps::count(name.len()));
        let mut fields: HashMap<&str, Term<'_>> = hashed.collect();
        other.fields().all(|(name, value)| fields.remove(name) == Some(value)) && fields.is_empty()
    }
}
