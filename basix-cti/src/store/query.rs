//! Queries about channels, users and groups.

use super::{Store, rows};
use crate::element::{
    CallTarget, Calling, Channel, Direction, Domain, Group, GroupId, GroupMember, StateKind, User,
    UserId,
};
use crate::record::{ElementKind, OwnedRecord};

/// Channels of the mirror, in order of arrival.
#[derive(Clone, Debug)]
pub struct Channels<'a> {
    store: &'a Store,
    rows: rows::Iter<'a>,
}

impl<'a> Iterator for Channels<'a> {
    type Item = Channel<'a>;

    fn next(&mut self) -> Option<Channel<'a>> {
        self.rows.find_map(OwnedRecord::typed)
    }
}

impl<'a> Channels<'a> {
    /// Channels with a certain user on them.
    pub fn of_user(self, user: UserId) -> impl Iterator<Item = Channel<'a>> {
        self.filter(move |channel| channel.user_id() == Some(user))
    }

    /// Inbound channels that wait for a member of a group: the group is being called for them, or
    /// they are listed as waiting and belong to the group.
    ///
    /// [`Store::waiting`] also has callers without a listed channel.
    pub fn in_queue_of(self, group: GroupId) -> impl Iterator<Item = Channel<'a>> {
        let store = self.store;
        let is_in_queue = move |channel: &Channel<'a>| match channel.state().map(|state| state.kind)
        {
            Some(StateKind::Calling(Calling {
                target: CallTarget::Group { group_id, .. },
                ..
            })) => group_id == Some(group),
            // In a conversation, or anywhere else that is not the queue.
            Some(StateKind::Bridged | StateKind::Voicemail { .. } | StateKind::Park { .. }) => {
                false
            }
            _ => {
                channel.group_id() == Some(group)
                    && store.is_listed_as_waiting(&channel.uuid().to_str())
            }
        };
        self.filter(is_in_queue).filter(|channel| channel.direction() != Some(Direction::Outbound))
    }
}

/// The two legs of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Legs<'a> {
    /// The leg that was asked for.
    pub channel: Channel<'a>,
    /// The leg at its other side, if there is one.
    pub other: Option<Channel<'a>>,
}

impl Store {
    /// The channels, in order of arrival.
    #[must_use]
    pub fn channels(&self) -> Channels<'_> {
        Channels { store: self, rows: self.table_of(ElementKind::Channel).rows.iter() }
    }

    /// The channel with this identity.
    #[must_use]
    pub fn channel(&self, uuid: &str) -> Option<Channel<'_>> {
        self.table_of(ElementKind::Channel).get(uuid)?.typed()
    }

    /// Both legs of the call that a channel belongs to: the channel, and the one it names as its
    /// other side or, if it names none, the one that names it.
    #[must_use]
    pub fn legs(&self, uuid: &str) -> Option<Legs<'_>> {
        let channel = self.channel(uuid)?;
        let named = channel.other_uuid().and_then(|other| self.channel(&other.to_str()));
        let naming =
            || self.channels().find(|other| other.other_uuid().is_some_and(|named| named == *uuid));
        Some(Legs { channel, other: named.or_else(naming) })
    }

    fn is_listed_as_waiting(&self, uuid: &str) -> bool {
        [ElementKind::ChannelWaiting, ElementKind::QueuedChannel]
            .into_iter()
            .any(|kind| self.table_of(kind).get(uuid).is_some())
    }

    /// The users.
    pub fn users(&self) -> impl Iterator<Item = User<'_>> + Clone {
        self.table_of(ElementKind::User).typed()
    }

    /// The user with this identity.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<User<'_>> {
        self.table_of(ElementKind::User).get(&id.to_string())?.typed()
    }

    /// The groups.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> + Clone {
        self.table_of(ElementKind::Group).typed()
    }

    /// The group with this identity.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<Group<'_>> {
        self.table_of(ElementKind::Group).get(&id.to_string())?.typed()
    }

    /// The memberships of a group.
    pub fn members_of(&self, group: GroupId) -> impl Iterator<Item = GroupMember<'_>> + Clone {
        let members = self.table_of(ElementKind::GroupMember).typed::<GroupMember<'_>>();
        members.filter(move |member| member.group_id() == group)
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> Option<Domain<'_>> {
        self.table_of(ElementKind::Domain).typed().next()
    }
}
