//! Typed events of extensions, queue agents and phones.

mod agent;
mod extension;
mod family;
mod id;
mod kind;
mod parse;
mod phone_status;
mod time;

pub use crate::open_enum::UnknownStr;
pub use agent::{AgentEvent, AgentStatus, AgentType, EventSource};
pub use extension::ExtensionEvent;
pub(crate) use id::number_id;
pub use id::{AgentId, CallId, ExtensionId, SubCallId};
pub use kind::{CallFlow, CallStatus, EventKind};
pub use parse::{parse_body, parse_query, parse_request, parse_with_limits};
pub use phone_status::PhoneStatusEvent;
pub use time::Timestamp;

use crate::form::Fields;

/// One event of any family.
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
    /// Returns every pair as sent. [`Fields::to_form`] of it parses to an equal event.
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
