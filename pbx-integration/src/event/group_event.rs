//! A queue or ring group has changed.

use crate::event::agent::Agent;
use crate::event::call_state::{CallState, Phase};
use crate::event::domain::{Domain, domain};
use crate::event::group::Group;
use crate::event::key::LiveKey;
use crate::event::party::Party;
use crate::event::reason::Reason;
use crate::event::timestamps::Timestamps;
use crate::finding::Finding;
use crate::wire::field::{handle, word};
use crate::wire::record::record;
use crate::wire::{Handle, Parsed, ReadError, Reader, Spelled, scalar};

record! {
    /// A queue or ring group has changed (§4): any change, not only a hang-up (P46).
    ///
    /// Fields without which the event means little are options all the same, because a lenient
    /// reader drops what it cannot read.
    #[doc(alias = "ongroup")]
    pub struct GroupEvent {
        /// The tenant.
        pub domain: Option<Domain> = "domain" custom_required(domain),
        /// State of the call; program logic uses [`phase`](Self::phase).
        pub state: Option<Spelled<CallState>> = "state" required(word),
        /// Main events of the call.
        pub timestamps: Option<Timestamps> = "timestamps" object_required,
        /// Whether the call came into the PBX.
        pub inbound: Option<bool> = "inbound" required(scalar::flag),
        /// Agents ringing now; an agent may also be in `missed` (P49).
        pub ringing: Vec<Agent> = "ringing" list,
        /// Agents that missed the call.
        pub missed: Vec<Agent> = "missed" list,
        /// Agent connected to the call.
        pub agent: Option<Agent> = "agent" object,
        /// Calling side.
        pub caller: Option<Party> = "caller" object_required,
        /// Called side.
        pub callee: Option<Party> = "callee" object_required,
        /// The group.
        pub group: Option<Group> = "group" object_required,
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

impl GroupEvent {
    /// An event of a call in a tenant; the rest is empty.
    #[must_use]
    pub fn new(domain: Domain, callid: impl Into<String>) -> Self {
        Self { domain: Some(domain), callid: callid.into(), ..Self::default() }
    }

    /// How far the call has come (P48).
    ///
    /// ```
    /// use pbx_integration::{Phase, Reader};
    ///
    /// let json = r#"{"callid": "c@pbx", "state": "new", "ringing": [{"number": "41"}]}"#;
    /// let event = Reader::lenient().read_group_event(json)?.value;
    /// assert_eq!(event.phase(), Phase::Ringing);
    /// # Ok::<(), pbx_integration::ReadError>(())
    /// ```
    #[must_use]
    pub fn phase(&self) -> Phase {
        let state = self.state.as_deref();
        if self.timestamps.as_ref().is_some_and(|times| times.end.is_some())
            || self.reason.is_some()
        {
            Phase::Ended
        } else if self.agent.is_some() || state == Some(&CallState::Connected) {
            Phase::Connected
        } else if !self.ringing.is_empty() || state == Some(&CallState::Ringing) {
            Phase::Ringing
        } else {
            Phase::Waiting
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
            (&self.ringing, &self.missed),
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
    /// Reads the payload of `ongroup` (§4).
    ///
    /// # Errors
    ///
    /// No JSON object within the limits, no `callid`, or (strict mode) a bad field.
    pub fn read_group_event(
        &self,
        json: impl AsRef<[u8]>,
    ) -> Result<Parsed<GroupEvent>, ReadError> {
        self.read(json.as_ref())
    }
}
