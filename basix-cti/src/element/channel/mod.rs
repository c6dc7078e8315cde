//! Channels: call legs as the PBX holds them.

mod end_user;
mod hangup;
mod number;
mod origination;
mod other_info;
mod state;
mod target;

pub use end_user::{EndUser, EndUsers};
pub use hangup::{Hangup, HangupCause, HangupMethod, HangupSide};
pub(crate) use number::{ringing_reference, shown, whoscall};
pub use origination::{Origination, Tags};
pub use other_info::{OtherInfo, Party};
pub(crate) use state::members;
pub use state::{CallTarget, Calling, State, StateKind, TargetLocation};
pub use target::{GroupType, Target, TargetType};

use std::time::Duration;

use super::id::{ChannelUuid, GroupId, UserId};
use super::scalar::Scalar;
use super::timestamp::Timestamp;
use super::view::view;
use crate::bert::Text;
use crate::open_enum::open_enum;

view! {
    /// A call leg.
    ///
    /// A missing text is empty. All fields as sent, also values of an unexpected type, are in
    /// [`record`](Self::record).
    ///
    /// A view is small and `Copy`; an accessor reads its value from the message when called, so keep
    /// what you read more than once in a variable.
    pub struct Channel of [Channel] in CHANNEL {
        /// Identity. For calls that the PBX makes it equals the SIP Call-ID.
        uuid: ChannelUuid<'a> = "uuid",
        /// Direction: offered to the PBX or by it.
        direction: Option<Direction<'a>> = "direction",
        /// Location of the peer.
        peer_location: Option<PeerLocation<'a>> = "peer_location",
        /// The caller's display name.
        calling_name: Text<'a> = "calling_name",
        /// The caller's number; `media_plug` for the helper leg of a supervisor.
        calling_number: Text<'a> = "calling_number",
        /// The destination.
        called_number: Text<'a> = "called_number",
        /// Time when the call was offered.
        offer_timestamp: Option<Timestamp> = "offer_timestamp",
        /// Time when it was answered.
        answer_timestamp: Option<Timestamp> = "answer_timestamp",
        /// Time when it ended.
        hangup_timestamp: Option<Timestamp> = "hangup_timestamp",
        /// The bridged partner, or the leg that this one was created for.
        other_uuid: Option<ChannelUuid<'a>> = "other_uuid",
        /// The user on this channel.
        user_id: Option<UserId> = "user_id",
        /// The state.
        state: Option<State<'a>> = "state",
        /// The group that owns the channel.
        group_id: Option<GroupId> = "group_id",
        /// For inbound channels: the user or group that was called.
        target: Option<Target<'a>> = "target",
        /// The API call that made the channel.
        origination: Origination<'a> = "origination",
        /// The customer, from the CRM.
        end_user: Option<EndUsers<'a>> = "end_user",
        /// Tags.
        tags: Tags<'a> = "tags",
        /// The last user who talked to this end user.
        last_bridged_user_id: Option<UserId> = "last_bridged_user_id",
        /// The event behind this notice.
        last_event: Option<LastEvent<'a>> = "last_event",
        /// Data of that event; [`hangup`](Self::hangup) reads that of a hangup.
        last_event_data: Text<'a> = "last_event_data",
        /// A summary of the related channel.
        other_info: Option<OtherInfo<'a>> = "other_info",
        /// The SIP Call-ID header.
        call_id: Text<'a> = "call_id",
    }
}

impl<'a> Channel<'a> {
    /// The end of the channel, if it has ended.
    #[must_use]
    pub fn hangup(&self) -> Option<Hangup<'a>> {
        let is_hangup = self.last_event() == Some(LastEvent::ChannelHangup);
        is_hangup.then(|| Hangup::from_text(self.last_event_data()))
    }

    /// Returns true if the channel has ended: its last event is a hangup, or it has a time of hangup.
    ///
    /// ```
    /// # use basix_cti::{Channel, Parser, Message, bert::Encoder};
    /// # let spec = Encoder::new().tuple(3).atom("field_spec").string("channel")
    /// #     .list(2).atom("uuid").atom("hangup_timestamp").finish()?;
    /// # let event = Encoder::new().tuple(4).atom("info_event").string("channel")
    /// #     .tuple(2).binary("c-1").integer(1_776_900_330_702_929_i64).atom("updated").finish()?;
    /// # let mut parser = Parser::new();
    /// # parser.parse(&spec)?;
    /// # let Message::InfoEvent(event) = parser.parse(&event)? else { panic!("an event") };
    /// # let channel = event.record().typed::<Channel>().ok_or("no channel")?;
    /// assert!(channel.has_ended());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn has_ended(&self) -> bool {
        has_ended(self.last_event(), self.hangup_timestamp())
    }

    /// The time for which the channel has been in its present state at `now`.
    #[must_use]
    pub fn in_state_for(&self, now: Timestamp) -> Option<Duration> {
        Some(self.state()?.since?.elapsed_at(now))
    }
}

// A PBX may list or update a channel that has already ended (B150).
fn has_ended(last_event: Option<LastEvent<'_>>, hangup: Option<Timestamp>) -> bool {
    last_event == Some(LastEvent::ChannelHangup)
        || hangup.is_some_and(|hangup| hangup.as_micros() > 0)
}

view! {
    /// A channel that waits in a queue or on a parking slot, as one of the three elements
    /// `channel_waiting`, `queued_channel` and `parked_channel` lists it.
    ///
    /// [`Store::waiting`](crate::Store::waiting) has each waiting caller once, whichever lists it.
    pub struct WaitingChannel of [ChannelWaiting, QueuedChannel, ParkedChannel] in WAITING {
        /// Identity of the channel.
        uuid: ChannelUuid<'a> = "uuid",
        /// The state.
        state: Option<State<'a>> = "state",
        /// Number of the waiting or parked peer; older systems.
        peer_number: Text<'a> = "peer_number",
        /// The customer, from the CRM.
        end_user: Option<EndUsers<'a>> = "end_user",
        /// Direction: offered to the PBX or by it.
        direction: Option<Direction<'a>> = "direction",
        /// Location of the peer.
        peer_location: Option<PeerLocation<'a>> = "peer_location",
        /// The caller's number.
        calling_number: Text<'a> = "calling_number",
        /// The destination.
        called_number: Text<'a> = "called_number",
        /// Time when the call was offered.
        offer_timestamp: Option<Timestamp> = "offer_timestamp",
        /// The user on the channel.
        user_id: Option<UserId> = "user_id",
        /// The group that owns the channel.
        group_id: Option<GroupId> = "group_id",
        /// Percent-encoded JSON for certain users; its content is not documented.
        whoscall: Scalar<'a> = "whoscall",
        /// The user or group that was called.
        target: Option<Target<'a>> = "target",
        /// The API call that made the channel.
        origination: Origination<'a> = "origination",
        /// Tags.
        tags: Tags<'a> = "tags",
        /// The event behind this notice.
        last_event: Option<LastEvent<'a>> = "last_event",
        /// Time when the channel ended.
        hangup_timestamp: Option<Timestamp> = "hangup_timestamp",
    }
}

impl WaitingChannel<'_> {
    /// Returns true if the channel has ended: its last event is a hangup, or it has a time of hangup.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        has_ended(self.last_event(), self.hangup_timestamp())
    }

    /// The time for which the channel has been in its present state at `now`.
    #[must_use]
    pub fn in_state_for(&self, now: Timestamp) -> Option<Duration> {
        Some(self.state()?.since?.elapsed_at(now))
    }
}

open_enum! {
    /// The direction of a call, as the PBX sees it.
    pub enum Direction {
        /// Offered to the PBX.
        Inbound = "inbound",
        /// Offered by the PBX.
        Outbound = "outbound",
    }
}

open_enum! {
    /// The location of the other end of a channel, as the PBX sees it.
    pub enum PeerLocation {
        /// Inside the PBX.
        Internal = "internal",
        /// On the public network.
        External = "external",
    }
}

open_enum! {
    /// The event behind a notice about a channel.
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
