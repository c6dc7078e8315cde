//! What a channel is doing (section 6 of the protocol).

use std::borrow::Cow;

use super::target::{GroupType, TargetType};
use crate::bert::{Fail, Text};
use crate::element::field::{Field, Parts, Spelled, Word, composite, other, spell};
use crate::element::id::{ChannelUuid, GroupId, UserId};
use crate::element::scalar::Scalar;
use crate::element::timestamp::Timestamp;
use crate::open_enum::open_enum;

/// What a channel is doing, and since when (B50).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct State<'a> {
    /// When the channel came into this state.
    pub since: Option<Timestamp>,
    /// What it is doing.
    pub kind: StateKind<'a>,
}

/// What a channel is doing (B50).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum StateKind<'a> {
    /// `calling`: ringing somewhere.
    Calling(Calling<'a>),
    /// `bridged`: talking to the channel in `other_uuid`.
    Bridged,
    /// `voicemail`: leaving a message.
    Voicemail {
        /// Whose mailbox: a user's or a group's.
        target_type: Option<TargetType<'a>>,
        /// Identity of the user or group.
        target_id: Option<i64>,
        /// Name of the user or group.
        target_name: Text<'a>,
    },
    /// `checking_voicemail`: listening to messages.
    CheckingVoicemail {
        /// Name of the user or group.
        target_name: Text<'a>,
    },
    /// `calling_siptermination`: being handed to a SIP address.
    CallingSipTermination {
        /// The address.
        url: Text<'a>,
    },
    /// `ivr`: in a voice menu.
    Ivr {
        /// Which one.
        ivr_id: Scalar<'a>,
    },
    /// `xml_ivr`: in a voice menu that a web server controls.
    XmlIvr,
    /// `system_operation`: in a function of the PBX.
    SystemOperation {
        /// Which one.
        operation: Text<'a>,
    },
    /// `conference`: in a conference room.
    Conference {
        /// Which one.
        room_id: Scalar<'a>,
    },
    /// `park`: waiting on a parking slot.
    Park {
        /// The slot, an integer such as 901.
        slot: Scalar<'a>,
        /// The user who parked the call.
        parker_id: Option<UserId>,
        /// That user's name.
        parker_name: Text<'a>,
    },
    /// `eavesdrop`: listening to another channel.
    Eavesdrop {
        /// The channel listened to.
        uuid: ChannelUuid<'a>,
        /// How; the values are not documented.
        eavesdrop_state: Scalar<'a>,
    },
    /// A state that this version does not know (B53). Its data stays in the record.
    Unknown {
        /// The wire's name for it; empty if it had none.
        name: Text<'a>,
    },
}

/// Whom a channel is calling (B51).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Calling<'a> {
    /// Whether the call goes outside.
    pub target_location: Option<TargetLocation<'a>>,
    /// Who is called.
    pub target: CallTarget<'a>,
}

open_enum! {
    /// Where the called party is.
    pub enum TargetLocation {
        /// Outside the PBX.
        External = "ext",
        /// Inside the PBX.
        Internal = "int",
    }
}

/// Who is called (B51, B52).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallTarget<'a> {
    /// A user.
    User {
        /// Which one.
        user_id: Option<UserId>,
    },
    /// A group.
    Group {
        /// Whether all ring or one after the other.
        group_type: Option<GroupType<'a>>,
        /// Which one.
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
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let mut state = None;
        let rest = state.read_into(start, depth)?;
        Ok((state, rest))
    }

    #[inline(never)]
    fn read_into(&mut self, start: &'a [u8], depth: u32) -> Result<&'a [u8], Fail> {
        let Some((count, rest)) = composite(start) else {
            *self = None;
            return other(start, depth);
        };
        let mut parts = Parts::new(count, rest, depth);
        let since = parts.next()?;
        let name = parts.next_word()?;
        *self = Some(State { since, kind: StateKind::read(name, &mut parts)? });
        parts.end()
    }
}

impl<'a> StateKind<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(name: Option<Word<'a>>, parts: &mut Parts<'a>) -> Result<Self, Fail> {
        let Some(name) = name else {
            return Ok(Self::Unknown { name: Text::EMPTY });
        };
        match name.bytes {
            [] => Self::read_spelled(name.text, parts),
            bytes => Self::read_named(name.text, bytes, parts),
        }
    }

    /// A state whose name is a list of code points (B26).
    #[cold]
    #[inline(never)]
    fn read_spelled(name: Text<'a>, parts: &mut Parts<'a>) -> Result<Self, Fail> {
        Self::read_named(name, spell(name, &mut Spelled::default()), parts)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_named(name: Text<'a>, bytes: &[u8], parts: &mut Parts<'a>) -> Result<Self, Fail> {
        // By length first: one step finds the one or two names that it can be.
        Ok(match (bytes.len(), bytes) {
            (7, b"calling") => Self::Calling(Calling {
                target_location: parts.next()?,
                target: {
                    let target_type = parts.next_word()?;
                    CallTarget::read(target_type, parts)?
                },
            }),
            (7, b"bridged") => Self::Bridged,
            (9, b"voicemail") => Self::Voicemail {
                target_type: parts.next()?,
                target_id: parts.next()?,
                target_name: parts.next()?,
            },
            (18, b"checking_voicemail") => Self::CheckingVoicemail { target_name: parts.next()? },
            (22, b"calling_siptermination") => Self::CallingSipTermination { url: parts.next()? },
            (3, b"ivr") => Self::Ivr { ivr_id: parts.next()? },
            (7, b"xml_ivr") => Self::XmlIvr,
            (16, b"system_operation") => Self::SystemOperation { operation: parts.next()? },
            (10, b"conference") => Self::Conference { room_id: parts.next()? },
            (4, b"park") => {
                let slot = parts.next()?;
                parts.skip(1)?;
                Self::Park { slot, parker_id: parts.next()?, parker_name: parts.next()? }
            }
            (9, b"eavesdrop") => {
                Self::Eavesdrop { uuid: parts.next()?, eavesdrop_state: parts.next()? }
            }
            _ => Self::Unknown { name },
        })
    }
}

impl<'a> CallTarget<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(target_type: Option<Word<'a>>, parts: &mut Parts<'a>) -> Result<Self, Fail> {
        let Some(target_type) = target_type else {
            return Ok(Self::Unknown { target_type: Text::EMPTY });
        };
        match target_type.bytes {
            [] => Self::read_spelled(target_type.text, parts),
            bytes => Self::read_named(target_type.text, bytes, parts),
        }
    }

    /// A target whose type is a list of code points (B26).
    #[cold]
    #[inline(never)]
    fn read_spelled(target_type: Text<'a>, parts: &mut Parts<'a>) -> Result<Self, Fail> {
        Self::read_named(target_type, spell(target_type, &mut Spelled::default()), parts)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read_named(
        target_type: Text<'a>,
        bytes: &[u8],
        parts: &mut Parts<'a>,
    ) -> Result<Self, Fail> {
        Ok(match bytes {
            b"user" => Self::User { user_id: parts.next_parts(Parts::next)? },
            b"group" => {
                let (group_type, group_id, queue_id) = parts.next_parts(|data| {
                    let group_type: Option<GroupType<'a>> = data.next()?;
                    let group_id = data.next()?;
                    data.skip(2)?;
                    let queue_id = data.next()?;
                    let queue_id = if group_type == Some(GroupType::Ring) {
                        queue_id
                    } else {
                        Scalar::default()
                    };
                    Ok((group_type, group_id, queue_id))
                })?;
                Self::Group { group_type, group_id, queue_id }
            }
            b"pstn" => Self::Pstn { number: address(parts)?.0 },
            b"bridged_endpoint" => {
                let (user, host) = address(parts)?;
                Self::BridgedEndpoint { user, host }
            }
            _ => Self::Unknown { target_type },
        })
    }
}

/// An address: its two parts in a tuple, or one plain text (B52).
fn address<'a>(parts: &mut Parts<'a>) -> Result<(Text<'a>, Text<'a>), Fail> {
    match composite(parts.rest) {
        Some(_) => parts.next_parts(|data| Ok((data.next()?, data.next()?))),
        None => Ok((parts.next()?, Text::EMPTY)),
    }
}
