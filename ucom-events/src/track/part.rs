//! What one event says about its leg.

use std::time::Duration;

use crate::event::{CallFlow, CallStatus, EventKind, ExtensionEvent, Timestamp};
use crate::extension::{ExtensionAddress, ExtensionId, ExtensionNumber};

/// The stages of a leg of which each has an event of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    DialIn,
    DialOut,
    Answer,
    Hangup,
}

impl Stage {
    pub(super) const COUNT: usize = 4;

    pub(super) const fn of(kind: &EventKind) -> Option<Self> {
        match kind {
            EventKind::DialIn => Some(Self::DialIn),
            EventKind::DialOut => Some(Self::DialOut),
            EventKind::Answer => Some(Self::Answer),
            EventKind::Hangup => Some(Self::Hangup),
            _ => None,
        }
    }
}

/// The facts of one event, ordered so that of two events of one stage the same one always counts,
/// whichever comes first: the earlier by `EventTime` (U3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// Microseconds; an event without a time counts after those that have one.
    time: u64,
    pub(super) status: Option<CallStatus>,
    pub(super) flow: Option<CallFlow>,
    pub(super) caller: Option<Box<str>>,
    pub(super) caller_name: Option<Box<str>>,
    pub(super) caller_extension: Option<Box<str>>,
    pub(super) caller_extension_id: Option<ExtensionId>,
    pub(super) called: Option<Box<str>>,
    pub(super) called_did: Option<Box<str>>,
    pub(super) called_extension: Option<Box<str>>,
    pub(super) called_extension_id: Option<ExtensionId>,
    pub(super) remote_number: Option<Box<str>>,
    pub(super) recording_id: Option<Box<str>>,
    pub(super) call_api_id: Option<Box<str>>,
    pub(super) call_back_id: Option<Box<str>>,
    pub(super) duration: Option<Duration>,
    pub(super) bridged_duration: Option<Duration>,
    pub(super) bridged: Option<bool>,
    pub(super) transferred: Option<bool>,
    pub(super) is_forward: bool,
}

impl Part {
    pub(super) fn of(event: &ExtensionEvent) -> Self {
        let text = |text: Option<&str>| text.map(Box::from);
        Self {
            time: event.event_time().map_or(u64::MAX, Timestamp::as_micros),
            status: event.call_status(),
            flow: event.call_flow().filter(CallFlow::is_known),
            caller: text(event.caller()),
            caller_name: text(event.caller_name()),
            caller_extension: text(event.caller_extension()),
            caller_extension_id: event.caller_extension_id(),
            called: text(event.called()),
            called_did: text(event.called_did()),
            called_extension: text(event.called_extension()),
            called_extension_id: event.called_extension_id(),
            remote_number: text(event.remote_number()),
            recording_id: text(event.recording_id()),
            call_api_id: text(event.call_api_id()),
            call_back_id: text(event.call_back_id()),
            duration: event.duration(),
            bridged_duration: event.bridged_duration(),
            bridged: event.bridged(),
            transferred: event.transferred(),
            is_forward: event.transferred() == Some(true) && event.has_numeric_ids(),
        }
    }

    pub(super) const fn time(&self) -> Option<Timestamp> {
        match self.time {
            u64::MAX => None,
            micros => Some(Timestamp::from_micros(micros)),
        }
    }
}

/// The extension that has observed an event, as far as the event tells: the called one of a leg that
/// came in, the calling one of a leg that went out.
pub(super) fn observer<'a>(
    is_out: bool,
    extension: Option<&'a str>,
    number: Option<&'a str>,
) -> Option<&'a str> {
    let user =
        |text: &'a str| Some(ExtensionAddress::new(text).user()).filter(|user| !user.is_empty());
    extension.and_then(user).or_else(|| {
        // The caller of a leg that goes out is its extension only if it looks like one: a forwarded
        // call keeps the outside caller's number.
        number.and_then(user).filter(|user| !is_out || ExtensionNumber::is_valid(user.as_bytes()))
    })
}
