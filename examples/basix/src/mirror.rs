//! What a program that follows a PBX has told of so far.

use std::collections::{BTreeMap, HashMap};

use basix_cti::{
    Change, ChangeKind, Channel, ElementKind, Group, GroupId, OwnedRecord, Store, TypedElement,
    User, UserId,
};

/// A record that was added, changed or removed: as the PBX told it, or as it was found to be after
/// events were missed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step {
    /// The element.
    pub element: ElementKind,
    /// The key of the record (B40).
    pub key: String,
    /// The record before.
    pub before: Option<OwnedRecord>,
    /// The record now.
    pub after: Option<OwnedRecord>,
    /// The last word on a record that was removed.
    pub last: Option<OwnedRecord>,
    /// The generation of the store that has it.
    pub generation: u64,
    /// Whether it was found, not told.
    pub is_found: bool,
}

impl Step {
    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        match (&self.before, &self.after) {
            (_, None) => ChangeKind::Removed,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), Some(_)) => ChangeKind::Updated,
        }
    }
}

impl From<&Change> for Step {
    fn from(change: &Change) -> Self {
        Self {
            element: change.element(),
            key: change.key().into_owned(),
            before: change.before().cloned(),
            after: change.after().cloned(),
            last: change.last().cloned(),
            generation: change.generation(),
            is_found: false,
        }
    }
}

/// The records as whoever reads the output knows them. Unlike the store of a client, it is never
/// ahead of the events.
#[derive(Clone, Debug, Default)]
pub struct Mirror {
    tables: HashMap<ElementKind, BTreeMap<String, OwnedRecord>>,
}

impl Mirror {
    /// Takes in what is told.
    pub fn apply(&mut self, step: &Step) {
        let table = self.tables.entry(step.element).or_default();
        match &step.after {
            Some(record) => table.insert(step.key.clone(), record.clone()),
            None => table.remove(&step.key),
        };
    }

    /// What has to be told for this mirror to be as a store is: users and groups first, so that
    /// calls can be told with their names.
    #[must_use]
    pub fn difference(&self, store: &Store) -> Vec<Step> {
        let mut steps = Vec::new();
        for element in ElementKind::KNOWN.into_iter().rev() {
            let step =
                |key: &str, before: Option<&OwnedRecord>, after: Option<&OwnedRecord>| Step {
                    element,
                    key: key.to_owned(),
                    before: before.cloned(),
                    after: after.cloned(),
                    last: None,
                    generation: store.generation(),
                    is_found: true,
                };
            let (told, table) = (self.tables.get(&element), store.table(element));
            for (key, before) in told.into_iter().flatten() {
                if table.is_none_or(|table| table.get(key).is_none()) {
                    steps.push(step(key, Some(before), None));
                }
            }
            let Some(table) = table else { continue };
            for after in table.records() {
                let Some(key) = after.as_record().key() else { continue };
                let before = told.and_then(|told| told.get(&*key));
                if before != Some(after) {
                    steps.push(step(&key, before, Some(after)));
                }
            }
        }
        steps
    }

    /// The records of an element, by key.
    pub fn records(
        &self,
        element: ElementKind,
    ) -> impl ExactSizeIterator<Item = (&str, &OwnedRecord)> {
        const NONE: &BTreeMap<String, OwnedRecord> = &BTreeMap::new();
        self.tables.get(&element).unwrap_or(NONE).iter().map(|(key, record)| (&**key, record))
    }

    /// The present channels.
    pub fn channels(&self) -> impl Iterator<Item = Channel<'_>> {
        self.records(ElementKind::Channel).filter_map(|(_, record)| record.typed())
    }

    /// The channel with this identity.
    #[must_use]
    pub fn channel(&self, uuid: &str) -> Option<Channel<'_>> {
        self.get(ElementKind::Channel, uuid)
    }

    /// What a user is called.
    #[must_use]
    pub fn user_name(&self, id: UserId) -> String {
        let user = self.get::<User<'_>>(ElementKind::User, &id.to_string());
        let names = user.map(|user| [user.label().to_string(), user.name().to_string()]);
        first_name(names).unwrap_or_else(|| format!("user {id}"))
    }

    /// What a group is called.
    #[must_use]
    pub fn group_name(&self, id: GroupId) -> String {
        let group = self.get::<Group<'_>>(ElementKind::Group, &id.to_string());
        let names = group.map(|group| [group.label().to_string(), group.name().to_string()]);
        first_name(names).unwrap_or_else(|| format!("group {id}"))
    }

    fn get<'a, T: TypedElement<'a>>(&'a self, element: ElementKind, key: &str) -> Option<T> {
        self.tables.get(&element)?.get(key)?.typed()
    }
}

fn first_name(names: Option<[String; 2]>) -> Option<String> {
    names.into_iter().flatten().find(|name| !name.is_empty())
}
