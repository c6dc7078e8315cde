//! Legs over trunks.

use std::net::IpAddr;
use std::time::Duration;

use crate::cdr::billing::RoundingPlan;
use crate::cdr::direction::Direction;
use crate::wire::field::{moment, raw, start, word};
use crate::wire::record::record;
use crate::wire::{Decimal, Mos, Raw, SipHeader, Spelled, Timestamp, decimal, ip, mos, scalar};

record! {
    /// A leg over a trunk (§6.4).
    pub struct TrunkLeg {
        /// Direction of the trunk call.
        pub direction: Option<Spelled<Direction>> = "direction" required(word),
        /// From header.
        pub from: Option<SipHeader> = "from" optional(crate::cdr::header),
        /// To header.
        pub to: Option<SipHeader> = "to" optional(crate::cdr::header),
        /// Far side.
        pub remote_party: Option<String> = "remoteparty" optional(scalar::text),
        /// Near side.
        pub local_party: Option<String> = "localparty" optional(scalar::text),
        /// The trunk.
        pub trunk: Option<String> = "trunk" optional(scalar::account_number),
        /// Cost of the call; nothing is unknown, which is not zero (P64).
        pub cost: Option<Decimal> = "cost" exact(decimal),
        /// Start.
        pub start: Option<Timestamp> = "start" timed_required(start),
        /// Connected.
        pub connect: Option<Timestamp> = "connect" timed(moment),
        /// End.
        pub end: Option<Timestamp> = "end" timed(moment),
        /// SIP response code.
        pub code: Option<i64> = "code" optional(scalar::integer),
        /// Address that SIP packets came from; see [`ip`](Self::ip).
        pub ip_address: Option<String> = "ipadr" optional(scalar::text),
        /// Quality report, as it was written (P67).
        pub quality: Option<Raw> = "quality" custom(raw),
        /// Extension that triggered the leg.
        pub extension: Option<String> = "extension" optional(scalar::account_number),
        /// Codec.
        pub codec: Option<String> = "codec" optional(scalar::text),
        /// Estimated score.
        pub mos: Option<Mos> = "mos" exact(mos),
    }
}

impl TrunkLeg {
    /// The time from connect to end; nothing where one is missing or they are out of order.
    #[must_use]
    pub fn connected_time(&self) -> Option<Duration> {
        self.end?.since(self.connect?)
    }

    /// The time to pay for (P121): zero when not connected, or rounded up by the plan.
    ///
    /// ```
    /// use pbx_integration::{Reader, RoundingPlan};
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

    /// The address in `ipadr` (P68).
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        ip(self.ip_address.as_deref()?)
    }

    pub(crate) fn is(&self, direction: &Direction) -> bool {
        self.direction.as_deref() == Some(direction)
    }
}
