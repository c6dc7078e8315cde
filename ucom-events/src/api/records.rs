//! Records of the API: users, clients, extensions, agents, subscriptions.
//!
//! An unreadable item is counted and does not fail its list.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::directory::ExtensionType;
use crate::event::{AgentId, AgentStatus, ExtensionId, number_id};
use crate::event_url::SubscriptionUrl;
use crate::number::short_name;
use crate::open_enum::open_enum;
use crate::wire_number;

number_id! {
    /// The id of a client.
    ClientId;
    /// The id of a subscription.
    SubscriptionId;
}

/// The user of a token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The user's client.
    pub client_id: ClientId,
    /// The extension, if the user is one.
    #[serde(default, deserialize_with = "wire_number::optional")]
    pub extension_id: Option<u64>,
}

/// The client: one customer's PBX.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// The beginning of full extension numbers: 3 to 6 digits.
    pub prefix: String,
    /// Digits of a short number.
    #[serde(default, deserialize_with = "wire_number::optional")]
    pub extension_len: Option<u64>,
}

impl Client {
    pub(crate) const EXPECTED: &'static str = "a client with prefix";

    /// Reads the client, also from a list of one, because the path is that of a list.
    pub(crate) fn from_json(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok().or_else(|| {
            let [client] = serde_json::from_slice::<[Self; 1]>(body).ok()?;
            Some(client)
        })
    }
}

/// An extension of the client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Extension {
    /// Its id, the `…ExtensionID` of events.
    pub id: ExtensionId,
    /// Its full number, such as `453*106`.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub extension_type: ExtensionType,
    /// Its display name.
    #[serde(default, deserialize_with = "lenient")]
    pub label: Option<String>,
}

impl Extension {
    /// The short number.
    #[must_use]
    pub fn short_name(&self) -> &str {
        short_name(&self.name)
    }
}

/// A queue agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agent {
    /// The agent.
    pub id: AgentId,
    /// The agent's number or name in the list.
    pub name: Option<String>,
    /// The agent's readiness.
    pub status: Option<AgentStatus>,
}

impl<'de> Deserialize<'de> for Agent {
    /// The fields of the list are not documented, so several likely names are accepted.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let item = Value::deserialize(deserializer)?;
        let text = |name: &str| item.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
        let id = match item.get("id").or_else(|| item.get("agent_id")) {
            Some(Value::String(text)) if !text.is_empty() => AgentId::new(text),
            Some(Value::Number(number)) => AgentId::new(&number.to_string()),
            _ => return Err(serde::de::Error::custom("expected an agent with id")),
        };
        let name = ["extension_name", "agent_number", "name", "label"].into_iter().find_map(text);
        let status = text("status").or_else(|| text("agent_status")).map(AgentStatus::from);
        Ok(Self { id, name: name.map(str::to_owned), status })
    }
}

/// A public number of the client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PublicNumber {
    /// The number.
    pub name: String,
}

open_enum! {
    /// The type of a subscription, wire name `event_type`.
    pub enum SubscriptionType compared exactly {
        /// A leg has ended.
        Hangup = "hangup",
        /// A call is offered to the extension.
        DialIn = "dial-in",
        /// The extension makes a call.
        DialOut = "dial-out",
        /// A leg is answered.
        Answer = "answer",
        /// A message has come in.
        MessageIn = "message-in",
        /// A message was sent.
        MessageOut = "message-out",
        /// A voice message was left.
        Voicemail = "voicemail",
        /// A phone's status has changed; delivered as `call-status-change`.
        ExtensionCallStatus = "extension-call-status",
        /// An agent has become ready.
        AgentLogin = "agent-login",
        /// An agent is no longer ready.
        AgentLogout = "agent-logout",
    }
}

open_enum! {
    /// The HTTP method of events.
    pub enum DeliveryMethod compared without_case {
        /// In the query string.
        Get = "GET",
        /// In the body.
        Post = "POST",
    }
}

/// The content of a subscription: an event and the URL to request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionSpec {
    /// The URL.
    pub url: SubscriptionUrl,
    /// The event.
    pub event_type: SubscriptionType,
    /// The HTTP method.
    pub method: DeliveryMethod,
}

impl SubscriptionSpec {
    /// Creates a content from its parts.
    #[must_use]
    pub const fn new(
        event_type: SubscriptionType,
        method: DeliveryMethod,
        url: SubscriptionUrl,
    ) -> Self {
        Self { url, event_type, method }
    }
}

/// A subscription on the PBX, of this or another integration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscription {
    /// The id.
    pub id: SubscriptionId,
    /// The content.
    pub spec: SubscriptionSpec,
}

impl Subscription {
    /// Creates a subscription from its id and content.
    #[must_use]
    pub const fn new(id: SubscriptionId, spec: SubscriptionSpec) -> Self {
        Self { id, spec }
    }
}

impl<'de> Deserialize<'de> for Subscription {
    /// Subscriptions of other integrations may lack everything except the id.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            id: SubscriptionId,
            #[serde(default, deserialize_with = "lenient")]
            url: Option<String>,
            #[serde(default, deserialize_with = "lenient")]
            event_type: Option<String>,
            #[serde(default, deserialize_with = "lenient")]
            method: Option<String>,
        }
        let wire = Wire::deserialize(deserializer)?;
        let text = Option::unwrap_or_default;
        Ok(Self::new(
            wire.id,
            SubscriptionSpec::new(
                SubscriptionType::from(&*text(wire.event_type)),
                DeliveryMethod::from(&*text(wire.method)),
                SubscriptionUrl::new(&text(wire.url)),
            ),
        ))
    }
}

/// The readable items of a list, and the number of unreadable ones.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// The readable items.
    pub items: Vec<T>,
    /// The number of items that could not be read.
    pub unreadable: usize,
}

impl<T: for<'de> Deserialize<'de>> Page<T> {
    /// Reads a list; `None` if the body is not a JSON array.
    #[must_use]
    pub fn from_json(body: &[u8]) -> Option<Self> {
        let values: Vec<Value> = serde_json::from_slice(body).ok()?;
        let all = values.len();
        let items: Vec<T> =
            values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect();
        Some(Self { unreadable: all - items.len(), items })
    }
}

/// Reads a text; anything else counts as absent.
fn lenient<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}
