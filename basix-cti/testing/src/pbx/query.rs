//! Queries about the model.

use super::super::connection::ConnectionId;
use super::super::delivered::Delivered;
use super::super::record::{
    Entry, ModelChannel, ModelGroup, ModelMember, ModelTerminal, ModelUser, Tables,
};
use super::Pbx;
use basix_cti::ElementKind;
use basix_cti::element::{GroupId, UserId};

impl Pbx {
    /// The current record of a channel.
    #[must_use]
    pub fn channel(&self, uuid: &str) -> Option<&ModelChannel> {
        match &**self.tables.get(ElementKind::Channel, uuid)? {
            Entry::Channel(channel) => Some(channel),
            _ => None,
        }
    }

    /// Every channel, by identity.
    pub fn channels(&self) -> impl Iterator<Item = &ModelChannel> {
        self.tables.of(ElementKind::Channel).filter_map(|(_, entry)| match &**entry {
            Entry::Channel(channel) => Some(channel),
            _ => None,
        })
    }

    /// The current record of a user.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&ModelUser> {
        match &**self.tables.get(ElementKind::User, &id.to_string())? {
            Entry::User(user) => Some(user),
            _ => None,
        }
    }

    /// Every user.
    pub fn users(&self) -> impl Iterator<Item = &ModelUser> {
        self.tables.of(ElementKind::User).filter_map(|(_, entry)| match &**entry {
            Entry::User(user) => Some(user),
            _ => None,
        })
    }

    /// The current record of a group.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&ModelGroup> {
        match &**self.tables.get(ElementKind::Group, &id.to_string())? {
            Entry::Group(group) => Some(group),
            _ => None,
        }
    }

    /// Every group.
    pub fn groups(&self) -> impl Iterator<Item = &ModelGroup> {
        self.tables.of(ElementKind::Group).filter_map(|(_, entry)| match &**entry {
            Entry::Group(group) => Some(group),
            _ => None,
        })
    }

    /// Every membership.
    pub fn members(&self) -> impl Iterator<Item = &ModelMember> {
        self.tables.of(ElementKind::GroupMember).filter_map(|(_, entry)| match &**entry {
            Entry::GroupMember(member) => Some(member),
            _ => None,
        })
    }

    /// Every terminal.
    pub fn terminals(&self) -> impl Iterator<Item = &ModelTerminal> {
        self.tables.of(ElementKind::Terminal).filter_map(|(_, entry)| match &**entry {
            Entry::Terminal(terminal) => Some(terminal),
            _ => None,
        })
    }

    /// Number of records of an element.
    #[must_use]
    pub fn count(&self, element: ElementKind) -> usize {
        self.tables.len(element)
    }

    pub(crate) const fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(crate) fn delivered(&self, connection: ConnectionId) -> Option<&Delivered> {
        self.connections.get(&connection)?.delivered.as_ref()
    }

    pub(crate) fn sees(&self, connection: ConnectionId, entry: &Entry) -> bool {
        self.connections.get(&connection).is_none_or(|it| it.sees(entry))
    }
}
