//! The present state beside calls, and its changes.

use serde::{Deserialize, Serialize};

use super::{Call, Micros, Presence};

/// A queue or group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "sources build it member by member")]
pub struct Queue {
    /// The source's name.
    pub source: String,
    /// Identity at the source.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The waiting calls, the longest first.
    pub waiting: Vec<Waiting>,
    /// Members.
    pub agents: u32,
    /// Members who could take a call now.
    pub free: u32,
}

/// A call waiting in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "part of the API")]
pub struct Waiting {
    /// The call.
    pub call_id: String,
    /// Number of the caller.
    pub number: String,
    /// Since when.
    pub since_us: Micros,
}

/// A user of a PBX.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "sources build it member by member")]
pub struct User {
    /// The source's name.
    pub source: String,
    /// Identity at the source, as calls name the user.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Presence; calls in progress are taken into account.
    pub state: Presence,
}

/// A source of calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "part of the API")]
pub struct Source {
    /// Its name in the configuration.
    pub name: String,
    /// `basix`, `gravitel`, `ucom` or `vodia`.
    pub kind: String,
    /// True if the PBX is connected, or has sent something since the start.
    pub is_connected: bool,
    /// True if the shown state is the PBX's present one.
    pub is_current: bool,
    /// True if calls can be started.
    pub can_call: bool,
    /// True if calls can be ended.
    pub can_hang_up: bool,
}

/// A receiver of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "part of the API")]
pub struct Receiver {
    /// `nats`, or `webhook` and its name in the configuration.
    pub name: String,
    /// True if it did not answer, or asked to wait.
    pub is_away: bool,
    /// Changes that it has refused and that are kept.
    pub refused: u64,
}

/// A change of the present state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(clippy::exhaustive_enums, reason = "the event stream has exactly these")]
pub enum Change {
    /// A call began, changed or ended.
    Call(Box<Call>),
    /// A queue changed.
    Queue(Queue),
    /// A user changed.
    User(User),
    /// A source changed.
    Source(Source),
    /// A receiver of changes came back, went away, or refused one.
    Receiver(Receiver),
}

impl Change {
    /// The name of the event in the stream.
    #[must_use]
    pub const fn event(&self) -> &'static str {
        match self {
            Self::Call(_) => "call",
            Self::Queue(_) => "queue",
            Self::User(_) => "user",
            Self::Source(_) => "source",
            Self::Receiver(_) => "receiver",
        }
    }
}
