//! Figures over many calls, each counted once in its current version.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::ops::Range;
use std::time::Duration;

use crate::cdr::Cdr;
use crate::report::agent::{AgentFigures, AgentId, agents_of};
use crate::report::deliveries::{Deliveries, Delivery};
use crate::report::outcome::Outcome;
use crate::report::queue::{Passage, QueueAgentFigures, QueueFigures, QueueId};
use crate::report::recent::Recent;
use crate::report::view::View;
use crate::wire::Timestamp;
use crate::wire::{Code, Parsed};

/// Options of a [`Report`].
#[derive(Clone, Debug)]
pub struct ReportOptions {
    target: Duration,
    short_abandon: Duration,
    window: Range<Timestamp>,
    replaceable: usize,
    known: usize,
    max_rows: usize,
}

impl Default for ReportOptions {
    /// A target of 20 s, short abandons below 5 s, no window, and 50,000 replaceable calls.
    fn default() -> Self {
        Self {
            target: Duration::from_secs(20),
            short_abandon: Duration::from_secs(5),
            window: Timestamp::from_millis(i64::MIN)..Timestamp::from_millis(i64::MAX),
            replaceable: 50_000,
            known: 500_000,
            max_rows: 100_000,
        }
    }
}

impl ReportOptions {
    /// Sets the target of the service level.
    #[must_use]
    pub const fn with_target(mut self, target: Duration) -> Self {
        self.target = target;
        self
    }

    /// Sets the wait below which an abandon is short.
    #[must_use]
    pub const fn with_short_abandon(mut self, wait: Duration) -> Self {
        self.short_abandon = wait;
        self
    }

    /// Sets the window, such as a day.
    #[must_use]
    pub const fn with_window(mut self, window: Range<Timestamp>) -> Self {
        self.window = window;
        self
    }

    /// Sets the number of calls that a later version can replace. Ten times as many are recognised.
    #[must_use]
    pub const fn with_replaceable(mut self, calls: usize) -> Self {
        self.replaceable = calls;
        self.known = calls.saturating_mul(10);
        self
    }

    /// Sets the maximum number of queues, agents and unknown kinds; others are counted in
    /// [`Figures::left_out`].
    #[must_use]
    pub const fn with_max_rows(mut self, rows: usize) -> Self {
        self.max_rows = rows;
        self
    }
}

/// Figures over many calls: queues, agents, and the quality of the records.
///
/// Each call counts once, in its current version: an updated record replaces the earlier one in all
/// figures, a repeated or stale one changes nothing. Memory is bounded by the options.
///
/// ```
/// use pbx_integration::Reader;
/// use pbx_integration::report::{QueueId, Report, ReportOptions};
///
/// let json = r#"{"domain": "t.example", "callid": "c@pbx", "start": 1757926800, "end": 1757926914,
///     "states": [{"start": 1757926800, "type": "acd", "account": "300", "extension": "41",
///         "durationivr": 12000, "durationring": 6500, "durationtalk": 95000}]}"#;
/// let mut report = Report::new(ReportOptions::default());
/// report.add(&Reader::lenient().read_cdr(json)?);
/// let figures = report.figures();
/// let queue = &figures.queues[&QueueId::new("t.example", "300")];
/// assert_eq!((queue.offered(), queue.answered(), queue.other()), (1, 1, 0));
/// assert_eq!(queue.average_speed_of_answer().map(|time| time.as_millis()), Some(18_500));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    options: ReportOptions,
    deliveries: Deliveries,
    names: Names,
    /// Calls that a later version may replace.
    recent: Recent<Facts>,
    /// Calls that can no longer be replaced.
    settled: Sums,
    left_out: u64,
}

/// Figures over many calls.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Figures {
    /// Calls that start in the window.
    pub calls: u64,
    /// By queue.
    pub queues: BTreeMap<QueueId, QueueFigures>,
    /// By agent.
    pub agents: BTreeMap<AgentId, AgentFigures>,
    /// By queue and agent.
    pub queue_agents: BTreeMap<(QueueId, AgentId), QueueAgentFigures>,
    /// Warnings of the current versions, by code.
    pub warnings: BTreeMap<Code, u64>,
    /// Findings of the current versions, by code.
    pub findings: BTreeMap<Code, u64>,
    /// States of kinds that this version does not know, by spelling.
    pub unknown_types: BTreeMap<String, u64>,
    /// Versions that came too late to replace an earlier one, and rows beyond the limit.
    pub left_out: u64,
}

/// The share of one version of a call in the figures.
#[derive(Clone, Debug)]
struct Facts {
    is_in_window: bool,
    passages: Box<[(u32, Option<u32>, Passage)]>,
    agents: Box<[(u32, AgentFigures)]>,
    warnings: Box<[(Code, u64)]>,
    findings: Box<[(Code, u64)]>,
    unknown_types: Box<[u32]>,
}

/// The names of rows, each kept once.
#[derive(Clone, Debug)]
struct Rows<K> {
    numbers: HashMap<K, u32>,
    names: Vec<K>,
}

impl<K: Clone + Eq + Hash> Rows<K> {
    fn new() -> Self {
        Self { numbers: HashMap::new(), names: Vec::new() }
    }

    /// Returns the number of a row; `None` for a new one beyond the limit.
    fn number(&mut self, name: K, limit: usize) -> Option<u32> {
        if let Some(number) = self.numbers.get(&name) {
            return Some(*number);
        }
        let number = u32::try_from(self.names.len()).ok().filter(|_| self.names.len() < limit)?;
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        Some(number)
    }

    fn name(&self, number: u32) -> Option<K> {
        self.names.get(number as usize).cloned()
    }
}

#[derive(Clone, Debug)]
struct Names {
    queues: Rows<QueueId>,
    agents: Rows<AgentId>,
    unknown_types: Rows<String>,
}

/// Sums by the numbers of rows.
#[derive(Clone, Debug, Default)]
struct Sums {
    calls: u64,
    queues: BTreeMap<u32, QueueFigures>,
    agents: BTreeMap<u32, AgentFigures>,
    queue_agents: BTreeMap<(u32, u32), QueueAgentFigures>,
    warnings: BTreeMap<Code, u64>,
    findings: BTreeMap<Code, u64>,
    unknown_types: BTreeMap<u32, u64>,
}

impl Report {
    /// Creates a report without calls.
    #[must_use]
    pub fn new(options: ReportOptions) -> Self {
        Self {
            deliveries: Deliveries::new(options.known.max(options.replaceable)),
            names: Names { queues: Rows::new(), agents: Rows::new(), unknown_types: Rows::new() },
            recent: Recent::new(options.replaceable),
            settled: Sums::default(),
            left_out: 0,
            options,
        }
    }

    /// Adds a record and returns its kind of delivery.
    // P183
    pub fn add(&mut self, record: &Parsed<Cdr>) -> Delivery {
        let look = self.deliveries.look(&record.value);
        let delivery = look.delivery();
        if !delivery.is_news() {
            return delivery;
        }
        self.deliveries.commit(look);
        if delivery == Delivery::Updated && self.recent.get(look.call).is_none() {
            self.left_out += 1;
            return delivery;
        }
        let facts = self.facts(record);
        match self.recent.get_mut(look.call) {
            Some(earlier) => *earlier = facts,
            None => {
                if let Some(oldest) = self.recent.add(look.call, facts) {
                    self.settled.add(&oldest, &self.options);
                }
            }
        }
        delivery
    }

    /// Returns the figures over the current version of every call.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let mut sums = self.settled.clone();
        for facts in self.recent.values() {
            sums.add(facts, &self.options);
        }
        let Names { queues, agents, unknown_types } = &self.names;
        let named = |(number, figures)| Some((queues.name(number)?, figures));
        Figures {
            calls: sums.calls,
            queues: sums.queues.into_iter().filter_map(named).collect(),
            agents: (sums.agents.into_iter())
                .filter_map(|(number, figures)| Some((agents.name(number)?, figures)))
                .collect(),
            queue_agents: (sums.queue_agents.into_iter())
                .filter_map(|((queue, agent), figures)| {
                    Some(((queues.name(queue)?, agents.name(agent)?), figures))
                })
                .collect(),
            warnings: sums.warnings,
            findings: sums.findings,
            unknown_types: (sums.unknown_types.into_iter())
                .filter_map(|(number, count)| Some((unknown_types.name(number)?, count)))
                .collect(),
            left_out: self.left_out,
        }
    }

    fn facts(&mut self, record: &Parsed<Cdr>) -> Facts {
        let cdr = &record.value;
        let view = View::new(cdr);
        let Self { names, left_out, options, .. } = self;
        let window = &options.window;
        let is_all_time = window.start.as_millis() == i64::MIN;
        let inside =
            |start: Option<Timestamp>| start.map_or(is_all_time, |start| window.contains(&start));
        let tenant = cdr.domain.as_ref().and_then(|domain| domain.comparable_address());
        let tenant = tenant.as_deref().unwrap_or_default();
        let mut agent_row = |extension: &str, left_out: &mut u64| {
            let row = names.agents.number(AgentId::new(tenant, extension), options.max_rows);
            *left_out += u64::from(row.is_none());
            row
        };
        let mut passages = Vec::new();
        for (at, state, outcome) in view.states() {
            if !state.is_queue() || !inside(state.start) {
                continue;
            }
            let id = QueueId::new(tenant, state.account.as_deref().unwrap_or_default());
            let Some(queue) = names.queues.number(id, options.max_rows) else {
                *left_out += 1;
                continue;
            };
            let is_answered = outcome == Outcome::Answered;
            let agent = is_answered.then(|| view.agent_of(at, state)).flatten();
            let agent = agent.and_then(|agent| agent_row(agent, left_out));
            let passage = Passage {
                outcome,
                wait: state.wait(),
                talk: state.duration_talk.unwrap_or_default(),
                hold: state.duration_hold.unwrap_or_default(),
                idle: state.duration_idle.unwrap_or_default(),
            };
            passages.push((queue, agent, passage));
        }
        let agents = agents_of(&view, window).into_iter();
        let agents = agents
            .filter_map(|(extension, figures)| Some((agent_row(extension, left_out)?, figures)));
        let agents = agents.collect();
        let unknown_types = cdr.unknown_types().filter_map(|kind| {
            let kind = kind.chars().take(64).collect();
            let row = names.unknown_types.number(kind, options.max_rows);
            *left_out += u64::from(row.is_none());
            row
        });
        let unknown_types = unknown_types.collect();
        Facts {
            is_in_window: inside(cdr.start),
            passages: passages.into(),
            agents,
            warnings: counts(record.warnings.iter().map(crate::Issue::code)),
            findings: counts(view.validate().iter().map(|finding| finding.code)),
            unknown_types,
        }
    }
}

impl Sums {
    fn add(&mut self, facts: &Facts, options: &ReportOptions) {
        self.calls += u64::from(facts.is_in_window);
        for (queue, agent, passage) in &facts.passages {
            let figures = self.queues.entry(*queue).or_default();
            figures.add(passage, options.target, options.short_abandon);
            if let Some(agent) = agent {
                self.queue_agents.entry((*queue, *agent)).or_default().add(passage);
            }
        }
        for (agent, figures) in &facts.agents {
            self.agents.entry(*agent).or_default().add(figures);
        }
        for (code, count) in &facts.warnings {
            *self.warnings.entry(*code).or_default() += count;
        }
        for (code, count) in &facts.findings {
            *self.findings.entry(*code).or_default() += count;
        }
        for kind in &facts.unknown_types {
            *self.unknown_types.entry(*kind).or_default() += 1;
        }
    }
}

/// Counts each code.
fn counts(codes: impl Iterator<Item = Code>) -> Box<[(Code, u64)]> {
    let mut counts: BTreeMap<Code, u64> = BTreeMap::new();
    codes.for_each(|code| *counts.entry(code).or_default() += 1);
    counts.into_iter().collect()
}
