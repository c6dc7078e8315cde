//! Call legs of the model.

use std::borrow::Cow;

use super::state::ModelState;
use super::value::Value;
use basix_cti::Timestamp;
use basix_cti::element::{Direction, GroupId, LastEvent, PeerLocation, TargetType, UserId};

/// A channel of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelChannel {
    /// Identity.
    pub uuid: String,
    /// Direction: offered to the PBX or by it.
    pub direction: Direction<'static>,
    /// Location of the peer.
    pub peer_location: PeerLocation<'static>,
    /// The caller's display name.
    pub calling_name: String,
    /// The caller's number; `media_plug` for the helper leg of a supervisor.
    pub calling_number: String,
    /// The destination.
    pub called_number: String,
    /// Time of the offer.
    pub offer_timestamp: Timestamp,
    /// Time of the answer.
    pub answer_timestamp: Option<Timestamp>,
    /// Time of the hangup.
    pub hangup_timestamp: Option<Timestamp>,
    /// The bridged partner, or the leg that this one was created for.
    pub other_uuid: Option<String>,
    /// The user on this channel.
    pub user_id: Option<UserId>,
    /// The state.
    pub state: ModelState,
    /// Start of the state.
    pub state_since: Timestamp,
    /// The group that owns the channel.
    pub group_id: Option<GroupId>,
    /// For inbound channels: the user or group that was called.
    pub target: Option<ModelTarget>,
    /// The API call that made the channel: the parts, before they are encoded.
    pub origination: Vec<String>,
    /// The customer, as the wire has it.
    pub end_user: String,
    /// Marks.
    pub tags: Vec<String>,
    /// The last user who talked to this end user.
    pub last_bridged_user_id: Option<UserId>,
    /// The event behind the last notice.
    pub last_event: LastEvent<'static>,
    /// Data of that event.
    pub last_event_data: String,
    /// A summary of the related channel.
    pub other_info: Option<ModelOtherInfo>,
    /// The SIP Call-ID header.
    pub call_id: String,
}

/// The target of an inbound channel of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelTarget {
    /// A user or a group.
    pub target_type: TargetType<'static>,
    /// Identity of the user or group.
    pub id: i64,
    /// Name of the user or group.
    pub name: String,
    /// The number by which it was reached.
    pub address: String,
}

/// The summary of the related channel that a channel of the model carries.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelOtherInfo {
    /// The user at the other side; `None` for a party outside.
    pub user_id: Option<UserId>,
    /// The party if it is outside, as on the wire.
    pub end_user: String,
    /// The other channel's direction.
    pub direction: Direction<'static>,
    /// Location of the other channel's peer.
    pub peer_location: PeerLocation<'static>,
    /// A number of the public network, or the name of a terminal.
    pub address: String,
    /// Time when the other channel was offered.
    pub offer_timestamp: Option<Timestamp>,
    /// The group for which the user is called.
    pub group_id: Option<GroupId>,
}

impl ModelChannel {
    pub(crate) const FIELDS: [&'static str; 22] = [
        "uuid",
        "direction",
        "peer_location",
        "calling_name",
        "calling_number",
        "called_number",
        "offer_timestamp",
        "answer_timestamp",
        "hangup_timestamp",
        "other_uuid",
        "user_id",
        "state",
        "group_id",
        "target",
        "origination",
        "end_user",
        "tags",
        "last_bridged_user_id",
        "last_event",
        "last_event_data",
        "other_info",
        "call_id",
    ];

    pub(crate) fn values(&self) -> [Value<'_>; 22] {
        [
            Value::text(&self.uuid),
            Value::word(self.direction.to_str()),
            Value::word(self.peer_location.to_str()),
            Value::text(&self.calling_name),
            Value::text(&self.calling_number),
            Value::text(&self.called_number),
            Value::Integer(self.offer_timestamp.as_micros()),
            time(self.answer_timestamp),
            time(self.hangup_timestamp),
            Value::or_none(self.other_uuid.as_deref(), Value::text),
            Value::or_none(self.user_id, |user| Value::Integer(user.0)),
            self.state.value(self.state_since),
            Value::or_none(self.group_id, |group| Value::Integer(group.0)),
            Value::or_none(self.target.as_ref(), ModelTarget::value),
            origination(&self.origination),
            Value::text(&self.end_user),
            Value::Text(Cow::Owned(self.tags.join(";"))),
            Value::or_none(self.last_bridged_user_id, |user| Value::Integer(user.0)),
            Value::word(self.last_event.to_str()),
            Value::text(&self.last_event_data),
            Value::or_none(self.other_info.as_ref(), ModelOtherInfo::value),
            Value::text(&self.call_id),
        ]
    }
}

impl ModelTarget {
    fn value(&self) -> Value<'_> {
        Value::Tuple(vec![
            Value::word(self.target_type.to_str()),
            Value::Integer(self.id),
            Value::text(&self.name),
            Value::text(&self.address),
        ])
    }
}

impl ModelOtherInfo {
    fn value(&self) -> Value<'_> {
        let (party, who) = match self.user_id {
            Some(user) => ("user", Value::Integer(user.0)),
            None => ("end_user", Value::text(&self.end_user)),
        };
        Value::Tuple(vec![
            Value::word(party),
            who,
            Value::word(self.direction.to_str()),
            Value::word(self.peer_location.to_str()),
            Value::text(&self.address),
            time(self.offer_timestamp),
            Value::or_none(self.group_id, |group| Value::Integer(group.0)),
        ])
    }
}

pub(super) fn time(time: Option<Timestamp>) -> Value<'static> {
    Value::or_none(time, |time| Value::Integer(time.as_micros()))
}

/// The parts, percent-encoded where they have to be, joined by stars.
fn origination(parts: &[String]) -> Value<'_> {
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push('*');
        }
        for byte in part.bytes() {
            if byte.is_ascii_alphanumeric() || b"+-_.".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    Value::Text(Cow::Owned(text))
}

/// A channel of the model that waits in a queue or on a parking slot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelWaiting {
    /// Identity of the channel.
    pub uuid: String,
    /// The state.
    pub state: ModelState,
    /// Start of the state.
    pub state_since: Timestamp,
    /// Direction: offered to the PBX or by it.
    pub direction: Direction<'static>,
    /// Location of the peer.
    pub peer_location: PeerLocation<'static>,
    /// The caller's number.
    pub calling_number: String,
    /// The destination.
    pub called_number: String,
    /// Time of the offer.
    pub offer_timestamp: Timestamp,
    /// The user on the channel.
    pub user_id: Option<UserId>,
    /// Number of the waiting or parked peer; written in the deprecated elements only.
    pub peer_number: String,
    /// The customer, as the wire has it.
    pub end_user: String,
}

impl ModelWaiting {
    // Those of B132, without `whoscall`, which most PBXs do not have.
    pub(crate) const FIELDS: [&'static str; 9] = [
        "uuid",
        "state",
        "direction",
        "peer_location",
        "calling_number",
        "called_number",
        "offer_timestamp",
        "user_id",
        "end_user",
    ];

    /// The fields of `queued_channel` and `parked_channel`.
    pub(crate) const DEPRECATED_FIELDS: [&'static str; 4] =
        ["uuid", "state", "peer_number", "end_user"];

    pub(crate) fn values(&self) -> [Value<'_>; 9] {
        [
            Value::text(&self.uuid),
            self.state.value(self.state_since),
            Value::word(self.direction.to_str()),
            Value::word(self.peer_location.to_str()),
            Value::text(&self.calling_number),
            Value::text(&self.called_number),
            Value::Integer(self.offer_timestamp.as_micros()),
            Value::or_none(self.user_id, |user| Value::Integer(user.0)),
            Value::text(&self.end_user),
        ]
    }

    pub(crate) fn deprecated_values(&self) -> [Value<'_>; 4] {
        [
            Value::text(&self.uuid),
            self.state.value(self.state_since),
            Value::text(&self.peer_number),
            Value::text(&self.end_user),
        ]
    }
}

impl From<&ModelChannel> for ModelWaiting {
    fn from(channel: &ModelChannel) -> Self {
        Self {
            uuid: channel.uuid.clone(),
            state: channel.state.clone(),
            state_since: channel.state_since,
            direction: channel.direction,
            peer_location: channel.peer_location,
            calling_number: channel.calling_number.clone(),
            called_number: channel.called_number.clone(),
            offer_timestamp: channel.offer_timestamp,
            user_id: channel.user_id,
            peer_number: channel.calling_number.clone(),
            end_user: channel.end_user.clone(),
        }
    }
}
