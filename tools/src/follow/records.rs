//! The records that the output has shown so far: every change applied, in order.

use std::collections::BTreeMap;

use basix_cti::element::{GroupId, TypedElement, UserId};
use basix_cti::record::OwnedRecord;
use basix_cti::{Change, Channel, ElementKind, Group, Store, User};

/// Records by element and key. Unlike the store of a client, never ahead of the events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records {
    tables: BTreeMap<&'static str, BTreeMap<String, OwnedRecord>>,
    generation: u64,
}

impl Records {
    /// Applies a change. Returns whether it is new: a view may already have had it.
    pub(crate) fn apply(&mut self, change: &Change) -> bool {
        if change.generation() <= self.generation {
            return false;
        }
        let table = self.tables.entry(change.element().as_str()).or_default();
        match change.after() {
            Some(record) => table.insert(change.key().into_owned(), record.clone()),
            None => table.remove(&*change.key()),
        };
        true
    }

    /// Restarts from a view of the store, after changes were missed.
    pub(crate) fn replace(&mut self, view: &Store) {
        self.generation = view.generation();
        self.tables.clear();
        for table in view.tables() {
            let row = |record: &OwnedRecord| {
                Some((record.as_record().key()?.into_owned(), record.clone()))
            };
            self.tables.insert(table.kind().as_str(), table.records().filter_map(row).collect());
        }
    }

    /// The records of an element, by key.
    pub(crate) fn of(
        &self,
        element: ElementKind,
    ) -> impl ExactSizeIterator<Item = (&str, &OwnedRecord)> {
        const NONE: &BTreeMap<String, OwnedRecord> = &BTreeMap::new();
        let table = self.tables.get(element.as_str()).unwrap_or(NONE);
        table.iter().map(|(key, record)| (&**key, record))
    }

    /// The present channels.
    pub(crate) fn channels(&self) -> impl Iterator<Item = Channel<'_>> {
        self.of(ElementKind::Channel).filter_map(|(_, record)| record.typed())
    }

    /// The channel with this identity.
    #[must_use]
    pub(crate) fn channel(&self, uuid: &str) -> Option<Channel<'_>> {
        self.get(ElementKind::Channel, uuid)
    }

    /// The name of a user.
    #[must_use]
    pub(crate) fn user_name(&self, id: UserId) -> String {
        let user = self.get::<User<'_>>(ElementKind::User, &id.to_string());
        let names = user.map(|user| [user.label().to_string(), user.name().to_string()]);
        first_name(names).unwrap_or_else(|| format!("user {id}"))
    }

    /// The name of a group.
    #[must_use]
    pub(crate) fn group_name(&self, id: GroupId) -> String {
        let group = self.get::<Group<'_>>(ElementKind::Group, &id.to_string());
        let names = group.map(|group| [group.label().to_string(), group.name().to_string()]);
        first_name(names).unwrap_or_else(|| format!("group {id}"))
    }

    fn get<'a, T: TypedElement<'a>>(&'a self, element: ElementKind, key: &str) -> Option<T> {
        self.tables.get(element.as_str())?.get(key)?.typed()
    }
}

fn first_name(names: Option<[String; 2]>) -> Option<String> {
    names.into_iter().flatten().find(|name| !name.is_empty())
}
