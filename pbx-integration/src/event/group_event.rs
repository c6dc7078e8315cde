//! Events of queues and ring groups.

use crate::event::agent::Agent;
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
    /// A change of a queue or ring group: any change, not only a hang-up.
    ///
    /// Essential fields are options too, because a lenient reader drops unreadable values.
    #[doc(alias = "ongroup")]
    pub struct GroupEvent {
        /// The tenant.
        pub domain: Option<Domain> = "domain" live_domain,
        /// State of the call as a word; programs use [`phase`](Self::phase).
        pub state: Option<Spelled<CallState>> = "state" required(word),
        /// Main events of the call.
        pub timestamps: Option<Timestamps> = "timestamps" required_object,
        /// True if the call came into the PBX.
        pub inbound: Option<bool> = "inbound" required(flag),
        /// Agents ringing now; an agent may also be in `missed`.
        pub ringing: Vec<Agent> = "ringing" list,
        /// Agents that missed the call.
        pub missed: Vec<Agent> = "missed" list,
        /// Agent connected to the call.
        pub agent: Option<Agent> = "agent" object,
        /// Calling side.
        pub caller: Option<Party> = "caller" required_object,
        /// Called side.
        pub callee: Option<Party> = "callee" required_object,
        /// The group.
        pub group: Option<Group> = "group" required_group,
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

impl GroupEvent {
    /// Creates an event of a call in a tenant; other fields are empty.
    #[must_use]
    pub fn new(domain: Domain, callid: impl Into<String>) -> Self {
        Self { domain: Some(domain), callid: callid.into(), ..Self::default() }
    }

    /// Returns the phase of the call.
    ///
    /// ```
    /// use pbx_integration::{Reader, event::Phase};
    ///
    /// let json = r#"{"callid": "c@pbx", "state": "new", "ringing": [{"number": "41"}]}"#;
    /// let event = Reader::lenient().read_group_event(json)?.value;
    /// assert_eq!(event.phase(), Phase::Ringing);
    /// # Ok::<(), pbx_integration::Issue>(())
    /// ```
    #[must_use]
    pub fn phase(&self) -> Phase {
        let state = self.state.as_deref();
        if has_ended(self.timestamps.as_ref(), self.reason.as_ref()) {
            Phase::Ended
        } else if self.agent.is_some() || state == Some(&CallState::Connected) {
            Phase::Connected
        } else if !self.ringing.is_empty() || state == Some(&CallState::Ringing) {
            Phase::Ringing
        } else {
            Phase::Waiting
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
    /// Reads the payload of `ongroup`.
    ///
    /// # Errors
    ///
    /// If the input is not a JSON object within the limits, has no `callid`, or (strict mode) has
    /// an invalid field.
    pub fn read_group_event(&self, json: impl AsRef<[u8]>) -> Result<Parsed<GroupEvent>, Issue> {
        self.read(json.as_ref())
    }
}
