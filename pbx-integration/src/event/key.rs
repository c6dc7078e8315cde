//! Telling repeated and late live events from new ones.

use crate::event::agent::{Agent, AgentKey, keys};
use crate::event::call_state::Phase;
use crate::event::domain::Domain;
use crate::event::group_event::GroupEvent;
use crate::recent::Recent;

/// What repeated deliveries of one live event have in common (P51).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiveKey {
    call: CallKey,
    phase: Phase,
    ringing: Vec<AgentKey>,
    missed: Vec<AgentKey>,
    agent: Option<AgentKey>,
}

/// A call in a group of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct CallKey {
    /// The address, or the id where there is no address.
    tenant: String,
    callid: String,
    group: Option<String>,
}

impl LiveKey {
    pub(crate) fn new(
        domain: Option<&Domain>,
        callid: &str,
        group: Option<&str>,
        phase: Phase,
        (ringing, missed): (&[Agent], &[Agent]),
        agent: Option<&Agent>,
    ) -> Self {
        let tenant = domain.map(|domain| match domain.comparable_address() {
            Some(address) => address.into_owned(),
            None => domain.id().map(|id| format!("#{id}")).unwrap_or_default(),
        });
        let call = CallKey {
            tenant: tenant.unwrap_or_default(),
            callid: callid.to_owned(),
            group: group.map(str::to_owned),
        };
        let agent = agent.map(Agent::key);
        Self { call, phase, ringing: keys(ringing), missed: keys(missed), agent }
    }

    /// The phase of the event.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }
}

/// What a delivered live event is to those that came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LiveDelivery {
    /// It tells something new.
    New,
    /// It is the last event of its call and group once more.
    Duplicate,
    /// Its call has already ended for the group (P50).
    Stale,
}

/// Follows calls through group events: an ended call does not go back (P50).
///
/// Of each call a few numbers are kept, no text; beyond the capacity the call that has been known longest
/// is forgotten.
///
/// ```
/// use pbx_integration::{LiveCalls, LiveDelivery, Reader};
///
/// let ringing = r#"{"callid": "c@pbx", "ringing": [{"number": "41"}], "group": "300"}"#;
/// let ended = r#"{"callid": "c@pbx", "reason": {"code": 487}, "group": "300"}"#;
/// let mut calls = LiveCalls::new(10_000);
/// let mut deliver = |json| {
///     let event = Reader::lenient().read_group_event(json)?.value;
///     Ok::<_, pbx_integration::ReadError>(calls.handle_group_event(&event))
/// };
/// assert_eq!(deliver(ringing)?, LiveDelivery::New);
/// assert_eq!(deliver(ringing)?, LiveDelivery::Duplicate);
/// assert_eq!(deliver(ended)?, LiveDelivery::New);
/// assert_eq!(deliver(ringing)?, LiveDelivery::Stale);
/// # Ok::<(), pbx_integration::ReadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LiveCalls {
    last: Recent<Last>,
}

/// The last event of a call.
#[derive(Clone, Copy, Debug)]
struct Last {
    key: u128,
    has_ended: bool,
}

impl LiveCalls {
    /// Follows at most so many calls, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { last: Recent::new(capacity) }
    }

    /// Says what an event is, and remembers it.
    pub fn handle_group_event(&mut self, event: &GroupEvent) -> LiveDelivery {
        self.handle_key(event.key())
    }

    /// Says what the event with this key is, and remembers it.
    pub fn handle_key(&mut self, key: LiveKey) -> LiveDelivery {
        let call = self.last.fingerprint(&key.call);
        let now = Last { key: self.last.fingerprint(&key), has_ended: key.phase == Phase::Ended };
        match self.last.get_mut(call) {
            Some(last) if last.key == now.key => LiveDelivery::Duplicate,
            Some(last) if last.has_ended => LiveDelivery::Stale,
            Some(last) => {
                *last = now;
                LiveDelivery::New
            }
            None => {
                self.last.add(call, now);
                LiveDelivery::New
            }
        }
    }

    /// How many calls are followed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.last.len()
    }

    /// Whether no call is followed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
