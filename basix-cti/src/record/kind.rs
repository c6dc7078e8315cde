//! Names that the protocol uses: elements, and what happened to a record.

use crate::bert::Text;
use crate::open_enum::open_enum;

open_enum! {
    /// What a record describes (section 5 of the protocol).
    pub enum ElementKind {
        /// A call leg.
        Channel = "channel",
        /// A channel waiting in a queue.
        ChannelWaiting = "channel_waiting",
        /// A channel in a ring queue; older systems.
        QueuedChannel = "queued_channel",
        /// A channel on a parking slot; older systems.
        ParkedChannel = "parked_channel",
        /// A user of the PBX.
        User = "user",
        /// A ring or hunt group.
        Group = "group",
        /// The membership of a user in a group.
        GroupMember = "group_member",
        /// A SIP terminal.
        Terminal = "terminal",
        /// The PBX domain itself.
        Domain = "domain",
    }
}

impl<'a> ElementKind<'a> {
    /// Every kind that this crate knows, in the order of the protocol's description.
    pub const KNOWN: [ElementKind<'static>; 9] = [
        ElementKind::Channel,
        ElementKind::ChannelWaiting,
        ElementKind::QueuedChannel,
        ElementKind::ParkedChannel,
        ElementKind::User,
        ElementKind::Group,
        ElementKind::GroupMember,
        ElementKind::Terminal,
        ElementKind::Domain,
    ];

    /// The place in [`KNOWN`](Self::KNOWN).
    pub(crate) const fn index(self) -> Option<usize> {
        Some(match self {
            Self::Channel => 0,
            Self::ChannelWaiting => 1,
            Self::QueuedChannel => 2,
            Self::ParkedChannel => 3,
            Self::User => 4,
            Self::Group => 5,
            Self::GroupMember => 6,
            Self::Terminal => 7,
            Self::Domain => 8,
            Self::Unknown(_) => return None,
        })
    }

    /// Whether records of this kind describe a channel, and have its composite fields.
    #[must_use]
    pub const fn is_channel(self) -> bool {
        matches!(
            self,
            Self::Channel | Self::ChannelWaiting | Self::QueuedChannel | Self::ParkedChannel
        )
    }
}

open_enum! {
    /// What happened to a record (B33).
    pub enum EventName {
        /// It is new.
        Added = "added",
        /// It has changed.
        Updated = "updated",
        /// It is gone.
        Removed = "removed",
    }
}
