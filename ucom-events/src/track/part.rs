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
    texts: Texts,
    pub(super) caller_extension_id: Option<ExtensionId>,
    pub(super) called_extension_id: Option<ExtensionId>,
    pub(super) duration: Option<Duration>,
    pub(super) bridged_duration: Option<Duration>,
    pub(super) bridged: Option<bool>,
    pub(super) transferred: Option<bool>,
    pub(super) is_forward: bool,
}

impl Part {
    pub(super) fn of(event: &ExtensionEvent) -> Self {
        Self {
            time: event.event_time().map_or(u64::MAX, Timestamp::as_micros),
            status: event.call_status(),
            flow: event.call_flow().filter(CallFlow::is_known),
            texts: Texts::of(event),
            caller_extension_id: event.caller_extension_id(),
            called_extension_id: event.called_extension_id(),
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

/// The texts of a part in one piece: many legs are followed, and each piece of memory costs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Texts {
    all: Box<str>,
    /// Where each ends in `all`, one after the other. A text is never empty, so no length is absence.
    ends: [u32; Self::COUNT],
}

macro_rules! texts {
    ($($index:literal = $text:ident,)+) => {
        impl Texts {
            const COUNT: usize = [$($index),+].len();

            fn of(event: &ExtensionEvent) -> Self {
                let texts = [$(event.$text().unwrap_or_default()),+];
                let mut all = String::with_capacity(texts.iter().map(|text| text.len()).sum());
                let ends = texts.map(|text| {
                    all.push_str(text);
                    all.len() as u32
                });
                Self { all: all.into(), ends }
            }

            fn get(&self, index: usize) -> Option<&str> {
                let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
                self.all.get(start as usize..self.ends[index] as usize).filter(|text| !text.is_empty())
            }
        }

        impl Part {
            $(pub(super) fn $text(&self) -> Option<&str> {
                self.texts.get($index)
            })+
        }
    };
}

texts! {
    0 = caller,
    1 = caller_name,
    2 = caller_extension,
    3 = called,
    4 = called_did,
    5 = called_extension,
    6 = remote_number,
    7 = recording_id,
    8 = call_api_id,
    9 = call_back_id,
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
