//! One leg, for a call log.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::classify::{Party, PartySource, Rule, Scope};
use crate::event::{CallFlow, CallId, CallStatus, SubCallId, Timestamp};
use crate::extension::{ExtensionId, ExtensionType};
use crate::open_enum::open_enum;

/// One leg: one attempt to reach, or one call made by, one extension (V1).
///
/// Texts are as the PBX sent them. Where events of the leg differ, the one that started the leg
/// counts before the answer, and that before the hangup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LegRecord {
    /// The call, the same for all its legs.
    pub call_id: Option<CallId>,
    /// The leg. `None` if the PBX has not said; then there is one leg for each extension of a call.
    pub sub_call_id: Option<SubCallId>,
    /// In: offered to the extension. Out: made by it.
    pub direction: Option<CallFlow>,
    /// The extension whose leg this is: a full or short number without domain.
    pub extension: Option<String>,
    /// Its id.
    pub extension_id: Option<ExtensionId>,
    /// Its type, if the directory knows it.
    pub extension_type: Option<ExtensionType>,
    /// The caller's number.
    pub caller: Option<String>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// The number called.
    pub called: Option<String>,
    /// The public number through which the call came in (V8).
    pub called_did: Option<String>,
    /// The outside number behind a transferred leg, from whichever event had it (V15).
    pub remote_number: Option<String>,
    /// Whether forwarding has made the leg.
    pub transferred: Option<bool>,
    #[serde(flatten)]
    pub(super) scope: LegScope,
    /// How the leg has ended; `None` while it goes on.
    pub outcome: Option<Outcome>,
    /// The last status that the PBX has told.
    pub call_status: Option<CallStatus>,
    /// When it started to ring.
    pub started_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long the leg was, as the PBX says (V8), in microseconds.
    #[serde(rename = "duration_us", serialize_with = "micros")]
    pub duration: Option<Duration>,
    /// How long people talked, in microseconds; only of answered legs. What the PBX says, else from
    /// answer to hangup, else the leg's duration.
    #[serde(rename = "talk_time_us", serialize_with = "micros")]
    pub talk_time: Option<Duration>,
    /// Whether a phone user has taken the call; only of voice menus and queues.
    pub bridged: Option<bool>,
    /// The recording (V8).
    pub recording_id: Option<String>,
    /// The id for steering the call.
    pub call_api_id: Option<String>,
    /// The id of a call that the API started.
    pub call_back_id: Option<String>,
}

impl LegRecord {
    /// What the leg is for an integration that logs outside calls, and why.
    #[must_use]
    pub fn scope(&self) -> Scope<'_> {
        match &self.scope {
            LegScope::External { number, source } => {
                Scope::External { party: Party::new(number, *source) }
            }
            LegScope::Internal => Scope::Internal,
            LegScope::InternalForward => Scope::InternalForward,
            LegScope::Local => Scope::Local,
            LegScope::Unknown => Scope::Unknown,
        }
    }

    /// The number of the one outside, if this is an outside call (V10, V15).
    #[must_use]
    pub fn party(&self) -> Option<&str> {
        match &self.scope {
            LegScope::External { number, .. } => Some(number),
            _ => None,
        }
    }
}

open_enum! {
    /// How a leg has ended.
    pub enum Outcome compared exactly {
        /// Somebody has taken it. Of a leg that came in: an `answer` was seen (V3); of any leg: the
        /// last status is `ANSWER` (V7).
        Answered = "answered",
        /// Nobody has taken it; `call_status` tells how it ended.
        NotAnswered = "not_answered",
        /// The caller has left a voice menu or queue without reaching anybody (V9).
        Missed = "missed",
        /// A voice menu or queue has passed the call on, or is not the last one that had it (V11–V13).
        PassedOn = "passed_on",
        /// No end was seen for a long time (U8).
        Lost = "lost",
    }
}

/// [`Scope`], with a number of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LegScope {
    External { number: Box<str>, source: PartySource },
    Internal,
    InternalForward,
    Local,
    Unknown,
}

impl From<Scope<'_>> for LegScope {
    fn from(scope: Scope<'_>) -> Self {
        match scope {
            Scope::External { party } => {
                Self::External { number: party.number().into(), source: party.source() }
            }
            Scope::Internal => Self::Internal,
            Scope::InternalForward => Self::InternalForward,
            Scope::Local => Self::Local,
            Scope::Unknown => Self::Unknown,
        }
    }
}

impl Serialize for LegScope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Printed<'a> {
            scope: &'static str,
            party: Option<&'a str>,
            rule: Option<Rule>,
        }
        let (scope, party) = match self {
            Self::External { number, source } => {
                (Scope::External { party: Party::new(number, *source) }, Some(&**number))
            }
            Self::Internal => (Scope::Internal, None),
            Self::InternalForward => (Scope::InternalForward, None),
            Self::Local => (Scope::Local, None),
            Self::Unknown => (Scope::Unknown, None),
        };
        Printed { scope: scope.code(), party, rule: scope.rule() }.serialize(serializer)
    }
}

fn micros<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX)).serialize(serializer)
}
