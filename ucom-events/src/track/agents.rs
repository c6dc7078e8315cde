//! Readiness of queue agents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{AgentEvent, AgentId, AgentStatus, AgentType, EventSource, Timestamp};
use crate::track::text::{MAX_NUMBER, cut, cut_id};

/// Maximum number of agents.
const MAX_AGENTS: usize = 10_000;

/// The last known status of a queue agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgentState {
    /// The agent.
    pub agent_id: AgentId,
    /// The agent's readiness; `None` if it is unknown.
    pub status: Option<AgentStatus>,
    /// On an extension or on a number outside.
    pub agent_type: Option<AgentType>,
    /// The extension of a local agent.
    pub extension: Option<String>,
    /// The number of a remote agent.
    pub number: Option<String>,
    /// The cause of the last change.
    pub source: Option<EventSource>,
    /// Time of the last status; for an event, the time of arrival, because agent events have no
    /// time.
    pub since: Timestamp,
}

impl AgentState {
    /// Creates a state, such as from the API's list of agents.
    #[must_use]
    pub const fn new(agent_id: AgentId, status: Option<AgentStatus>, since: Timestamp) -> Self {
        let (agent_type, extension, number, source) = (None, None, None, None);
        Self { agent_id, status, agent_type, extension, number, source, since }
    }

    /// Returns whether the agent takes calls of the queue.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.status == Some(AgentStatus::Available)
    }
}

/// The known agents.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Agents(BTreeMap<AgentId, AgentState>);

impl Agents {
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &AgentState> {
        self.0.values()
    }

    // D45.
    /// Stores a state unless a newer one is known.
    fn offer(&mut self, state: AgentState) {
        let is_full = self.0.len() >= MAX_AGENTS;
        match self.0.get_mut(&state.agent_id) {
            Some(known) if known.since > state.since => {}
            Some(known) => *known = state,
            None if is_full => {}
            None => _ = self.0.insert(state.agent_id.clone(), state),
        }
    }

    /// Stores a state from a list. Fields missing in the list keep their values from events.
    pub(super) fn offer_listed(&mut self, mut state: AgentState) {
        if let Some(known) = self.0.get(&state.agent_id) {
            if state.status.is_none() {
                return;
            }
            state.agent_type = state.agent_type.or_else(|| known.agent_type.clone());
            state.extension = state.extension.or_else(|| known.extension.clone());
            state.number = state.number.or_else(|| known.number.clone());
        }
        self.offer(state);
    }

    pub(super) fn handle(&mut self, event: &AgentEvent, arrived: Timestamp, key: &[u8; 16]) {
        let Some(id) = event.agent_id() else { return };
        let text = |text: Option<&str>| text.map(|text| cut(text, MAX_NUMBER).to_owned());
        self.offer(AgentState {
            agent_id: AgentId::new(&cut_id(id.as_str(), key)),
            status: event.agent_status().map(|word| AgentStatus::from(cut(word.as_str(), 64))),
            agent_type: event.agent_type().map(|word| AgentType::from(cut(word.as_str(), 64))),
            extension: text(event.extension()),
            number: text(event.agent_number()),
            source: event.event_source().map(|word| EventSource::from(cut(word.as_str(), 64))),
            since: arrived,
        });
    }

    /// Upper bound of bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.0.len() * 2 * (size_of::<AgentState>() + 7 * MAX_NUMBER)
    }
}
