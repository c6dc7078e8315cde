//! The key that repeated deliveries of one live event share.

use crate::event::agent::{Agent, AgentKey};
use crate::event::agent_event::AgentEvent;
use crate::event::call_state::Phase;
use crate::event::domain::Domain;
use crate::event::group::Group;
use crate::event::group_event::GroupEvent;

/// The key that repeated deliveries of one live event share.
// P51
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiveKey {
    pub(crate) call: LiveCall,
    phase: Phase,
    ringing: Vec<AgentKey>,
    missed: Vec<AgentKey>,
    agent: Option<AgentKey>,
}

/// The key of a call in a group of a tenant, or at an agent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LiveCall {
    /// The address, or else the id.
    tenant: String,
    callid: String,
    group: Option<String>,
    /// The subject of an agent event, so that agents' events do not replace each other.
    subject: Option<AgentKey>,
    is_group_event: bool,
}

impl LiveKey {
    /// Returns the phase of the event.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }
}

impl GroupEvent {
    /// Returns the key that repeated deliveries of this event share.
    #[must_use]
    pub fn key(&self) -> LiveKey {
        let mut call = LiveCall::new(self.domain.as_ref(), &self.callid, self.group.as_ref());
        call.is_group_event = true;
        LiveKey {
            call,
            phase: self.phase(),
            ringing: keys(&self.ringing),
            missed: keys(&self.missed),
            agent: self.agent.as_ref().map(Agent::key),
        }
    }
}

impl AgentEvent {
    /// Returns the key that repeated deliveries of this event share.
    #[must_use]
    pub fn key(&self) -> LiveKey {
        let mut call = LiveCall::new(self.domain.as_ref(), &self.callid, self.group.as_ref());
        call.subject = self.subject();
        let agent = call.subject.clone();
        LiveKey { call, phase: self.phase(), ringing: Vec::new(), missed: Vec::new(), agent }
    }
}

impl LiveCall {
    fn new(domain: Option<&Domain>, callid: &str, group: Option<&Group>) -> Self {
        Self {
            tenant: tenant(domain),
            callid: callid.to_owned(),
            group: group.and_then(|group| group.number.clone()),
            subject: None,
            is_group_event: false,
        }
    }
}

fn tenant(domain: Option<&Domain>) -> String {
    let Some(domain) = domain else { return String::new() };
    match domain.comparable_address() {
        Some(address) => address.into_owned(),
        None => domain.id().map(|id| format!("#{id}")).unwrap_or_default(),
    }
}

/// Returns the distinct agents of a list, sorted.
// P49
fn keys(agents: &[Agent]) -> Vec<AgentKey> {
    let mut keys: Vec<AgentKey> = agents.iter().map(Agent::key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
