//! Names of the protocol: elements and events.

use std::fmt;

use crate::bert::Text;
use crate::open_enum::open_enum;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)+) => {
        /// The kind of thing that a record describes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ElementKind {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nWire name `", $name, "`.")]
                $kind,
            )+
            /// An element that this version does not know. Messages and records have its name.
            Unknown,
        }

        impl ElementKind {
            /// Every kind that this version knows, each once.
            pub const KNOWN: [Self; [$($name),+].len()] = [$(Self::$kind),+];

            /// The kind with this wire name.
            #[must_use]
            pub fn from_name(name: &str) -> Self {
                Self::from_bytes(name.as_bytes())
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            pub(crate) fn from_bytes(name: &[u8]) -> Self {
                $(
                    if name == const { $name.as_bytes() } {
                        return Self::$kind;
                    }
                )+
                Self::Unknown
            }

            /// The wire name; `unknown` for [`Unknown`](Self::Unknown).
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                    Self::Unknown => "unknown",
                }
            }
        }
    };
}

kinds! {
    /// A call leg.
    Channel = "channel",
    /// A channel that waits in a queue or on a parking slot.
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

impl ElementKind {
    /// The place in [`KNOWN`](Self::KNOWN).
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn index(self) -> Option<usize> {
        match self {
            Self::Unknown => None,
            known => Some(known as usize),
        }
    }

    /// Returns true if records of this kind describe a channel, and have its composite fields.
    #[must_use]
    pub const fn is_channel(self) -> bool {
        matches!(self, Self::Channel) || self.is_waiting()
    }

    /// Returns true if records of this kind describe a channel that waits.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::ChannelWaiting | Self::QueuedChannel | Self::ParkedChannel)
    }
}

impl fmt::Display for ElementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for ElementKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

open_enum! {
    /// The event of a record.
    pub enum EventName {
        /// It is new.
        Added = "added",
        /// It has changed.
        Updated = "updated",
        /// It is gone.
        Removed = "removed",
    }
}
