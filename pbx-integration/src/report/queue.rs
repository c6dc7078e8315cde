//! The figures of a queue.

use std::time::Duration;

use crate::report::outcome::Outcome;
use crate::report::ratio::Ratio;
use crate::report::waits::Waits;

/// The id of a queue of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct QueueId {
    /// Address of the tenant, in lower case; empty if the records name none.
    pub tenant: String,
    /// Account number of the queue; empty if the states name none.
    pub account: String,
}

impl QueueId {
    /// Creates the id of a queue of a tenant.
    #[must_use]
    pub fn new(tenant: impl Into<String>, account: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), account: account.into() }
    }
}

/// One passage of a call through a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passage {
    pub(crate) outcome: Outcome,
    pub(crate) wait: Duration,
    pub(crate) talk: Duration,
    pub(crate) hold: Duration,
    pub(crate) idle: Duration,
}

/// The figures of a queue. Offered = answered + abandoned + transferred + other, always.
///
/// A call that passes a queue twice counts twice.
// P182, P133
#[derive(Clone, Debug, Default)]
pub struct QueueFigures {
    offered: u64,
    answered: u64,
    in_time: u64,
    abandoned: u64,
    short_abandons: u64,
    transferred: u64,
    answered_wait: u128,
    abandoned_wait: u128,
    longest_wait: Duration,
    talk: u128,
    hold: u128,
    idle: u128,
    waits: Waits,
}

impl QueueFigures {
    pub(crate) fn add(&mut self, passage: &Passage, target: Duration, short_abandon: Duration) {
        let Passage { outcome, wait, talk, hold, idle } = *passage;
        self.offered += 1;
        self.longest_wait = self.longest_wait.max(wait);
        self.idle += idle.as_millis();
        match outcome {
            Outcome::Answered => {
                self.answered += 1;
                self.in_time += u64::from(wait <= target);
                self.answered_wait += wait.as_millis();
                self.talk += talk.as_millis();
                self.hold += hold.as_millis();
                self.waits.add(wait);
            }
            outcome if outcome.is_abandoned() => {
                self.abandoned += 1;
                self.short_abandons += u64::from(wait < short_abandon);
                self.abandoned_wait += wait.as_millis();
            }
            Outcome::Transferred => self.transferred += 1,
            _ => {}
        }
    }

    /// Calls offered to the queue.
    #[must_use]
    pub const fn offered(&self) -> u64 {
        self.offered
    }

    /// Calls answered.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.answered
    }

    /// Calls answered within the target.
    #[must_use]
    pub const fn answered_in_time(&self) -> u64 {
        self.in_time
    }

    /// Calls abandoned.
    #[must_use]
    pub const fn abandoned(&self) -> u64 {
        self.abandoned
    }

    /// Calls abandoned before the limit of a short abandon.
    #[must_use]
    pub const fn short_abandons(&self) -> u64 {
        self.short_abandons
    }

    /// Calls transferred.
    #[must_use]
    pub const fn transferred(&self) -> u64 {
        self.transferred
    }

    /// Calls with any other outcome.
    #[must_use]
    pub const fn other(&self) -> u64 {
        self.offered - self.answered - self.abandoned - self.transferred
    }

    /// Abandoned of offered.
    // P126
    #[must_use]
    pub fn abandon_rate(&self) -> Option<Ratio> {
        Ratio::new(self.abandoned.into(), self.offered.into())
    }

    /// Transferred of offered.
    // P127
    #[must_use]
    pub fn transfer_rate(&self) -> Option<Ratio> {
        Ratio::new(self.transferred.into(), self.offered.into())
    }

    /// Average speed of answer: mean wait of answered calls.
    // P128
    #[must_use]
    pub fn average_speed_of_answer(&self) -> Option<Duration> {
        mean(self.answered_wait, self.answered)
    }

    /// Mean wait of abandoned calls.
    #[must_use]
    pub fn average_abandoned_wait(&self) -> Option<Duration> {
        mean(self.abandoned_wait, self.abandoned)
    }

    /// The longest wait of any call offered.
    #[must_use]
    pub fn longest_wait(&self) -> Option<Duration> {
        (self.offered > 0).then_some(self.longest_wait)
    }

    /// Mean talk of answered calls, hold included.
    // P131
    #[must_use]
    pub fn average_handling_time(&self) -> Option<Duration> {
        mean(self.talk, self.answered)
    }

    /// Service level without short abandons: answered in time, of offered less short abandons.
    // P129
    #[must_use]
    pub fn service_level(&self) -> Option<Ratio> {
        Ratio::new(self.in_time.into(), (self.offered - self.short_abandons).into())
    }

    /// Service level over offered calls.
    // P129
    #[must_use]
    pub fn service_level_of_offered(&self) -> Option<Ratio> {
        Ratio::new(self.in_time.into(), self.offered.into())
    }

    /// Service level over answered calls.
    // P129
    #[must_use]
    pub fn service_level_of_answered(&self) -> Option<Ratio> {
        Ratio::new(self.in_time.into(), self.answered.into())
    }

    /// Occupancy: talk of talk and idle time.
    // P130
    #[must_use]
    pub fn occupancy(&self) -> Option<Ratio> {
        Ratio::new(self.talk, self.talk + self.idle)
    }

    /// Occupancy as the vendor's page shows it, which adds hold to a talk that contains it.
    // P130
    #[must_use]
    pub fn occupancy_vendor_compatible(&self) -> Option<Ratio> {
        let busy = self.talk + self.hold;
        Ratio::new(busy, busy + self.idle)
    }

    /// The wait that this percentage of answered calls did not exceed, by nearest rank; exact to
    /// [`wait_resolution`](Self::wait_resolution).
    // P134
    #[must_use]
    pub fn wait_percentile(&self, percent: u8) -> Option<Duration> {
        self.waits.percentile(percent)
    }

    /// The step to which waits are rounded up for percentiles: 1 ms up to 8,192 different waits, then
    /// more, so that memory stays bounded.
    #[must_use]
    pub const fn wait_resolution(&self) -> Duration {
        self.waits.resolution()
    }

    /// Talk of answered calls, hold included.
    #[must_use]
    pub fn talk(&self) -> Duration {
        of_millis(self.talk)
    }

    /// Hold of answered calls.
    #[must_use]
    pub fn hold(&self) -> Duration {
        of_millis(self.hold)
    }

    /// Time agents were idle before accepting.
    #[must_use]
    pub fn idle(&self) -> Duration {
        of_millis(self.idle)
    }
}

/// The figures of one agent in one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueAgentFigures {
    /// Calls answered.
    pub answered: u64,
    /// Talk, hold included.
    pub talk: Duration,
}

impl QueueAgentFigures {
    pub(crate) fn add(&mut self, passage: &Passage) {
        self.answered += 1;
        self.talk = self.talk.saturating_add(passage.talk);
    }
}

/// The mean, rounded half up to a millisecond; `None` of nothing.
// P132
fn mean(millis: u128, count: u64) -> Option<Duration> {
    let count = u128::from(count);
    (count > 0).then(|| of_millis((millis + count / 2) / count))
}

fn of_millis(millis: u128) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
