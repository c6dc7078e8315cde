//! Changes of the mirror.

use std::borrow::Cow;
use std::fmt;

use crate::message::InfoEvent;
use crate::record::{ElementKind, EventName, OwnedRecord};

/// A record that was added, changed or removed.
///
/// The records before and after are shared with the store, not copied, and never change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub(super) kind: ElementKind,
    pub(super) before: Option<OwnedRecord>,
    pub(super) after: Option<OwnedRecord>,
    pub(super) last: Option<OwnedRecord>,
    pub(super) generation: u64,
    origin: Origin,
    name: Name,
}

/// The origin of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The PBX sent an event.
    Event,
    /// A list showed it; events may have been missed before.
    List,
    /// The connection is gone, and its channels with it.
    Disconnect,
}

/// The PBX's name of an event. The three usual names are not allocated.
#[derive(Clone, Debug, PartialEq)]
enum Name {
    Missing,
    Added,
    Updated,
    Removed,
    Other(Box<str>),
}

impl Name {
    fn of(event: &InfoEvent<'_>) -> Self {
        match event.event_name() {
            None => Self::Missing,
            Some(EventName::Added) => Self::Added,
            Some(EventName::Updated) => Self::Updated,
            Some(EventName::Removed) => Self::Removed,
            Some(EventName::Unknown(name)) => Self::Other(name.to_str().into()),
        }
    }
}

/// A change of a record of the mirror.
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
    /// A difference that a list shows. [`Changes`] sets its generation.
    pub(super) const fn new(
        kind: ElementKind,
        before: Option<OwnedRecord>,
        after: Option<OwnedRecord>,
    ) -> Self {
        let (origin, name) = (Origin::List, Name::Missing);
        Self { kind, before, after, last: None, generation: 0, origin, name }
    }

    /// The same change, made by an event.
    pub(super) fn by_event(self, event: &InfoEvent<'_>) -> Self {
        Self { origin: Origin::Event, name: Name::of(event), ..self }
    }

    /// The same change with another origin.
    pub(super) fn with_origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The origin of the change.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns true if no event of the PBX announced the change: a list showed it, or the
    /// connection is gone.
    #[must_use]
    pub const fn is_found(&self) -> bool {
        !matches!(self.origin, Origin::Event)
    }

    /// The PBX's own name of the event, such as `updated`; `None` without an event or a name.
    #[must_use]
    pub fn event_name(&self) -> Option<&str> {
        match &self.name {
            Name::Missing => None,
            Name::Added => Some("added"),
            Name::Updated => Some("updated"),
            Name::Removed => Some("removed"),
            Name::Other(name) => Some(name),
        }
    }

    /// The memory of the event's name.
    pub(crate) fn name_bytes(&self) -> usize {
        if let Name::Other(name) = &self.name { name.len() } else { 0 }
    }

    /// The element.
    #[must_use]
    pub const fn element(&self) -> ElementKind {
        self.kind
    }

    /// The kind of change.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (_, None) => ChangeKind::Removed,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), Some(_)) => ChangeKind::Updated,
        }
    }

    /// The key of the record.
    #[must_use]
    pub fn key(&self) -> Cow<'_, str> {
        let record = self.after.as_ref().or(self.before.as_ref());
        record.and_then(|record| record.as_record().key()).unwrap_or_default()
    }

    /// The record before the change.
    #[must_use]
    pub const fn before(&self) -> Option<&OwnedRecord> {
        self.before.as_ref()
    }

    /// The record after the change.
    #[must_use]
    pub const fn after(&self) -> Option<&OwnedRecord> {
        self.after.as_ref()
    }

    /// The record in the event that removed it. Of a channel, it has the time and cause of the
    /// hangup.
    #[must_use]
    pub const fn last(&self) -> Option<&OwnedRecord> {
        self.last.as_ref()
    }

    /// The generation of the store that has this change, see [`Store::generation`](super::Store::generation).
    /// The changes of one message have the same.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }
}

/// `added channel 8ec56efc-…`: the kind of change, the element, the key.
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
pub struct Changes {
    inner: Inner,
    generation: u64,
}

#[derive(Clone, Debug, Default)]
enum Inner {
    #[default]
    None,
    One(Change),
    Many(std::vec::IntoIter<Change>),
}

impl Changes {
    pub(super) const fn none() -> Self {
        Self { inner: Inner::None, generation: 0 }
    }

    pub(super) const fn one(change: Change) -> Self {
        Self { inner: Inner::One(change), generation: 0 }
    }

    pub(super) fn many(changes: Vec<Change>) -> Self {
        Self { inner: Inner::Many(changes.into_iter()), generation: 0 }
    }

    pub(super) const fn set_generation(&mut self, generation: u64) {
        self.generation = generation;
    }
}

impl Iterator for Changes {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        let mut change = match &mut self.inner {
            Inner::None => None,
            Inner::Many(changes) => changes.next(),
            Inner::One(_) => match std::mem::take(&mut self.inner) {
                Inner::One(change) => Some(change),
                _ => None,
            },
        }?;
        change.generation = self.generation;
        Some(change)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.inner {
            Inner::None => 0,
            Inner::One(_) => 1,
            Inner::Many(changes) => changes.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Changes {}
