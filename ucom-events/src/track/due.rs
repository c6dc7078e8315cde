//! Due times of verdicts.

// D36.

use std::time::Duration;

use crate::track::options::TrackerOptions;
use crate::track::record::Outcome;
use crate::track::view::{AttemptView, Role, View};

/// Returns a time on the tracker's clock, `wait` later.
pub(super) fn after(time: u64, wait: Duration) -> u64 {
    time.saturating_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX))
}

impl<'c> View<'c> {
    /// Time from which an attempt without an end counts as lost.
    pub(super) fn lost_at(&self, attempt: &AttemptView<'c>, options: &TrackerOptions) -> u64 {
        let leg = self.leg_of(attempt);
        let patience = options.patience(attempt.is_answered, leg.extension);
        after(leg.leg.last_event, patience)
    }

    /// Time when the verdict is due, on the tracker's clock.
    pub(super) fn due(&self, options: &TrackerOptions) -> u64 {
        let last = self.call.last_event;
        let active = self
            .counted()
            .filter(|attempt| attempt.end.is_none())
            .map(|attempt| self.lost_at(attempt, options))
            .max();
        let is_answered = self.outcome() == Outcome::Answered;
        let is_service_open = self
            .of_role(Role::Service)
            .any(|attempt| attempt.dialed.is_some() && attempt.end.is_none());
        let has_left_ivr = self
            .of_role(Role::Service)
            .any(|attempt| self.leg_of(attempt).is_ivr && attempt.own_end().is_some());
        let has_entry_ended = self.outbound_entry().is_some_and(|entry| {
            self.attempts
                .iter()
                .filter(|attempt| attempt.leg == entry)
                .all(|attempt| attempt.end.is_some())
        });
        let settled = match is_service_open {
            true => options.quiet,
            false => options.settle,
        };
        // The latest time of all conditions that apply.
        let conditions = [
            active,
            (is_answered && active.is_none()).then(|| after(last, settled)),
            has_entry_ended.then(|| after(last, options.settle)),
            (!is_answered && is_service_open).then(|| after(last, options.wait_limit)),
            (!is_answered && has_left_ivr).then(|| after(last, options.settle)),
        ];
        conditions.into_iter().flatten().max().unwrap_or_else(|| after(last, options.quiet))
    }
}
