//! The summary of a call: disposition, agent, customer, times.

use std::time::Duration;

use crate::cdr::{Cdr, ExtensionLeg, Source, State, TrunkLeg};
use crate::report::disposition::{CallDirection, Disposition};
use crate::report::outcome::{Outcome, StateClass};
use crate::report::view::{Span, View};
use crate::wire::header::is_withheld;
use crate::wire::{Decimal, Mos, SipHeader};

/// The outside party of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Customer {
    /// The number; `None` if it is withheld or unknown.
    pub number: Option<String>,
    /// The display name; `None` if it repeats the number.
    pub name: Option<String>,
    /// True if the number is withheld.
    pub is_withheld: bool,
}

/// The cost of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallCost {
    /// The sum of the known costs of trunk legs; `None` if none is known.
    pub total: Option<Decimal>,
    /// True if a connected trunk leg has no known cost.
    pub is_partial: bool,
}

/// The summary of a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallSummary {
    /// Direction.
    pub direction: CallDirection,
    /// Human-readable outcome.
    pub disposition: Disposition,
    /// Extension of the agent, if a person answered.
    pub agent: Option<String>,
    /// Extension that started the call.
    pub originator: Option<String>,
    /// The outside party; `None` for internal calls.
    pub customer: Option<Customer>,
    /// The time from start to end; `None` if one is missing or they are out of order.
    pub total: Option<Duration>,
    /// Time connected to a person, hold included.
    pub talk: Duration,
    /// Time on hold with a person.
    pub hold: Duration,
    /// Talk without hold, not below zero.
    pub net_talk: Duration,
    /// Time ringback was played.
    pub ring: Duration,
    /// Time IVR was played.
    pub ivr: Duration,
    /// The wait of each queue state in order: IVR and ringback.
    pub queue_waits: Vec<Duration>,
    /// Cost.
    pub cost: CallCost,
    /// The lowest score of all legs.
    pub worst_mos: Option<Mos>,
    /// The mean of all scores, weighted by the connected time of their legs.
    pub mean_mos: Option<Mos>,
}

impl CallSummary {
    /// Returns the total wait in all queues.
    #[must_use]
    pub fn queue_wait(&self) -> Duration {
        sum(self.queue_waits.iter().copied())
    }

    /// The outside party; `None` for internal calls.
    #[must_use]
    pub const fn customer(&self) -> Option<&Customer> {
        self.customer.as_ref()
    }

    /// Returns the extension of the agent who handled the call.
    #[must_use]
    pub fn handled_by(&self) -> Option<&str> {
        self.agent.as_deref()
    }
}

pub(crate) fn sum(times: impl Iterator<Item = Duration>) -> Duration {
    times.fold(Duration::ZERO, Duration::saturating_add)
}

impl Cdr {
    /// Summarizes the call.
    #[must_use]
    pub fn summary(&self) -> CallSummary {
        let view = View::new(self);
        let states = &self.states;
        let people = states.iter().filter(|state| state.class() == StateClass::Person);
        let talk = view.talk();
        let hold = sum(people.filter_map(|state| state.duration_hold));
        let queues = states.iter().filter(|state| state.is_queue());
        CallSummary {
            direction: view.direction,
            disposition: view.disposition(),
            agent: view.agent().map(str::to_owned),
            originator: view.originator.map(str::to_owned),
            customer: view.customer(),
            total: self.total(),
            talk,
            hold,
            net_talk: talk.saturating_sub(hold),
            ring: sum(states.iter().filter_map(|state| state.duration_ring)),
            ivr: sum(states.iter().filter_map(|state| state.duration_ivr)),
            queue_waits: queues.map(State::wait).collect(),
            cost: self.cost(),
            worst_mos: self.worst_mos(),
            mean_mos: self.mean_mos(),
        }
    }

    /// Returns the direction of the call: that of the trunk leg with the earliest start.
    #[must_use]
    pub fn direction(&self) -> CallDirection {
        View::new(self).direction
    }

    /// Returns the human-readable outcome of the call.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        View::new(self).disposition()
    }

    /// Returns the outside party: the caller, or the callee of an outbound call. `None` for an
    /// internal call.
    ///
    /// ```
    /// use pbx_integration::Reader;
    ///
    /// let json = r#"{"domain": "t.example", "callid": "c@pbx", "start": 1757934000, "end": 1757934003,
    ///     "from": "\"Alice Example\" <sip:+12025550100@t.example>", "to": "<sip:300@t.example>",
    ///     "trunklegs": [{"direction": "I", "start": 1757934000}]}"#;
    /// let cdr = Reader::strict().read_cdr(json)?.value;
    /// let customer = cdr.customer().ok_or("an internal call")?;
    /// assert_eq!(customer.number.as_deref(), Some("+12025550100"));
    /// assert_eq!(customer.name.as_deref(), Some("Alice Example"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn customer(&self) -> Option<Customer> {
        View::new(self).customer()
    }

    /// Returns the time from start to end; `None` if one is missing or they are out of order.
    // P173
    #[must_use]
    pub fn total(&self) -> Option<Duration> {
        self.end?.since(self.start?)
    }

    /// Returns the cost of the call.
    // P122, P171
    #[must_use]
    pub fn cost(&self) -> CallCost {
        let known = self.trunk_legs.iter().filter_map(|leg| leg.cost);
        let total = known.map(Some).reduce(|sum, cost| sum?.checked_add(cost?)).flatten();
        let is_unknown = |leg: &TrunkLeg| leg.connect.is_some() && leg.cost.is_none();
        CallCost { total, is_partial: self.trunk_legs.iter().any(is_unknown) }
    }

    /// The lowest score of all legs.
    // P123, P172
    #[must_use]
    pub fn worst_mos(&self) -> Option<Mos> {
        let scores = self.trunk_legs.iter().filter_map(|leg| leg.mos);
        scores.reduce(|worst, mos| if mos < worst { mos } else { worst })
    }

    /// Returns the mean of all scores, weighted by the connected time of their legs; `None` if no
    /// leg with a score was connected.
    // P123
    #[must_use]
    pub fn mean_mos(&self) -> Option<Mos> {
        let (mut weighted, mut weight) = (0.0, 0.0);
        for leg in &self.trunk_legs {
            if let (Some(mos), Some(time)) = (leg.mos, leg.connected_time()) {
                weighted += mos.get() * time.as_secs_f64();
                weight += time.as_secs_f64();
            }
        }
        // Rounding may exceed the scale slightly.
        if weight > 0.0 { Mos::new((weighted / weight).clamp(1.0, 5.0)) } else { None }
    }

    /// Returns the unknown kinds of states, as spelled.
    // P189
    pub fn unknown_types(&self) -> impl Iterator<Item = &str> {
        let kinds = self.states.iter().filter_map(|state| state.kind.as_ref());
        kinds.filter(|kind| !kind.is_known()).map(|kind| kind.as_str())
    }
}

impl View<'_> {
    // P118, P178
    fn disposition(&self) -> Disposition {
        if self.is_answered() {
            return Disposition::Answered;
        }
        match self.outcomes.last() {
            Some(Outcome::Voicemail) => return Disposition::Voicemail,
            Some(Outcome::Service) => return Disposition::Service,
            _ => {}
        }
        let left = self.outcomes.iter().rev().find_map(|outcome| match outcome {
            Outcome::AbandonedWaiting => Some(Disposition::AbandonedWaiting),
            Outcome::AbandonedRinging => Some(Disposition::AbandonedRinging),
            Outcome::Transferred => Some(Disposition::Redirected),
            _ => None,
        });
        if let Some(disposition) = left {
            return disposition;
        }
        let cdr = self.cdr;
        let has_missed_leg = cdr.extension_legs.iter().any(ExtensionLeg::is_missed);
        if cdr.states.is_empty() && cdr.abandoned == Some(true) {
            return if has_missed_leg {
                Disposition::AbandonedRinging
            } else {
                Disposition::AbandonedWaiting
            };
        }
        // The last code is that of trunk legs (P166).
        match cdr.trunk_legs.iter().rev().find_map(|leg| leg.code) {
            Some(486 | 600) => Disposition::Busy,
            Some(603) => Disposition::Declined,
            Some(487) => Disposition::Canceled,
            Some(408 | 480) => Disposition::NoAnswer,
            _ if has_missed_leg => Disposition::NoAnswer,
            Some(code @ 400..) => Disposition::Failed(code),
            _ => Disposition::Unknown,
        }
    }

    /// Returns the talk with people: by the states, or else by the legs of the human side.
    // P119, P168, P169
    fn talk(&self) -> Duration {
        let people = self.cdr.states.iter().filter(|state| state.class() == StateClass::Person);
        let mut by_states = people.filter_map(|state| state.duration_talk).peekable();
        if by_states.peek().is_some() {
            return sum(by_states);
        }
        match self.direction {
            CallDirection::Unknown => Duration::ZERO,
            _ => sum(self.human_spans().map(Span::length)),
        }
    }

    // P190, P191
    fn customer(&self) -> Option<Customer> {
        let header = match self.direction {
            CallDirection::Inbound => self.cdr.from.as_ref(),
            CallDirection::Outbound => self.cdr.to.as_ref(),
            _ if self.cdr.source == Source::Queue => self.cdr.from.as_ref(),
            _ => return None,
        };
        let remote = self.trunk.and_then(|leg| leg.remote_party.as_deref());
        let remote_header =
            remote.filter(|remote| remote.contains(['<', '@', ':'])).map(SipHeader::new);
        let is_remote_withheld = match &remote_header {
            Some(header) => header.is_anonymous(),
            None => remote.is_some_and(is_withheld),
        };
        if is_remote_withheld || header.is_some_and(SipHeader::is_anonymous) {
            return Some(Customer { is_withheld: true, ..Customer::default() });
        }
        let by_remote = match &remote_header {
            Some(header) => header.number().map(Into::into),
            None => remote.map(str::to_owned),
        };
        let number = by_remote.or_else(|| Some(header?.number()?.into_owned()));
        let name = header.and_then(SipHeader::party).and_then(|party| party.display);
        let name = name.map(Into::into).filter(|name| Some(name) != number.as_ref());
        Some(Customer { number, name, is_withheld: false })
    }
}
