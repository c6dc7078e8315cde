//! Events of extensions: calls, messages, voicemail (§4.2).

use std::fmt;
use std::time::Duration;

use crate::ParseError;
use crate::event::id::{CallId, SubCallId};
use crate::event::kind::{CallFlow, CallStatus, EventKind};
use crate::event::time::Timestamp;
use crate::event::vocabulary::{Pairs, vocabulary, with_plus};
use crate::extension::ExtensionId;
use crate::form::{Fields, Slice, digits, lossy};

vocabulary! {
    /// In the order of the vendor's table; the second spellings of C1, C2 and C4 come last.
    CallField {
        EventType = "EventType",
        CallId = "CallID",
        SubCallId = "SubCallID",
        CallApiId = "CallAPIID",
        CallerIdNum = "CallerIDNum",
        CallerIdName = "CallerIDName",
        CalledDid = "CalledDID",
        CalledNumber = "CalledNumber",
        CalledExtension = "CalledExtension",
        CalledExtensionId = "CalledExtensionID",
        CallerExtension = "CallerExtension",
        CallerExtensionId = "CallerExtensionID",
        CallStatus = "CallStatus",
        CallFlow = "CallFlow",
        Transfered = "Transfered",
        RemoteNumber = "RemoteNumber",
        Bridged = "Bridged",
        Duration = "Duration",
        BridgedDuration = "BridgedDuration",
        RecId = "RecID",
        EventTime = "EventTime",
        CallBackId = "CallBackID",
        Tag = "Tag",
        CallerNum = "CallerNum",
        CalledNum = "CalledNum",
        Transferred = "Transferred",
    }
}

pub(crate) type CallPairs = Pairs<{ CallField::COUNT }>;

/// Fields that may be spelt in two ways: the vendor's name, then the other one (C1, C2, C4).
const SPELLINGS: [(CallField, CallField); 3] = [
    (CallField::CallerIdNum, CallField::CallerNum),
    (CallField::CalledNumber, CallField::CalledNum),
    (CallField::Transfered, CallField::Transferred),
];

/// How many fields have values; the second spellings have none of their own.
const VALUES: usize = CallField::CallerNum as usize;

const NUMBERS: [CallField; 4] = [
    CallField::CallerIdNum,
    CallField::CalledNumber,
    CallField::RemoteNumber,
    CallField::CalledDid,
];

/// An event of an extension.
///
/// Every field but the kind may be absent: an empty value, or one of blanks, counts as absent. A
/// field that is there but cannot be read is `None` and named in [`warnings`](Self::warnings); its
/// text stays in [`fields`](Self::fields).
///
/// Two events are equal if their fields and their unknown fields are; the order of different names
/// does not matter.
#[derive(Clone)]
pub struct ExtensionEvent {
    fields: Fields,
    values: [Slice; VALUES],
    /// Pairs of a second spelling that say something else than the vendor's name.
    differing: [Option<u16>; SPELLINGS.len()],
    kind: EventKind,
    call_id: Option<CallId>,
    sub_call_id: Option<SubCallId>,
    /// One bit for each field.
    unreadable: u32,
}

impl ExtensionEvent {
    pub(crate) const fn is_marked(pairs: &CallPairs) -> bool {
        pairs.has(CallField::EventType as usize)
    }

    pub(crate) fn read(mut fields: Fields, pairs: &CallPairs) -> Result<Self, ParseError> {
        let mut values: [Slice; VALUES] = std::array::from_fn(|field| pairs.value(&fields, field));
        if values[CallField::EventType as usize].is_empty() {
            return Err(ParseError::MissingField("EventType"));
        }
        let mut differing = [None; SPELLINGS.len()];
        for (other, (first, second)) in differing.iter_mut().zip(SPELLINGS) {
            let sent = pairs.value(&fields, second as usize);
            let value = &mut values[first as usize];
            if value.is_empty() {
                *value = sent;
            } else if !sent.is_empty() && fields.slice(sent) != fields.slice(*value) {
                *other = pairs.index(second as usize);
            }
        }
        for number in NUMBERS {
            values[number as usize] = with_plus(&mut fields, values[number as usize]);
        }
        let mut event = Self {
            fields,
            values,
            differing,
            kind: EventKind::Hangup,
            call_id: None,
            sub_call_id: None,
            unreadable: 0,
        };
        event.kind = EventKind::from(&*lossy(event.raw(CallField::EventType)));
        if event.kind.is_call() && event.raw(CallField::CallId).is_empty() {
            return Err(ParseError::MissingField("CallID"));
        }
        event.call_id = event.text(CallField::CallId).map(CallId::new);
        event.sub_call_id = event.text(CallField::SubCallId).map(SubCallId::new);
        event.unreadable = event.find_unreadable();
        Ok(event)
    }

    /// The fields that have a value which cannot be read (D15, D17).
    fn find_unreadable(&self) -> u32 {
        let mut unreadable = 0;
        if !self.fields.is_ascii() {
            for field in 0..VALUES {
                let bytes = self.fields.slice(self.values[field]);
                unreadable |= u32::from(std::str::from_utf8(bytes).is_err()) << field;
            }
        }
        for field in [
            CallField::CalledExtensionId,
            CallField::CallerExtensionId,
            CallField::Duration,
            CallField::BridgedDuration,
            CallField::EventTime,
        ] {
            let raw = self.raw(field);
            unreadable |= u32::from(!raw.is_empty() && digits(raw).is_none()) << field as u8;
        }
        for field in [CallField::Transfered, CallField::Bridged] {
            let raw = self.raw(field);
            unreadable |= u32::from(!raw.is_empty() && yes_or_no(raw).is_none()) << field as u8;
        }
        unreadable
    }

    /// The bytes of a field's value, empty if absent.
    fn raw(&self, field: CallField) -> &[u8] {
        self.fields.slice(self.values[field as usize])
    }

    fn text(&self, field: CallField) -> Option<&str> {
        match self.raw(field) {
            [] => None,
            bytes => std::str::from_utf8(bytes).ok(),
        }
    }

    fn duration_of(&self, field: CallField) -> Option<Duration> {
        digits(self.raw(field)).map(Duration::from_micros)
    }

    /// What has happened, wire name `EventType`.
    #[must_use]
    pub const fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// The text of `EventType`, or `None` if it is not UTF-8.
    #[must_use]
    pub fn event_type(&self) -> Option<&str> {
        self.text(CallField::EventType)
    }

    /// The call, wire name `CallID`.
    #[must_use]
    pub const fn call_id(&self) -> Option<&CallId> {
        self.call_id.as_ref()
    }

    /// The leg, wire name `SubCallID`.
    #[must_use]
    pub const fn sub_call_id(&self) -> Option<&SubCallId> {
        self.sub_call_id.as_ref()
    }

    /// The id for steering the call, wire name `CallAPIID`.
    #[must_use]
    pub fn call_api_id(&self) -> Option<&str> {
        self.text(CallField::CallApiId)
    }

    /// The caller's number as sent, wire name `CallerIDNum`, or `CallerNum` (C1).
    #[must_use]
    pub fn caller(&self) -> Option<&str> {
        self.text(CallField::CallerIdNum)
    }

    /// The caller's name, wire name `CallerIDName`; may repeat the number.
    #[must_use]
    pub fn caller_name(&self) -> Option<&str> {
        self.text(CallField::CallerIdName)
    }

    /// The public number through which the call came in, wire name `CalledDID`.
    #[must_use]
    pub fn called_did(&self) -> Option<&str> {
        self.text(CallField::CalledDid)
    }

    /// The extension that got the call, or the number dialled; wire name `CalledNumber`, or
    /// `CalledNum` (C2).
    #[must_use]
    pub fn called(&self) -> Option<&str> {
        self.text(CallField::CalledNumber)
    }

    /// The called extension with its domain, wire name `CalledExtension`.
    #[must_use]
    pub fn called_extension(&self) -> Option<&str> {
        self.text(CallField::CalledExtension)
    }

    /// The called extension's id, wire name `CalledExtensionID`.
    #[must_use]
    pub fn called_extension_id(&self) -> Option<ExtensionId> {
        digits(self.raw(CallField::CalledExtensionId)).map(ExtensionId::new)
    }

    /// The calling extension with its domain, wire name `CallerExtension`. On a call from outside it
    /// can be the voice menu that the call came through.
    #[must_use]
    pub fn caller_extension(&self) -> Option<&str> {
        self.text(CallField::CallerExtension)
    }

    /// The calling extension's id, wire name `CallerExtensionID`.
    #[must_use]
    pub fn caller_extension_id(&self) -> Option<ExtensionId> {
        digits(self.raw(CallField::CallerExtensionId)).map(ExtensionId::new)
    }

    /// How far the leg has come, wire name `CallStatus`.
    #[must_use]
    pub fn call_status(&self) -> Option<CallStatus> {
        self.text(CallField::CallStatus).map(CallStatus::from)
    }

    /// The direction as sent, wire name `CallFlow`.
    #[must_use]
    pub fn call_flow(&self) -> Option<CallFlow> {
        self.text(CallField::CallFlow).map(CallFlow::from)
    }

    /// The direction: `CallFlow` if it is known, else what the kind implies (D4).
    #[must_use]
    pub fn flow(&self) -> Option<CallFlow> {
        self.call_flow().filter(CallFlow::is_known).or_else(|| self.kind.flow())
    }

    /// Whether forwarding has made this leg, wire name `Transfered`, or `Transferred` (C4).
    #[must_use]
    pub fn transferred(&self) -> Option<bool> {
        yes_or_no(self.raw(CallField::Transfered))
    }

    /// The outside number behind a leg that a transfer brought, wire name `RemoteNumber` (V15).
    #[must_use]
    pub fn remote_number(&self) -> Option<&str> {
        self.text(CallField::RemoteNumber)
    }

    /// Whether a phone user has taken the call, wire name `Bridged`; in hangups of voice menus and
    /// queues (C7).
    #[must_use]
    pub fn bridged(&self) -> Option<bool> {
        yes_or_no(self.raw(CallField::Bridged))
    }

    /// How long the leg was, wire name `Duration`, in microseconds on the wire (C15).
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.duration_of(CallField::Duration)
    }

    /// How long people talked, wire name `BridgedDuration`; its unit is presumed to be microseconds.
    #[must_use]
    pub fn bridged_duration(&self) -> Option<Duration> {
        self.duration_of(CallField::BridgedDuration)
    }

    /// The recording's id, wire name `RecID`; not a URL.
    #[must_use]
    pub fn recording_id(&self) -> Option<&str> {
        self.text(CallField::RecId)
    }

    /// When the event was made, wire name `EventTime`.
    #[must_use]
    pub fn event_time(&self) -> Option<Timestamp> {
        digits(self.raw(CallField::EventTime)).map(Timestamp::from_micros)
    }

    /// The id of a call that the API started, wire name `CallBackID`.
    #[must_use]
    pub fn call_back_id(&self) -> Option<&str> {
        self.text(CallField::CallBackId)
    }

    /// Wire name `Tag`; its meaning is not documented.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.text(CallField::Tag)
    }

    /// Vendor's names of the fields that could not be read, in the order of the vendor's table; each
    /// of them is `None`.
    pub fn warnings(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        let unreadable = self.unreadable;
        (0..VALUES)
            .filter(move |field| unreadable >> field & 1 == 1)
            .map(|field| CallField::WIRE[field])
    }

    /// Pairs that this version does not know, in order: names it does not know, and a second
    /// spelling that says something else than the vendor's name (D16).
    pub fn unknown(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.fields.iter().enumerate().filter_map(|(index, pair)| {
            let unknown = CallField::find(pair.0).is_none()
                || self
                    .differing
                    .iter()
                    .flatten()
                    .any(|&differing| usize::from(differing) == index);
            unknown.then_some(pair)
        })
    }

    /// Every pair as it was sent.
    #[must_use]
    pub const fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether an id counts as numeric for R27: digits alone, of any number (D6).
    pub(crate) fn has_numeric_ids(&self) -> bool {
        [CallField::CalledExtensionId, CallField::CallerExtensionId].into_iter().all(|field| {
            let raw = self.raw(field);
            !raw.is_empty() && raw.iter().all(u8::is_ascii_digit)
        })
    }
}

impl PartialEq for ExtensionEvent {
    fn eq(&self, other: &Self) -> bool {
        (0..VALUES).all(|field| {
            self.fields.slice(self.values[field]) == other.fields.slice(other.values[field])
        }) && super::same_unknown(self.unknown(), other.unknown())
    }
}

impl Eq for ExtensionEvent {}

impl fmt::Debug for ExtensionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExtensionEvent").field(&self.fields).finish()
    }
}

fn yes_or_no(value: &[u8]) -> Option<bool> {
    if value.eq_ignore_ascii_case(b"yes") {
        Some(true)
    } else if value.eq_ignore_ascii_case(b"no") {
        Some(false)
    } else {
        None
    }
}
