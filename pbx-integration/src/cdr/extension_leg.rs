//! Legs to and from extensions.

use std::net::IpAddr;
use std::time::Duration;

use crate::cdr::direction::Direction;
use crate::wire::Timestamp;
use crate::wire::duration::idle;
use crate::wire::field::{account_number, deleted, header, raw, text, word};
use crate::wire::record::record;
use crate::wire::{Idle, Raw, SipHeader, Spelled, ip};

record! {
    /// A leg to or from an extension. It has no score of its own; one may be in `quality`.
    pub struct ExtensionLeg {
        /// Call-ID of the leg.
        pub callid: Option<String> = "callid" optional(text),
        /// From header.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header.
        pub to: Option<SipHeader> = "to" optional(header),
        /// Direction; inbound is from the extension into the PBX.
        pub direction: Option<Spelled<Direction>> = "direction" optional(word),
        /// Extension involved.
        pub extension: Option<String> = "extension" required(account_number),
        /// Redirect information.
        pub redirect: Option<String> = "redirect" optional(text),
        /// Idle time of the agent, in a unit that is not documented.
        pub idle: Option<Idle> = "idle" optional(idle),
        /// Start.
        pub start: Option<Timestamp> = "start" start,
        /// Connected.
        pub connect: Option<Timestamp> = "connect" moment,
        /// End.
        pub end: Option<Timestamp> = "end" moment,
        /// Address of the extension; see [`ip`](Self::ip).
        pub ip_address: Option<String> = "ipadr" optional(text),
        /// Quality report, as it was written.
        pub quality: Option<Raw> = "quality" optional(raw),
        /// Missed or marked as read; its values are not documented and not used: see
        /// [`is_missed`](Self::is_missed).
        pub kind: Option<String> = "type" optional(text),
        /// The user marked the leg deleted: a view flag without effect on sums.
        pub deleted: Option<bool> = "deleted" optional(deleted),
        /// User-Agent.
        pub user_agent: Option<String> = "ua" optional(text),
        /// Codec.
        pub codec: Option<String> = "codec" optional(text),
    }
}

impl ExtensionLeg {
    /// Returns whether the extension was connected.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.connect.is_some()
    }

    /// Returns whether the leg went to the extension and ended without being connected.
    #[must_use]
    pub fn is_missed(&self) -> bool {
        !self.is_from_extension() && self.end.is_some() && self.connect.is_none()
    }

    /// Returns whether the leg came from the extension: it is the originator's.
    #[must_use]
    pub fn is_from_extension(&self) -> bool {
        self.direction.as_deref() == Some(&Direction::Inbound)
    }

    /// Returns the time from connect to end; `None` if one is missing or they are out of order.
    #[must_use]
    pub fn connected_time(&self) -> Option<Duration> {
        self.end?.since(self.connect?)
    }

    /// The address in `ipadr`.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        ip(self.ip_address.as_deref()?)
    }
}
