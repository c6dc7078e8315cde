//! The record of a finished call.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::cdr::extension_leg::ExtensionLeg;
use crate::cdr::leg_record::LegRecord;
use crate::cdr::queue_record::QueueRecord;
use crate::cdr::recording::Recording;
use crate::cdr::state::State;
use crate::cdr::trunk_leg::TrunkLeg;
use crate::event::Domain;
use crate::wire::Timestamp;
use crate::wire::field::{flag, free_text, header, id, integer, text, text_or_number};
use crate::wire::object::Record as _;
use crate::wire::record::{Plain, record};
use crate::wire::value::{Json, Read, Value};
use crate::wire::{DurationUnit, Handle, Issue, Parsed, Reader, SipHeader};

record! {
    /// The record of a finished call, from `oncdr` or from the `webcdr` scheme.
    ///
    /// Essential fields are options too, because a lenient reader drops unreadable values; only the
    /// call-ID is always present.
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
    /// # Ok::<(), pbx_integration::Issue>(())
    /// ```
    #[doc(alias = "oncdr")]
    pub struct Cdr {
        /// The tenant; usually only its address.
        pub domain: Option<Domain> = "domain" required_domain,
        /// Call-ID; with transfer or pickup it may be the id of a later leg.
        pub callid: String = "callid" fatal(text),
        /// From header of the call.
        pub from: Option<SipHeader> = "from" optional(header),
        /// To header of the call.
        pub to: Option<SipHeader> = "to" optional(header),
        /// Client matter code, entered by the agent.
        pub cmc: Option<String> = "cmc" optional(free_text),
        /// Comment, entered by the agent.
        pub comment: Option<String> = "comment" optional(free_text),
        /// Category, entered by the agent.
        pub category: Option<String> = "category" optional(free_text),
        /// Rating, entered by the caller; a number is kept by its digits.
        pub rating: Option<String> = "rating" optional(text_or_number),
        /// Start.
        pub start: Option<Timestamp> = "start" start,
        /// First time the call was connected; by a queue or IVR too, so it does not mean that a
        /// person answered.
        pub connect: Option<Timestamp> = "connect" moment,
        /// End.
        pub end: Option<Timestamp> = "end" moment,
        /// Recordings.
        pub recordings: Vec<Recording> = "recordings" list,
        /// States, in the order of the wire.
        pub states: Vec<State> = "states" list,
        /// Legs over trunks.
        pub trunk_legs: Vec<TrunkLeg> = "trunklegs" list,
        /// Legs to and from extensions.
        pub extension_legs: Vec<ExtensionLeg> = "extensionlegs" list,
        /// The call was abandoned before answer.
        pub abandoned: Option<bool> = "abandoned" optional(flag),
        /// Agents available at call time.
        pub available: Option<i64> = "available" optional(integer),
        /// Firmware version.
        pub version: Option<String> = "version" optional(text),
        /// Activation code of the PBX.
        pub system: Option<SystemCode> = "system" optional(system),
        /// Handle of the call.
        pub call: Handle = "call" handle,
        /// Handle of the call leg.
        pub leg: Handle = "leg" handle,
        /// Account id of the user.
        pub user: Option<u64> = "user" optional(id),
    }
    beside {
        /// The origin of the record.
        pub source: Source,
    }
}

/// The origin of a call record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// A record of the whole call: `oncdr` or the `webcdr` scheme.
    #[default]
    Call,
    /// Leg records of the `json` scheme, which have no states.
    Legs,
    /// A record of a queue's REST list, which has no call-ID, no end and no legs.
    Queue,
}

impl Cdr {
    /// Creates a record of a call; other fields are empty.
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

pub(super) fn system(value: Value<'_>) -> Read<SystemCode> {
    Ok(text(value)?.map(SystemCode))
}

/// The activation code of a PBX. It identifies a licence, so debug output hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SystemCode(String);

impl SystemCode {
    /// Creates a code.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// Returns the code itself.
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

/// A record in any format that can be converted to a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AnyRecord {
    /// The record of a whole call.
    Call(Box<Cdr>),
    /// The record of one leg.
    Leg(Box<LegRecord>),
    /// A record of a queue's list.
    Queue(Box<QueueRecord>),
}

impl Reader {
    /// Reads the payload of `oncdr`, or a record of the `webcdr` scheme.
    ///
    /// # Errors
    ///
    /// If the input is not a JSON object within the limits, has no `callid`, or (strict mode) has
    /// an invalid field.
    pub fn read_cdr(&self, json: impl AsRef<[u8]>) -> Result<Parsed<Cdr>, Issue> {
        self.read(json.as_ref())
    }

    /// Reads a record in any of the formats, detected by its fields. The unit applies to queue
    /// records.
    ///
    /// # Errors
    ///
    /// The errors of the readers of single formats.
    // P211
    pub fn read_record(
        &self,
        json: impl AsRef<[u8]>,
        unit: DurationUnit,
    ) -> Result<Parsed<AnyRecord>, Issue> {
        self.with_unit(unit).read_with(json.as_ref(), |object| {
            let action = object.peek("action").map(|action| action.json);
            let is_leg = matches!(
                action,
                Some(Json::Text(action)) if action.eq_ignore_ascii_case("call-data-record")
            );
            if is_leg || object.has("CallID") && object.has("Direction") {
                return AnyRecord::Leg(Box::new(LegRecord::read(object)));
            }
            let duration = object.peek("duration").map(|duration| duration.json);
            if !object.has("callid") && matches!(duration, Some(Json::Object)) {
                return AnyRecord::Queue(Box::new(QueueRecord::read(object)));
            }
            AnyRecord::Call(Box::new(Cdr::read(object)))
        })
    }
}
