//! A call record with values that all figures share, computed once.

use std::collections::HashSet;
use std::time::Duration;

use crate::cdr::{Cdr, Direction, ExtensionLeg, Source, State, TrunkLeg};
use crate::event::GroupKind;
use crate::report::disposition::CallDirection;
use crate::report::outcome::Outcome;
use crate::wire::Timestamp;

/// Maximum number of legs compared with the span of a state, so that work stays linear in hostile
/// records.
const MAX_LEGS: usize = 1_000;

/// A time from a start to an end that is not earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

impl Span {
    /// Returns the span between two times, unless it is empty.
    pub(crate) fn between(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<Self> {
        let span = Self { start: start?, end: end? };
        (span.start < span.end).then_some(span)
    }

    /// Returns the overlap of two spans.
    pub(crate) fn shared(self, other: Self) -> Option<Self> {
        Self::between(Some(self.start.max(other.start)), Some(self.end.min(other.end)))
    }

    pub(crate) fn length(self) -> Duration {
        self.end.since(self.start).unwrap_or_default()
    }
}

/// A call record with its direction, its originator, its outcomes and its agents' legs.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) cdr: &'a Cdr,
    pub(crate) direction: CallDirection,
    /// The trunk leg that decides the direction.
    pub(crate) trunk: Option<&'a TrunkLeg>,
    pub(crate) originator: Option<&'a str>,
    /// One for each state.
    pub(crate) outcomes: Vec<Outcome>,
    /// Answered legs to extensions other than the originator.
    agent_legs: Vec<(&'a str, &'a ExtensionLeg)>,
    agent_extensions: HashSet<&'a str>,
}

impl<'a> View<'a> {
    pub(crate) fn new(cdr: &'a Cdr) -> Self {
        // P116, P162. A leg whose start was dropped decides only if there is no other.
        let start = |leg: &&TrunkLeg| leg.start.map_or(i64::MAX, Timestamp::as_millis);
        let trunk = cdr.trunk_legs.iter().min_by_key(start);
        let direction = match trunk.map(|leg| leg.direction.as_deref()) {
            None if cdr.source == Source::Queue => CallDirection::Unknown,
            None => CallDirection::Internal,
            Some(Some(Direction::Inbound)) => CallDirection::Inbound,
            Some(Some(Direction::Outbound)) => CallDirection::Outbound,
            Some(_) => CallDirection::Unknown,
        };
        // P179
        let first = cdr.extension_legs.iter().find(|leg| leg.is_from_extension());
        let originator = match first {
            Some(leg) => leg.extension.as_deref(),
            None if direction == CallDirection::Outbound => {
                trunk.and_then(|leg| leg.extension.as_deref())
            }
            None => None,
        };
        let agent_leg = |leg: &'a ExtensionLeg| {
            let extension = leg.extension.as_deref()?;
            let is_agent = leg.is_answered() && !leg.is_from_extension();
            (is_agent && Some(extension) != originator).then_some((extension, leg))
        };
        let agent_legs: Vec<_> = cdr.extension_legs.iter().filter_map(agent_leg).collect();
        let agent_extensions = agent_legs.iter().map(|(extension, _)| *extension).collect();
        let outcomes = cdr.outcomes();
        Self { cdr, direction, trunk, originator, outcomes, agent_legs, agent_extensions }
    }

    /// Returns the states with their outcomes.
    pub(crate) fn states(&self) -> impl DoubleEndedIterator<Item = (usize, &'a State, Outcome)> {
        self.cdr.states.iter().zip(&self.outcomes).enumerate().map(|(at, (s, o))| (at, s, *o))
    }

    /// Returns the states in which a person answered.
    pub(crate) fn answered(&self) -> impl DoubleEndedIterator<Item = (usize, &'a State)> {
        self.states()
            .filter(|(.., outcome)| *outcome == Outcome::Answered)
            .map(|(at, s, _)| (at, s))
    }

    /// Returns the span of a state: up to the next one, or to the end of the call.
    // P58
    pub(crate) fn span(&self, at: usize) -> Option<Span> {
        let end = match self.cdr.states.get(at + 1) {
            Some(next) => next.start,
            None => self.cdr.end,
        };
        Span::between(self.cdr.states.get(at)?.start, end)
    }

    /// Returns whether an agent has an answered leg in the record.
    pub(crate) fn has_leg(&self, extension: &str) -> bool {
        self.agent_extensions.contains(extension)
    }

    /// Returns the agent of an answered state.
    // P180
    pub(crate) fn agent_of(&self, at: usize, state: &'a State) -> Option<&'a str> {
        let named = state.extension.as_deref().filter(|named| Some(*named) != self.originator);
        let last = self.agent_legs.last().map(|(extension, _)| *extension);
        if last.is_none() || named.is_some_and(|named| self.has_leg(named)) {
            return named;
        }
        let span = self.span(at);
        let mut longest: Option<(Duration, &str)> = None;
        for (extension, leg) in self.agent_legs.iter().take(MAX_LEGS) {
            let inside = Span::between(leg.connect, leg.end).and_then(|leg| leg.shared(span?));
            let Some(inside) = inside.map(Span::length) else { continue };
            // Of equal ones, the first on the wire.
            if longest.is_none_or(|(length, _)| inside > length) {
                longest = Some((inside, extension));
            }
        }
        longest.map(|(_, extension)| extension).or(named).or(last)
    }

    /// Returns the agent of the call, if it was answered.
    // P180
    pub(crate) fn agent(&self) -> Option<&'a str> {
        if !self.is_answered() {
            return None;
        }
        let is_group = |state: &State| {
            matches!(state.kind.as_deref(), Some(GroupKind::Queue | GroupKind::RingGroup))
        };
        let by_group = self.answered().rev().find(|(_, state)| is_group(state));
        let by_group = by_group.and_then(|(at, state)| self.agent_of(at, state));
        let by_leg = || self.agent_legs.last().map(|(extension, _)| *extension);
        let by_state = || self.answered().rev().find_map(|(_, state)| state.extension.as_deref());
        let by_trunk = || {
            let is_inbound = self.direction == CallDirection::Inbound;
            let legs = self.cdr.trunk_legs.iter().rev().filter(|_| is_inbound);
            legs.filter_map(|leg| leg.extension.as_deref()).next()
        };
        let agent = by_group.or_else(by_leg).or_else(by_state).or_else(by_trunk);
        agent.filter(|agent| Some(*agent) != self.originator)
    }

    /// Returns whether a person answered the call.
    // P117, P163
    pub(crate) fn is_answered(&self) -> bool {
        let by_state = || self.outcomes.contains(&Outcome::Answered);
        let is_answered = |leg: &ExtensionLeg| leg.is_answered() && !leg.is_from_extension();
        let by_leg = || self.cdr.extension_legs.iter().any(is_answered);
        let mut trunks = self.cdr.trunk_legs.iter().filter(|leg| leg.connect.is_some());
        match self.direction {
            CallDirection::Outbound => trunks.any(|leg| leg.is(&Direction::Outbound)),
            CallDirection::Unknown => by_state() || by_leg() || trunks.next().is_some(),
            _ => by_state() || by_leg(),
        }
    }

    /// Returns the longest time for which the human side was connected inside a span.
    // P195
    pub(crate) fn longest_connected(&self, span: Span) -> Duration {
        let is_outbound = self.direction == CallDirection::Outbound;
        let trunks = self.outbound_spans().filter(|_| is_outbound);
        (self.answered_spans().take(MAX_LEGS))
            .chain(trunks.take(MAX_LEGS))
            .filter_map(|connected| connected.shared(span))
            .map(Span::length)
            .max()
            .unwrap_or_default()
    }

    /// Returns the connected times of the human side: of outbound calls the legs over trunks, else
    /// the legs to extensions.
    pub(crate) fn human_spans(&self) -> impl Iterator<Item = Span> {
        let is_outbound = self.direction == CallDirection::Outbound;
        let trunks = self.outbound_spans().filter(move |_| is_outbound);
        trunks.chain(self.answered_spans().filter(move |_| !is_outbound))
    }

    fn outbound_spans(&self) -> impl Iterator<Item = Span> {
        let legs = self.cdr.trunk_legs.iter().filter(|leg| leg.is(&Direction::Outbound));
        legs.filter_map(|leg| Span::between(leg.connect, leg.end))
    }

    fn answered_spans(&self) -> impl Iterator<Item = Span> {
        let legs = self.cdr.extension_legs.iter().filter(|leg| !leg.is_from_extension());
        legs.filter_map(|leg| Span::between(leg.connect, leg.end))
    }
}
