//! Events of extensions: calls, messages, voicemail.

use std::time::Duration;

use crate::ParseError;
use crate::event::family::{Family, Pairs, family_methods, vocabulary};
use crate::event::id::{CallId, ExtensionId, SubCallId};
use crate::event::kind::{CallFlow, CallStatus, EventKind};
use crate::event::time::Timestamp;
use crate::form::{Fields, lossy};

// In the order of the vendor's table; the second spellings (C1, C2, C4) come last.
vocabulary! {
    CallField, CALL = "ExtensionEvent",
    spellings &[
        (CallField::CallerIdNum as usize, CallField::CallerNum as usize),
        (CallField::CalledNumber as usize, CallField::CalledNum as usize),
        (CallField::Transfered as usize, CallField::Transferred as usize),
    ],
    {
        EventType: Text = "EventType",
        CallId: Text = "CallID",
        SubCallId: Text = "SubCallID",
        CallApiId: Text = "CallAPIID",
        CallerIdNum: Phone = "CallerIDNum",
        CallerIdName: Text = "CallerIDName",
        CalledDid: Phone = "CalledDID",
        CalledNumber: Phone = "CalledNumber",
        CalledExtension: Text = "CalledExtension",
        CalledExtensionId: Digits = "CalledExtensionID",
        CallerExtension: Text = "CallerExtension",
        CallerExtensionId: Digits = "CallerExtensionID",
        CallStatus: Text = "CallStatus",
        CallFlow: Text = "CallFlow",
        Transfered: YesNo = "Transfered",
        RemoteNumber: Phone = "RemoteNumber",
        Bridged: YesNo = "Bridged",
        Duration: Digits = "Duration",
        BridgedDuration: Digits = "BridgedDuration",
        RecId: Text = "RecID",
        EventTime: Digits = "EventTime",
        CallBackId: Text = "CallBackID",
        Tag: Text = "Tag",
        CallerNum: Phone = "CallerNum",
        CalledNum: Phone = "CalledNum",
        Transferred: YesNo = "Transferred",
    }
}

/// An event of an extension.
///
/// Every field except the kind may be absent; an empty or blank value counts as absent. An
/// unreadable field is `None` and named in [`warnings`](Self::warnings); its text stays in
/// [`fields`](Self::fields).
///
/// Two events are equal if their fields and their unknown fields are; the order of different names
/// does not matter.
#[derive(Clone, PartialEq, Eq)]
pub struct ExtensionEvent {
    family: Family,
    kind: EventKind,
    call_id: Option<CallId>,
    sub_call_id: Option<SubCallId>,
}

family_methods!(ExtensionEvent);

impl ExtensionEvent {
    pub(crate) const fn is_marked(pairs: &Pairs) -> bool {
        pairs.has(CallField::EventType as usize)
    }

    pub(crate) fn read(fields: Fields, pairs: &Pairs) -> Result<Self, ParseError> {
        let family = Family::read(&CALL, fields, pairs);
        if family.raw(CallField::EventType as usize).is_empty() {
            return Err(ParseError::MissingField("EventType"));
        }
        let kind = EventKind::from(&*lossy(family.raw(CallField::EventType as usize)));
        if kind.is_call() && family.raw(CallField::CallId as usize).is_empty() {
            return Err(ParseError::MissingField("CallID"));
        }
        let call_id = family.text(CallField::CallId as usize).map(CallId::new);
        let sub_call_id = family.text(CallField::SubCallId as usize).map(SubCallId::new);
        Ok(Self { family, kind, call_id, sub_call_id })
    }

    fn text(&self, field: CallField) -> Option<&str> {
        self.family.text(field as usize)
    }

    fn duration_of(&self, field: CallField) -> Option<Duration> {
        self.family.number(field as usize).map(Duration::from_micros)
    }

    /// Kind of the event, wire name `EventType`.
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

    /// The caller's number as sent, wire name `CallerIDNum`, or `CallerNum`.
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

    /// The called extension, or the dialled number; wire name `CalledNumber`, or `CalledNum`.
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
        self.family.number(CallField::CalledExtensionId as usize).map(ExtensionId::new)
    }

    /// The calling extension with its domain, wire name `CallerExtension`. On a call from outside it
    /// can be the IVR that the call came through.
    #[must_use]
    pub fn caller_extension(&self) -> Option<&str> {
        self.text(CallField::CallerExtension)
    }

    /// The calling extension's id, wire name `CallerExtensionID`.
    #[must_use]
    pub fn caller_extension_id(&self) -> Option<ExtensionId> {
        self.family.number(CallField::CallerExtensionId as usize).map(ExtensionId::new)
    }

    /// The progress or outcome of the leg, wire name `CallStatus`.
    #[must_use]
    pub fn call_status(&self) -> Option<CallStatus> {
        self.text(CallField::CallStatus).map(CallStatus::from)
    }

    /// The direction as sent, wire name `CallFlow`.
    #[must_use]
    pub fn call_flow(&self) -> Option<CallFlow> {
        self.text(CallField::CallFlow).map(CallFlow::from)
    }

    /// The direction: `CallFlow` if it is known, else the one that the kind implies.
    #[must_use]
    pub fn flow(&self) -> Option<CallFlow> {
        self.call_flow().filter(CallFlow::is_known).or_else(|| self.kind.flow())
    }

    /// Returns whether the leg is a forward, wire name `Transfered`, or `Transferred`.
    #[must_use]
    pub fn transferred(&self) -> Option<bool> {
        self.family.yes_or_no(CallField::Transfered as usize)
    }

    /// The outside number behind a leg that a transfer brought, wire name `RemoteNumber`.
    #[must_use]
    pub fn remote_number(&self) -> Option<&str> {
        self.text(CallField::RemoteNumber)
    }

    /// Returns whether a phone user has answered the call, wire name `Bridged`; in hangups of IVRs
    /// and queues.
    #[must_use]
    pub fn bridged(&self) -> Option<bool> {
        self.family.yes_or_no(CallField::Bridged as usize)
    }

    /// The leg's talk time, or the stay in a service, wire name `Duration`, in microseconds on the wire.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.duration_of(CallField::Duration)
    }

    /// The talk time, wire name `BridgedDuration`; its unit is presumed to be microseconds.
    #[must_use]
    pub fn bridged_duration(&self) -> Option<Duration> {
        self.duration_of(CallField::BridgedDuration)
    }

    /// The recording's id, wire name `RecID`; not a URL.
    #[must_use]
    pub fn recording_id(&self) -> Option<&str> {
        self.text(CallField::RecId)
    }

    /// The event's own time, wire name `EventTime`.
    #[must_use]
    pub fn event_time(&self) -> Option<Timestamp> {
        self.family.number(CallField::EventTime as usize).map(Timestamp::from_micros)
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

    /// Returns whether the caller's number is present and blank, which means that it is hidden.
    #[must_use]
    pub fn has_blank_caller(&self) -> bool {
        self.family.is_blank(CallField::CallerIdNum as usize)
    }

    // D6.
    /// Returns whether both extension ids consist of digits.
    pub(crate) fn has_numeric_ids(&self) -> bool {
        [CallField::CalledExtensionId, CallField::CallerExtensionId].into_iter().all(|field| {
            let raw = self.family.raw(field as usize);
            !raw.is_empty() && raw.iter().all(u8::is_ascii_digit)
        })
    }
}
