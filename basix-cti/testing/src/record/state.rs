//! States of the model's channels.

use super::value::Value;
use basix_cti::Timestamp;
use basix_cti::element::{GroupId, GroupType, TargetLocation, TargetType, UserId};

/// The state of a channel of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelState {
    /// Ringing at a user.
    CallingUser(UserId),
    /// Ringing at, or waiting for, a group.
    CallingGroup {
        /// Ring or hunt group.
        group_type: GroupType<'static>,
        /// Identity of the group.
        group_id: GroupId,
        /// The group's queue; only for ring groups.
        queue_id: Option<i64>,
    },
    /// Ringing at a number of the public network.
    CallingPstn(String),
    /// Ringing at an endpoint that is bridged to the PBX.
    CallingEndpoint {
        /// The user there.
        user: String,
        /// The host.
        host: String,
    },
    /// Talking to the channel in `other_uuid`.
    Bridged,
    /// Leaving a message.
    Voicemail {
        /// The owner of the mailbox: a user or a group.
        target_type: TargetType<'static>,
        /// Identity of the user or group.
        target_id: i64,
        /// Name of the user or group.
        target_name: String,
    },
    /// Listening to messages of this user or group.
    CheckingVoicemail(String),
    /// Being handed to a SIP address.
    CallingSipTermination(String),
    /// In this IVR.
    Ivr(i64),
    /// In an IVR that a web server controls.
    XmlIvr,
    /// In this function of the PBX.
    SystemOperation(String),
    /// In this conference room.
    Conference(i64),
    /// On a parking slot.
    Park {
        /// The slot.
        slot: i64,
        /// The user who parked the call.
        parker_id: Option<UserId>,
        /// That user's name.
        parker_name: String,
    },
    /// Listening to another channel.
    Eavesdrop {
        /// The channel listened to.
        uuid: String,
        /// The mode.
        eavesdrop_state: String,
    },
    /// A state that the protocol does not describe.
    Other(String),
}

impl ModelState {
    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::CallingUser(_)
            | Self::CallingGroup { .. }
            | Self::CallingPstn(_)
            | Self::CallingEndpoint { .. } => "calling",
            Self::Bridged => "bridged",
            Self::Voicemail { .. } => "voicemail",
            Self::CheckingVoicemail(_) => "checking_voicemail",
            Self::CallingSipTermination(_) => "calling_siptermination",
            Self::Ivr(_) => "ivr",
            Self::XmlIvr => "xml_ivr",
            Self::SystemOperation(_) => "system_operation",
            Self::Conference(_) => "conference",
            Self::Park { .. } => "park",
            Self::Eavesdrop { .. } => "eavesdrop",
            Self::Other(name) => name,
        }
    }

    /// The tuple on the wire.
    pub(crate) fn value(&self, since: Timestamp) -> Value<'_> {
        let mut parts = vec![Value::Integer(since.as_micros()), Value::word(self.name())];
        match self {
            Self::CallingUser(user) => {
                let data = vec![Value::Integer(user.0)];
                parts.extend(calling(TargetLocation::Internal, "user", data));
            }
            Self::CallingGroup { group_type, group_id, queue_id } => {
                let data = vec![
                    Value::word(group_type.to_str()),
                    Value::Integer(group_id.0),
                    Value::Integer(0),
                    Value::None,
                    Value::or_none(*queue_id, Value::Integer),
                ];
                parts.extend(calling(TargetLocation::Internal, "group", data));
            }
            Self::CallingPstn(number) => {
                parts.extend(calling(TargetLocation::External, "pstn", vec![Value::text(number)]));
            }
            Self::CallingEndpoint { user, host } => {
                let data = vec![Value::text(user), Value::text(host)];
                parts.extend(calling(TargetLocation::External, "bridged_endpoint", data));
            }
            Self::Bridged | Self::XmlIvr | Self::Other(_) => {}
            Self::Voicemail { target_type, target_id, target_name } => parts.extend([
                Value::word(target_type.to_str()),
                Value::Integer(*target_id),
                Value::text(target_name),
            ]),
            Self::CheckingVoicemail(text)
            | Self::CallingSipTermination(text)
            | Self::SystemOperation(text) => parts.push(Value::text(text)),
            Self::Ivr(id) | Self::Conference(id) => parts.push(Value::Integer(*id)),
            Self::Park { slot, parker_id, parker_name } => parts.extend([
                Value::Integer(*slot),
                Value::None,
                Value::or_none(*parker_id, |user| Value::Integer(user.0)),
                Value::text(parker_name),
            ]),
            Self::Eavesdrop { uuid, eavesdrop_state } => {
                parts.extend([Value::text(uuid), Value::text(eavesdrop_state)]);
            }
        }
        Value::Tuple(parts)
    }
}

fn calling<'a>(
    location: TargetLocation<'a>,
    target_type: &'a str,
    data: Vec<Value<'a>>,
) -> [Value<'a>; 3] {
    [Value::word(location.to_str()), Value::word(target_type), Value::Tuple(data)]
}
