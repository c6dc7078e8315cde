//! Owners of lists of subscriptions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::event::{AgentId, CallFlow, Event, ExtensionId};
use crate::event_url::EventPath;

/// Owner of a list of subscriptions.
///
/// Stored as text: `extension:33335`, `agent:local:136`, `agent:remote:140`, `phones`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Owner {
    /// One extension.
    Extension(ExtensionId),
    /// A queue agent on an extension.
    LocalAgent(AgentId),
    /// A queue agent on a number outside.
    RemoteAgent(AgentId),
    /// All phones of the client.
    Phones,
}

impl Owner {
    /// Returns whether an event may come under a token of this owner.
    ///
    /// Drop and count other events: the token of one extension must not allow events of another.
    ///
    /// ```
    /// use ucom_events::{event::ExtensionId, parse_body, plan::Owner};
    ///
    /// let event = parse_body(b"EventType=hangup&CallID=c&CallFlow=IN&CalledExtensionID=33335")?;
    /// assert!(Owner::Extension(ExtensionId::new(33_335)).covers(&event));
    /// assert!(!Owner::Extension(ExtensionId::new(33_336)).covers(&event));
    /// # Ok::<(), ucom_events::ParseError>(())
    /// ```
    #[must_use]
    pub fn covers(&self, event: &Event) -> bool {
        match (self, event) {
            (Self::Phones, _) => true,
            (Self::Extension(own), Event::Extension(event)) => {
                let (called, caller) = (event.called_extension_id(), event.caller_extension_id());
                let named = match event.flow() {
                    Some(CallFlow::Out) => caller,
                    Some(CallFlow::In) => called,
                    // The flow is unknown: either end may be the extension.
                    _ if caller == Some(*own) => caller,
                    _ => called.or(caller),
                };
                named.is_none_or(|named| named == *own)
            }
            (Self::Extension(own), Event::PhoneStatus(event)) => {
                event.extension_id().is_none_or(|named| named == *own)
            }
            (Self::LocalAgent(own) | Self::RemoteAgent(own), Event::Agent(event)) => {
                event.agent_id().is_none_or(|named| named == own)
            }
            _ => false,
        }
    }

    pub(crate) const fn path(&self) -> EventPath {
        match self {
            Self::Extension(_) => EventPath::Extension,
            Self::LocalAgent(_) | Self::RemoteAgent(_) => EventPath::Agent,
            Self::Phones => EventPath::Phones,
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(id) => write!(f, "extension:{id}"),
            Self::LocalAgent(id) => write!(f, "agent:local:{id}"),
            Self::RemoteAgent(id) => write!(f, "agent:remote:{id}"),
            Self::Phones => f.write_str("phones"),
        }
    }
}

impl FromStr for Owner {
    type Err = OwnerError;

    fn from_str(text: &str) -> Result<Self, OwnerError> {
        if text == "phones" {
            return Ok(Self::Phones);
        }
        let agent = |rest: &str| (!rest.is_empty()).then(|| AgentId::new(rest));
        let owner = if let Some(id) = text.strip_prefix("extension:") {
            crate::form::digits(id.as_bytes()).map(ExtensionId::new).map(Self::Extension)
        } else if let Some(id) = text.strip_prefix("agent:local:") {
            agent(id).map(Self::LocalAgent)
        } else {
            text.strip_prefix("agent:remote:").and_then(agent).map(Self::RemoteAgent)
        };
        owner.ok_or(OwnerError)
    }
}

impl TryFrom<String> for Owner {
    type Error = OwnerError;

    fn try_from(text: String) -> Result<Self, OwnerError> {
        text.parse()
    }
}

impl From<Owner> for String {
    fn from(owner: Owner) -> Self {
        owner.to_string()
    }
}

/// A text is not an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected an owner: extension:ID, agent:local:ID, agent:remote:ID or phones")]
#[non_exhaustive]
pub struct OwnerError;
