//! Words with a fixed set of values.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(clippy::exhaustive_enums, reason = "the page and receivers know exactly these")]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The value of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// All words, for error texts.
            pub const WORDS: &'static [&'static str] = &[$($word),+];
        }
    )+};
}

words! {
    /// Direction of a call, as the PBX sees it.
    #[derive(Default)]
    Direction {
        /// From outside.
        #[default]
        Inbound = "inbound",
        /// To outside.
        Outbound = "outbound",
        /// Between users.
        Internal = "internal",
    }
    /// Present state of a call.
    #[derive(Default)]
    State {
        /// A phone rings, or a number is dialled.
        #[default]
        Ringing = "ringing",
        /// In a queue or IVR.
        Waiting = "waiting",
        /// Two parties are connected.
        Talking = "talking",
        /// On hold or parked.
        Held = "held",
        /// Over.
        Ended = "ended",
    }
    /// Outcome of a call.
    Outcome {
        /// Two parties were connected.
        Answered = "answered",
        /// Nobody answered.
        Missed = "missed",
        /// The caller gave up while waiting in a queue.
        Abandoned = "abandoned",
        /// It ended in a mailbox.
        Voicemail = "voicemail",
        /// The called party was busy.
        Busy = "busy",
        /// It failed.
        Failed = "failed",
        /// The source does not say.
        Unknown = "unknown",
    }
    /// Kind of a step.
    StepKind {
        /// The call began.
        Offered = "offered",
        /// It entered a queue.
        Queued = "queued",
        /// A phone rang.
        Rang = "rang",
        /// Somebody answered.
        Answered = "answered",
        /// It was put on hold.
        Held = "held",
        /// It was parked.
        Parked = "parked",
        /// It was handed on.
        Transferred = "transferred",
        /// It reached a mailbox.
        Voicemail = "voicemail",
        /// It ended.
        Ended = "ended",
    }
    /// Presence of a user.
    #[derive(Default)]
    Presence {
        /// Reachable and not on a call.
        #[default]
        Free = "free",
        /// The phone rings.
        Ringing = "ringing",
        /// On a call.
        Busy = "busy",
        /// Does not want calls.
        Away = "away",
        /// Not reachable.
        Offline = "offline",
    }
}
