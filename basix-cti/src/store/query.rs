//! Questions that a wallboard asks.

use std::collections::BTreeSet;

use super::{Store, rows};
use crate::element::{
    CallTarget, Calling, Channel, Domain, Group, GroupId, GroupMember, StateKind, User, UserId,
    WaitingChannel,
};
use crate::record::ElementKind;

/// Channels of the mirror, in the order in which they came.
#[derive(Clone, Debug)]
pub struct Channels<'a> {
    store: &'a Store,
    rows: rows::Iter<'a>,
}

impl<'a> Iterator for Channels<'a> {
    type Item = Channel<'a>;

    fn next(&mut self) -> Option<Channel<'a>> {
        self.rows.find_map(|(_, row)| row.typed())
    }
}

impl<'a> Channels<'a> {
    /// Those that a user is on.
    pub fn of_user(self, user: UserId) -> impl Iterator<Item = Channel<'a>> {
        self.filter(move |channel| channel.user_id == Some(user))
    }

    /// Those that wait for a member of a group: the group is being called for them, or they are
    /// listed as waiting and belong to the group.
    pub fn in_queue_of(self, group: GroupId) -> impl Iterator<Item = Channel<'a>> {
        let store = self.store;
        self.filter(move |channel| match channel.state.map(|state| state.kind) {
            Some(StateKind::Calling(Calling {
                target: CallTarget::Group { group_id, .. },
                ..
            })) => group_id == Some(group),
            // In a conversation, or anywhere else that is not the queue.
            Some(StateKind::Bridged | StateKind::Voicemail { .. } | StateKind::Park { .. }) => {
                false
            }
            _ => channel.group_id == Some(group) && store.is_waiting(&channel.uuid.to_str()),
        })
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
    /// The channels, in the order in which they came.
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
        let named = channel.other_uuid.and_then(|other| self.channel(&other.to_str()));
        let naming =
            || self.channels().find(|other| other.other_uuid.is_some_and(|named| named == *uuid));
        Some(Legs { channel, other: named.or_else(naming) })
    }

    /// The channels that wait in queues, or in ring queues of older systems.
    pub fn waiting_channels(&self) -> impl Iterator<Item = WaitingChannel<'_>> {
        [ElementKind::ChannelWaiting, ElementKind::QueuedChannel]
            .into_iter()
            .flat_map(|kind| self.table_of(kind).typed())
    }

    /// The channels on parking slots.
    pub fn parked_channels(&self) -> impl Iterator<Item = WaitingChannel<'_>> {
        self.table_of(ElementKind::ParkedChannel).typed()
    }

    fn is_waiting(&self, uuid: &str) -> bool {
        [ElementKind::ChannelWaiting, ElementKind::QueuedChannel]
            .into_iter()
            .any(|kind| self.table_of(kind).get(uuid).is_some())
    }

    /// The users.
    pub fn users(&self) -> impl Iterator<Item = User<'_>> {
        self.table_of(ElementKind::User).typed()
    }

    /// The user with this identity.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<User<'_>> {
        self.table_of(ElementKind::User).get(&id.to_string())?.typed()
    }

    /// The groups.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.table_of(ElementKind::Group).typed()
    }

    /// The group with this identity.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<Group<'_>> {
        self.table_of(ElementKind::Group).get(&id.to_string())?.typed()
    }

    /// The memberships of a group.
    pub fn members_of(&self, group: GroupId) -> impl Iterator<Item = GroupMember<'_>> {
        self.table_of(ElementKind::GroupMember)
            .typed::<GroupMember<'_>>()
            .filter(move |member| member.group_id == Some(group))
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> Option<Domain<'_>> {
        self.table_of(ElementKind::Domain).typed().next()
    }

    /// The users who are on no channel and may be disturbed.
    pub fn free_users(&self) -> impl Iterator<Item = User<'_>> {
        let busy: BTreeSet<UserId> =
            self.channels().filter_map(|channel| channel.user_id).collect();
        self.users().filter(move |user| {
            user.do_not_disturb_status.unwrap_or(0) == 0
                && user.id.is_some_and(|id| !busy.contains(&id))
        })
    }

    /// The free users of a group whom it would call: where the group asks its members to log in,
    /// those who have.
    pub fn free_members_of(&self, group: GroupId) -> impl Iterator<Item = User<'_>> {
        let asks = self.group(group).and_then(|group| group.check_login_status).unwrap_or(0) != 0;
        let ready: BTreeSet<UserId> = self
            .members_of(group)
            .filter(|member| !asks || member.login_status.unwrap_or(0) != 0)
            .filter_map(|member| member.user_id)
            .collect();
        self.free_users().filter(move |user| user.id.is_some_and(|id| ready.contains(&id)))
    }
}
