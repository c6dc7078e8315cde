//! What the PBX says.

mod agent;
mod extension;
mod id;
mod kind;
mod parse;
mod phone_status;
mod time;
mod vocabulary;

use std::collections::BTreeMap;

pub use agent::{AgentEvent, AgentStatus, AgentType, EventSource};
pub use extension::ExtensionEvent;
pub use id::{AgentId, CallId, SubCallId};
pub use kind::{CallFlow, CallStatus, EventKind};
pub use parse::{parse_body, parse_query, parse_request, parse_with_limits};
pub use phone_status::PhoneStatusEvent;
pub use time::Timestamp;

use crate::Fields;

/// One event of any family (§4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A call, message or voicemail on an extension.
    Extension(ExtensionEvent),
    /// A queue agent's status has changed.
    Agent(AgentEvent),
    /// A phone's status has changed.
    PhoneStatus(PhoneStatusEvent),
}

impl Event {
    /// Every pair as it was sent. [`Fields::to_form`] of it parses to an equal event.
    #[must_use]
    pub const fn fields(&self) -> &Fields {
        match self {
            Self::Extension(event) => event.fields(),
            Self::Agent(event) => event.fields(),
            Self::PhoneStatus(event) => event.fields(),
        }
    }

    /// The event of an extension, if it is one.
    #[must_use]
    pub const fn as_extension(&self) -> Option<&ExtensionEvent> {
        match self {
            Self::Extension(event) => Some(event),
            _ => None,
        }
    }
}

/// Whether unknown fields are the same names with the same values; values of one name in order.
fn same_unknown<'a>(
    ours: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    theirs: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) -> bool {
    fn by_name<'a>(
        pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> BTreeMap<&'a [u8], Vec<&'a [u8]>> {
        let mut names = BTreeMap::<_, Vec<_>>::new();
        for (name, value) in pairs {
            names.entry(name).or_default().push(value);
        }
        names
    }
    by_name(ours) == by_name(theirs)
}
