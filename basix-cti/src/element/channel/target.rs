//! The target of an inbound channel.

use crate::bert::Text;
use crate::element::field::{Field, Parts};
use crate::open_enum::open_enum;

/// The user or group that an inbound channel called.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Target<'a> {
    /// A user or a group.
    pub target_type: Option<TargetType<'a>>,
    /// Identity of the user or group.
    pub id: Option<i64>,
    /// Name of the user or group.
    pub name: Text<'a>,
    /// The number by which it was reached, usually the DID.
    pub address: Text<'a>,
}

open_enum! {
    /// The kind of a target.
    pub enum TargetType {
        /// A user.
        User = "user",
        /// A group.
        Group = "group",
    }
}

open_enum! {
    /// The way in which the members of a group are called.
    pub enum GroupType {
        /// All ring.
        Ring = "ring",
        /// One after the other.
        Hunt = "hunt",
    }
}

impl<'a> Field<'a> for Option<Target<'a>> {
    fn of(start: &'a [u8]) -> Self {
        let mut parts = Parts::of(start)?;
        Some(Target {
            target_type: parts.next(),
            id: parts.next(),
            name: parts.next(),
            address: parts.next(),
        })
    }
}
