//! The words of extension events.

use crate::open_enum::open_enum;

open_enum! {
    /// Kind of an event on an extension, wire field `EventType`.
    pub enum EventKind compared exactly {
        /// A call is offered to the extension.
        DialIn = "dial-in",
        /// The extension makes a call, or forwards one outside.
        DialOut = "dial-out",
        /// The leg is answered.
        Answer = "answer",
        /// The leg has ended.
        Hangup = "hangup",
        /// A message has come in; its fields are not documented.
        MessageIn = "message-in",
        /// A message was sent; its fields are not documented.
        MessageOut = "message-out",
        /// A voice message was left.
        Voicemail = "voicemail",
    }
}

impl EventKind {
    /// Returns whether the event belongs to a call, and so has a `CallID`.
    #[must_use]
    pub const fn is_call(&self) -> bool {
        matches!(self, Self::DialIn | Self::DialOut | Self::Answer | Self::Hangup)
    }

    /// The flow that the kind implies if `CallFlow` is absent or unknown.
    #[must_use]
    pub const fn flow(&self) -> Option<CallFlow> {
        match self {
            Self::DialIn | Self::MessageIn | Self::Voicemail => Some(CallFlow::In),
            Self::DialOut | Self::MessageOut => Some(CallFlow::Out),
            _ => None,
        }
    }
}

open_enum! {
    /// The direction of a leg as the PBX sees it, wire field `CallFlow`: any letter case is read,
    /// upper case is written.
    pub enum CallFlow compared without_case {
        /// Offered to the extension.
        In = "IN",
        /// Made by the extension.
        Out = "OUT",
    }
}

open_enum! {
    /// The progress or outcome of a leg, wire field `CallStatus`.
    pub enum CallStatus compared exactly {
        /// Ringing.
        Calling = "CALLING",
        /// Answered: the only success.
        Answer = "ANSWER",
        /// The caller gave up.
        Cancel = "CANCEL",
        /// The called number is busy.
        Busy = "BUSY",
        /// The ring timer ran out.
        NoAnswer = "NOANSWER",
        /// An error during the call.
        Congestion = "CONGESTION",
        /// The called terminal is not registered.
        ChanUnavail = "CHANUNAVAIL",
        /// The PBX does not know; not to be confused with a word that this crate does not know.
        NotKnown = "UNKNOWN",
    }
}
