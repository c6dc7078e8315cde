//! Waiting channels: in queues, on parking slots, in transfer.

use super::super::super::record::{Entry, ModelState, ModelWaiting};
use super::super::{Pbx, PbxError};
use super::{Callee, Ending};
use basix_cti::ElementKind;
use basix_cti::element::{GroupId, LastEvent, UserId};

/// The elements in which the PBX lists waiting and parked channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitingLists {
    /// In `channel_waiting`, as the PBX of today does; a parked channel has the state `park`.
    #[default]
    Current,
    /// In `queued_channel` and `parked_channel`, which are deprecated.
    Deprecated,
    /// In all three.
    Both,
}

/// The parking slots of the PBX.
const SLOTS: std::ops::Range<i64> = 901..1000;

impl Pbx {
    /// Sets the elements that list channels which wait or are parked from now on.
    pub const fn set_waiting_lists(&mut self, lists: WaitingLists) {
        self.waiting_lists = lists;
    }

    /// Puts a channel into the queue of a group: it calls the group, and is listed in the elements
    /// of [`set_waiting_lists`](Self::set_waiting_lists).
    ///
    /// # Errors
    ///
    /// When there is no such channel or group.
    pub fn queue(&mut self, uuid: &str, group: GroupId) -> Result<(), PbxError> {
        self.living(uuid)?;
        let (state, _) = self.calling(&Callee::Group(group), "")?;
        let now = self.now;
        self.log.left(now, uuid, None);
        self.update_channel(uuid, LastEvent::StateChange, |channel| {
            channel.enter(state, now);
            channel.group_id = Some(group);
        })?;
        self.list_waiting(uuid, Entry::QueuedChannel)
    }

    /// Parks a channel on a free slot and returns the slot: the channel's state becomes `park`, it
    /// is listed in the elements of [`set_waiting_lists`](Self::set_waiting_lists), and the channel
    /// it talked to ends.
    ///
    /// # Errors
    ///
    /// When there is no such channel, or no free slot.
    pub fn park(&mut self, uuid: &str, parker: Option<UserId>) -> Result<i64, PbxError> {
        self.living(uuid)?;
        let taken = |slot: i64| {
            self.channels()
                .any(|it| matches!(it.state, ModelState::Park { slot: taken, .. } if taken == slot))
        };
        let slot = SLOTS.into_iter().find(|slot| !taken(*slot)).ok_or(PbxError::NoSlot)?;
        let parker_name = parker.and_then(|id| self.user(id)).map(|user| user.name.clone());
        let state = ModelState::Park {
            slot,
            parker_id: parker,
            parker_name: parker_name.unwrap_or_default(),
        };
        self.log.parked(self.now, uuid, slot, parker);
        self.let_go(uuid)?;
        let now = self.now;
        self.update_channel(uuid, LastEvent::StateChange, |channel| {
            channel.answer_timestamp.get_or_insert(now);
            channel.enter(state, now);
        })?;
        self.list_waiting(uuid, Entry::ParkedChannel)?;
        Ok(slot)
    }

    fn list_waiting(
        &mut self,
        uuid: &str,
        deprecated: fn(ModelWaiting) -> Entry,
    ) -> Result<(), PbxError> {
        let waiting = ModelWaiting::from(self.living(uuid)?);
        if self.waiting_lists != WaitingLists::Deprecated {
            self.put(Entry::ChannelWaiting(waiting.clone()));
        }
        if self.waiting_lists != WaitingLists::Current {
            self.put(deprecated(waiting));
        }
        Ok(())
    }

    /// Retrieves a parked channel by a user, whose own leg is created and connected to it.
    ///
    /// # Errors
    ///
    /// When there is no such channel or user.
    pub fn retrieve(&mut self, uuid: &str, user: UserId) -> Result<String, PbxError> {
        let leg = self.ring(uuid, user)?;
        self.bridge(uuid, &leg)?;
        Ok(leg)
    }

    /// Transfers a channel blindly: the channel it talked to ends, and it calls the new party; a
    /// user's telephone rings at once.
    ///
    /// # Errors
    ///
    /// When there is no such channel, user or group.
    pub fn transfer(&mut self, uuid: &str, to: impl Into<Callee>) -> Result<(), PbxError> {
        let to = match to.into() {
            Callee::Number(number) => self.extension(&number).unwrap_or(Callee::Number(number)),
            to => to,
        };
        self.living(uuid)?;
        let (state, _) = self.calling(&to, "")?;
        self.log.transferred(self.now, uuid, &to);
        self.let_go(uuid)?;
        let now = self.now;
        self.update_channel(uuid, LastEvent::StateChange, |channel| {
            channel.enter(state, now);
            if let Callee::Group(group) = to {
                channel.group_id = Some(group);
            }
        })?;
        match to {
            Callee::User(user) => {
                self.ring(uuid, user)?;
            }
            Callee::Group(group) => self.queue(uuid, group)?,
            Callee::Number(number) => {
                self.ring_out(uuid, &number)?;
            }
        }
        Ok(())
    }

    /// Completes an attended transfer: connects two channels that talk to legs of one user, and ends
    /// these legs.
    ///
    /// # Errors
    ///
    /// If one of them does not exist or is not connected.
    pub fn transfer_attended(&mut self, one: &str, other: &str) -> Result<(), PbxError> {
        let legs = [self.partner(one)?, self.partner(other)?];
        self.log.transferred_attended(self.now, one, other);
        self.bridge(one, other)?;
        legs.iter().for_each(|leg| self.end(leg, Ending::PBX_HANGS_UP));
        Ok(())
    }

    /// Ends the conversation or ringing of a channel, but not the channel.
    fn let_go(&mut self, uuid: &str) -> Result<(), PbxError> {
        self.stop_waiting(uuid);
        for leg in self.ringing_for(uuid) {
            self.end(&leg, Ending::PASSED_ON);
        }
        let partner = self.partner(uuid).ok();
        if self.living(uuid)?.other_uuid.is_some() {
            self.update_channel(uuid, LastEvent::ChannelPark, |channel| {
                channel.other_uuid = None;
                channel.other_info = None;
            })?;
        }
        if let Some(partner) = partner {
            self.end(&partner, Ending::PBX_HANGS_UP);
        }
        Ok(())
    }

    /// Takes a channel off every list of waiting channels.
    pub(in crate::pbx) fn stop_waiting(&mut self, uuid: &str) {
        for element in
            [ElementKind::ChannelWaiting, ElementKind::QueuedChannel, ElementKind::ParkedChannel]
        {
            self.remove(element, uuid);
        }
    }
}
