//! Figures of agents: answered, missed, made; talking, ringing, idle.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use crate::report::view::{Span, View};
use crate::wire::Timestamp;

/// The id of an agent of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct AgentId {
    /// Address of the tenant, in lower case; empty if the records name none.
    pub tenant: String,
    /// Extension of the agent.
    pub extension: String,
}

impl AgentId {
    /// Creates the id of an agent of a tenant.
    #[must_use]
    pub fn new(tenant: impl Into<String>, extension: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), extension: extension.into() }
    }
}

/// The figures of an agent in a window. Times are cut at its borders, counts are not: a call over
/// midnight may be in the queue figures of one day and the agent figures of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentFigures {
    /// Calls answered.
    pub answered: u64,
    /// Calls missed.
    pub missed: u64,
    /// Calls started.
    pub made: u64,
    /// Time connected, hold included.
    pub talking: Duration,
    /// Time calls rang at the agent, answered or not.
    pub ringing: Duration,
    /// Time the agent was idle before calls that were accepted.
    pub idle: Duration,
    /// The first activity.
    pub first: Option<Timestamp>,
    /// The last activity.
    pub last: Option<Timestamp>,
}

impl AgentFigures {
    pub(crate) fn add(&mut self, more: &Self) {
        self.answered += more.answered;
        self.missed += more.missed;
        self.made += more.made;
        self.talking = self.talking.saturating_add(more.talking);
        self.ringing = self.ringing.saturating_add(more.ringing);
        self.idle = self.idle.saturating_add(more.idle);
        self.first = self.first.into_iter().chain(more.first).min();
        self.last = self.last.max(more.last);
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An agent's share of one record, before times are united and cut.
#[derive(Debug, Default)]
struct Share {
    figures: AgentFigures,
    talking: Vec<Span>,
    ringing: Vec<Span>,
}

/// Returns the figures of each agent in one call.
// P181
pub(crate) fn agents_of<'a>(
    view: &View<'a>,
    window: &Range<Timestamp>,
) -> BTreeMap<&'a str, AgentFigures> {
    let cdr = view.cdr;
    let inside = |time: Option<Timestamp>| time.is_some_and(|time| window.contains(&time));
    let mut shares: BTreeMap<&str, Share> = BTreeMap::new();
    for leg in cdr.extension_legs.iter().filter(|leg| !leg.is_from_extension()) {
        let Some(extension) = leg.extension.as_deref() else { continue };
        let share = shares.entry(extension).or_default();
        share.talking.extend(Span::between(leg.connect, leg.end));
        share.ringing.extend(Span::between(leg.start, leg.connect.or(leg.end)));
        if inside(leg.connect) {
            share.figures.answered += 1;
            share.figures.saw(leg.connect);
            let idle = leg.idle.as_ref().map(crate::wire::Idle::time).unwrap_or_default();
            share.figures.idle = share.figures.idle.saturating_add(idle);
        } else if leg.is_missed() && inside(leg.end) {
            share.figures.missed += 1;
            share.figures.saw(leg.end);
        }
    }
    for (at, state) in view.answered() {
        let Some(agent) = view.agent_of(at, state).filter(|agent| !view.has_leg(agent)) else {
            continue;
        };
        let share = shares.entry(agent).or_default();
        if let (Some(start), Some(talk)) = (state.start, state.duration_talk) {
            let connect = after(start, state.wait());
            share.talking.extend(Span::between(Some(connect), Some(after(connect, talk))));
        }
        if inside(state.start) {
            share.figures.answered += 1;
            share.figures.saw(state.start);
            let idle = state.duration_idle.unwrap_or_default();
            share.figures.idle = share.figures.idle.saturating_add(idle);
        }
    }
    if let Some(originator) = view.originator {
        let share = shares.entry(originator).or_default();
        let (start, talking) = originated(view);
        share.talking.extend(talking);
        if inside(start) {
            share.figures.made += 1;
            share.figures.saw(start);
        }
    }
    let finish = |(agent, share): (_, Share)| {
        let figures = share.finish(window);
        (!figures.is_empty()).then_some((agent, figures))
    };
    shares.into_iter().filter_map(finish).collect()
}

/// Returns the start of the originating leg, and the spans in which both sides were connected.
fn originated(view: &View<'_>) -> (Option<Timestamp>, Vec<Span>) {
    let own = view.cdr.extension_legs.iter().find(|leg| leg.is_from_extension());
    let (start, own) = match (own, view.trunk) {
        (Some(leg), _) => (leg.start, Span::between(leg.connect, leg.end)),
        (None, Some(leg)) => (leg.start, Span::between(leg.connect, leg.end)),
        (None, None) => (None, None),
    };
    (start, view.human_spans().filter_map(|other| own?.shared(other)).collect())
}

impl AgentFigures {
    fn saw(&mut self, time: Option<Timestamp>) {
        self.first = self.first.into_iter().chain(time).min();
        self.last = self.last.max(time);
    }
}

impl Share {
    fn finish(self, window: &Range<Timestamp>) -> AgentFigures {
        let mut figures = self.figures;
        for (spans, is_talking) in [(self.talking, true), (self.ringing, false)] {
            for span in united(spans, window) {
                figures.saw(Some(span.start));
                figures.saw(Some(span.end));
                let time = if is_talking { &mut figures.talking } else { &mut figures.ringing };
                *time = time.saturating_add(span.length());
            }
        }
        figures
    }
}

/// Returns the spans inside the window, merged if they overlap.
fn united(mut spans: Vec<Span>, window: &Range<Timestamp>) -> Vec<Span> {
    spans.sort_unstable();
    let window = Span { start: window.start, end: window.end };
    let mut united: Vec<Span> = Vec::new();
    for span in spans.into_iter().filter_map(|span| span.shared(window)) {
        match united.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => united.push(span),
        }
    }
    united
}

fn after(time: Timestamp, duration: Duration) -> Timestamp {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(time.as_millis().saturating_add(millis))
}
