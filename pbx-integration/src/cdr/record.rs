//! The record of a finished call.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::cdr::extension_leg::ExtensionLeg;
use crate::cdr::recording::Recording;
use crate::cdr::state::State;
use crate::cdr::trunk_leg::TrunkLeg;
use crate::event::{Domain, domain};
use crate::wire::field::{Plain, handle, moment, start};
use crate::wire::json::Json;
use crate::wire::record::record;
use crate::wire::scalar::{self, Read};
use crate::wire::{Handle, Parsed, ReadError, Reader, SipHeader, Timestamp};

record! {
    /// The record of a finished call (§6.1), from `oncdr` or from the `webcdr` scheme (P112).
    ///
    /// Fields without which the record means little are options all the same, because a lenient
    /// reader drops what it cannot read; only the call-ID is always there.
    ///
    /// ```
    /// use pbx_integration::Reader;
    ///
    /// let json = r#"{"domain": "tenant1.example.com", "callid": "e1@pbx",
    ///     "start": 1757934000, "end": 1757934003}"#;
    /// let cdr = Reader::lenient().read_cdr(json)?;
    /// let call = cdr.value.summary();
    /// println!("{} {} talked {:?}, waited {:?}", cdr.value.callid, call.disposition, call.net_talk, call.queue_wait());
    /// assert_eq!(call.total.map(|total| total.as_secs()), Some(3));
    /// assert!(cdr.value.validate().is_empty());
    /// # Ok::<(), pbx_integration::ReadError>(())
    /// ```
    #[doc(alias = "oncdr")]
    pub struct Cdr {
        /// The tenant; here usually its address alone (P35).
        pub domain: Option<Domain> = "domain" custom_required(domain),
        /// Call-ID; with transfer or pickup it may be the id of a later leg.
        pub callid: String = "callid" id_required,
        /// From header of the call.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header of the call.
        pub to: Option<SipHeader> = "to" optional(header),
        /// Client matter code, entered by the agent.
        pub cmc: Option<String> = "cmc" optional(scalar::free_text),
        /// Comment, entered by the agent.
        pub comment: Option<String> = "comment" optional(scalar::free_text),
        /// Category, entered by the agent.
        pub category: Option<String> = "category" optional(scalar::free_text),
        /// Rating, entered by the caller; a number is kept by its digits.
        pub rating: Option<String> = "rating" optional(scalar::rating),
        /// Start.
        pub start: Option<Timestamp> = "start" timed_required(start),
        /// First time the call was connected; by a queue or IVR too, so it does not mean that a
        /// person answered (P114).
        pub connect: Option<Timestamp> = "connect" timed(moment),
        /// End.
        pub end: Option<Timestamp> = "end" timed(moment),
        /// Recordings.
        pub recordings: Vec<Recording> = "recordings" list,
        /// States, in the order of the wire (P59).
        pub states: Vec<State> = "states" list,
        /// Legs over trunks.
        pub trunk_legs: Vec<TrunkLeg> = "trunklegs" list,
        /// Legs to and from extensions.
        pub extension_legs: Vec<ExtensionLeg> = "extensionlegs" list,
        /// The call was abandoned before answer (P54).
        pub abandoned: Option<bool> = "abandoned" optional(scalar::flag),
        /// Agents available at call time (P54).
        pub available: Option<i64> = "available" optional(scalar::integer),
        /// Firmware version (P54).
        pub version: Option<String> = "version" optional(scalar::text),
        /// Activation code of the PBX (P54).
        pub system: Option<SystemCode> = "system" optional(system),
        /// Handle of the call (P45).
        pub call: Handle = "call" custom(handle),
        /// Handle of the call leg (P45).
        pub leg: Handle = "leg" custom(handle),
        /// Account id of the user.
        pub user: Option<u64> = "user" optional(scalar::id),
    }
}

impl Cdr {
    /// A record of a call; the rest is empty.
    #[must_use]
    pub fn new(domain: impl Into<Domain>, callid: impl Into<String>, start: Timestamp) -> Self {
        Self {
            domain: Some(domain.into()),
            callid: callid.into(),
            start: Some(start),
            ..Self::default()
        }
    }
}

/// A SIP header; empty text is kept (P6).
pub(crate) fn header(json: &mut Json<'_>) -> Read<SipHeader> {
    Ok(scalar::free_text(json)?.map(SipHeader::new))
}

pub(crate) fn system(json: &mut Json<'_>) -> Read<SystemCode> {
    Ok(scalar::text(json)?.map(SystemCode))
}

/// The activation code of a PBX. It identifies a licence, so debug output hides it (P54).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SystemCode(String);

impl SystemCode {
    /// A code.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// The code itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SystemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemCode(..)")
    }
}

impl Plain for SystemCode {}

impl Serialize for SystemCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Reader {
    /// Reads the payload of `oncdr`, or a record of the `webcdr` scheme (§6, P112).
    ///
    /// # Errors
    ///
    /// No JSON object within the limits, no `callid`, or (strict mode) a bad field.
    pub fn read_cdr(&self, json: impl AsRef<[u8]>) -> Result<Parsed<Cdr>, ReadError> {
        self.read(json.as_ref())
    }
}
