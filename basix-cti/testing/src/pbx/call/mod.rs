//! Calls: offered, queued, answered, parked, transferred, ended.

mod ending;
mod holding;
mod log;
mod making;
mod meeting;

pub use ending::{Ending, HangupNotice};
pub use holding::WaitingLists;
pub(super) use log::CallLog;
pub use log::{LoggedBridge, LoggedCall, LoggedLeg, LoggedPark, LoggedTransfer};

use super::super::record::{Entry, ModelChannel, ModelOtherInfo, ModelState};
use super::{Pbx, PbxError};
use basix_cti::element::{GroupId, LastEvent, UserId};

/// The callee of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Callee {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
    /// An extension, or a number of the public network.
    Number(String),
}

impl From<UserId> for Callee {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}

impl From<GroupId> for Callee {
    fn from(group: GroupId) -> Self {
        Self::Group(group)
    }
}

impl From<&str> for Callee {
    fn from(number: &str) -> Self {
        Self::Number(number.to_owned())
    }
}

impl Pbx {
    /// Changes a channel in any way and sends it with this event; its identity stays.
    ///
    /// # Errors
    ///
    /// When there is no such channel.
    pub fn update_channel(
        &mut self,
        uuid: &str,
        event: LastEvent<'static>,
        change: impl FnOnce(&mut ModelChannel),
    ) -> Result<(), PbxError> {
        let mut channel = self.living(uuid)?.clone();
        channel.last_event = event;
        channel.last_event_data.clear();
        change(&mut channel);
        uuid.clone_into(&mut channel.uuid);
        self.put(Entry::Channel(channel));
        Ok(())
    }

    /// Sets the state of a channel, from any other state; the event is `STATE_CHANGE`.
    ///
    /// # Errors
    ///
    /// When there is no such channel.
    pub fn set_state(&mut self, uuid: &str, state: ModelState) -> Result<(), PbxError> {
        let now = self.now;
        self.living(uuid)?;
        self.log.left(now, uuid, None);
        match &state {
            ModelState::Voicemail { .. } => self.log.voicemail(now, uuid),
            ModelState::Ivr(_) | ModelState::XmlIvr => self.log.ivr(uuid),
            _ => {}
        }
        self.update_channel(uuid, LastEvent::StateChange, |channel| channel.enter(state, now))
    }

    /// Sets the customer of a channel, as the wire has it.
    ///
    /// # Errors
    ///
    /// When there is no such channel.
    pub fn set_end_user(&mut self, uuid: &str, end_user: &str) -> Result<(), PbxError> {
        self.update_channel(uuid, LastEvent::StateChange, |channel| {
            end_user.clone_into(&mut channel.end_user);
        })
    }

    /// Sets the marks of a channel.
    ///
    /// # Errors
    ///
    /// When there is no such channel.
    pub fn set_tags(&mut self, uuid: &str, tags: &[&str]) -> Result<(), PbxError> {
        self.update_channel(uuid, LastEvent::StateChange, |channel| {
            channel.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        })
    }

    fn living(&self, uuid: &str) -> Result<&ModelChannel, PbxError> {
        self.channel(uuid).ok_or_else(|| PbxError::NoChannel(uuid.to_owned()))
    }

    /// The channel that a channel talks to.
    fn partner(&self, uuid: &str) -> Result<String, PbxError> {
        let channel = self.living(uuid)?;
        let partner = channel.other_uuid.clone().filter(|_| channel.state == ModelState::Bridged);
        partner.ok_or_else(|| PbxError::NoChannel(format!("beside {uuid}")))
    }

    /// The identity of a new channel.
    fn next_uuid(&mut self) -> String {
        let (high, low) = (self.random.number(), self.random.number());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFF,
            low >> 48 & 0x3FFF | 0x8000,
            low & 0xFFFF_FFFF_FFFF,
        )
    }
}

impl ModelChannel {
    pub(super) fn enter(&mut self, state: ModelState, now: basix_cti::Timestamp) {
        self.state = state;
        self.state_since = now;
    }

    /// The summary of this channel that another one carries in `other_info`.
    pub(super) fn summary(&self) -> ModelOtherInfo {
        ModelOtherInfo {
            user_id: self.user_id,
            end_user: if self.user_id.is_some() { String::new() } else { self.end_user.clone() },
            direction: self.direction,
            peer_location: self.peer_location,
            address: match self.direction {
                basix_cti::element::Direction::Inbound => self.calling_number.clone(),
                _ => self.called_number.clone(),
            },
            offer_timestamp: Some(self.offer_timestamp),
            // Only a user is there for a group.
            group_id: self.user_id.and(self.group_id),
        }
    }

    pub(super) const fn is_answered(&self) -> bool {
        self.answer_timestamp.is_some()
    }
}
