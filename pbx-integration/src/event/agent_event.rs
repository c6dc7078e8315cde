//! An agent has changed.

use crate::event::agent::{Agent, AgentKey};
use crate::event::call_state::{CallState, Phase};
use crate::event::domain::{Domain, domain};
use crate::event::group::{GroupRef, group_ref};
use crate::event::key::LiveKey;
use crate::event::party::Party;
use crate::event::reason::Reason;
use crate::event::timestamps::Timestamps;
use crate::finding::Finding;
use crate::wire::field::{handle, word};
use crate::wire::record::record;
use crate::wire::{Handle, Parsed, ReadError, Reader, Spelled, scalar};

record! {
    /// An agent has changed (§5). `ringing` and `missed` are no fields of this event: where they
    /// come, they are in `extra` (P52).
    #[doc(alias = "onagent")]
    pub struct AgentEvent {
        /// The tenant.
        pub domain: Option<Domain> = "domain" custom_required(domain),
        /// State of the call; program logic uses [`phase`](Self::phase).
        pub state: Option<Spelled<CallState>> = "state" required(word),
        /// Main events of the call.
        pub timestamps: Option<Timestamps> = "timestamps" object_required,
        /// Whether the call came into the PBX.
        pub inbound: Option<bool> = "inbound" required(scalar::flag),
        /// The agent; see [`subject`](Self::subject).
        pub agent: Option<Agent> = "agent" object,
        /// Calling side.
        pub caller: Option<Party> = "caller" object_required,
        /// Called side.
        pub callee: Option<Party> = "callee" object_required,
        /// The group, from a bare number or an object (P42).
        pub group: Option<GroupRef> = "group" custom(group_ref),
        /// Why the call was disconnected.
        pub reason: Option<Reason> = "reason" object,
        /// Call-ID, unique across all calls.
        pub callid: String = "callid" id_required,
        /// Handle of the call (P45).
        pub call: Handle = "call" custom(handle),
        /// Handle of the call leg (P45).
        pub leg: Handle = "leg" custom(handle),
        /// Account id of the user.
        pub user: Option<u64> = "user" optional(scalar::id),
    }
}

impl AgentEvent {
    /// An event of a call in a tenant; the rest is empty.
    #[must_use]
    pub fn new(domain: Domain, callid: impl Into<String>) -> Self {
        Self { domain: Some(domain), callid: callid.into(), ..Self::default() }
    }

    /// Whom the event is about: the agent, or else the account id in `user` (P53).
    #[must_use]
    pub fn subject(&self) -> Option<AgentKey> {
        self.agent.as_ref().map(Agent::key).or_else(|| self.user.map(AgentKey::Id))
    }

    /// How far the call has come (P48). The agent is there in every phase, as the subject, and who
    /// rings is not told; so before the end the word decides.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let has_end = self.timestamps.as_ref().is_some_and(|times| times.end.is_some());
        match self.state.as_deref() {
            _ if has_end || self.reason.is_some() => Phase::Ended,
            Some(CallState::Connected) => Phase::Connected,
            Some(CallState::Ringing) => Phase::Ringing,
            _ => Phase::Waiting,
        }
    }

    /// What repeated deliveries of one event have in common (P51).
    #[must_use]
    pub fn key(&self) -> LiveKey {
        LiveKey::new(
            self.domain.as_ref(),
            &self.callid,
            self.group.as_ref().and_then(|group| group.number.as_deref()),
            self.phase(),
            (&[], &[]),
            self.agent.as_ref(),
        )
    }

    /// What the event contradicts itself in: P43, P135, P145, P146.
    #[must_use]
    pub fn validate(&self) -> Vec<Finding> {
        crate::event::check::live(&crate::event::check::Live {
            timestamps: self.timestamps.as_ref(),
            reason: self.reason.as_ref(),
            callid: &self.callid,
            phase: self.phase(),
            has_agent: self.agent.is_some(),
            state: self.state.as_deref(),
        })
    }
}

impl Reader {
    /// Reads the payload of `onagent` (§5).
    ///
    /// # Errors
    ///
    /// No JSON object within the limits, no `callid`, or (strict mode) a bad field.
    pub fn read_agent_event(
        &self,
        json: impl AsRef<[u8]>,
    ) -> Result<Parsed<AgentEvent>, ReadError> {
        self.read(json.as_ref())
    }
}
