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
/// Attempts at a message while its receiver takes others.
const MAX_ATTEMPTS: u32 = 12;
/// The longest pause that a receiver may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// Result of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The target has the message.
    Accepted,
    /// The target is there, and will never accept this message.
    Refused(String),
    /// The target is away or overloaded. Everything waits, for the time it asks for.
    Unavailable { retry_after: Option<Duration>, reason: String },
}

/// Consequence of an attempt for its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    /// It will not be sent again, for this reason.
    Refused(String),
    Waits,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Arc<OutboxRow>>,
    is_in_flight: bool,
    /// Failures of the first message while others were accepted.
    failures: u32,
    /// Messages that the target had accepted at the last failure.
    accepted: Option<u64>,
    not_before: Duration,
}

/// Messages to one target, and when each may be sent.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By source and call.
    lanes: HashMap<(String, String), Lane>,
    rows: usize,
    in_flight: usize,
    accepted: u64,
    /// Failures since the target was last there.
    failures: u32,
    /// End of the pause after the last of them.
    paused_until: Duration,
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
        // After a failure one message at a time tries whether the target is back: each in turn, as
        // the failure may be that of one message.
        let is_failing = self.is_failing();
        let limit = if is_failing { 1 } else { MAX_IN_FLIGHT };
        if self.in_flight >= limit || now < self.not_before {
            return None;
        }
        let is_due = |lane: &&mut Lane| !lane.is_in_flight && lane.not_before <= now;
        let order = |lane: &&mut Lane| {
            let tried = if is_failing { lane.not_before } else { Duration::ZERO };
            (tried, lane.waiting.front().map(|message| message.sequence))
        };
        let lane = self.lanes.values_mut().filter(is_due).min_by_key(order)?;
        let message = lane.waiting.front().cloned()?;
        lane.is_in_flight = true;
        self.in_flight += 1;
        Some(message)
    }

    /// Records the result of an attempt; `random` spreads retries.
    pub(super) fn settle(
        &mut self,
        message: &OutboxRow,
        delivery: Delivery,
        now: Duration,
        random: u64,
    ) -> Fate {
        let key = key(message);
        let Some(lane) = self.lanes.get_mut(&key).filter(|lane| lane.is_in_flight) else {
            return Fate::Waits;
        };
        self.in_flight -= 1;
        lane.is_in_flight = false;
        let fate = match delivery {
            Delivery::Accepted => {
                (self.failures, self.accepted) = (0, self.accepted + 1);
                Fate::Delivered
            }
            Delivery::Refused(reason) => {
                self.failures = 0;
                Fate::Refused(reason)
            }
            Delivery::Unavailable { retry_after, reason } => {
                let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
                self.not_before = self.not_before.max(now + asked);
                // Attempts of one moment fail together, for one reason: that is one failure.
                if now >= self.paused_until {
                    self.paused_until = now + pause(self.failures, random);
                    self.failures = self.failures.saturating_add(1);
                    self.not_before = self.not_before.max(self.paused_until);
                }
                lane.not_before = now + pause(lane.failures, random);
                // While nothing is accepted the target is away, which is no fault of the message.
                if lane.accepted.replace(self.accepted) != Some(self.accepted) {
                    lane.failures += 1;
                }
                match lane.failures {
                    MAX_ATTEMPTS => Fate::Refused(format!("{MAX_ATTEMPTS} attempts; {reason}")),
                    _ => Fate::Waits,
                }
            }
        };
        if fate != Fate::Waits {
            self.rows -= 1;
            let mut waiting = std::mem::take(&mut lane.waiting);
            waiting.pop_front();
            *lane = Lane { waiting, ..Lane::default() };
            if lane.waiting.is_empty() {
                self.lanes.remove(&key);
            }
        }
        fate
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
