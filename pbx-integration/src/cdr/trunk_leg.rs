//! Legs over trunks.

use std::net::IpAddr;
use std::time::Duration;

use crate::cdr::direction::Direction;
use crate::report::RoundingPlan;
use crate::wire::Timestamp;
use crate::wire::decimal::decimal;
use crate::wire::field::{account_number, header, integer, raw, text, word};
use crate::wire::record::record;
use crate::wire::{Decimal, Mos, Raw, SipHeader, Spelled, ip, mos};

record! {
    /// A leg over a trunk.
    pub struct TrunkLeg {
        /// Direction of the trunk call.
        pub direction: Option<Spelled<Direction>> = "direction" required(word),
        /// From header.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header.
        pub to: Option<SipHeader> = "to" optional(header),
        /// Far side.
        pub remote_party: Option<String> = "remoteparty" optional(text),
        /// Near side.
        pub local_party: Option<String> = "localparty" optional(text),
        /// The trunk.
        pub trunk: Option<String> = "trunk" optional(account_number),
        /// Cost of the call; `None` is unknown, which is not zero.
        pub cost: Option<Decimal> = "cost" optional(decimal),
        /// Start.
        pub start: Option<Timestamp> = "start" start,
        /// Connected.
        pub connect: Option<Timestamp> = "connect" moment,
        /// End.
        pub end: Option<Timestamp> = "end" moment,
        /// SIP response code.
        pub code: Option<i64> = "code" optional(integer),
        /// Address that SIP packets came from; see [`ip`](Self::ip).
        pub ip_address: Option<String> = "ipadr" optional(text),
        /// Quality report, as it was written.
        pub quality: Option<Raw> = "quality" optional(raw),
        /// Extension that triggered the leg.
        pub extension: Option<String> = "extension" optional(account_number),
        /// Codec.
        pub codec: Option<String> = "codec" optional(text),
        /// Estimated score.
        pub mos: Option<Mos> = "mos" optional(mos),
    }
}

impl TrunkLeg {
    /// Returns the time from connect to end; `None` if one is missing or they are out of order.
    #[must_use]
    pub fn connected_time(&self) -> Option<Duration> {
        self.end?.since(self.connect?)
    }

    /// Returns the billed time: zero if not connected, else rounded up by the plan.
    ///
    /// ```
    /// use pbx_integration::{Reader, report::RoundingPlan};
    /// use std::time::Duration;
    ///
    /// let json = r#"{"domain":"t.example","callid":"c@pbx","start":1757926800.125,"trunklegs":[
    ///     {"direction":"O","start":1757926800.125,"connect":1757926800.126,"end":1757926913.625}]}"#;
    /// let cdr = Reader::strict().read_cdr(json)?.value;
    /// let plan = RoundingPlan::new(60, 60).ok_or("a step of zero")?;
    /// assert_eq!(cdr.trunk_legs[0].billable_time(plan), Duration::from_secs(120));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn billable_time(&self, plan: RoundingPlan) -> Duration {
        plan.round(self.connected_time().unwrap_or_default())
    }

    /// The address in `ipadr`.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        ip(self.ip_address.as_deref()?)
    }

    pub(crate) fn is(&self, direction: &Direction) -> bool {
        self.direction.as_deref() == Some(direction)
    }
}
