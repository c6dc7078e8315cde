//! A call and its legs.

use std::time::Duration;

use super::capacity::{Class, Rank};
use super::leg::Leg;
use crate::model::{CallData, VoipCallDirection as Direction};

/// A call: the legs that share a call id, or without one a client.
#[derive(Debug, Default)]
pub(super) struct Call {
    /// The id; `None` without one, or if it is too long to keep.
    pub(super) id: Option<Box<str>>,
    /// Without an id every leg is a call of its own.
    pub(super) has_id: bool,
    pub(super) legs: Vec<Leg>,
    /// Members for the expected record, as JSON.
    pub(super) recording: Option<Box<str>>,
    pub(super) last_push: Duration,
    pub(super) sequence: u64,
    /// The place in the order of eviction, and the bytes, as of the last count.
    pub(super) rank: Option<Rank>,
    pub(super) counted: (usize, usize),
}

impl Call {
    /// The leg that shares a name with a push, the operator's id first.
    pub(super) fn leg_of(&self, names: &[u64]) -> Option<usize> {
        names.iter().find_map(|name| self.legs.iter().position(|leg| leg.names.contains(name)))
    }

    /// The direction of a leg, and whether the operator comes first.
    // V167
    pub(super) fn direction_of(&self, at: usize) -> (Direction, bool) {
        let leg = &self.legs[at];
        let inherited = || self.legs.first().filter(|_| self.has_id)?.own_direction();
        let direction = leg.own_direction().or_else(inherited).unwrap_or(Direction::In);
        (direction, operator_first(direction, leg.operator_calls, leg.client_first))
    }

    /// Returns whether another leg answered the call.
    pub(super) fn was_answered_elsewhere(&self, at: usize) -> bool {
        self.has_id
            && self.legs.iter().enumerate().any(|(other, leg)| other != at && leg.was_answered)
    }

    /// The leg whose record a recording belongs to: the answered one, or else the last.
    pub(super) fn recorded_leg(&self) -> Option<usize> {
        let recorded = |leg: &Leg| leg.record.as_ref().is_some_and(|record| record.has_record());
        let answered = self.legs.iter().position(|leg| recorded(leg) && leg.was_answered);
        answered.or_else(|| self.legs.iter().rposition(recorded))
    }

    /// The members for the expected record.
    pub(super) fn recorded(&self) -> CallData {
        let json = self.recording.as_deref().unwrap_or("null");
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The leg to evict if the call has too many: the oldest ended one, or else the oldest.
    pub(super) fn oldest_leg(&self) -> Option<usize> {
        let legs = self.legs.iter().enumerate().filter(|(_, leg)| !leg.in_flight());
        legs.min_by_key(|(_, leg)| (leg.is_live(), leg.last_push)).map(|(at, _)| at)
    }

    pub(super) fn class(&self) -> Class {
        if self.legs.iter().any(Leg::in_flight) {
            Class::InFlight
        } else if self.legs.iter().any(Leg::is_live) {
            Class::Live
        } else {
            Class::Quiet
        }
    }

    /// Legs to count; a call without legs counts as one.
    pub(super) fn weight(&self) -> usize {
        self.legs.len().max(1)
    }

    pub(super) fn bytes(&self) -> usize {
        let spare = self.legs.capacity() - self.legs.len();
        size_of::<Self>()
            + self.id.as_ref().map_or(0, |id| id.len() + 16)
            + self.recording.as_ref().map_or(0, |call| call.len() + 16)
            + self.legs.iter().map(Leg::bytes).sum::<usize>()
            + spare * size_of::<Leg>()
    }
}

/// Returns whether the operator's number comes first.
pub(super) const fn operator_first(
    direction: Direction,
    operator_calls: bool,
    client_first: bool,
) -> bool {
    match direction {
        Direction::Out => !client_first,
        Direction::Internal => operator_calls && !client_first,
        Direction::In => false,
    }
}
