//! The record of one call.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::{CallId, CallStatus, SubCallId, Timestamp};

/// The record of one call: caller, answerer, waiting and talk time, outcome.
///
/// Store it by [`call_id`](Self::call_id); a record with a higher [`revised`](Self::revised) replaces
/// the one before. As JSON, times and durations are microseconds, named `…_us`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallRecord {
    /// The call.
    pub call_id: CallId,
    /// 0 for the first record of the call, then 1, 2, …
    pub revised: u32,
    /// The direction as the PBX sees it; `None` if no leg shows it.
    pub direction: Option<Direction>,
    /// The outside number as sent; `None` if it is unknown or withheld.
    pub party: Option<String>,
    /// `true` if the caller hid the number.
    pub withheld: bool,
    /// Name of the outside caller, unless it only repeats the number.
    pub name: Option<String>,
    /// The public number that was called.
    pub did: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// The first to answer an inbound call: an extension, or the outside number it was forwarded to.
    pub answered_by: Option<String>,
    /// The queue, IVR or phone at which an inbound call was missed.
    pub missed_at: Option<String>,
    /// The extension that made an outbound call.
    pub placed_by: Option<String>,
    /// Extensions that rang, each once, in order of first ringing.
    pub rang: Vec<String>,
    /// Transfers and forwards of an answered call, in order of start.
    pub transfers: Vec<Transfer>,
    /// The earliest known moment.
    #[serde(rename = "started_at_us")]
    pub started_at: Option<Timestamp>,
    /// The first answer.
    #[serde(rename = "answered_at_us")]
    pub answered_at: Option<Timestamp>,
    /// The latest known end.
    #[serde(rename = "ended_at_us")]
    pub ended_at: Option<Timestamp>,
    /// Time from the start to the answer, or to the end of an unanswered call.
    #[serde(rename = "wait_us", with = "micros")]
    pub wait: Option<Duration>,
    /// Talk time; overlaps count once.
    #[serde(rename = "talk_us", with = "micros")]
    pub talk: Option<Duration>,
    /// The status in the hangup that decided the outcome.
    pub status: Option<CallStatus>,
    /// Ids of recordings, in order of the legs.
    pub recordings: Vec<String>,
    /// `true` if no hangup and no talk time was inferred.
    pub complete: bool,
    /// The attempts, in order of start.
    pub legs: Vec<CallLeg>,
    /// Number of attempts beyond the limit of `legs`.
    pub legs_left_out: u64,
}

/// One attempt to reach a party, or one stay in an IVR or queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallLeg {
    /// The leg; several attempts may share one.
    pub sub_call_id: Option<SubCallId>,
    /// The extension, without its domain.
    pub extension: Option<String>,
    /// The part of the leg in the call.
    pub role: LegRole,
    /// The attempt's result.
    pub result: LegResult,
    /// The far side's number.
    pub other: Option<String>,
    /// The first known moment.
    #[serde(rename = "started_at_us")]
    pub started_at: Option<Timestamp>,
    /// The answer.
    #[serde(rename = "answered_at_us")]
    pub answered_at: Option<Timestamp>,
    /// The end, inferred if the hangup is missing.
    #[serde(rename = "ended_at_us")]
    pub ended_at: Option<Timestamp>,
    /// Talk time.
    #[serde(rename = "talk_us", with = "micros")]
    pub talk: Option<Duration>,
    /// The status in its hangup.
    pub status: Option<CallStatus>,
    /// `true` if a phone user answered, according to an IVR or queue.
    pub bridged: Option<bool>,
    /// The recording's id.
    pub recording: Option<String>,
}

/// A transfer of a call from one party to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Transfer {
    /// The extension that transferred the call.
    pub from: Option<String>,
    /// The extension or outside number that received it.
    pub to: Option<String>,
    /// The kind of transfer.
    pub kind: TransferKind,
    /// `true` if it was answered there.
    pub taken: bool,
}

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(clippy::exhaustive_enums, reason = "the set is closed by the record's definition")]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Returns the word in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}
pub(super) use words;

words! {
    /// Direction of a call as the PBX sees it.
    Direction {
        /// From outside to the PBX.
        Inbound = "in",
        /// From the PBX to outside.
        Outbound = "out",
    }
    /// The outcome of a call.
    Outcome {
        /// The call was answered.
        Answered = "answered",
        /// An inbound call was not answered.
        Missed = "missed",
        /// The called party did not answer an outbound call.
        NotAnswered = "not_answered",
        /// The events do not show it.
        Unknown = "unknown",
    }
    /// The part of a leg in its call.
    LegRole {
        /// An IVR or a queue.
        Service = "service",
        /// A phone that was called.
        Phone = "phone",
        /// The call forwarded by an extension or a service.
        Forward = "forward",
        /// A queue calling an agent.
        Attempt = "attempt",
        /// A phone calling outside.
        Outbound = "outbound",
        /// A phone calling one of the client's own numbers or a feature code.
        Local = "local",
        /// The events do not show it.
        Unknown = "unknown",
    }
    /// The result of an attempt.
    LegResult {
        /// Answered.
        Answered = "answered",
        /// Not answered.
        NotAnswered = "not_answered",
        /// Another leg was answered while it rang.
        AnsweredElsewhere = "answered_elsewhere",
        /// The caller left the IVR or queue.
        Ended = "ended",
        /// No event shows its end.
        Lost = "lost",
    }
    /// The kind of a transfer.
    TransferKind {
        /// By a rule, before the forwarding extension had answered.
        Forward = "forward",
        /// Without talking to the new party first.
        Blind = "blind",
        /// After talking to the new party.
        Attended = "attended",
    }
}

/// Durations as microseconds.
mod micros {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let micros = value.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        micros.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::deserialize(deserializer)?.map(Duration::from_micros))
    }
}
