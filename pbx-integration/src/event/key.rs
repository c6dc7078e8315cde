//! The key that repeated deliveries of one live event share.

use crate::event::agent::{Agent, AgentKey};
use crate::event::agent_event::AgentEvent;
use crate::event::call_state::Phase;
use crate::event::domain::Domain;
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

/// A call in a group of a tenant, or at an agent in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LiveCall {
    /// The address, or the id where there is no address.
    tenant: String,
    callid: String,
    group: Option<String>,
    /// The subject of an agent event: one agent's end is not another's.
    subject: Option<AgentKey>,
    is_agent_event: bool,
}

impl LiveKey {
    /// The phase of the event.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }
}

impl GroupEvent {
    /// The key that repeated deliveries of this event share.
    #[must_use]
    pub fn key(&self) -> LiveKey {
        LiveKey {
            call: LiveCall {
                tenant: tenant(self.domain.as_ref()),
                callid: self.callid.clone(),
                group: self.group.as_ref().and_then(|group| group.number.clone()),
                subject: None,
                is_agent_event: false,
            },
            phase: self.phase(),
            ringing: keys(&self.ringing),
            missed: keys(&self.missed),
            agent: self.agent.as_ref().map(Agent::key),
        }
    }
}

impl AgentEvent {
    /// The key that repeated deliveries of this event share.
    #[must_use]
    pub fn key(&self) -> LiveKey {
        LiveKey {
            call: LiveCall {
                tenant: tenant(self.domain.as_ref()),
                callid: self.callid.clone(),
                group: self.group.as_ref().and_then(|group| group.number.clone()),
                subject: self.subject(),
                is_agent_event: true,
            },
            phase: self.phase(),
            ringing: Vec::new(),
            missed: Vec::new(),
            agent: self.subject(),
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

/// The different agents of a list, sorted.
// P49
fn keys(agents: &[Agent]) -> Vec<AgentKey> {
    let mut keys: Vec<AgentKey> = agents.iter().map(Agent::key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
