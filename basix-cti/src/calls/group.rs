//! The legs of one call, and its emitted records.

use std::collections::BTreeSet;

use super::call::Call;
use super::fold::fold;
use super::leg::{Leg, is_reference};
use crate::element::Timestamp;

#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) legs: Vec<Leg>,
    /// Named legs and references that have not been seen.
    pub(super) names: Vec<Box<str>>,
    pub(super) has_gap: bool,
    pub(super) due: Option<Timestamp>,
    /// The memory counted for it.
    pub(super) counted: usize,
    /// The last emitted record.
    emitted: Option<Box<Call>>,
    /// Identities of emitted records.
    emitted_ids: BTreeSet<String>,
    /// True if nothing has changed since the last look at the record.
    is_settled: bool,
}

impl Group {
    pub(super) fn has(&self, uuid: &str) -> bool {
        self.legs.iter().any(|leg| *leg.uuid == *uuid)
    }

    pub(super) fn leg_mut(&mut self, uuid: &str) -> Option<&mut Leg> {
        self.is_settled = false;
        self.legs.iter_mut().find(|leg| *leg.uuid == *uuid)
    }

    /// Returns the leg of a supervisor who now listens to another call. A call keeps it in its
    /// record.
    pub(super) fn hand_over(&mut self, uuid: &str, now: Timestamp) -> Option<Leg> {
        let at = self.legs.iter().position(|leg| *leg.uuid == *uuid)?;
        if self.legs.iter().all(|leg| leg.is_helper) {
            return Some(self.legs.remove(at));
        }
        let leg = self.legs.get_mut(at)?;
        let handed_over = leg.clone();
        leg.ended.get_or_insert(now);
        Some(handed_over)
    }

    /// Adds the legs of another group. Emitted records of both are revised.
    pub(super) fn absorb(&mut self, other: Self) {
        self.is_settled = false;
        self.legs.extend(other.legs);
        self.names.extend(other.names);
        self.has_gap |= other.has_gap;
        self.emitted = self.emitted.take().or(other.emitted);
        self.emitted_ids.extend(other.emitted_ids);
    }

    /// Returns whether all parties are gone. A supervisor may stay on the line.
    pub(super) fn is_over(&self) -> bool {
        let mut parties = self.legs.iter().filter(|leg| !leg.is_helper).peekable();
        match parties.peek() {
            Some(_) => parties.all(Leg::is_over),
            None => self.legs.iter().all(Leg::is_over),
        }
    }

    pub(super) fn record(&self, now: Timestamp) -> Option<Call> {
        let revised = self.emitted.as_ref().map_or(0, |emitted| emitted.revised + 1);
        // A leg that was named as the other side and never seen was missed.
        let has_come = |name: &str| is_reference(name) || self.has(name);
        let has_gap = self.has_gap || !self.names.iter().all(|name| has_come(name));
        let mut record = fold(&self.legs, now, has_gap, revised)?;
        record.replaces = self.emitted_ids.iter().filter(|id| **id != record.id).cloned().collect();
        Some(record)
    }

    /// Returns the record to emit, if it differs from the previous one. `None` if the group has not
    /// changed since the last call: it can be forgotten.
    pub(super) fn changed_record(&mut self, now: Timestamp) -> Option<Option<Call>> {
        if std::mem::replace(&mut self.is_settled, true) {
            return None;
        }
        let Some(record) = self.record(now) else { return Some(None) };
        // The time of a supervisor on the line is not a fact of the call.
        let facts = |call: &Call| {
            let mut call = call.clone();
            call.revised = 0;
            call.legs.retain(|leg| !leg.is_helper);
            call
        };
        if self.emitted.as_ref().is_some_and(|emitted| facts(emitted) == facts(&record)) {
            return Some(None);
        }
        self.emitted_ids.insert(record.id.clone());
        self.emitted = Some(Box::new(record.clone()));
        Some(Some(record))
    }

    /// Updates the memory counted for the group, and returns it.
    pub(super) fn count(&mut self) -> usize {
        let legs: usize = self.legs.iter().map(Leg::bytes).sum();
        let names: usize = self.names.iter().map(|name| name.len()).sum();
        // The emitted record is about as large as the legs.
        let names = names + self.emitted_ids.iter().map(String::len).sum::<usize>();
        self.counted = (legs + names) * if self.emitted.is_some() { 2 } else { 1 };
        self.counted
    }
}
