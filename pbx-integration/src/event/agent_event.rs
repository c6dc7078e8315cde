//! Events of agents.

use crate::event::agent::{Agent, AgentKey};
use crate::event::call_state::{CallState, Phase};
use crate::event::check::{check, has_ended};
use crate::event::domain::Domain;
use crate::event::group::Group;
use crate::event::party::Party;
use crate::event::reason::Reason;
use crate::event::timestamps::Timestamps;
use crate::wire::field::{flag, id, text, word};
use crate::wire::record::record;
use crate::wire::{Finding, Handle, Issue, Parsed, Reader, Spelled};

record! {
    /// The change of an agent. `ringing` and `missed` do not belong to this event: if present, they
    /// are in `extra`.
    #[doc(alias = "onagent")]
    pub struct AgentEvent {
        /// The tenant.
        pub domain: Option<Domain> = "domain" live_domain,
        /// State of the call as a word; programs use [`phase`](Self::phase).
        pub state: Option<Spelled<CallState>> = "state" required(word),
        /// Main events of the call.
        pub timestamps: Option<Timestamps> = "timestamps" required_object,
        /// True if the call came into the PBX.
        pub inbound: Option<bool> = "inbound" required(flag),
        /// The agent; see [`subject`](Self::subject).
        pub agent: Option<Agent> = "agent" object,
        /// Calling side.
        pub caller: Option<Party> = "caller" required_object,
        /// Called side.
        pub callee: Option<Party> = "callee" required_object,
        /// The group, from a bare number or an object.
        pub group: Option<Group> = "group" group,
        /// The reason of the disconnect.
        pub reason: Option<Reason> = "reason" object,
        /// Call-ID, unique across all calls.
        pub callid: String = "callid" fatal(text),
        /// Handle of the call.
        pub call: Handle = "call" handle,
        /// Handle of the call leg.
        pub leg: Handle = "leg" handle,
        /// Account id of the user.
        pub user: Option<u64> = "user" optional(id),
    }
}

impl AgentEvent {
    /// Creates an event of a call in a tenant; other fields are empty.
    #[must_use]
    pub fn new(domain: Domain, callid: impl Into<String>) -> Self {
        Self { domain: Some(domain), callid: callid.into(), ..Self::default() }
    }

    /// Returns the subject of the event: the agent, or else the account id in `user`.
    #[must_use]
    pub fn subject(&self) -> Option<AgentKey> {
        self.agent.as_ref().map(Agent::key).or_else(|| self.user.map(AgentKey::Id))
    }

    /// Returns the phase of the call. The agent is present in every phase, as the subject, and
    /// ringing agents are not listed, so the word decides before the end.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.state.as_deref() {
            _ if has_ended(self.timestamps.as_ref(), self.reason.as_ref()) => Phase::Ended,
            Some(CallState::Connected) => Phase::Connected,
            Some(CallState::Ringing) => Phase::Ringing,
            _ => Phase::Waiting,
        }
    }

    /// Returns the inconsistencies within the event.
    #[must_use]
    pub fn validate(&self) -> Vec<Finding> {
        let (timestamps, reason) = (self.timestamps.as_ref(), self.reason.as_ref());
        check(&self.callid, timestamps, reason, self.state.as_deref(), self.phase())
    }
}

impl Reader {
    /// Reads the payload of `onagent`.
    ///
    /// # Errors
    ///
    /// If the input is not a JSON object within the limits, has no `callid`, or (strict mode) has
    /// an invalid field.
    pub fn read_agent_event(&self, json: impl AsRef<[u8]>) -> Result<Parsed<AgentEvent>, Issue> {
        self.read(json.as_ref())
    }
}
