//! States of channels.

use std::borrow::Cow;

use super::target::{GroupType, TargetType};
use crate::bert::Text;
use crate::element::field::{Field, Parts, Word};
use crate::element::id::{ChannelUuid, GroupId, UserId};
use crate::element::scalar::Scalar;
use crate::element::timestamp::Timestamp;
use crate::open_enum::open_enum;

/// The state of a channel, and since when.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct State<'a> {
    /// Time when the channel came into this state.
    pub since: Option<Timestamp>,
    /// The state itself.
    pub kind: StateKind<'a>,
}

/// Defines the states that have a name and data of their own: the variant, the wire name, and for
/// each datum its field, its type and its position in the state's tuple under its wire name.
///
/// Gives the enum, its reading, and [`members`] for printing.
macro_rules! states {
    (
        $($(#[$doc:meta])* $variant:ident = $name:literal $({
            $($(#[$part_doc:meta])* $part:ident: $type:ty = $at:literal,)+
        })?,)+
    ) => {
        /// The state of a channel.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum StateKind<'a> {
            /// `calling`: ringing somewhere.
            Calling(Calling<'a>),
            $($(#[$doc])* $variant $({ $($(#[$part_doc])* $part: $type,)+ })?,)+
            /// A state that this version does not know. Its data stays in the record.
            Unknown {
                /// The wire's name for it; empty if it had none.
                name: Text<'a>,
            },
        }

        impl<'a> StateKind<'a> {
            /// `parts` are those after the name.
            fn read(name: Word<'a>, word: &[u8], parts: Parts<'a>) -> Self {
                match word {
                    b"calling" => Self::Calling(Calling::read(parts)),
                    $(_ if word == const { $name.as_bytes() } => Self::$variant $({
                        $($part: parts.nth($at - DATA),)+
                    })?,)+
                    _ => Self::Unknown { name: name.text },
                }
            }
        }

        /// The members that the data of a state has when printed, and where each stands in the
        /// state's tuple. `calling` is missing here, since its data depends on the target.
        pub(crate) fn members(name: &str) -> &'static [(&'static str, usize)] {
            match name {
                $($name => &[$($((stringify!($part), $at),)+)?],)+
                _ => &[],
            }
        }
    };
}

/// The position of a state's data in its tuple, after time and name.
const DATA: usize = 2;

states! {
    /// `bridged`: talking to the channel in `other_uuid`.
    Bridged = "bridged",
    /// `ringing`: ringing at a user's web phone; [`Store::ringing`](crate::Store::ringing) has more.
    Ringing = "ringing",
    /// `voicemail`: leaving a message.
    Voicemail = "voicemail" {
        /// The owner of the mailbox: a user or a group.
        target_type: Option<TargetType<'a>> = 2,
        /// Identity of the user or group.
        target_id: Option<i64> = 3,
        /// Name of the user or group.
        target_name: Text<'a> = 4,
    },
    /// `checking_voicemail`: listening to messages.
    CheckingVoicemail = "checking_voicemail" {
        /// Name of the user or group.
        target_name: Text<'a> = 2,
    },
    /// `calling_siptermination`: being handed to a SIP address.
    CallingSipTermination = "calling_siptermination" {
        /// The address.
        url: Text<'a> = 2,
    },
    /// `ivr`: in an IVR.
    Ivr = "ivr" {
        /// Identity of the IVR.
        ivr_id: Scalar<'a> = 2,
    },
    /// `xml_ivr`: in an IVR that a web server controls.
    XmlIvr = "xml_ivr",
    /// `system_operation`: in a function of the PBX.
    SystemOperation = "system_operation" {
        /// Name of the function.
        operation: Text<'a> = 2,
    },
    /// `conference`: in a conference room.
    Conference = "conference" {
        /// Identity of the room.
        room_id: Scalar<'a> = 2,
    },
    /// `park`: waiting on a parking slot.
    Park = "park" {
        /// The slot, such as 901.
        slot: Option<i64> = 2,
        /// The terminal from which the call was parked, as it seems.
        terminal_name: Text<'a> = 3,
        /// The user who parked the call.
        parker_id: Option<UserId> = 4,
        /// That user's name.
        parker_name: Text<'a> = 5,
    },
    /// `eavesdrop`: listening to another channel.
    Eavesdrop = "eavesdrop" {
        /// The channel listened to.
        uuid: ChannelUuid<'a> = 2,
        /// The mode; its values are not documented.
        eavesdrop_state: Scalar<'a> = 3,
    },
}

/// The target of a channel that is calling.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Calling<'a> {
    /// Location of the called party, inside or outside the PBX.
    pub target_location: Option<TargetLocation<'a>>,
    /// The called party.
    pub target: CallTarget<'a>,
}

open_enum! {
    /// Location of the called party.
    pub enum TargetLocation {
        /// Outside the PBX.
        External = "ext",
        /// Inside the PBX.
        Internal = "int",
    }
}

/// The called party.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallTarget<'a> {
    /// A user.
    User {
        /// Identity of the user.
        user_id: Option<UserId>,
    },
    /// A group.
    Group {
        /// Ring or hunt group.
        group_type: Option<GroupType<'a>>,
        /// Identity of the group.
        group_id: Option<GroupId>,
        /// The group's queue; only for ring groups.
        queue_id: Scalar<'a>,
    },
    /// A number on the public network.
    Pstn {
        /// The number.
        number: Text<'a>,
    },
    /// An endpoint that is bridged to the PBX; [`address`](Self::address) joins the parts.
    BridgedEndpoint {
        /// The user, or the whole address if the PBX sent it as one text.
        user: Text<'a>,
        /// The host.
        host: Text<'a>,
    },
    /// A kind of target that this version does not know. Its data stays in the record.
    Unknown {
        /// The wire's name for it; empty if it had none.
        target_type: Text<'a>,
    },
}

impl<'a> CallTarget<'a> {
    /// The number or `user@host` that is called, if the target is not inside the PBX.
    #[must_use]
    pub fn address(&self) -> Option<Cow<'a, str>> {
        let address = match self {
            Self::Pstn { number } => number.to_str(),
            Self::BridgedEndpoint { user, host } if host.is_empty() => user.to_str(),
            Self::BridgedEndpoint { user, host } if user.is_empty() => host.to_str(),
            Self::BridgedEndpoint { user, host } => Cow::Owned(format!("{user}@{host}")),
            _ => return None,
        };
        (!address.is_empty()).then_some(address)
    }
}

impl<'a> Field<'a> for Option<State<'a>> {
    fn of(start: &'a [u8]) -> Self {
        let mut parts = Parts::of(start)?;
        let since = parts.next();
        let kind = match parts.next_word() {
            None => StateKind::Unknown { name: Text::EMPTY },
            // A list of code points; rare enough to be spelled out.
            Some(name) if name.bytes.is_empty() => {
                StateKind::read(name, name.text.to_str().as_bytes(), parts)
            }
            Some(name) => StateKind::read(name, name.bytes, parts),
        };
        Some(State { since, kind })
    }
}

impl<'a> Calling<'a> {
    fn read(mut parts: Parts<'a>) -> Self {
        let target_location = parts.next();
        let target = match parts.next_word() {
            None => CallTarget::Unknown { target_type: Text::EMPTY },
            Some(target_type) if target_type.bytes.is_empty() => {
                CallTarget::read(target_type, target_type.text.to_str().as_bytes(), parts)
            }
            Some(target_type) => CallTarget::read(target_type, target_type.bytes, parts),
        };
        Self { target_location, target }
    }
}

impl<'a> CallTarget<'a> {
    /// `data` begins with the data of the target.
    fn read(target_type: Word<'a>, word: &[u8], mut data: Parts<'a>) -> Self {
        let inner = data.inner();
        match word {
            b"user" => Self::User { user_id: inner.and_then(|mut inner| inner.next()) },
            b"group" => {
                let Some(mut inner) = inner else {
                    let queue_id = Scalar::default();
                    return Self::Group { group_type: None, group_id: None, queue_id };
                };
                let group_type = inner.next();
                let group_id = inner.next();
                let is_ring = group_type == Some(GroupType::Ring);
                let queue_id = if is_ring { inner.nth(2) } else { Scalar::default() };
                Self::Group { group_type, group_id, queue_id }
            }
            // An address has its parts in a tuple, or is one plain text (B52).
            b"pstn" => Self::Pstn {
                number: match inner {
                    Some(mut inner) => inner.next(),
                    None => data.next(),
                },
            },
            b"bridged_endpoint" => match inner {
                Some(mut inner) => Self::BridgedEndpoint { user: inner.next(), host: inner.next() },
                None => Self::BridgedEndpoint { user: data.next(), host: Text::EMPTY },
            },
            _ => Self::Unknown { target_type: target_type.text },
        }
    }
}
