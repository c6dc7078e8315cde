//! Queues, ring groups and their kinds.

use serde::de::MapAccess;
use serde_json::value::RawValue;

use crate::open_enum::open_enum;
use crate::wire::context::Context;
use crate::wire::error::Harm;
use crate::wire::field::word;
use crate::wire::json::Json;
use crate::wire::record::{object_in, record};
use crate::wire::{Spelled, scalar};

open_enum! {
    /// A kind of group, account or state (P39, P40), in any letter case, a plural `s` at the end
    /// allowed (P41). Only `acd` is documented in this place.
    pub enum GroupKind compared without_case {
        /// A call queue.
        Queue = "acd" | "acds",
        /// A ring group.
        RingGroup = "hunt" | "hunts",
        /// An auto attendant.
        AutoAttendant = "attendant" | "attendants",
        /// An IVR node.
        IvrNode = "ivrnode" | "ivrnodes",
        /// A paging group.
        Paging = "hoot" | "hoots",
        /// A conference room.
        Conference = "conference" | "conferences",
        /// A park position.
        Park = "orbit" | "orbits",
        /// A service flag.
        ServiceFlag = "srvflag" | "srvflags",
        /// An extension.
        Extension = "extension" | "extensions",
        /// A mailbox.
        Mailbox = "mailbox" | "mailboxs",
    }
}

record! {
    /// The group of a group event (§3.4).
    pub struct Group {
        /// Kind of the group.
        pub kind: Option<Spelled<GroupKind>> = "type" required(word),
        /// Account number of the group.
        pub number: Option<String> = "number" required(scalar::account_number),
        /// Display name.
        pub name: Option<String> = "name" optional(scalar::text),
    }
}

impl Group {
    /// A group.
    #[must_use]
    pub fn new(kind: GroupKind, number: impl Into<String>) -> Self {
        Self { kind: Some(Spelled::known(kind)), number: Some(number.into()), ..Self::default() }
    }
}

record! {
    /// The group of an agent event: a bare number and an object give the same (P42).
    pub struct GroupRef {
        /// Kind of the group.
        pub kind: Option<Spelled<GroupKind>> = "type" optional(word),
        /// Account number of the group.
        pub number: Option<String> = "number" required(scalar::account_number),
        /// Display name.
        pub name: Option<String> = "name" optional(scalar::text),
    }
}

impl GroupRef {
    /// The group with this account number.
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: Some(number.into()), ..Self::default() }
    }
}

/// A bare number, or an object with one (P42).
pub(crate) fn group_ref<'de, M: MapAccess<'de>>(
    map: &mut M,
    context: &mut Context,
    (name, _): (&'static str, bool),
) -> Result<Option<GroupRef>, M::Error> {
    let raw = map.next_value::<&'de RawValue>()?.get();
    let mut json = Json::of(raw);
    if let Json::Object = json {
        return object_in(name, raw, context);
    }
    Ok(match scalar::account_number(&mut json) {
        Ok(number) => number.map(GroupRef::new),
        Err(bad) => {
            context.note_field(name, Harm::IsDropped, bad);
            None
        }
    })
}
