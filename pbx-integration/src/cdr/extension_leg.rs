//! Legs to and from extensions.

use std::net::IpAddr;
use std::time::Duration;

use crate::cdr::direction::Direction;
use crate::wire::field::{moment, raw, start, word};
use crate::wire::record::record;
use crate::wire::{Idle, Raw, SipHeader, Spelled, Timestamp, idle, ip, scalar};

record! {
    /// A leg to or from an extension (§6.5). It has no score of its own; one may be in `quality`
    /// (P66).
    pub struct ExtensionLeg {
        /// Call-ID of the leg.
        pub callid: Option<String> = "callid" optional(scalar::text),
        /// From header.
        pub from: Option<SipHeader> = "from" optional(crate::cdr::header),
        /// To header.
        pub to: Option<SipHeader> = "to" optional(crate::cdr::header),
        /// Direction; inbound is from the extension into the PBX (P63).
        pub direction: Option<Spelled<Direction>> = "direction" optional(word),
        /// Extension involved.
        pub extension: Option<String> = "extension" required(scalar::account_number),
        /// Redirect information.
        pub redirect: Option<String> = "redirect" optional(scalar::text),
        /// Idle time of the agent, in a unit that is not documented (P28).
        pub idle: Option<Idle> = "idle" optional(idle),
        /// Start.
        pub start: Option<Timestamp> = "start" timed_required(start),
        /// Connected.
        pub connect: Option<Timestamp> = "connect" timed(moment),
        /// End.
        pub end: Option<Timestamp> = "end" timed(moment),
        /// Address of the extension; see [`ip`](Self::ip).
        pub ip_address: Option<String> = "ipadr" optional(scalar::text),
        /// Quality report, as it was written (P67).
        pub quality: Option<Raw> = "quality" custom(raw),
        /// Whether missed and marked as read; values not documented, and not used (P70): see
        /// [`is_missed`](Self::is_missed).
        pub kind: Option<String> = "type" optional(scalar::text),
        /// The user marked the leg deleted: a view flag that takes nothing out of sums (P69).
        pub deleted: Option<bool> = "deleted" optional(scalar::deleted),
        /// User-Agent.
        pub user_agent: Option<String> = "ua" optional(scalar::text),
        /// Codec.
        pub codec: Option<String> = "codec" optional(scalar::text),
    }
}

impl ExtensionLeg {
    /// Whether the extension was connected (P115).
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        self.connect.is_some()
    }

    /// Whether the leg went to the extension and ended without being connected (P115).
    #[must_use]
    pub fn is_missed(&self) -> bool {
        !self.is_from_extension() && self.end.is_some() && self.connect.is_none()
    }

    /// Whether the leg came from the extension: it is the originator's (P164).
    #[must_use]
    pub fn is_from_extension(&self) -> bool {
        self.direction.as_deref() == Some(&Direction::Inbound)
    }

    /// The time from connect to end; nothing where one is missing or they are out of order.
    #[must_use]
    pub fn connected_time(&self) -> Option<Duration> {
        self.end?.since(self.connect?)
    }

    /// The address in `ipadr` (P68).
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        ip(self.ip_address.as_deref()?)
    }
}
