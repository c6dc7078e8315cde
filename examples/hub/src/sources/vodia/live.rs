//! Live events and records of Vodia, folded to calls.

use std::sync::Arc;

use async_trait::async_trait;
use pbx_integration::event::{Agent, Party, Phase, Timestamps};
use pbx_integration::{AgentEvent, Cdr, Context, Error, GroupEvent, Integration};
use tokio::time::Instant;

use super::record::{call_of, micros};
use crate::sources::book::{Book, Entry, MAX_SILENCE};
use crate::timeline::{Call, Direction, Micros, Outcome, State, StepKind};

/// The integration that writes the hub's log.
pub(super) struct Log(pub(super) Arc<Book<()>>);

#[async_trait]
impl Integration for Log {
    async fn on_group(&self, _: &Context, event: GroupEvent) -> Result<(), Error> {
        let (live, source) = (self.0.live(), self.0.source());
        let group = event.group.as_ref();
        if let Some(number) = group.and_then(|group| group.number.as_deref()) {
            live.name_queue(source, number, group.and_then(|group| group.name.as_deref()));
        }
        event.ringing.iter().chain(&event.agent).for_each(|agent| self.name(agent));
        let (phase, arrival) = (event.phase(), self.0.arrive());
        let at = arrival.at;
        let start = Start {
            inbound: event.inbound,
            caller: event.caller.as_ref(),
            callee: event.callee.as_ref(),
            times: event.timestamps.as_ref(),
        };
        let change = |known| {
            let mut entry = start.open(source, &event.callid, known, at)?;
            let call = &mut entry.call;
            let number = group.and_then(|group| group.number.clone());
            if let Some(number) = number
                && call.queue.is_none()
            {
                call.step(call.started_at_us, StepKind::Queued, Some(&number));
                call.queue = Some(number);
            }
            for agent in event.ringing.iter().filter_map(|agent| agent.number.as_deref()) {
                if call.add_rang(agent) {
                    call.step(at, StepKind::Rang, Some(agent));
                }
            }
            let agent = event.agent.as_ref().and_then(|agent| agent.number.as_deref());
            progress(call, phase, agent, start.times, at, Outcome::Abandoned);
            Some(entry)
        };
        self.record(&event.callid, change).await
    }

    async fn on_agent(&self, _: &Context, event: AgentEvent) -> Result<(), Error> {
        event.agent.iter().for_each(|agent| self.name(agent));
        let (source, phase, arrival) = (self.0.source(), event.phase(), self.0.arrive());
        let at = arrival.at;
        let agent = event.agent.as_ref().and_then(|agent| agent.number.as_deref());
        let start = Start {
            inbound: event.inbound,
            caller: event.caller.as_ref(),
            callee: event.callee.as_ref(),
            times: event.timestamps.as_ref(),
        };
        let is_of_group = event.group.is_some();
        let change = |known: Option<Entry<()>>| {
            let mut entry = start.open(source, &event.callid, known, at)?;
            let call = &mut entry.call;
            // The agent's own end is not that of a call that waits in a group.
            if is_of_group && phase == Phase::Ended && call.answered_by.as_deref() != agent {
                return None;
            }
            let is_caller = event.inbound == Some(false);
            if is_caller {
                call.placed_by = agent.map(str::to_owned).or_else(|| call.placed_by.take());
            } else if let Some(agent) = agent
                && phase == Phase::Ringing
                && call.add_rang(agent)
            {
                call.step(at, StepKind::Rang, Some(agent));
            }
            progress(call, phase, agent.filter(|_| !is_caller), start.times, at, Outcome::Missed);
            Some(entry)
        };
        self.record(&event.callid, change).await
    }

    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        let source = self.0.source();
        let change = |known: Option<Entry<()>>| {
            let call = call_of(source, &cdr, known.map(|entry| entry.call), self.0.now());
            Some(Entry { call, notes: (), due: Instant::now() + MAX_SILENCE })
        };
        self.record(&cdr.callid, change).await
    }
}

impl Log {
    async fn record(
        &self,
        id: &str,
        fold: impl FnOnce(Option<Entry<()>>) -> Option<Entry<()>> + Send,
    ) -> Result<(), Error> {
        self.0.has_room().map_err(Error::other)?;
        self.0.change(id, fold).await.map_err(Error::other)
    }

    fn name(&self, agent: &Agent) {
        if let Some(number) = &agent.number {
            self.0.live().name_user(self.0.source(), number, agent.name.as_deref());
        }
    }
}

/// The facts about the whole call in both kinds of live events.
struct Start<'a> {
    inbound: Option<bool>,
    caller: Option<&'a Party>,
    callee: Option<&'a Party>,
    times: Option<&'a Timestamps>,
}

impl Start<'_> {
    /// The call, which the event may begin; `None` if it has ended.
    fn open(
        &self,
        source: &str,
        id: &str,
        known: Option<Entry<()>>,
        at: Micros,
    ) -> Option<Entry<()>> {
        let due = Instant::now() + MAX_SILENCE;
        if let Some(known) = known {
            return known.call.is_open().then_some(Entry { due, ..known });
        }
        let started = self.times.and_then(|times| times.start).map_or(at, micros);
        let direction = match self.inbound {
            Some(false) => Direction::Outbound,
            _ => Direction::Inbound,
        };
        let mut call = Call::new(source, id, direction, started);
        let number = |party: Option<&Party>| party.and_then(|party| party.number.clone());
        let (customer, own) = match direction {
            Direction::Outbound => (self.callee, self.caller),
            _ => (self.caller, self.callee),
        };
        let outside = number(customer.filter(|party| !party.is_anonymous()));
        call.set_customer(&outside.unwrap_or_default());
        call.customer_name = customer.and_then(|party| party.name.clone());
        call.set_called_number(&number(self.callee).unwrap_or_default());
        if direction == Direction::Outbound {
            call.placed_by = number(own);
        }
        Some(Entry { call, notes: (), due })
    }
}

/// Brings a call to a phase.
fn progress(
    call: &mut Call,
    phase: Phase,
    agent: Option<&str>,
    times: Option<&Timestamps>,
    at: Micros,
    unanswered: Outcome,
) {
    match phase {
        Phase::Connected => {
            if call.answered_at_us.is_none() {
                // Not the event's `connect`: a queue connects too.
                call.answer(at, agent);
            }
            call.state = State::Talking;
        }
        Phase::Ended => {
            let ended = times.and_then(|times| times.end).map_or(at, micros);
            let is_answered = call.answered_at_us.is_some();
            call.end(ended, if is_answered { Outcome::Answered } else { unanswered });
        }
        _ if call.answered_at_us.is_some() => call.state = State::Talking,
        Phase::Ringing => call.state = State::Ringing,
        _ => call.state = State::Waiting,
    }
}
