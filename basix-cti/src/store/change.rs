//! What a message has changed in the mirror.

use std::borrow::Cow;
use std::fmt;

use crate::record::{ElementKind, OwnedRecord};

/// A record that was added, changed or removed.
///
/// The record before and after is shared, not copied, and stays as it was however the store goes
/// on.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub(super) kind: ElementKind<'static>,
    pub(super) before: Option<OwnedRecord>,
    pub(super) after: Option<OwnedRecord>,
    pub(super) last: Option<OwnedRecord>,
}

/// What happened to a record of the mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "nothing else can happen to a record")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It has changed.
    Updated,
    /// It is gone.
    Removed,
}

impl Change {
    /// The element.
    #[must_use]
    pub const fn element(&self) -> ElementKind<'static> {
        self.kind
    }

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (_, None) => ChangeKind::Removed,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), Some(_)) => ChangeKind::Updated,
        }
    }

    /// The key of the record (B40).
    #[must_use]
    pub fn key(&self) -> Cow<'_, str> {
        let record = self.after.as_ref().or(self.before.as_ref());
        record.and_then(|record| record.as_record().key()).unwrap_or_default()
    }

    /// The record as it was before.
    #[must_use]
    pub const fn before(&self) -> Option<&OwnedRecord> {
        self.before.as_ref()
    }

    /// The record as it is now.
    #[must_use]
    pub const fn after(&self) -> Option<&OwnedRecord> {
        self.after.as_ref()
    }

    /// For a record that an event has removed: the record as that event has it. For a channel it
    /// tells how and when the call ended (B83).
    #[must_use]
    pub const fn last(&self) -> Option<&OwnedRecord> {
        self.last.as_ref()
    }
}

/// `added channel 8ec56efc-…`: what happened, the element, the key.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let happened = match self.kind() {
            ChangeKind::Added => "added",
            ChangeKind::Updated => "updated",
            ChangeKind::Removed => "removed",
        };
        write!(f, "{happened} {} {}", self.kind, self.key())
    }
}

/// The changes that one message has made, each once.
#[derive(Clone, Debug, Default)]
pub struct Changes(Inner);

#[derive(Clone, Debug, Default)]
enum Inner {
    #[default]
    None,
    One(Change),
    Many(std::vec::IntoIter<Change>),
}

impl Changes {
    pub(super) const fn none() -> Self {
        Self(Inner::None)
    }

    pub(super) const fn one(change: Change) -> Self {
        Self(Inner::One(change))
    }

    pub(super) fn many(changes: Vec<Change>) -> Self {
        Self(Inner::Many(changes.into_iter()))
    }
}

impl Iterator for Changes {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        match &mut self.0 {
            Inner::None => None,
            Inner::Many(changes) => changes.next(),
            Inner::One(_) => match std::mem::take(&mut self.0) {
                Inner::One(change) => Some(change),
                _ => None,
            },
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Inner::None => 0,
            Inner::One(_) => 1,
            Inner::Many(changes) => changes.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Changes {}
