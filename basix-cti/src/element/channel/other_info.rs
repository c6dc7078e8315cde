//! The summary of a related channel.

use super::end_user::EndUsers;
use super::{Direction, PeerLocation};
use crate::bert::Text;
use crate::element::field::{Field, Parts};
use crate::element::id::{GroupId, UserId};
use crate::element::scalar::Scalar;
use crate::element::timestamp::Timestamp;

/// A summary of the channel at the other side.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct OtherInfo<'a> {
    /// The party there.
    pub party: Party<'a>,
    /// The other channel's direction.
    pub direction: Option<Direction<'a>>,
    /// Location of the other channel's peer.
    pub peer_location: Option<PeerLocation<'a>>,
    /// A number of the public network, or the name of a terminal.
    pub address: Text<'a>,
    /// Time when the other channel was offered; `None` if it does not exist yet.
    pub offer_timestamp: Option<Timestamp>,
    /// Not documented.
    pub whoscall: Scalar<'a>,
}

/// The party at the other side of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Party<'a> {
    /// A user of the PBX.
    User {
        /// Identity of the user.
        user_id: Option<UserId>,
        /// The group for which the user is called.
        group_id: Option<GroupId>,
    },
    /// A party outside the PBX, if known.
    EndUser(Option<EndUsers<'a>>),
    /// A kind of party that this version does not know.
    Unknown {
        /// The wire's name for it; empty if it had none.
        party_type: Text<'a>,
        /// The party, read as an end user.
        end_user: Option<EndUsers<'a>>,
    },
}

impl<'a> Party<'a> {
    /// The end users, if it is not a user of the PBX.
    #[must_use]
    pub const fn end_user(&self) -> Option<EndUsers<'a>> {
        match self {
            Self::User { .. } => None,
            Self::EndUser(end_user) | Self::Unknown { end_user, .. } => *end_user,
        }
    }
}

impl<'a> Field<'a> for Option<OtherInfo<'a>> {
    fn of(start: &'a [u8]) -> Self {
        let mut parts = Parts::of(start)?;
        let mut party = match parts.next_word() {
            Some(word) if word.text.is_word("user") => {
                Party::User { user_id: parts.next(), group_id: None }
            }
            Some(word) if word.text.is_word("end_user") => Party::EndUser(parts.next()),
            word => Party::Unknown {
                party_type: word.map_or(Text::EMPTY, |word| word.text),
                end_user: parts.next(),
            },
        };
        let (direction, peer_location) = (parts.next(), parts.next());
        let (address, offer_timestamp) = (parts.next(), parts.next());
        let group = parts.next();
        if let Party::User { group_id, .. } = &mut party {
            *group_id = group;
        }
        let whoscall = parts.next();
        Some(OtherInfo { party, direction, peer_location, address, offer_timestamp, whoscall })
    }
}
