//! Channels: call legs as the PBX holds them.

mod end_user;
mod hangup;
mod origination;
mod other_info;
mod state;
mod target;

pub use end_user::{EndUser, EndUsers};
pub use hangup::{Hangup, HangupCause, HangupMethod, HangupSide};
pub use origination::{Origination, Tags};
pub use other_info::{OtherInfo, Party};
pub use state::{CallTarget, Calling, State, StateKind, TargetLocation};
pub use target::{GroupType, Target, TargetType};

use std::time::Duration;

use super::id::{ChannelUuid, GroupId, UserId};
use super::timestamp::Timestamp;
use super::typed::typed_element;
use crate::bert::Text;
use crate::open_enum::open_enum;

typed_element! {
    /// A call leg (section 5.1 of the protocol).
    ///
    /// A text that was not sent is empty. Everything as it was sent, also values of an unexpected
    /// type, is in [`record`](Self::record).
    pub struct Channel of [Channel] {
        /// Identity. For calls that the PBX makes it equals the SIP Call-ID.
        uuid: ChannelUuid<'a> = "uuid",
        /// Whether the call was offered to the PBX or by it.
        direction: Option<Direction<'a>> = "direction",
        /// Where the peer is.
        peer_location: Option<PeerLocation<'a>> = "peer_location",
        /// The caller's display name.
        calling_name: Text<'a> = "calling_name",
        /// The caller's number; `media_plug` for the helper leg of a supervisor (B96).
        calling_number: Text<'a> = "calling_number",
        /// The destination.
        called_number: Text<'a> = "called_number",
        /// When the call was offered.
        offer_timestamp: Option<Timestamp> = "offer_timestamp",
        /// When it was answered.
        answer_timestamp: Option<Timestamp> = "answer_timestamp",
        /// When it ended.
        hangup_timestamp: Option<Timestamp> = "hangup_timestamp",
        /// The bridged partner, or the leg that this one was created for.
        other_uuid: Option<ChannelUuid<'a>> = "other_uuid",
        /// The user on this channel.
        user_id: Option<UserId> = "user_id",
        /// What the channel is doing.
        state: Option<State<'a>> = "state",
        /// The group that owns the channel.
        group_id: Option<GroupId> = "group_id",
        /// For inbound channels: the user or group that was called.
        target: Option<Target<'a>> = "target",
        /// How an API call made the channel.
        origination: Origination<'a> = "origination",
        /// The customer, from the CRM.
        end_user: Option<EndUsers<'a>> = "end_user",
        /// Marks.
        tags: Tags<'a> = "tags",
        /// The last user who talked to this end user.
        last_bridged_user_id: Option<UserId> = "last_bridged_user_id",
        /// The event behind this notice.
        last_event: Option<LastEvent<'a>> = "last_event",
        /// Data of that event; [`hangup`](Self::hangup) reads that of a hangup.
        last_event_data: Text<'a> = "last_event_data",
        /// What is known of the related channel.
        other_info: Option<OtherInfo<'a>> = "other_info",
        /// The SIP Call-ID header.
        call_id: Text<'a> = "call_id",
    }
}

impl<'a> Channel<'a> {
    /// How the channel ended, if it has.
    #[must_use]
    pub fn hangup(&self) -> Option<Hangup<'a>> {
        let ended = self.last_event == Some(LastEvent::ChannelHangup);
        ended.then(|| Hangup::from_text(self.last_event_data))
    }

    /// How long the channel has been in its present state at `now`.
    #[must_use]
    pub fn in_state_for(&self, now: Timestamp) -> Option<Duration> {
        Some(self.state?.since?.elapsed_at(now))
    }
}

typed_element! {
    /// A channel that waits in a queue or on a parking slot (section 5.2 of the protocol).
    ///
    /// One type for `channel_waiting`, `queued_channel` and `parked_channel`.
    pub struct WaitingChannel of [ChannelWaiting, QueuedChannel, ParkedChannel] {
        /// Identity of the channel.
        uuid: ChannelUuid<'a> = "uuid",
        /// What the channel is doing.
        state: Option<State<'a>> = "state",
        /// Number of the waiting or parked peer.
        peer_number: Text<'a> = "peer_number",
        /// The customer, from the CRM.
        end_user: Option<EndUsers<'a>> = "end_user",
    }
    and {
        /// The user or group that was called, where the PBX tells.
        target: Option<Target<'a>> = "target",
        /// How an API call made the channel, where the PBX tells.
        origination: Origination<'a> = "origination",
        /// Marks, where the PBX tells.
        tags: Tags<'a> = "tags",
        /// When the call was offered, where the PBX tells.
        offer_timestamp: Option<Timestamp> = "offer_timestamp",
    }
}

impl WaitingChannel<'_> {
    /// How long the channel has been in its present state at `now`.
    #[must_use]
    pub fn in_state_for(&self, now: Timestamp) -> Option<Duration> {
        Some(self.state?.since?.elapsed_at(now))
    }
}

open_enum! {
    /// Which way a call goes, as the PBX sees it.
    pub enum Direction {
        /// Offered to the PBX.
        Inbound = "inbound",
        /// Offered by the PBX.
        Outbound = "outbound",
    }
}

open_enum! {
    /// Where the other end of a channel is, as the PBX sees it.
    pub enum PeerLocation {
        /// Inside the PBX.
        Internal = "internal",
        /// On the public network.
        External = "external",
    }
}

open_enum! {
    /// The event behind a notice about a channel (B68).
    pub enum LastEvent {
        /// An incoming channel was created.
        NewChannel = "NEW_CHANNEL",
        /// An outgoing channel was created.
        ChannelOriginate = "CHANNEL_ORIGINATE",
        /// It was answered.
        ChannelAnswer = "CHANNEL_ANSWER",
        /// It was connected to another channel.
        ChannelBridge = "CHANNEL_BRIDGE",
        /// The PBX holds the media. Not a parking slot.
        ChannelPark = "CHANNEL_PARK",
        /// The state changed; older systems.
        ChannelApplication = "CHANNEL_APPLICATION",
        /// The state changed.
        StateChange = "STATE_CHANGE",
        /// It ended.
        ChannelHangup = "CHANNEL_HANGUP",
    }
}
