//! Leg records of the `json` scheme, and their conversion to calls.

use std::collections::HashMap;

use crate::cdr::record::system;
use crate::cdr::{Cdr, Direction, ExtensionLeg, Recording, Source, SystemCode, TrunkLeg};
use crate::event::Domain;
use crate::wire::Timestamp;
use crate::wire::date::date_or_seconds;
use crate::wire::decimal::decimal;
use crate::wire::field::{account_number, free_text, header, text, text_or_number, word};
use crate::wire::issue::{Fault, Found};
use crate::wire::record::record;
use crate::wire::{Code, Decimal, Issue, Parsed, Reader, SipHeader, Spelled};

record! {
    /// The record of one leg, which the `json` and `jsons` schemes send at its end. [`Legs`] joins
    /// them to calls.
    ///
    /// The vendor documents the names of most fields, not their forms: durations are kept as text.
    pub struct LegRecord {
        /// Always `call-data-record`.
        pub action: Option<String> = "action" optional(text),
        /// Activation code of the PBX.
        pub system: Option<SystemCode> = "System" optional(system),
        /// Id that the legs of one call share.
        pub primary_call_id: Option<String> = "PrimaryCallID" optional(text),
        /// Call-ID of the leg.
        pub call_id: String = "CallID" fatal(text),
        /// From header.
        pub from: Option<SipHeader> = "From" optional(header),
        /// To header.
        pub to: Option<SipHeader> = "To" optional(header),
        /// Direction of the leg.
        pub direction: Option<Spelled<Direction>> = "Direction" optional(word),
        /// Far side.
        pub remote_party: Option<String> = "RemoteParty" optional(text),
        /// Near side.
        pub local_party: Option<String> = "LocalParty" optional(text),
        /// Name of the trunk.
        pub trunk_name: Option<String> = "TrunkName" optional(text),
        /// Id of the trunk.
        pub trunk_id: Option<String> = "TrunkID" optional(account_number),
        /// Cost.
        pub cost: Option<Decimal> = "Cost" optional(decimal),
        /// Client matter code.
        pub cmc: Option<String> = "CMC" optional(free_text),
        /// Tenant address.
        pub domain: Option<String> = "Domain" optional(text),
        /// Start.
        pub start: Option<Timestamp> = "TimeStart" leg_time,
        /// Connected.
        pub connect: Option<Timestamp> = "TimeConnected" leg_time,
        /// End.
        pub end: Option<Timestamp> = "TimeEnd" leg_time,
        /// Duration, as written.
        pub duration: Option<String> = "Duration" optional(text_or_number),
        /// Location of the recording on the PBX.
        pub record_location: Option<String> = "RecordLocation" optional(text),
        /// `extcall` for any external call.
        pub kind: Option<String> = "Type" optional(text),
        /// Extension.
        pub extension: Option<String> = "Extension" optional(account_number),
        /// Address of the other end.
        pub ip_address: Option<String> = "IPAdr" optional(text),
    }
}

impl crate::wire::object::Object<'_, '_> {
    fn leg_time(&mut self, name: &'static str) -> Option<Timestamp> {
        self.look_at_fraction(name);
        self.optional(name, date_or_seconds)
    }
}

/// Legs joined to calls: one for each tenant and primary call-ID, in the order of first legs.
///
/// ```
/// use pbx_integration::{Reader, cdr::Legs, report::Disposition};
///
/// let mut legs = Legs::default();
/// for json in [
///     r#"{"action": "call-data-record", "Domain": "t.example", "PrimaryCallID": "p1", "CallID": "p1",
///         "Direction": "I", "Extension": "35", "TimeStart": "2025-09-15 09:00:00", "TimeEnd": "2025-09-15 09:00:49"}"#,
///     r#"{"action": "call-data-record", "Domain": "t.example", "PrimaryCallID": "p1", "CallID": "t1@pbx",
///         "Direction": "O", "TrunkName": "carrier", "TimeStart": 1757926801, "TimeConnected": 1757926808,
///         "TimeEnd": 1757926849}"#,
/// ] {
///     legs.add(Reader::lenient().read_leg_record(json)?);
/// }
/// let calls = legs.into_calls();
/// assert_eq!(calls[0].value.callid, "p1");
/// assert_eq!(calls[0].value.disposition(), Disposition::Answered);
/// # Ok::<(), pbx_integration::Issue>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Legs {
    calls: Vec<Vec<Parsed<LegRecord>>>,
    /// The place of a call, by tenant and primary call-ID.
    places: HashMap<(String, String), usize>,
    /// The place of a leg within its call.
    legs: HashMap<(usize, String), usize>,
}

impl Legs {
    /// Adds a leg; a leg with the same call-ID replaces the earlier one.
    pub fn add(&mut self, leg: Parsed<LegRecord>) {
        let record = &leg.value;
        let tenant = record.domain.as_deref().map(crate::event::comparable).unwrap_or_default();
        let id = record.primary_call_id.as_ref().unwrap_or(&record.call_id);
        let place = *self.places.entry((tenant.into_owned(), id.clone())).or_insert_with(|| {
            self.calls.push(Vec::new());
            self.calls.len() - 1
        });
        let Some(call) = self.calls.get_mut(place) else { return };
        match self.legs.get(&(place, record.call_id.clone())).and_then(|at| call.get_mut(*at)) {
            Some(earlier) => *earlier = leg,
            None => {
                self.legs.insert((place, record.call_id.clone()), call.len());
                call.push(leg);
            }
        }
    }

    /// Returns whether there are no legs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Returns one record for each call.
    #[must_use]
    pub fn into_calls(self) -> Vec<Parsed<Cdr>> {
        self.calls.into_iter().map(call).collect()
    }
}

/// Joins legs to a call.
// P206
fn call(legs: Vec<Parsed<LegRecord>>) -> Parsed<Cdr> {
    let mut parsed = Parsed::from(Cdr { source: Source::Legs, ..Cdr::default() });
    let mut used = Vec::new();
    for leg in legs {
        parsed.warnings.extend(leg.warnings);
        parsed.warnings_left_out += leg.warnings_left_out;
        let leg = leg.value;
        if parsed.value.callid.is_empty() {
            parsed.value.callid =
                leg.primary_call_id.clone().unwrap_or_else(|| leg.call_id.clone());
            parsed.value.domain = leg.domain.as_deref().map(Domain::from);
        }
        if leg.is_over_trunk() || leg.extension.is_some() {
            used.push(leg);
        } else {
            let expected = "a leg with a trunk or an extension";
            let fault = Fault { code: Code::UnusedLeg, expected, found: Found::Nothing };
            parsed.warnings.push(Issue::new("", fault));
        }
    }
    let cdr = &mut parsed.value;
    let primary = used.iter().find(|leg| leg.call_id == cdr.callid).or_else(|| used.first());
    if let Some(primary) = primary {
        (cdr.from, cdr.to) = (primary.from.clone(), primary.to.clone());
        cdr.cmc.clone_from(&primary.cmc);
    }
    cdr.system = used.iter().find_map(|leg| leg.system.clone());
    cdr.start = used.iter().filter_map(|leg| leg.start).min();
    cdr.connect = used.iter().filter_map(|leg| leg.connect).min();
    cdr.end = used.iter().filter_map(|leg| leg.end).max();
    for leg in used {
        cdr.recordings.extend(leg.recording());
        if leg.is_over_trunk() {
            cdr.trunk_legs.push(leg.into_trunk_leg());
        } else {
            cdr.extension_legs.push(leg.into_extension_leg());
        }
    }
    parsed
}

impl LegRecord {
    const fn is_over_trunk(&self) -> bool {
        self.trunk_name.is_some() || self.trunk_id.is_some()
    }

    fn recording(&self) -> Option<Recording> {
        Some(Recording {
            time: self.start,
            file: Some(self.record_location.clone()?),
            extension: self.extension.clone(),
            ..Recording::default()
        })
    }

    fn into_trunk_leg(self) -> TrunkLeg {
        TrunkLeg {
            direction: self.direction,
            from: self.from,
            to: self.to,
            remote_party: self.remote_party,
            local_party: self.local_party,
            trunk: self.trunk_name.or(self.trunk_id),
            cost: self.cost,
            start: self.start,
            connect: self.connect,
            end: self.end,
            ip_address: self.ip_address,
            extension: self.extension,
            extra: self.extra,
            ..TrunkLeg::default()
        }
    }

    fn into_extension_leg(self) -> ExtensionLeg {
        ExtensionLeg {
            callid: Some(self.call_id),
            from: self.from,
            to: self.to,
            direction: self.direction,
            extension: self.extension,
            start: self.start,
            connect: self.connect,
            end: self.end,
            ip_address: self.ip_address,
            extra: self.extra,
            ..ExtensionLeg::default()
        }
    }
}

impl Reader {
    /// Reads a leg record of the `json` scheme.
    ///
    /// # Errors
    ///
    /// If the input is not a JSON object within the limits, has no `CallID`, or (strict mode) has
    /// an invalid field.
    pub fn read_leg_record(&self, json: impl AsRef<[u8]>) -> Result<Parsed<LegRecord>, Issue> {
        self.read(json.as_ref())
    }
}
