//! Records: tuples seen by the names that the PBX announced for their elements.

mod key;
mod kind;
pub(crate) mod schema;

use std::fmt;
use std::sync::Arc;

pub use kind::{ElementKind, EventName};
pub use schema::Schema;

use crate::bert::reader::{self, Head};
use crate::bert::{Elements, Fail, Term, tag};

/// One record, seen by field name: the raw values behind a typed element.
///
/// Everything the PBX sent is here, also fields and values that the typed elements do not know
/// (B27).
#[derive(Clone, Copy)]
pub struct Record<'a> {
    schema: &'a Arc<Schema>,
    wire: &'a [u8],
}

impl<'a> Record<'a> {
    /// `wire` is one checked tuple or list.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn new(schema: &'a Arc<Schema>, wire: &'a [u8]) -> Self {
        Self { schema, wire }
    }

    /// The order of the fields.
    #[must_use]
    pub const fn schema(self) -> &'a Arc<Schema> {
        self.schema
    }

    /// The tuple itself, or the list in its place (B38).
    #[must_use]
    pub fn term(self) -> Term<'a> {
        Term::from_wire(self.wire)
    }

    /// The record's bytes.
    #[must_use]
    pub const fn wire(self) -> &'a [u8] {
        self.wire
    }

    /// The value of a field; `None` if the name was not announced or the record is too short to
    /// have it.
    ///
    /// The atom `undefined` is a value here; [`Term::is_none`] tells it.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Term<'a>> {
        self.value_at(self.schema.position(name)?)
    }

    pub(crate) fn value_at(self, position: usize) -> Option<Term<'a>> {
        self.values().nth(position)
    }

    /// The fields in the order of the record. Surplus elements have no name and are left out (B38);
    /// of two fields with one name the later is here (B31).
    pub fn fields(self) -> impl Iterator<Item = (&'a str, Term<'a>)> {
        self.columns().map(|(column, term)| (&*column.name, term))
    }

    pub(crate) fn columns(self) -> impl Iterator<Item = (&'a schema::Column, Term<'a>)> {
        self.schema.columns().iter().zip(self.values()).filter(|(column, _)| !column.shadowed)
    }

    fn values(self) -> Elements<'a> {
        let (count, rest) = match reader::head::<true>(self.wire) {
            Ok((Head::Tuple(count) | Head::List(count), rest)) => (count, rest),
            _ => (0, self.wire),
        };
        Elements::new(count, rest)
    }

    /// The same record on its own, with one copy of its bytes.
    #[must_use]
    pub fn to_owned(self) -> OwnedRecord {
        OwnedRecord { schema: Arc::clone(self.schema), wire: self.wire.into() }
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.schema.element_name())?;
        f.debug_map().entries(self.fields()).finish()
    }
}

impl Record<'_> {
    fn same_schema(self, other: Self) -> bool {
        Arc::ptr_eq(self.schema, other.schema) || self.schema == other.schema
    }

    #[cold]
    fn eq_by_name(self, other: Self) -> bool {
        self.fields().count() == other.fields().count()
            && self.fields().all(|(name, value)| other.get(name) == Some(value))
    }
}

/// Two records are equal when their fields are, by name.
impl PartialEq for Record<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.same_schema(*other) {
            self.wire == other.wire || self.fields().eq(other.fields())
        } else {
            self.eq_by_name(*other)
        }
    }
}

/// A record on its own: its bytes in one buffer, shared by reference count.
///
/// The typed view is decoded when asked for, with [`element`](Self::element).
#[derive(Clone)]
pub struct OwnedRecord {
    schema: Arc<Schema>,
    wire: Arc<[u8]>,
}

impl OwnedRecord {
    /// Whether a record is equal to this one, see [`PartialEq`].
    pub(crate) fn is_same(&self, other: Record<'_>) -> bool {
        let record = self.as_record();
        if record.same_schema(other) { record.wire == other.wire } else { record.eq_by_name(other) }
    }

    /// The record, borrowed.
    #[must_use]
    pub fn as_record(&self) -> Record<'_> {
        Record { schema: &self.schema, wire: &self.wire }
    }
}

/// Two records are equal when their bytes are, or, if their fields come in different orders, when
/// their fields are, by name.
impl PartialEq for OwnedRecord {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other.as_record())
    }
}

impl fmt::Debug for OwnedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_record().fmt(f)
    }
}

/// What can stand where a record is expected.
pub(crate) enum Opened<'a> {
    /// So many values; whether NIL follows them.
    Record(u32, bool, &'a [u8]),
    /// A term that is no record.
    Other,
}

/// Reads the head of a record: a tuple, or a list in its place (B38). `{bert,nil}` is none (B110).
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn open(start: &[u8]) -> Result<Opened<'_>, Fail> {
    match start {
        [tag::SMALL_TUPLE, 2, ..] => open_pair(start),
        [tag::SMALL_TUPLE, arity, rest @ ..] => Ok(Opened::Record((*arity).into(), false, rest)),
        _ => open_rare(start),
    }
}

#[cold]
fn open_pair(start: &[u8]) -> Result<Opened<'_>, Fail> {
    let values = start.get(2..).unwrap_or_default();
    match reader::bert_constant(2, values) {
        Some(_) => Ok(Opened::Other),
        None => Ok(Opened::Record(2, false, values)),
    }
}

#[cold]
fn open_rare(start: &[u8]) -> Result<Opened<'_>, Fail> {
    Ok(match reader::head::<true>(start)? {
        (Head::Tuple(arity), rest) => Opened::Record(arity, false, rest),
        (Head::List(len), rest) => Opened::Record(len, true, rest),
        (Head::Nil, rest) => Opened::Record(0, false, rest),
        _ => Opened::Other,
    })
}
