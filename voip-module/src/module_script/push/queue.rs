//! The queue of pushes.

use std::time::Duration;

use super::backoff;
use super::lines::{Lines, Taken};
use super::message::{MAX_BYTES, PushMessage};
use super::outcome::PushOutcome;
use super::policy::PushPolicy;
use super::rate::Rate;
use super::status::{PushState, PushStatus};
use crate::log;

/// Time between the probes of a blocked target.
const PROBE: Duration = Duration::from_secs(60);

/// One attempt: send its message to the webhook URL and report the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushRequest {
    /// The message; an end and its record are one.
    pub message: PushMessage,
    /// Attempts with this one, from 1.
    pub attempt: u32,
}

/// The error of a full queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue of pushes is full; send the event again later")]
#[non_exhaustive]
pub struct QueueFull;

/// The queue of pushes: order, rate, retries, ages and room, without clock, socket or file.
///
/// Messages of a call go out in the order of arrival, one at a time, so a failing message holds back
/// its call only. Each is sent until the platform takes it, refuses it for good, or it expires: at
/// least once. `now` is monotonic time; the seed drives the jitter of retries.
///
/// ```
/// use std::time::Duration;
/// use voip_module::module_script::push::{PushMessage, PushOutcome, PushPolicy, PushQueue};
/// use voip_module::{VoipCallDirection, VoipWebhookEvent, VoipWebhookRequest};
///
/// let (now, start) = (Duration::ZERO, VoipWebhookEvent::NotifyStart);
/// let event = VoipWebhookRequest::new(start, VoipCallDirection::In, "79990000001", "701");
/// let message = PushMessage::new("example-of-an-id", Some(&event), None).expect("an event");
///
/// let mut queue = PushQueue::new(PushPolicy::default(), 1);
/// queue.push(now, message)?;
/// assert!(queue.next(now).is_none()); // no webhook URL yet
/// queue.open();
/// let request = queue.next(now).expect("a request");
/// queue.answer(now, request.message.id(), PushOutcome::Accepted);
/// assert_eq!(queue.status(now).delivered, 1);
/// # Ok::<(), voip_module::module_script::push::QueueFull>(())
/// ```
#[derive(Debug)]
pub struct PushQueue {
    policy: PushPolicy,
    random: fastrand::Rng,
    lines: Lines,
    in_flight: Vec<Flight>,
    rate: Rate,
    gate: Gate,
    paused_until: Duration,
    /// Counts the targets, so that an answer of an earlier one does not block the current one.
    target: u64,
    is_confirmed: bool,
    counts: PushStatus,
}

#[derive(Debug)]
struct Flight {
    taken: Taken,
    target: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    NoTarget,
    Open,
    Blocked { since: Duration, probe: Duration },
}

impl PushQueue {
    /// Creates an empty queue, which sends nothing until [`open`](Self::open).
    #[must_use]
    pub fn new(policy: PushPolicy, seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            lines: Lines::default(),
            in_flight: Vec::new(),
            rate: Rate::new(policy.per_minute, policy.burst),
            gate: Gate::NoTarget,
            paused_until: Duration::ZERO,
            target: 0,
            is_confirmed: true,
            counts: PushStatus::default(),
            policy,
        }
    }

    /// Starts to send, as there is a webhook URL, or another one. Ends a block at once.
    pub fn open(&mut self) {
        self.gate = Gate::Open;
        self.target += 1;
        self.is_confirmed = true;
        (self.counts.status, self.counts.is_failing) = (None, false);
    }

    /// Adds a message. One over 64 KiB is not taken, and counts as dead.
    ///
    /// # Errors
    ///
    /// [`QueueFull`] if there is no room even without starts and answers.
    pub fn push(&mut self, now: Duration, message: PushMessage) -> Result<(), QueueFull> {
        let place = self.reserve(now, message, false)?;
        place.into_iter().for_each(|place| self.commit(now, place));
        Ok(())
    }

    /// Keeps the place of a message while it is written to the spool; it holds back its call until
    /// [`commit`](Self::commit) or [`withdraw`](Self::withdraw). `None` if it is too large.
    pub(super) fn reserve(
        &mut self,
        now: Duration,
        message: PushMessage,
        is_spooled: bool,
    ) -> Result<Option<u64>, QueueFull> {
        self.expire(now);
        let size = message.size();
        if size > MAX_BYTES {
            self.counts.dead += 1;
            log::warning("a push is larger than 64 KiB and was dropped");
            return Ok(None);
        }
        // W151
        while self.lines.len() >= self.policy.messages
            || self.lines.bytes() + size > self.policy.bytes
        {
            if !self.lines.drop_oldest(now) {
                self.counts.refused += 1;
                return Err(QueueFull);
            }
            self.counts.dropped += 1;
        }
        Ok(Some(self.lines.reserve(now, message, &self.policy, is_spooled)))
    }

    /// Makes a reserved message ready to be sent.
    pub(super) fn commit(&mut self, now: Duration, place: u64) {
        self.lines.commit(now, place);
        if self.policy.drop_overtaken {
            self.counts.dropped += self.lines.drop_overtaken(now, place);
        }
    }

    /// Removes a message that could not be written to the spool.
    pub(super) fn withdraw(&mut self, now: Duration, place: u64) {
        self.lines.withdraw(now, place);
    }

    /// Adds a message of a spool. It had room before, so it has now.
    pub(super) fn restore(
        &mut self,
        now: Duration,
        age: Duration,
        place: u64,
        message: PushMessage,
    ) {
        self.lines.restore(now, age, place, message, &self.policy);
    }

    /// Returns the next request, if one may be sent now.
    pub fn next(&mut self, now: Duration) -> Option<PushRequest> {
        self.expire(now);
        let is_open = self.opens_at().is_some_and(|time| time <= now);
        let is_ready = self.lines.next_ready().is_some_and(|time| time <= now);
        if !is_open || !is_ready || !self.rate.take(now) {
            return None;
        }
        if let Gate::Blocked { probe, .. } = &mut self.gate {
            *probe = now.saturating_add(PROBE);
        }
        let taken = self.lines.take(now)?;
        let request = PushRequest { message: taken.message.clone(), attempt: taken.attempt };
        self.in_flight.push(Flight { taken, target: self.target });
        Some(request)
    }

    /// Returns the time from which requests may be sent, apart from the rate; `None` if an answer or
    /// a webhook URL has to come first.
    fn opens_at(&self) -> Option<Duration> {
        let time = match self.gate {
            Gate::NoTarget => return None,
            // W149: a probe is alone.
            Gate::Blocked { .. } if !self.in_flight.is_empty() => return None,
            Gate::Blocked { probe, .. } => probe,
            // W145
            Gate::Open if self.in_flight.len() >= self.policy.at_once.max(1) => return None,
            Gate::Open => Duration::ZERO,
        };
        Some(time.max(self.paused_until))
    }

    /// Returns the time of the next step if nothing else happens: [`next`](Self::next) returns a
    /// request then, or a message expires.
    #[must_use]
    pub fn next_wake(&self, now: Duration) -> Option<Duration> {
        let send = self.opens_at().zip(self.lines.next_ready());
        let send = send.map(|(open, ready)| self.rate.ready_at(now.max(open).max(ready)));
        send.into_iter().chain(self.lines.next_expiry()).min()
    }

    /// Takes the outcome of the request with this id; returns its message if that is refused for
    /// good. An id without a request in flight is ignored.
    pub fn answer(&mut self, now: Duration, id: &str, outcome: PushOutcome) -> Option<PushMessage> {
        let position = self.in_flight.iter().position(|flight| flight.taken.message.id() == id)?;
        let Flight { taken, target } = self.in_flight.swap_remove(position);
        let outcome = match outcome {
            PushOutcome::Unconfirmed(status) if self.policy.require_confirmation => {
                PushOutcome::Blocked(status)
            }
            outcome => outcome,
        };
        let is_current = target == self.target;
        if is_current {
            self.note(now, outcome);
        }
        let messages = taken.places.len() as u64;
        match outcome {
            PushOutcome::Accepted | PushOutcome::Unconfirmed(_) => {
                self.counts.delivered += messages;
                if matches!(outcome, PushOutcome::Unconfirmed(_)) {
                    self.counts.unconfirmed += messages;
                }
            }
            PushOutcome::Rejected(_) => {
                self.counts.dead += messages;
                log::warning("the webhook URL refused a push for good");
            }
            PushOutcome::Retry(_) if is_current => {
                let delay = backoff::delay(&mut self.random, taken.attempt);
                self.lines.put_back(now, &taken.places, Some(now.saturating_add(delay)));
                return None;
            }
            PushOutcome::Retry(_) | PushOutcome::TooMany(_) | PushOutcome::Blocked(_) => {
                self.lines.put_back(now, &taken.places, None);
                return None;
            }
        }
        taken.places.iter().for_each(|place| self.lines.remove(now, *place));
        matches!(outcome, PushOutcome::Rejected(_)).then_some(taken.message)
    }

    /// Keeps the state of the target.
    fn note(&mut self, now: Duration, outcome: PushOutcome) {
        self.counts.status = outcome.status();
        self.counts.is_failing =
            !matches!(outcome, PushOutcome::Accepted | PushOutcome::Unconfirmed(_));
        match outcome {
            PushOutcome::TooMany(wait) => {
                self.paused_until = self.paused_until.max(now.saturating_add(wait));
            }
            PushOutcome::Blocked(_) if matches!(self.gate, Gate::Open) => {
                log::warning("the webhook URL refuses pushes; enter the current one");
                self.gate = Gate::Blocked { since: now, probe: now.saturating_add(PROBE) };
            }
            PushOutcome::Blocked(_) | PushOutcome::Retry(_) => {}
            PushOutcome::Accepted | PushOutcome::Rejected(_) => {
                self.gate = Gate::Open;
                self.is_confirmed = true;
            }
            PushOutcome::Unconfirmed(_) => {
                self.gate = Gate::Open;
                if std::mem::replace(&mut self.is_confirmed, false) {
                    log::warning("the webhook URL answers, but not the generated script");
                }
            }
        }
    }

    fn expire(&mut self, now: Duration) {
        self.counts.expired += self.lines.expire(now);
    }

    /// Prepares the end of the process: ends wait for no record, and nothing is retried.
    pub fn begin_shutdown(&mut self, now: Duration) {
        self.lines.stop(now);
    }

    /// Returns the ids that the spool may remove.
    pub(super) fn retired(&self) -> impl Iterator<Item = &Box<str>> {
        self.lines.retired()
    }

    /// Forgets the first ids of [`retired`](Self::retired).
    pub(super) fn forget_retired(&mut self, ids: usize) {
        self.lines.forget_retired(ids);
    }

    /// Returns state and counters.
    #[must_use]
    pub fn status(&self, now: Duration) -> PushStatus {
        let (state, since) = match self.gate {
            Gate::NoTarget => (PushState::NoTarget, None),
            Gate::Blocked { since, .. } => (PushState::Blocked, Some(since)),
            Gate::Open if now < self.paused_until => (PushState::Paused, None),
            Gate::Open => (PushState::Open, None),
        };
        PushStatus {
            state,
            blocked_s: since.map(|since| now.saturating_sub(since).as_secs()),
            queued: self.lines.len(),
            bytes: self.lines.bytes(),
            oldest_age_s: self.lines.oldest_age(now).map(|age| age.as_secs()),
            ..self.counts.clone()
        }
    }
}
