//! Readiness of queue agents.

use crate::event::family::{Family, Pairs, family_methods, vocabulary};
use crate::event::id::AgentId;
use crate::form::Fields;
use crate::open_enum::open_enum;

open_enum! {
    /// The readiness of an agent for calls of the queue, wire field `agent_status`.
    pub enum AgentStatus compared exactly {
        /// Takes calls; follows `agent-login`.
        Available = "available",
        /// Takes none; follows `agent-logout`.
        LoggedOut = "logged_out",
    }
}

open_enum! {
    /// The place of an agent, wire field `agent_type`.
    pub enum AgentType compared exactly {
        /// On an extension of the PBX.
        Local = "local",
        /// On a number outside.
        Remote = "remote",
    }
}

open_enum! {
    /// The cause of a change of status, wire field `event_source`.
    pub enum EventSource compared exactly {
        /// A request of the API.
        Api = "api",
    }
}

vocabulary! {
    AgentField, AGENT = "AgentEvent", spellings &[], {
        AgentId: Text = "agent_id",
        AgentStatus: Text = "agent_status",
        AgentType: Text = "agent_type",
        ExtensionName: Text = "extension_name",
        AgentNumber: Phone = "agent_number",
        EventSource: Text = "event_source",
    }
}

/// An agent's status has changed.
///
/// Sent only on change; the request names neither the queue nor a time.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentEvent {
    family: Family,
    agent_id: Option<AgentId>,
}

family_methods!(AgentEvent);

impl AgentEvent {
    pub(crate) const fn is_marked(pairs: &Pairs) -> bool {
        pairs.has(AgentField::AgentId as usize) && pairs.has(AgentField::AgentStatus as usize)
    }

    pub(crate) fn read(fields: Fields, pairs: &Pairs) -> Self {
        let family = Family::read(&AGENT, fields, pairs);
        let agent_id = family.text(AgentField::AgentId as usize).map(AgentId::new);
        Self { family, agent_id }
    }

    /// The agent, wire name `agent_id`.
    #[must_use]
    pub const fn agent_id(&self) -> Option<&AgentId> {
        self.agent_id.as_ref()
    }

    /// The new status, wire name `agent_status`.
    #[must_use]
    pub fn agent_status(&self) -> Option<AgentStatus> {
        self.family.text(AgentField::AgentStatus as usize).map(AgentStatus::from)
    }

    /// Local or remote, wire name `agent_type`.
    #[must_use]
    pub fn agent_type(&self) -> Option<AgentType> {
        self.family.text(AgentField::AgentType as usize).map(AgentType::from)
    }

    /// The extension of a local agent with its domain, wire name `extension_name`.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.family.text(AgentField::ExtensionName as usize)
    }

    /// The number of a remote agent, wire name `agent_number`.
    #[must_use]
    pub fn agent_number(&self) -> Option<&str> {
        self.family.text(AgentField::AgentNumber as usize)
    }

    /// The cause of the change, wire name `event_source`.
    #[must_use]
    pub fn event_source(&self) -> Option<EventSource> {
        self.family.text(AgentField::EventSource as usize).map(EventSource::from)
    }
}
