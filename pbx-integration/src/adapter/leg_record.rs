//! The record of one leg, as the `json` scheme sends it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cdr::{Direction, header};
use crate::wire::field::word;
use crate::wire::record::record;
use crate::wire::{Decimal, Parsed, ReadError, Reader, SipHeader, Spelled, decimal, scalar};

record! {
    /// The record of one leg, as the `json` and `jsons` schemes send it at the end of each (§12).
    ///
    /// The vendor documents names, not forms, of most fields: times and durations are kept as text.
    pub struct LegRecord {
        /// Always `call-data-record`.
        pub action: Option<String> = "action" optional(scalar::text),
        /// Activation code of the PBX.
        pub system: Option<crate::cdr::SystemCode> = "System" optional(crate::cdr::system),
        /// Id of the call; the `CallID` of the first leg of an outbound external call (P112).
        pub primary_call_id: Option<String> = "PrimaryCallID" optional(scalar::text),
        /// Call-ID of the leg.
        pub call_id: String = "CallID" id_required,
        /// From header.
        pub from: Option<SipHeader> = "From" optional(header),
        /// To header.
        pub to: Option<SipHeader> = "To" optional(header),
        /// Direction of the leg.
        pub direction: Option<Spelled<Direction>> = "Direction" optional(word),
        /// Far side.
        pub remote_party: Option<String> = "RemoteParty" optional(scalar::text),
        /// Near side.
        pub local_party: Option<String> = "LocalParty" optional(scalar::text),
        /// Name of the trunk.
        pub trunk_name: Option<String> = "TrunkName" optional(scalar::text),
        /// Id of the trunk.
        pub trunk_id: Option<u64> = "TrunkID" optional(scalar::id),
        /// Cost (P64).
        pub cost: Option<Decimal> = "Cost" exact(decimal),
        /// Client matter code.
        pub cmc: Option<String> = "CMC" optional(scalar::free_text),
        /// Tenant address.
        pub domain: Option<String> = "Domain" optional(scalar::text),
        /// Start, as it was written.
        pub time_start: Option<String> = "TimeStart" optional(scalar::rating),
        /// Connected, as it was written.
        pub time_connected: Option<String> = "TimeConnected" optional(scalar::rating),
        /// End, as it was written.
        pub time_end: Option<String> = "TimeEnd" optional(scalar::rating),
        /// Local time, as it was written.
        pub local_time: Option<String> = "LocalTime" optional(scalar::rating),
        /// Duration as hours, minutes, seconds; see [`clock_duration`](Self::clock_duration).
        pub duration_hhmmss: Option<String> = "DurationHHMMSS" optional(scalar::rating),
        /// Duration, as it was written; see [`duration_in`](Self::duration_in).
        pub duration: Option<String> = "Duration" optional(scalar::rating),
        /// Where the recording is on the PBX (P55).
        pub record_location: Option<String> = "RecordLocation" optional(scalar::text),
        /// `extcall` for any external call.
        pub kind: Option<String> = "Type" optional(scalar::text),
        /// Extension.
        pub extension: Option<String> = "Extension" optional(scalar::account_number),
        /// Name of the extension.
        pub extension_name: Option<String> = "ExtensionName" optional(scalar::text),
        /// Idle duration, as it was written.
        pub idle_duration: Option<String> = "IdleDuration" optional(scalar::rating),
        /// Ring duration, as it was written.
        pub ring_duration: Option<String> = "RingDuration" optional(scalar::rating),
        /// Hold duration, as it was written.
        pub hold_duration: Option<String> = "HoldDuration" optional(scalar::rating),
        /// IVR duration, as it was written.
        pub ivr_duration: Option<String> = "IvrDuration" optional(scalar::rating),
        /// Number of the account.
        pub account_number: Option<String> = "AccountNumber" optional(scalar::account_number),
        /// Address of the other end.
        pub ip_address: Option<String> = "IPAdr" optional(scalar::text),
    }
}

impl LegRecord {
    /// The id that the legs of one call share: the primary one, or the leg's own where none is named.
    #[must_use]
    pub fn group_id(&self) -> &str {
        self.primary_call_id.as_deref().unwrap_or(&self.call_id)
    }

    /// Whether this is the first leg of the call: its own id is the primary one (P112).
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.group_id() == self.call_id
    }

    /// Whether the call is an external one.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.kind.as_deref() == Some("extcall")
    }

    /// A duration such as `00:00:05`.
    #[must_use]
    pub fn clock_duration(&self) -> Option<Duration> {
        let mut parts = self.duration_hhmmss.as_deref()?.split(':').map(str::parse::<u64>);
        let (hours, minutes, seconds) =
            (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        let is_clock = parts.next().is_none() && minutes < 60 && seconds < 60;
        let seconds = hours.checked_mul(3_600)?.checked_add(minutes * 60 + seconds)?;
        is_clock.then(|| Duration::from_secs(seconds))
    }

    /// `Duration` in a unit that the caller knows (P29).
    #[must_use]
    pub fn duration_in(&self, unit: scalar::DurationUnit) -> Option<Duration> {
        let text = std::borrow::Cow::Borrowed(self.duration.as_deref()?);
        scalar::duration_in(unit, &mut crate::wire::json::Json::Text(text)).ok()?
    }
}

/// Groups legs by call, in the order of their ids; within a call in the order given (P112).
///
/// ```
/// use pbx_integration::{Reader, group_legs};
///
/// let legs = [
///     r#"{"action": "call-data-record", "PrimaryCallID": "p1", "CallID": "p1"}"#,
///     r#"{"action": "call-data-record", "PrimaryCallID": "p1", "CallID": "t1@pbx"}"#,
/// ];
/// let read = |json| Ok(Reader::strict().read_leg_record(json)?.value);
/// let legs = legs.into_iter().map(read).collect::<Result<Vec<_>, pbx_integration::ReadError>>()?;
/// let calls = group_legs(legs);
/// assert_eq!(calls["p1"].len(), 2);
/// assert!(calls["p1"][0].is_first() && !calls["p1"][1].is_first());
/// # Ok::<(), pbx_integration::ReadError>(())
/// ```
#[must_use]
pub fn group_legs(legs: impl IntoIterator<Item = LegRecord>) -> BTreeMap<String, Vec<LegRecord>> {
    let mut calls: BTreeMap<String, Vec<LegRecord>> = BTreeMap::new();
    for leg in legs {
        calls.entry(leg.group_id().to_owned()).or_default().push(leg);
    }
    calls
}

impl Reader {
    /// Reads a leg record of the `json` scheme (§12, P112).
    ///
    /// # Errors
    ///
    /// No JSON object within the limits, no `CallID`, or (strict mode) a bad field.
    pub fn read_leg_record(&self, json: impl AsRef<[u8]>) -> Result<Parsed<LegRecord>, ReadError> {
        self.read(json.as_ref())
    }
}
