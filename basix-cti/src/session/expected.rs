//! The elements that a session waits for.

use crate::record::ElementKind;
use crate::store::Store;

/// A set of the elements that the mirror holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) fn insert(&mut self, kind: ElementKind) {
        self.0 |= bit(kind);
    }

    pub(super) fn remove(&mut self, kind: ElementKind) {
        self.0 &= !bit(kind);
    }

    pub(super) fn contains(self, kind: ElementKind) -> bool {
        self.0 & bit(kind) != 0
    }

    pub(super) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = ElementKind> {
        ElementKind::KNOWN.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl FromIterator<ElementKind> for Kinds {
    fn from_iter<T: IntoIterator<Item = ElementKind>>(kinds: T) -> Self {
        let mut set = Self::default();
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

fn bit(kind: ElementKind) -> u16 {
    kind.index().map_or(0, |index| 1 << index)
}

/// The elements whose records have to be current.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expected {
    chosen: Option<Kinds>,
    /// Announced on this connection.
    announced: Kinds,
    /// Listed on this connection or the previous one.
    listed: Kinds,
    /// Lists refused on this connection, and on the previous one.
    refused: [Kinds; 2],
    /// Lists refused twice in a row; the session does not wait for them.
    unavailable: Kinds,
    /// True if a message of this connection was lost, which may have announced any element.
    is_doubtful: bool,
}

impl Expected {
    pub(super) fn new(chosen: Option<&[ElementKind]>) -> Self {
        let chosen = chosen.map(|kinds| kinds.iter().copied().collect());
        Self { chosen, ..Self::default() }
    }

    pub(super) fn announced(&mut self, kind: ElementKind) {
        self.announced.insert(kind);
    }

    pub(super) fn listed(&mut self, kind: ElementKind) {
        self.listed.insert(kind);
        let [now, before] = &mut self.refused;
        for kinds in [now, before, &mut self.unavailable] {
            kinds.remove(kind);
        }
    }

    /// Handles the refused list of an element. Returns whether the element became unavailable.
    pub(super) fn list_refused(&mut self, kind: ElementKind) -> bool {
        let [now, before] = &mut self.refused;
        now.insert(kind);
        let is_new = before.contains(kind) && !self.unavailable.contains(kind);
        if is_new {
            self.unavailable.insert(kind);
        }
        is_new
    }

    /// Marks elements with old records as unavailable if the session does not wait for them, since
    /// the previous connection ended without becoming current. Returns those that were not marked
    /// before.
    pub(super) fn give_up(&mut self, store: &Store) -> Vec<ElementKind> {
        if self.chosen.is_some() {
            return Vec::new();
        }
        let is_old = |kind: &ElementKind| {
            store.table(*kind).is_some_and(|table| !table.is_current() && !table.is_empty())
        };
        let awaited = self.kinds().union(self.unavailable);
        let given_up = ElementKind::KNOWN.into_iter().filter(|kind| !awaited.contains(*kind));
        let given_up: Vec<_> = given_up.filter(is_old).collect();
        given_up.iter().for_each(|kind| self.unavailable.insert(*kind));
        given_up
    }

    /// Handles an unreadable message, which may have announced any element.
    pub(super) const fn doubt(&mut self) {
        self.is_doubtful = true;
    }

    /// Handles the end of a connection. With `gave_up` it never became current, so earlier lists no
    /// longer count.
    pub(super) fn end_connection(&mut self, gave_up: bool) {
        self.announced = Kinds::default();
        self.is_doubtful = false;
        // A connection that did not list the element shows nothing about it.
        let [now, before] = self.refused;
        self.refused = [Kinds::default(), before.union(now)];
        if gave_up {
            self.listed = Kinds::default();
        }
    }

    fn kinds(self) -> Kinds {
        self.chosen.unwrap_or_else(|| {
            if self.is_doubtful {
                return ElementKind::KNOWN.into_iter().collect();
            }
            let mut kinds = self.announced.union(self.listed);
            kinds.insert(ElementKind::Channel);
            kinds
        })
    }

    /// Returns the elements that are not current yet.
    pub(super) fn missing(self, store: &Store) -> impl Iterator<Item = ElementKind> {
        let current = |kind| store.table(kind).is_some_and(crate::store::Table::is_current);
        let is_awaited = move |kind: &ElementKind| !self.unavailable.contains(*kind);
        self.kinds().iter().filter(is_awaited).filter(move |kind| !current(*kind))
    }
}
