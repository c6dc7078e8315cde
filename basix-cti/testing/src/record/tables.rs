//! The records of the PBX, by element and key.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::channel::{ModelChannel, ModelWaiting};
use super::directory::{ModelDomain, ModelGroup, ModelMember, ModelTerminal, ModelUser};
use super::value::Value;
use basix_cti::ElementKind;
use basix_cti::element::UserId;

/// One record, of any element.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "entries are kept behind an `Arc`, most are channels"
)]
pub(crate) enum Entry {
    Channel(ModelChannel),
    ChannelWaiting(ModelWaiting),
    QueuedChannel(ModelWaiting),
    ParkedChannel(ModelWaiting),
    User(ModelUser),
    Group(ModelGroup),
    GroupMember(ModelMember),
    Terminal(ModelTerminal),
    Domain(ModelDomain),
}

impl Entry {
    pub(crate) const fn kind(&self) -> ElementKind {
        match self {
            Self::Channel(_) => ElementKind::Channel,
            Self::ChannelWaiting(_) => ElementKind::ChannelWaiting,
            Self::QueuedChannel(_) => ElementKind::QueuedChannel,
            Self::ParkedChannel(_) => ElementKind::ParkedChannel,
            Self::User(_) => ElementKind::User,
            Self::Group(_) => ElementKind::Group,
            Self::GroupMember(_) => ElementKind::GroupMember,
            Self::Terminal(_) => ElementKind::Terminal,
            Self::Domain(_) => ElementKind::Domain,
        }
    }

    /// The key of the record, derived independently of `basix-cti`.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Channel(channel) => channel.uuid.clone(),
            Self::ChannelWaiting(waiting)
            | Self::QueuedChannel(waiting)
            | Self::ParkedChannel(waiting) => waiting.uuid.clone(),
            Self::User(user) => user.id.to_string(),
            Self::Group(group) => group.id.to_string(),
            Self::GroupMember(member) => member.key(),
            Self::Terminal(terminal) => terminal.id.to_string(),
            Self::Domain(domain) => domain.id.to_string(),
        }
    }

    /// The values, in the order of [`fields`].
    pub(crate) fn values(&self) -> Vec<Value<'_>> {
        match self {
            Self::Channel(channel) => channel.values().into(),
            Self::ChannelWaiting(waiting) => waiting.values().into(),
            Self::QueuedChannel(waiting) | Self::ParkedChannel(waiting) => {
                waiting.deprecated_values().into()
            }
            Self::User(user) => user.values().into(),
            Self::Group(group) => group.values().into(),
            Self::GroupMember(member) => member.values().into(),
            Self::Terminal(terminal) => terminal.values().into(),
            Self::Domain(domain) => domain.values().into(),
        }
    }

    /// The only user whose login sees the record; `None` if every login does.
    pub(crate) const fn only_for(&self) -> Option<Option<UserId>> {
        match self {
            Self::Channel(channel) => Some(channel.user_id),
            _ => None,
        }
    }
}

/// The names of an element's fields, in the usual order.
#[must_use]
pub const fn usual_fields(kind: ElementKind) -> &'static [&'static str] {
    match kind {
        ElementKind::Channel => &ModelChannel::FIELDS,
        ElementKind::ChannelWaiting => &ModelWaiting::FIELDS,
        ElementKind::QueuedChannel | ElementKind::ParkedChannel => &ModelWaiting::DEPRECATED_FIELDS,
        ElementKind::User => &ModelUser::FIELDS,
        ElementKind::Group => &ModelGroup::FIELDS,
        ElementKind::GroupMember => &ModelMember::FIELDS,
        ElementKind::Terminal => &ModelTerminal::FIELDS,
        ElementKind::Domain => &ModelDomain::FIELDS,
        _ => &[],
    }
}

/// Records by element and key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables([BTreeMap<String, Arc<Entry>>; ElementKind::KNOWN.len()]);

impl Tables {
    pub(crate) fn of(&self, kind: ElementKind) -> impl Iterator<Item = (&str, &Arc<Entry>)> {
        let table = place(kind).and_then(|index| self.0.get(index));
        table.into_iter().flatten().map(|(key, entry)| (&**key, entry))
    }

    pub(crate) fn get(&self, kind: ElementKind, key: &str) -> Option<&Arc<Entry>> {
        self.0.get(place(kind)?)?.get(key)
    }

    pub(crate) fn len(&self, kind: ElementKind) -> usize {
        place(kind).and_then(|index| self.0.get(index)).map_or(0, BTreeMap::len)
    }

    /// Sets a record and returns the previous one.
    pub(crate) fn put(&mut self, entry: Arc<Entry>) -> Option<Arc<Entry>> {
        self.0.get_mut(place(entry.kind())?)?.insert(entry.key(), entry)
    }

    pub(crate) fn remove(&mut self, kind: ElementKind, key: &str) -> Option<Arc<Entry>> {
        self.0.get_mut(place(kind)?)?.remove(key)
    }

    /// Replaces all records of an element.
    pub(crate) fn replace(&mut self, kind: ElementKind, entries: Vec<Arc<Entry>>) {
        if let Some(table) = place(kind).and_then(|index| self.0.get_mut(index)) {
            *table = entries.into_iter().map(|entry| (entry.key(), entry)).collect();
        }
    }
}

/// The place of an element in [`ElementKind::KNOWN`].
pub(crate) fn place(kind: ElementKind) -> Option<usize> {
    ElementKind::KNOWN.iter().position(|known| *known == kind)
}
