//! What happened in the queues (§13.2).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use crate::cdr::ratio::Ratio;
use crate::cdr::record::Cdr;
use crate::cdr::state::{RedirectReason, State};
use crate::cdr::waits::Waits;
use crate::wire::Timestamp;

/// A group of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct QueueId {
    /// Address of the tenant, in lower case; empty where the records name none.
    pub tenant: String,
    /// Account number of the queue; empty where the states name none.
    pub account: String,
}

impl QueueId {
    /// A queue of a tenant.
    #[must_use]
    pub fn new(tenant: impl Into<String>, account: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), account: account.into() }
    }
}

/// What queue statistics are taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    target: Duration,
    short_abandon: Duration,
    window: Option<Range<Timestamp>>,
    max_queues: usize,
}

impl Default for QueueOptions {
    /// Answered within 20 s; an abandon of less than 5 s is short; all calls; 10,000 queues.
    fn default() -> Self {
        Self {
            target: Duration::from_secs(20),
            short_abandon: Duration::from_secs(5),
            window: None,
            max_queues: 10_000,
        }
    }
}

impl QueueOptions {
    /// The time within which a call should be answered: T of P129.
    #[must_use]
    pub const fn with_target(mut self, target: Duration) -> Self {
        self.target = target;
        self
    }

    /// Abandoned calls that waited less than this may be left out: S of P129.
    #[must_use]
    pub const fn with_short_abandon(mut self, wait: Duration) -> Self {
        self.short_abandon = wait;
        self
    }

    /// Counts only states that start in this time.
    #[must_use]
    pub const fn with_window(mut self, window: Range<Timestamp>) -> Self {
        self.window = Some(window);
        self
    }

    /// Keeps figures of at most so many queues; states of further ones are counted in
    /// [`QueueStatistics::left_out`].
    #[must_use]
    pub const fn with_max_queues(mut self, queues: usize) -> Self {
        self.max_queues = queues;
        self
    }

    fn covers(&self, state: &State) -> bool {
        match (&self.window, state.start) {
            (Some(window), Some(start)) => window.contains(&start),
            (Some(_), None) => false,
            (None, _) => true,
        }
    }
}

/// What happened in the queues (§13.2): records go in one by one, memory is bounded by the number of
/// queues.
///
/// ```
/// use pbx_integration::{QueueId, QueueOptions, QueueStatistics, Reader};
///
/// let json = r#"{"domain": "t.example", "callid": "c@pbx", "start": 1757926800, "end": 1757926914,
///     "states": [{"start": 1757926800, "type": "acd", "account": "300",
///         "durationivr": 12000, "durationring": 6500, "durationtalk": 95000}]}"#;
/// let mut statistics = QueueStatistics::new(QueueOptions::default());
/// statistics.add(&Reader::strict().read_cdr(json)?.value);
/// let queue = statistics.queue(&QueueId::new("t.example", "300")).ok_or("no such queue")?;
/// assert_eq!(queue.average_speed_of_answer().map(|time| time.as_millis()), Some(18_500));
/// assert_eq!(queue.service_level().map(|level| level.to_string()).as_deref(), Some("100.0%"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct QueueStatistics {
    options: QueueOptions,
    queues: BTreeMap<QueueId, QueueFigures>,
    calls: u64,
    left_out: u64,
}

impl QueueStatistics {
    /// Nothing counted yet.
    #[must_use]
    pub const fn new(options: QueueOptions) -> Self {
        Self { options, queues: BTreeMap::new(), calls: 0, left_out: 0 }
    }

    /// Counts the queue states of a record. A call that passes a queue twice counts twice for the
    /// queue and once for call totals (P133).
    pub fn add(&mut self, cdr: &Cdr) {
        let Self { options, queues, left_out, .. } = self;
        // Each queue is told once that a call has come.
        let mut seen: BTreeSet<QueueId> = BTreeSet::new();
        let mut is_call = false;
        for state in cdr.states.iter().filter(|state| state.is_queue() && options.covers(state)) {
            is_call = true;
            let tenant = cdr.domain.as_ref().and_then(|domain| domain.comparable_address());
            let id = QueueId::new(
                tenant.unwrap_or_default(),
                state.account.as_deref().unwrap_or_default(),
            );
            if !queues.contains_key(&id) && queues.len() >= options.max_queues {
                *left_out += 1;
                continue;
            }
            let queue = queues.entry(id.clone()).or_default();
            queue.add(state, options);
            queue.calls += u64::from(seen.insert(id));
        }
        self.calls += u64::from(is_call);
    }

    /// Calls that passed a queue, each counted once (P133).
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.calls
    }

    /// States of queues beyond the limit.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The figures of a queue.
    #[must_use]
    pub fn queue(&self, id: &QueueId) -> Option<&QueueFigures> {
        self.queues.get(id)
    }

    /// All queues in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&QueueId, &QueueFigures)> {
        self.queues.iter()
    }
}

/// What happened in one queue.
#[derive(Clone, Debug, Default)]
pub struct QueueFigures {
    calls: u64,
    offered: u64,
    answered: u64,
    in_time: u64,
    abandoned: u64,
    short_abandons: u64,
    transferred: u64,
    answer_wait: u128,
    talk: u128,
    answered_talk: u128,
    hold: u128,
    idle: u128,
    waits: Waits,
}

impl QueueFigures {
    fn add(&mut self, state: &State, options: &QueueOptions) {
        let millis = |time: Option<Duration>| time.unwrap_or_default().as_millis();
        let wait = state.wait();
        self.offered += 1;
        self.talk += millis(state.duration_talk);
        self.hold += millis(state.duration_hold);
        self.idle += millis(state.duration_idle);
        if state.has_talk() {
            self.answered += 1;
            self.in_time += u64::from(wait <= options.target);
            self.answer_wait += wait.as_millis();
            self.answered_talk += millis(state.duration_talk);
            self.waits.add(wait);
        }
        match state.reason {
            Some(RedirectReason::HungUpWaiting | RedirectReason::HungUpRinging) => {
                self.abandoned += 1;
                // A state with talk was answered, whatever its reason says.
                let is_short = !state.has_talk() && wait < options.short_abandon;
                self.short_abandons += u64::from(is_short);
            }
            Some(
                RedirectReason::RedirectedAnonymous
                | RedirectReason::RedirectedRinging
                | RedirectReason::RedirectedWaiting,
            ) => self.transferred += 1,
            _ => {}
        }
    }

    /// Calls that passed the queue, each counted once (P133).
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.calls
    }

    /// States of the queue: a call that passes twice counts twice (P133).
    #[must_use]
    pub const fn offered(&self) -> u64 {
        self.offered
    }

    /// States with talk.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.answered
    }

    /// States with talk that waited no longer than the target: a(T) of P129.
    #[must_use]
    pub const fn answered_in_time(&self) -> u64 {
        self.in_time
    }

    /// States with reason `hw` or `hr`.
    #[must_use]
    pub const fn abandoned(&self) -> u64 {
        self.abandoned
    }

    /// Of these, those without talk that waited less than the limit: S of P129.
    #[must_use]
    pub const fn short_abandons(&self) -> u64 {
        self.short_abandons
    }

    /// States with reason `ra`, `rr` or `rw`.
    #[must_use]
    pub const fn transferred(&self) -> u64 {
        self.transferred
    }

    /// Abandoned of offered (P126).
    #[must_use]
    pub fn abandon_rate(&self) -> Option<Ratio> {
        Ratio::new(self.abandoned.into(), self.offered.into())
    }

    /// Redirected of offered (P127).
    #[must_use]
    pub fn transfer_rate(&self) -> Option<Ratio> {
        Ratio::new(self.transferred.into(), self.offered.into())
    }

    /// Mean wait of answered calls (P128), in whole milliseconds.
    #[must_use]
    pub fn average_speed_of_answer(&self) -> Option<Duration> {
        mean(self.answer_wait, self.answered)
    }

    /// Mean talk, hold included, of answered calls (P131), in whole milliseconds.
    #[must_use]
    pub fn average_handling_time(&self) -> Option<Duration> {
        mean(self.answered_talk, self.answered)
    }

    /// Service level with short abandons left out: a(T) of what was offered without them (P129).
    #[must_use]
    pub fn service_level(&self) -> Option<Ratio> {
        let whole = self.offered - self.short_abandons;
        Ratio::new(self.in_time.into(), whole.into())
    }

    /// Service level over offered calls: a(T) of offered (P129).
    #[must_use]
    pub fn service_level_of_offered(&self) -> Option<Ratio> {
        Ratio::new(self.in_time.into(), self.offered.into())
    }

    /// Service level over answered calls: a(T) of answered (P129).
    #[must_use]
    pub fn service_level_of_answered(&self) -> Option<Ratio> {
        Ratio::new(self.in_time.into(), self.answered.into())
    }

    /// Occupancy: talk of talk and idle (P130).
    #[must_use]
    pub fn occupancy(&self) -> Option<Ratio> {
        Ratio::new(self.talk, self.talk + self.idle)
    }

    /// Occupancy as the vendor's page shows it, where hold, which talk contains, is added to talk
    /// (P130).
    #[must_use]
    pub fn occupancy_vendor_compatible(&self) -> Option<Ratio> {
        let busy = self.talk + self.hold;
        Ratio::new(busy, busy + self.idle)
    }

    /// The wait that so many percent of answered calls did not exceed, by nearest rank (P134); exact
    /// to [`wait_resolution`](Self::wait_resolution).
    #[must_use]
    pub fn wait_percentile(&self, percent: u8) -> Option<Duration> {
        self.waits.percentile(percent)
    }

    /// To what waits are rounded up for percentiles: 1 ms up to 8,192 different waits, then more, so
    /// that memory stays bounded.
    #[must_use]
    pub const fn wait_resolution(&self) -> Duration {
        self.waits.resolution()
    }

    /// Talk, hold included.
    #[must_use]
    pub fn talk(&self) -> Duration {
        of_millis(self.talk)
    }

    /// Time on hold.
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

/// The mean, rounded half up to a millisecond; nothing of nothing (P132).
fn mean(millis: u128, count: u64) -> Option<Duration> {
    let count = u128::from(count);
    (count > 0).then(|| of_millis((millis + count / 2) / count))
}

fn of_millis(millis: u128) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
