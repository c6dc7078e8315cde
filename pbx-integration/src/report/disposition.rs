//! Words for a call: its direction and its outcome.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::wire::words::words;

words! {
    /// The direction of a whole call.
    pub enum CallDirection {
        /// Inbound over a trunk.
        Inbound = "inbound",
        /// Outbound over a trunk.
        Outbound = "outbound",
        /// Without a trunk.
        Internal = "internal",
        /// The deciding trunk leg has no known direction.
        Unknown = "unknown",
    }
}

/// The human-readable outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Disposition {
    /// A person answered.
    Answered,
    /// The caller ended in a mailbox.
    Voicemail,
    /// The caller ended at a machine, such as an attendant or a conference.
    Service,
    /// The caller gave up while waiting.
    AbandonedWaiting,
    /// The caller gave up while agents were ringing.
    AbandonedRinging,
    /// The call was redirected.
    Redirected,
    /// SIP 486 or 600.
    Busy,
    /// SIP 603.
    Declined,
    /// SIP 487.
    Canceled,
    /// SIP 408 or 480, or an extension missed it.
    NoAnswer,
    /// Another SIP code from 400 on.
    Failed(i64),
    /// The record does not show it.
    Unknown,
}

impl Disposition {
    /// Returns a word that is stable between versions.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Voicemail => "voicemail",
            Self::Service => "service",
            Self::AbandonedWaiting => "abandoned_waiting",
            Self::AbandonedRinging => "abandoned_ringing",
            Self::Redirected => "redirected",
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::Canceled => "canceled",
            Self::NoAnswer => "no_answer",
            Self::Failed(_) => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the code of [`Failed`](Self::Failed).
    #[must_use]
    pub const fn code(self) -> Option<i64> {
        match self {
            Self::Failed(code) => Some(code),
            _ => None,
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Disposition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
