//! Whom an inbound channel called (B60).

use crate::bert::{Fail, Text};
use crate::element::field::{Field, Parts, composite, other};
use crate::open_enum::open_enum;

/// The user or group that an inbound channel called (B60).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Target<'a> {
    /// Whether it is a user or a group.
    pub target_type: Option<TargetType<'a>>,
    /// Identity of the user or group.
    pub id: Option<i64>,
    /// Name of the user or group.
    pub name: Text<'a>,
    /// The number by which it was reached, usually the DID.
    pub address: Text<'a>,
}

open_enum! {
    /// What a target is.
    pub enum TargetType {
        /// A user.
        User = "user",
        /// A group.
        Group = "group",
    }
}

open_enum! {
    /// How the members of a group are called.
    pub enum GroupType {
        /// All ring.
        Ring = "ring",
        /// One after the other.
        Hunt = "hunt",
    }
}

impl<'a> Field<'a> for Option<Target<'a>> {
    fn read(start: &'a [u8], depth: u32) -> Result<(Self, &'a [u8]), Fail> {
        let mut target = None;
        let rest = target.read_into(start, depth)?;
        Ok((target, rest))
    }

    #[inline(never)]
    fn read_into(&mut self, start: &'a [u8], depth: u32) -> Result<&'a [u8], Fail> {
        let Some((count, rest)) = composite(start) else {
            *self = None;
            return other(start, depth);
        };
        let mut parts = Parts::new(count, rest, depth);
        let target = self.insert(Target::default());
        parts.next_into(&mut target.target_type)?;
        parts.next_into(&mut target.id)?;
        parts.next_into(&mut target.name)?;
        parts.next_into(&mut target.address)?;
        parts.end()
    }
}
