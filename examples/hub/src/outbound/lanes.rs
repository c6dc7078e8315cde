//! Order of deliveries to one target: one lane a call, so that its changes arrive in order, and a
//! pause of the whole target while it is away. Time is an argument.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::store::OutboxRow;

/// Rows held at a time; the rest stays in the database.
const MAX_ROWS: usize = 1_024;
/// Deliveries at a time.
const MAX_IN_FLIGHT: usize = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause that a receiver may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// Result of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The target has the message.
    Accepted,
    /// The target is there, but does not accept this message. Other calls go on.
    Refused(String),
    /// The target is away or overloaded. Everything waits, for the time it asks for.
    Unavailable { retry_after: Option<Duration>, reason: String },
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Arc<OutboxRow>>,
    is_in_flight: bool,
    failures: u32,
    not_before: Duration,
}

/// Messages to one target, and when each may be sent.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By source and call.
    lanes: HashMap<(String, String), Lane>,
    rows: usize,
    in_flight: usize,
    failures: u32,
    not_before: Duration,
}

impl Lanes {
    /// Number of messages that can be added.
    pub(super) const fn room(&self) -> usize {
        MAX_ROWS - self.rows
    }

    /// Returns whether the last attempt found the target away.
    pub(super) const fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Adds a message behind the others of its call.
    pub(super) fn push(&mut self, message: OutboxRow) {
        self.rows += 1;
        self.lanes.entry(key(&message)).or_default().waiting.push_back(Arc::new(message));
    }

    /// Takes the oldest message that may be sent now.
    pub(super) fn take(&mut self, now: Duration) -> Option<Arc<OutboxRow>> {
        // After a failure a single message tries whether the target is back.
        let limit = if self.is_failing() { 1 } else { MAX_IN_FLIGHT };
        if self.in_flight >= limit || now < self.not_before {
            return None;
        }
        let is_due = |lane: &&mut Lane| !lane.is_in_flight && lane.not_before <= now;
        let first = |lane: &&mut Lane| lane.waiting.front().map(|message| message.sequence);
        let lane = self.lanes.values_mut().filter(is_due).min_by_key(first)?;
        let message = lane.waiting.front().cloned()?;
        lane.is_in_flight = true;
        self.in_flight += 1;
        Some(message)
    }

    /// Records the result of an attempt; `random` spreads retries. Returns whether the message is
    /// done.
    pub(super) fn settle(
        &mut self,
        message: &OutboxRow,
        delivery: &Delivery,
        now: Duration,
        random: u64,
    ) -> bool {
        let key = key(message);
        let Some(lane) = self.lanes.get_mut(&key).filter(|lane| lane.is_in_flight) else {
            return false;
        };
        self.in_flight -= 1;
        lane.is_in_flight = false;
        match delivery {
            Delivery::Accepted => {
                self.failures = 0;
                self.rows -= 1;
                lane.failures = 0;
                lane.waiting.pop_front();
                if lane.waiting.is_empty() {
                    self.lanes.remove(&key);
                }
            }
            Delivery::Refused(_) => {
                self.failures = 0;
                lane.not_before = now + pause(lane.failures, random);
                lane.failures = lane.failures.saturating_add(1);
            }
            Delivery::Unavailable { retry_after, .. } => {
                let own = pause(self.failures, random);
                let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
                self.not_before = self.not_before.max(now + own.max(asked));
                self.failures = self.failures.saturating_add(1);
            }
        }
        *delivery == Delivery::Accepted
    }

    /// Next moment at which a message becomes due by time alone.
    pub(super) fn wake_at(&self, now: Duration) -> Option<Duration> {
        let idle = self.lanes.values().filter(|lane| !lane.is_in_flight);
        let due = idle.map(|lane| lane.not_before.max(self.not_before));
        due.filter(|at| *at > now).min()
    }
}

fn key(message: &OutboxRow) -> (String, String) {
    (message.source.clone(), message.call_id.clone())
}

/// Exponential backoff: half of it fixed, half of it random.
fn pause(failures: u32, random: u64) -> Duration {
    let half = FIRST_PAUSE.saturating_mul(1 << failures.min(10)).min(LONGEST_PAUSE) / 2;
    half + half.mul_f64(random as f64 / u64::MAX as f64)
}

#[cfg(test)]
mod tests;
