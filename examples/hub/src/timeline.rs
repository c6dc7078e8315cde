//! The hub's own terms, common to all PBXs: calls, queues, users, sources.

mod number;
mod present;
mod words;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::number::number;
pub(crate) use self::number::without_marks;
pub use self::present::{Change, Queue, Receiver, Source, User, Waiting};
pub use self::words::{Direction, Outcome, Presence, State, StepKind};

/// Microseconds since 1970.
pub type Micros = i64;

/// Everything that is known of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "sources build it member by member")]
pub struct Call {
    /// The source's name.
    pub source: String,
    /// Identity of the call at its source.
    pub id: String,
    /// Direction, as the PBX sees it.
    pub direction: Direction,
    /// Present state.
    pub state: State,
    /// Number of the outside party; empty if it is unknown or withheld.
    pub customer: String,
    /// Name of the outside party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    /// The number that was called; empty if unknown.
    pub called_number: String,
    /// Identity of the first queue or group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Identity of the user who answered first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// Identity of the user who made the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_by: Option<String>,
    /// Identities of the users whose phones rang, each once, in order.
    pub rang: Vec<String>,
    /// Start of the call.
    pub started_at_us: Micros,
    /// Time of the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at_us: Option<Micros>,
    /// End of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_us: Option<Micros>,
    /// Time to the answer, or to the end of an unanswered call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_us: Option<Micros>,
    /// Time of talking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talk_us: Option<Micros>,
    /// Outcome; absent while the call goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// URL or identity of the recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<String>,
    /// True if facts may be missing, because events were.
    pub has_gap: bool,
    /// The course of the call, in order.
    pub steps: Vec<Step>,
}

/// One step in the course of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "sources build it member by member")]
pub struct Step {
    /// Time.
    pub at_us: Micros,
    /// Kind.
    pub kind: StepKind,
    /// The user, queue or number concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}

impl Call {
    /// A call that begins.
    #[must_use]
    pub fn new(source: &str, id: &str, direction: Direction, started_at_us: Micros) -> Self {
        let steps = vec![Step { at_us: started_at_us, kind: StepKind::Offered, who: None }];
        Self {
            source: source.into(),
            id: id.into(),
            direction,
            started_at_us,
            steps,
            ..Self::default()
        }
    }

    /// Returns whether the call goes on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state != State::Ended
    }

    /// Adds a step, unless there is the same one already; keeps the steps in order of time.
    pub fn step(&mut self, at_us: Micros, kind: StepKind, who: Option<&str>) {
        let is_same = |step: &Step| step.kind == kind && step.who.as_deref() == who;
        let is_known = match kind {
            // A user may answer or be rung again later; the same report comes twice at one time.
            StepKind::Offered | StepKind::Ended => self.steps.iter().any(|step| step.kind == kind),
            _ => self.steps.iter().any(|step| is_same(step) && step.at_us == at_us),
        };
        if is_known || self.steps.len() >= MAX_STEPS {
            return;
        }
        let place = self.steps.partition_point(|step| step.at_us <= at_us);
        self.steps.insert(place, Step { at_us, kind, who: who.map(str::to_owned) });
    }

    /// Sets the number of the outside party, in normal form.
    pub fn set_customer(&mut self, text: &str) {
        self.customer = number(text);
    }

    /// Sets the number that was called, in normal form.
    pub fn set_called_number(&mut self, text: &str) {
        self.called_number = number(text);
    }

    /// Adds a user to those whose phones rang; returns whether that is news.
    pub fn add_rang(&mut self, user: &str) -> bool {
        let is_new = !self.rang.iter().any(|rang| rang == user) && self.rang.len() < MAX_STEPS;
        if is_new {
            self.rang.push(user.to_owned());
        }
        is_new
    }

    /// Connects the parties; the first answer counts.
    pub fn answer(&mut self, at_us: Micros, who: Option<&str>) {
        let answered = *self.answered_at_us.get_or_insert(at_us);
        self.wait_us = Some((answered - self.started_at_us).max(0));
        if self.answered_by.is_none() {
            self.answered_by = who.map(str::to_owned);
        }
        self.step(at_us, StepKind::Answered, who);
        self.state = State::Talking;
    }

    /// Rings again after an end that was none.
    pub fn reopen(&mut self) {
        self.state = State::Ringing;
        (self.ended_at_us, self.outcome, self.talk_us) = (None, None, None);
        if self.answered_at_us.is_none() {
            self.wait_us = None;
        }
        self.steps.retain(|step| step.kind != StepKind::Ended);
    }

    /// Ends the call without knowing how it ended.
    pub fn lose(&mut self, at_us: Micros) {
        self.has_gap = true;
        let outcome = match self.answered_at_us {
            Some(_) => Outcome::Answered,
            None => Outcome::Unknown,
        };
        self.end(at_us.max(self.started_at_us), outcome);
    }

    /// Ends the call, and fills in what follows from the times.
    pub fn end(&mut self, at_us: Micros, outcome: Outcome) {
        self.state = State::Ended;
        self.ended_at_us = Some(at_us);
        self.outcome = Some(outcome);
        self.step(at_us, StepKind::Ended, None);
        let answered = self.answered_at_us;
        let wait = answered.unwrap_or(at_us) - self.started_at_us;
        self.wait_us.get_or_insert_with(|| wait.max(0));
        if let Some(answered) = answered {
            self.talk_us.get_or_insert_with(|| (at_us - answered).max(0));
        }
    }
}

/// The most steps of a call, and the most users that rang.
const MAX_STEPS: usize = 200;

/// The words of a set that are in a list, for filters.
#[must_use]
pub fn outcomes(list: &str) -> Option<BTreeSet<Outcome>> {
    list.split(',').filter(|word| !word.is_empty()).map(Outcome::from_word).collect()
}
