//! What a call came to (§13.1).

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::cdr::direction::Direction;
use crate::cdr::record::Cdr;
use crate::cdr::state::RedirectReason;
use crate::event::GroupKind;
use crate::wire::{Decimal, Mos};

/// The direction of a whole call (P116).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CallDirection {
    /// It came in over a trunk.
    Inbound,
    /// It went out over a trunk.
    Outbound,
    /// It used no trunk.
    Internal,
    /// The deciding trunk leg does not say.
    Unknown,
}

/// How a call ended, for people (P118).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Disposition {
    /// Somebody answered (P117).
    Answered,
    /// The caller gave up while waiting.
    AbandonedWaiting,
    /// The caller gave up while agents were ringing.
    AbandonedRinging,
    /// It was redirected.
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
    /// Nothing tells.
    Unknown,
}

impl Disposition {
    /// A word that stays the same from version to version.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
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

    /// The code of [`Failed`](Self::Failed).
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

/// The cost of a call (P122).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallCost {
    /// The sum of the known costs of trunk legs; nothing where none is known (P171), or where the sum
    /// has more than 38 digits.
    pub total: Option<Decimal>,
    /// Whether a connected trunk leg has no known cost.
    pub is_partial: bool,
}

/// What a call came to (§13.1).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallSummary {
    /// Direction (P116).
    pub direction: CallDirection,
    /// How it ended (P118).
    pub disposition: Disposition,
    /// Extension of the agent (P124, P170).
    pub agent: Option<String>,
    /// From start to end; nothing where one is missing or they are out of order (P119, P173).
    pub total: Option<Duration>,
    /// Time connected to a person, hold included (P119).
    pub talk: Duration,
    /// Time on hold.
    pub hold: Duration,
    /// Talk without hold, not below zero.
    pub net_talk: Duration,
    /// Time ringback was played.
    pub ring: Duration,
    /// Time the IVR was played.
    pub ivr: Duration,
    /// The wait of each queue state in order (P120).
    pub queue_waits: Vec<Duration>,
    /// Cost (P122).
    pub cost: CallCost,
    /// The lowest score of all legs (P123, P172).
    pub worst_mos: Option<Mos>,
    /// The mean of all scores, weighted by the connected time of their legs (P123).
    pub mean_mos: Option<Mos>,
}

impl CallSummary {
    /// The wait in all queues together.
    #[must_use]
    pub fn queue_wait(&self) -> Duration {
        sum(self.queue_waits.iter().copied())
    }
}

pub(crate) fn sum(times: impl Iterator<Item = Duration>) -> Duration {
    times.fold(Duration::ZERO, Duration::saturating_add)
}

impl Cdr {
    /// What the call came to (§13.1).
    #[must_use]
    pub fn summary(&self) -> CallSummary {
        let direction = self.direction();
        let talk = self.talk(direction);
        let states = &self.states;
        let hold = sum(states.iter().filter_map(|state| state.duration_hold));
        CallSummary {
            direction,
            disposition: self.disposition_of(direction),
            agent: self.agent().map(str::to_owned),
            total: self.total(),
            talk,
            hold,
            net_talk: talk.saturating_sub(hold),
            ring: sum(states.iter().filter_map(|state| state.duration_ring)),
            ivr: sum(states.iter().filter_map(|state| state.duration_ivr)),
            queue_waits: states
                .iter()
                .filter(|state| state.is_queue())
                .map(crate::cdr::State::wait)
                .collect(),
            cost: self.cost(),
            worst_mos: self.worst_mos(),
            mean_mos: self.mean_mos(),
        }
    }

    /// The direction of the call: that of the trunk leg with the earliest start, of equals the first
    /// on the wire (P116, P162).
    #[must_use]
    pub fn direction(&self) -> CallDirection {
        let legs = self.trunk_legs.iter();
        // A leg whose start was dropped decides only where there is no other.
        let deciding = legs.min_by_key(|leg| leg.start.map_or(i64::MAX, |start| start.as_millis()));
        match deciding.map(|leg| leg.direction.as_deref()) {
            None => CallDirection::Internal,
            Some(Some(Direction::Inbound)) => CallDirection::Inbound,
            Some(Some(Direction::Outbound)) => CallDirection::Outbound,
            Some(_) => CallDirection::Unknown,
        }
    }

    /// How the call ended (P118).
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.disposition_of(self.direction())
    }

    /// Whether somebody answered (P117, P163).
    fn is_answered(&self, direction: CallDirection) -> bool {
        let has_talk = self.states.iter().any(crate::cdr::State::has_talk);
        let legs = &self.extension_legs;
        match direction {
            CallDirection::Outbound => self
                .trunk_legs
                .iter()
                .any(|leg| leg.is(&Direction::Outbound) && leg.connect.is_some()),
            CallDirection::Unknown => {
                has_talk
                    || legs.iter().any(|leg| leg.is_answered())
                    || self.trunk_legs.iter().any(|leg| leg.connect.is_some())
            }
            _ => has_talk || legs.iter().any(|leg| leg.is_answered() && !leg.is_from_extension()),
        }
    }

    fn disposition_of(&self, direction: CallDirection) -> Disposition {
        if self.is_answered(direction) {
            return Disposition::Answered;
        }
        let has_missed_leg = self.extension_legs.iter().any(crate::cdr::ExtensionLeg::is_missed);
        let last_reason = self.states.iter().rev().find_map(|state| state.reason.as_ref());
        // The reason wins over the flag (P165).
        match last_reason {
            Some(RedirectReason::HungUpWaiting) => return Disposition::AbandonedWaiting,
            Some(RedirectReason::HungUpRinging) => return Disposition::AbandonedRinging,
            Some(
                RedirectReason::RedirectedWaiting
                | RedirectReason::RedirectedRinging
                | RedirectReason::RedirectedAnonymous,
            ) => return Disposition::Redirected,
            _ => {}
        }
        if self.abandoned == Some(true) {
            return if has_missed_leg {
                Disposition::AbandonedRinging
            } else {
                Disposition::AbandonedWaiting
            };
        }
        // The last code is that of trunk legs (P166).
        match self.trunk_legs.iter().rev().find_map(|leg| leg.code) {
            Some(486 | 600) => Disposition::Busy,
            Some(603) => Disposition::Declined,
            Some(487) => Disposition::Canceled,
            Some(408 | 480) => Disposition::NoAnswer,
            _ if has_missed_leg => Disposition::NoAnswer,
            Some(code @ 400..) => Disposition::Failed(code),
            _ => Disposition::Unknown,
        }
    }

    /// From start to end; nothing where one is missing or they are out of order (P173).
    #[must_use]
    pub fn total(&self) -> Option<Duration> {
        self.end?.since(self.start?)
    }

    /// Talk (P119): by the states, or by the legs of the human side where no state says.
    fn talk(&self, direction: CallDirection) -> Duration {
        let by_states = self.states.iter().filter_map(|state| state.duration_talk);
        if by_states.clone().next().is_some() {
            return sum(by_states);
        }
        let is_internal = direction == CallDirection::Internal;
        let legs = self.extension_legs.iter();
        match direction {
            CallDirection::Inbound | CallDirection::Internal => {
                // The originator's leg is left out of internal calls (P168).
                let legs = legs.filter(|leg| !(is_internal && leg.is_from_extension()));
                sum(legs.filter_map(|leg| leg.connected_time()))
            }
            CallDirection::Outbound => {
                let legs = self.trunk_legs.iter().filter(|leg| leg.is(&Direction::Outbound));
                sum(legs.filter_map(|leg| leg.connected_time()))
            }
            CallDirection::Unknown => Duration::ZERO,
        }
    }

    /// Extension of the agent: of the last queue or ring group state with talk, else of the last
    /// answered extension leg, else the trunk leg's (P124, P170).
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        let is_group = |state: &&crate::cdr::State| {
            let kind = state.kind.as_deref();
            matches!(kind, Some(GroupKind::Queue | GroupKind::RingGroup)) && state.has_talk()
        };
        let by_state = self.states.iter().rev().find(is_group);
        let by_leg = || {
            let legs = self.extension_legs.iter().rev().filter(|leg| leg.is_answered());
            legs.filter_map(|leg| leg.extension.as_deref()).next()
        };
        let by_trunk = || self.trunk_legs.iter().rev().find_map(|leg| leg.extension.as_deref());
        by_state.and_then(|state| state.extension.as_deref()).or_else(by_leg).or_else(by_trunk)
    }

    /// The cost of the call (P122, P171).
    #[must_use]
    pub fn cost(&self) -> CallCost {
        let known = self.trunk_legs.iter().filter_map(|leg| leg.cost);
        let total = known.map(Some).reduce(|sum, cost| sum?.checked_add(cost?)).flatten();
        let is_unknown = |leg: &crate::cdr::TrunkLeg| leg.connect.is_some() && leg.cost.is_none();
        CallCost { total, is_partial: self.trunk_legs.iter().any(is_unknown) }
    }

    /// The lowest score of all legs, of `mos` fields alone (P123, P172).
    #[must_use]
    pub fn worst_mos(&self) -> Option<Mos> {
        let scores = self.trunk_legs.iter().filter_map(|leg| leg.mos);
        scores.reduce(|worst, mos| if mos < worst { mos } else { worst })
    }

    /// The mean of all scores, weighted by the connected time of their legs (P123); nothing where no
    /// leg with a score was connected for a time.
    #[must_use]
    pub fn mean_mos(&self) -> Option<Mos> {
        let (mut weighted, mut weight) = (0.0, 0.0);
        for leg in &self.trunk_legs {
            if let (Some(mos), Some(time)) = (leg.mos, leg.connected_time()) {
                weighted += mos.get() * time.as_secs_f64();
                weight += time.as_secs_f64();
            }
        }
        // Rounding may lead out of the scale by a hair.
        if weight > 0.0 { Mos::new((weighted / weight).clamp(1.0, 5.0)) } else { None }
    }
}
