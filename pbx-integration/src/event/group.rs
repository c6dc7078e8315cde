//! Queues, ring groups and their kinds.

use crate::wire::Spelled;
use crate::wire::field::{account_number, text, word};
use crate::wire::object::Object;
use crate::wire::open_enum::open_enum;
use crate::wire::record::record;

open_enum! {
    /// The kind of a group, account or state. Only `acd` is documented here.
    pub enum GroupKind {
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
        Mailbox = "mailbox" | "mailboxs" | "mailboxes" | "voicemail" | "voicemails",
    }
}

record! {
    /// The group of a live event. An agent event may have only its number.
    pub struct Group {
        /// Kind of the group.
        pub kind: Option<Spelled<GroupKind>> = "type" optional(word),
        /// Account number of the group.
        pub number: Option<String> = "number" required(account_number),
        /// Display name.
        pub name: Option<String> = "name" optional(text),
    }
}

impl Group {
    /// Creates the group with this account number.
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: Some(number.into()), ..Self::default() }
    }

    /// Sets the kind.
    #[must_use]
    pub fn with_kind(mut self, kind: GroupKind) -> Self {
        self.kind = Some(Spelled::known(kind));
        self
    }
}

impl Object<'_, '_> {
    /// Reads the group of a group event, with a required kind.
    pub(crate) fn required_group(&mut self, name: &'static str) -> Option<Group> {
        self.require_member(name, "type");
        self.required_object(name)
    }

    /// Reads a bare number, or an object with one.
    // P42
    pub(crate) fn group(&mut self, name: &'static str) -> Option<Group> {
        if self.holds_object(name) {
            self.object(name)
        } else {
            self.optional(name, account_number).map(Group::new)
        }
    }
}
