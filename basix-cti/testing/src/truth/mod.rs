//! Comparison of a mirror with the PBX.

mod channel;
mod directory;

use crate::record::place;
use std::fmt;
use std::sync::Arc;

use super::connection::ConnectionId;
use super::pbx::Pbx;
use super::record::Entry;
use super::record::value::Value;
use super::wire::{extra_value, is_extra};
use basix_cti::bert::{Term, Text};
use basix_cti::record::OwnedRecord;
use basix_cti::store::Table;
use basix_cti::{Element, ElementKind, Record, Store};

/// A difference between a mirror and the PBX. Shows call data: only for tests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct Difference {
    /// The element.
    pub element: String,
    /// The key of the record.
    pub key: String,
    /// The field; `None` if the whole record is missing or surplus.
    pub field: Option<String>,
    /// The value of the PBX.
    pub expected: String,
    /// The value of the mirror.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.element, self.key)?;
        if let Some(field) = &self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": the PBX has {}, the mirror {}", self.expected, self.found)
    }
}

impl Pbx {
    /// Compares all records of a mirror with those of the PBX, as seen by a client without
    /// restrictions.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn compare(&self, store: &Store) -> Result<(), Difference> {
        ElementKind::KNOWN.into_iter().try_for_each(|kind| self.compare_element(kind, store))
    }

    /// Compares the records of one element with those of the PBX.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn compare_element(&self, element: ElementKind, store: &Store) -> Result<(), Difference> {
        let entries = self.tables().of(element).map(|(_, entry)| entry);
        table(element, entries, store)
    }

    /// Compares a mirror with what a connection may see: a login of a user sees only the channels
    /// of that user. Records whose last event was lost, and elements that the mirror does not have
    /// as current, are left out. A closed connection counts as one without restrictions.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn compare_for(&self, connection: ConnectionId, store: &Store) -> Result<(), Difference> {
        ElementKind::KNOWN.into_iter().try_for_each(|kind| {
            if store.table(kind).is_some_and(|table| !table.is_current()) {
                return Ok(());
            }
            let delivered = self.delivered(connection);
            let entries = self.tables().of(kind).map(|(_, entry)| entry);
            let is_lost =
                |entry: &Arc<Entry>| delivered.is_some_and(|it| it.is_lost(kind, &entry.key()));
            let seen = entries.filter(|entry| self.sees(connection, entry) && !is_lost(entry));
            table(kind, seen, store)
        })
    }

    /// Compares a mirror with the messages polled from a connection so far, even while others wait
    /// to be sent. Leaves out elements whose list was not sent yet, and closed connections.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn compare_delivered(
        &self,
        connection: ConnectionId,
        store: &Store,
    ) -> Result<(), Difference> {
        let Some(delivered) = self.delivered(connection) else { return Ok(()) };
        let current = ElementKind::KNOWN.into_iter().zip(delivered.current);
        current.filter(|(_, current)| *current).try_for_each(|(kind, _)| {
            table(kind, delivered.tables.of(kind).map(|(_, entry)| entry), store)
        })
    }

    /// As [`compare_delivered`](Self::compare_delivered), for one record: quick enough for a call after every
    /// message.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn compare_delivered_record(
        &self,
        connection: ConnectionId,
        element: ElementKind,
        key: &str,
        store: &Store,
    ) -> Result<(), Difference> {
        let Some(delivered) = self.delivered(connection) else { return Ok(()) };
        let current = place(element).and_then(|index| delivered.current.get(index));
        if current != Some(&true) {
            return Ok(());
        }
        let found = store.table(element).and_then(|table| table.get(key));
        let name = element.as_str();
        let check = Check { element: name, key };
        match (delivered.tables.get(element, key), found) {
            (Some(entry), found) => check.row(entry, found),
            (None, Some(_)) => Err(check.whole("no record", "one")),
            (None, None) => Ok(()),
        }
    }
}

/// Compares one table: the same keys, and under each the same fields.
fn table<'t>(
    kind: ElementKind,
    entries: impl Iterator<Item = &'t Arc<Entry>>,
    store: &Store,
) -> Result<(), Difference> {
    let element = kind.as_str();
    let mut wanted = std::collections::BTreeSet::new();
    let have = store.table(kind);
    for entry in entries {
        let key = entry.key();
        let check = Check { element, key: &key };
        check.row(entry, have.and_then(|have| have.get(&key)))?;
        wanted.insert(key);
    }
    match have.into_iter().flat_map(Table::keys).find(|key| !wanted.contains(&**key)) {
        Some(key) => Err(Check { element, key: &key }.whole("no record", "one")),
        None => Ok(()),
    }
}

/// One record that is being compared.
#[derive(Clone, Copy)]
struct Check<'c> {
    element: &'c str,
    key: &'c str,
}

impl Check<'_> {
    fn whole(self, expected: &str, found: &str) -> Difference {
        Difference {
            element: self.element.to_owned(),
            key: self.key.to_owned(),
            field: None,
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }

    /// Compares two values.
    fn same<T: PartialEq + fmt::Debug>(
        self,
        field: &str,
        expected: T,
        found: T,
    ) -> Result<(), Difference> {
        if expected == found {
            return Ok(());
        }
        Err(Difference {
            field: Some(field.to_owned()),
            ..self.whole(&format!("{expected:?}"), &format!("{found:?}"))
        })
    }

    fn text(self, field: &str, expected: &str, found: Text<'_>) -> Result<(), Difference> {
        self.same(field, expected, &found.to_str())
    }

    fn row(self, entry: &Entry, found: Option<&OwnedRecord>) -> Result<(), Difference> {
        let found = found.ok_or_else(|| self.whole("the record", "none"))?;
        self.record(entry, &found.element())?;
        self.extras(found.as_record())
    }

    fn record(self, entry: &Entry, found: &Element<'_>) -> Result<(), Difference> {
        match (entry, found) {
            (Entry::Channel(expected), Element::Channel(found)) => self.channel(expected, found),
            (Entry::ChannelWaiting(expected), Element::Waiting(found)) => {
                self.waiting(expected, found)
            }
            (
                Entry::QueuedChannel(expected) | Entry::ParkedChannel(expected),
                Element::Waiting(found),
            ) => self.deprecated_waiting(expected, found),
            (Entry::User(expected), Element::User(found)) => self.user(expected, found),
            (Entry::Group(expected), Element::Group(found)) => self.group(expected, found),
            (Entry::GroupMember(expected), Element::GroupMember(found)) => {
                self.member(expected, found)
            }
            (Entry::Terminal(expected), Element::Terminal(found)) => self.terminal(expected, found),
            (Entry::Domain(expected), Element::Domain(found)) => self.domain(expected, found),
            (_, found) => Err(self.whole("the element", &format!("{found:?}"))),
        }
    }

    /// Checks the unknown fields.
    fn extras(self, record: Record<'_>) -> Result<(), Difference> {
        for name in record.schema().names() {
            let Some(number) = is_extra(name) else { continue };
            let expected = extra_value(number, self.key);
            let found = record.get(name);
            if !found.is_some_and(|found| is(found, &expected)) {
                self.same(name, format!("{expected:?}"), format!("{found:?}"))?;
            }
        }
        Ok(())
    }
}

/// Returns whether a term and a value are equal, in any wire form.
fn is(term: Term<'_>, value: &Value<'_>) -> bool {
    let parts = |parts: &[Value<'_>], mut terms: Vec<Term<'_>>| {
        terms.truncate(parts.len() + 1);
        terms.len() == parts.len() && terms.iter().zip(parts).all(|(term, part)| is(*term, part))
    };
    match value {
        Value::None => term.is_none(),
        Value::Integer(integer) => term.as_i64() == Some(*integer),
        Value::Float(float) => term.as_f64() == Some(*float),
        Value::Bool(truth) => term.as_bool() == Some(*truth),
        Value::Word(text) | Value::Text(text) => {
            term.as_charlist().is_some_and(|found| found == **text)
        }
        Value::Tuple(values) => {
            term.as_tuple().is_some_and(|tuple| parts(values, tuple.iter().collect()))
        }
        Value::List(values) => {
            term.as_list().is_some_and(|list| parts(values, list.iter().collect()))
        }
    }
}
