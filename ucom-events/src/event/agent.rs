//! Queue agents: who is ready (R10, §4.4).

use std::fmt;

use crate::event::id::AgentId;
use crate::event::vocabulary::{Pairs, vocabulary, with_plus};
use crate::form::{Fields, Slice, lossy};
use crate::open_enum::open_enum;

open_enum! {
    /// Whether an agent takes calls of the queue, wire field `agent_status`.
    pub enum AgentStatus compared exactly {
        /// Takes calls; follows `agent-login`.
        Available = "available",
        /// Takes none; follows `agent-logout`.
        LoggedOut = "logged_out",
    }
}

open_enum! {
    /// Where an agent sits, wire field `agent_type`.
    pub enum AgentType compared exactly {
        /// On an extension of the PBX.
        Local = "local",
        /// On a number outside.
        Remote = "remote",
    }
}

open_enum! {
    /// What changed an agent's status, wire field `event_source`.
    pub enum EventSource compared exactly {
        /// A request of the API.
        Api = "api",
    }
}

vocabulary! {
    AgentField {
        AgentId = "agent_id",
        AgentStatus = "agent_status",
        AgentType = "agent_type",
        ExtensionName = "extension_name",
        AgentNumber = "agent_number",
        EventSource = "event_source",
    }
}

/// An agent's status has changed.
///
/// Sent only on change; the request names neither the queue nor a time (§4.4).
#[derive(Clone)]
pub struct AgentEvent {
    fields: Fields,
    values: [Slice; AgentField::COUNT],
    agent_id: Option<AgentId>,
    warnings: Vec<&'static str>,
}

impl AgentEvent {
    pub(crate) fn is_marked(pairs: &Pairs<{ AgentField::COUNT }>) -> bool {
        pairs.has(AgentField::AgentId as usize) && pairs.has(AgentField::AgentStatus as usize)
    }

    pub(crate) fn read(mut fields: Fields, pairs: &Pairs<{ AgentField::COUNT }>) -> Self {
        let mut values = std::array::from_fn(|field| pairs.value(&fields, field));
        let number = &mut values[AgentField::AgentNumber as usize];
        *number = with_plus(&mut fields, *number);
        let mut event = Self { fields, values, agent_id: None, warnings: Vec::new() };
        event.agent_id = event.text(AgentField::AgentId).map(AgentId::new);
        event.warnings = (0..AgentField::COUNT)
            .filter(|&field| std::str::from_utf8(event.fields.slice(event.values[field])).is_err())
            .map(|field| AgentField::WIRE[field])
            .collect();
        event
    }

    fn text(&self, field: AgentField) -> Option<&str> {
        let slice = self.values[field as usize];
        if slice.is_empty() { None } else { std::str::from_utf8(self.fields.slice(slice)).ok() }
    }

    /// The agent, wire name `agent_id`.
    #[must_use]
    pub const fn agent_id(&self) -> Option<&AgentId> {
        self.agent_id.as_ref()
    }

    /// The new status, wire name `agent_status`.
    #[must_use]
    pub fn agent_status(&self) -> Option<AgentStatus> {
        self.text(AgentField::AgentStatus).map(AgentStatus::from)
    }

    /// Local or remote, wire name `agent_type`.
    #[must_use]
    pub fn agent_type(&self) -> Option<AgentType> {
        self.text(AgentField::AgentType).map(AgentType::from)
    }

    /// The extension of a local agent with its domain, wire name `extension_name` (D19).
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.text(AgentField::ExtensionName)
    }

    /// The number of a remote agent, wire name `agent_number`.
    #[must_use]
    pub fn agent_number(&self) -> Option<&str> {
        self.text(AgentField::AgentNumber)
    }

    /// What changed the status, wire name `event_source`.
    #[must_use]
    pub fn event_source(&self) -> Option<EventSource> {
        self.text(AgentField::EventSource).map(EventSource::from)
    }

    /// Wire names of fields that could not be read; each of them is `None`.
    #[must_use]
    pub fn warnings(&self) -> &[&'static str] {
        &self.warnings
    }

    /// Pairs whose names this version does not know, in order.
    pub fn unknown(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().filter(|(name, _)| AgentField::find(name).is_none())
    }

    /// Every pair as it was sent.
    #[must_use]
    pub const fn fields(&self) -> &Fields {
        &self.fields
    }
}

impl PartialEq for AgentEvent {
    fn eq(&self, other: &Self) -> bool {
        AgentField::WIRE.iter().enumerate().all(|(field, _)| {
            self.fields.slice(self.values[field]) == other.fields.slice(other.values[field])
        }) && super::same_unknown(self.unknown(), other.unknown())
    }
}

impl Eq for AgentEvent {}

impl fmt::Debug for AgentEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgentEvent").field(&self.fields).finish()
    }
}

impl fmt::Display for AgentEvent {
    /// Who is in which state; no numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.fields.slice(self.values[AgentField::AgentStatus as usize]);
        write!(
            f,
            "agent {} {}",
            self.agent_id.as_ref().map_or("?", AgentId::as_str),
            lossy(status).escape_debug()
        )
    }
}
