//! What agents did: talking, ringing, idle.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use crate::cdr::extension_leg::ExtensionLeg;
use crate::cdr::record::Cdr;
use crate::cdr::state::State;
use crate::wire::Timestamp;

/// An agent of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct AgentId {
    /// Address of the tenant, in lower case; empty where the records name none.
    pub tenant: String,
    /// Extension of the agent.
    pub extension: String,
}

impl AgentId {
    /// An agent of a tenant.
    #[must_use]
    pub fn new(tenant: impl Into<String>, extension: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), extension: extension.into() }
    }
}

/// What an agent did in a time, for timesheets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentActivity {
    /// Legs on which the agent was connected, in either direction.
    pub answered: u64,
    /// Legs that the agent missed.
    pub missed: u64,
    /// Time connected, hold included.
    pub talking: Duration,
    /// Time that calls rang at the agent, answered or not.
    pub ringing: Duration,
    /// Time that the agent was idle before calls that were accepted.
    pub idle: Duration,
    /// When the agent first did something.
    pub first: Option<Timestamp>,
    /// When the agent last did something.
    pub last: Option<Timestamp>,
}

/// Activity per agent over a day or any other time; records go in one by one.
///
/// An agent's extension legs count: from connect to end as talking, from start to connect (or to the
/// end of a missed leg) as ringing if the leg went to the extension, each for the part that lies in
/// the window. Idle time comes with the legs that were answered in the window. Where a record has no
/// answered leg of the agent that its states name, the state's talk and idle time count, in the window in which
/// the state starts.
///
/// ```
/// use pbx_integration::{AgentId, Reader, Timesheet, Timestamp};
///
/// let json = r#"{"domain": "t.example", "callid": "c@pbx", "start": 1757926812, "end": 1757926914,
///     "extensionlegs": [{"extension": "41", "direction": "O", "idle": 42000,
///         "start": 1757926812, "connect": 1757926818, "end": 1757926914}]}"#;
/// let day = Timestamp::from_millis(1_757_894_400_000)..Timestamp::from_millis(1_757_980_800_000);
/// let mut timesheet = Timesheet::new(day);
/// timesheet.add(&Reader::strict().read_cdr(json)?.value);
/// let agent = timesheet.agent(&AgentId::new("t.example", "41")).ok_or("no such agent")?;
/// let seconds = [agent.talking, agent.ringing, agent.idle].map(|time| time.as_secs());
/// assert_eq!(seconds, [96, 6, 42]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Timesheet {
    window: Range<Timestamp>,
    agents: BTreeMap<AgentId, AgentActivity>,
    max_agents: usize,
    left_out: u64,
}

impl Timesheet {
    /// Activity in a time, of at most 100,000 agents. A day begins and ends where the caller says,
    /// as the PBX tells no time zone.
    #[must_use]
    pub const fn new(window: Range<Timestamp>) -> Self {
        Self { window, agents: BTreeMap::new(), max_agents: 100_000, left_out: 0 }
    }

    /// Activity at any time.
    #[must_use]
    pub const fn of_all_time() -> Self {
        Self::new(Timestamp::from_millis(i64::MIN)..Timestamp::from_millis(i64::MAX))
    }

    /// Keeps at most so many agents; what further ones did is counted in
    /// [`left_out`](Self::left_out).
    #[must_use]
    pub const fn with_max_agents(mut self, agents: usize) -> Self {
        self.max_agents = agents;
        self
    }

    /// Counts what a record tells of agents.
    pub fn add(&mut self, cdr: &Cdr) {
        let tenant = cdr.domain.as_ref().and_then(|domain| domain.comparable_address());
        let tenant = tenant.unwrap_or_default();
        for leg in &cdr.extension_legs {
            if let Some(extension) = &leg.extension {
                let told = of_leg(leg, &self.window);
                self.tell(&tenant, extension, told);
            }
        }
        let answered = cdr.extension_legs.iter().filter(|leg| leg.is_answered());
        let has_leg: BTreeSet<_> = answered.filter_map(|leg| leg.extension.as_deref()).collect();
        for state in cdr.states.iter().filter(|state| state.has_talk()) {
            let Some(extension) = state.extension.as_deref() else { continue };
            if !has_leg.contains(extension) {
                let told = of_state(state, &self.window);
                self.tell(&tenant, extension, told);
            }
        }
    }

    fn tell(&mut self, tenant: &str, extension: &str, told: Option<AgentActivity>) {
        let Some(told) = told else { return };
        let id = AgentId::new(tenant, extension);
        if !self.agents.contains_key(&id) && self.agents.len() >= self.max_agents {
            self.left_out += 1;
            return;
        }
        let agent = self.agents.entry(id).or_default();
        agent.answered += told.answered;
        agent.missed += told.missed;
        agent.talking = agent.talking.saturating_add(told.talking);
        agent.ringing = agent.ringing.saturating_add(told.ringing);
        agent.idle = agent.idle.saturating_add(told.idle);
        agent.first = agent.first.into_iter().chain(told.first).min();
        agent.last = agent.last.max(told.last);
    }

    /// What an agent did.
    #[must_use]
    pub fn agent(&self, id: &AgentId) -> Option<&AgentActivity> {
        self.agents.get(id)
    }

    /// All agents in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&AgentId, &AgentActivity)> {
        self.agents.iter()
    }

    /// Legs and states of agents beyond the limit.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// The part of a time that lies in the window.
fn part(start: Timestamp, end: Timestamp, window: &Range<Timestamp>) -> Option<Range<Timestamp>> {
    let part = start.max(window.start)..end.min(window.end);
    (part.start < part.end).then_some(part)
}

fn length(part: Option<&Range<Timestamp>>) -> Duration {
    part.and_then(|part| part.end.since(part.start)).unwrap_or_default()
}

fn of_leg(leg: &ExtensionLeg, window: &Range<Timestamp>) -> Option<AgentActivity> {
    let inside = |time: Option<Timestamp>| time.is_some_and(|time| window.contains(&time));
    let between = |from: Option<Timestamp>, to: Option<Timestamp>| part(from?, to?, window);
    let talking = between(leg.connect, leg.end);
    let ringing =
        (!leg.is_from_extension()).then(|| between(leg.start, leg.connect.or(leg.end))).flatten();
    let answered = inside(leg.connect);
    let missed = leg.is_missed() && inside(leg.end);
    let parts = || talking.iter().chain(&ringing);
    if !answered && !missed && parts().next().is_none() {
        return None;
    }
    let idle = leg.idle.as_ref().filter(|_| answered);
    Some(AgentActivity {
        answered: answered.into(),
        missed: missed.into(),
        talking: length(talking.as_ref()),
        ringing: length(ringing.as_ref()),
        idle: idle.map(crate::wire::Idle::time).unwrap_or_default(),
        first: parts().map(|part| part.start).chain(leg.connect.filter(|_| answered)).min(),
        last: parts().map(|part| part.end).chain(leg.end.filter(|_| missed)).max(),
    })
}

fn of_state(state: &State, window: &Range<Timestamp>) -> Option<AgentActivity> {
    let start = state.start.filter(|start| window.contains(start))?;
    Some(AgentActivity {
        answered: 1,
        talking: state.duration_talk.unwrap_or_default(),
        idle: state.duration_idle.unwrap_or_default(),
        first: Some(start),
        last: Some(start),
        ..AgentActivity::default()
    })
}
