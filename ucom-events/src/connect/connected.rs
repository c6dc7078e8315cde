//! The result of connecting.

use std::collections::BTreeMap;
use std::fmt;

use crate::api::{Agent, ApiError, Client, ClientId, Extension};
use crate::connect::options::Assignment;
use crate::directory::Directory;
use crate::event::{ExtensionId, Timestamp};
use crate::plan::{Plan, PlanRun};
use crate::track::AgentState;

/// The reason why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The user, the client or the extensions could not be read.
    #[error(transparent)]
    Failed(ApiError),
    /// Requests remain.
    #[error("the connection is not finished: send every `next_request` first")]
    Unfinished,
}

/// The result of [`Connect`](crate::Connect). Nothing has been changed yet: `Display` is the dry
/// run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Connected {
    /// The client.
    pub client_id: ClientId,
    /// Its prefix.
    pub client: Client,
    /// Each user with the extension found.
    pub users: Vec<(Assignment, Option<ExtensionId>)>,
    /// All extensions of the client.
    pub extensions: Vec<Extension>,
    /// The directory for the tracker and for [`classify`](fn@crate::classify).
    pub directory: Directory,
    /// Listed agents.
    pub agents: Vec<Agent>,
    /// Optional lists that could not be read: public numbers, agents.
    pub unread: Vec<ApiError>,
    /// Extensions without a subscription to `answer`, for the tracker's options.
    pub without_answer: Vec<String>,
    /// The requests to send, and the rows to store first.
    pub plan: Plan,
}

impl Connected {
    /// Starts executing the plan.
    #[must_use]
    pub fn run(self) -> PlanRun {
        PlanRun::new(self.client_id, self.plan)
    }

    /// Returns the agents' listed states, with the time of the listing.
    pub fn agent_states(&self, at: Timestamp) -> impl Iterator<Item = AgentState> {
        self.agents
            .iter()
            .map(move |agent| AgentState::new(agent.id.clone(), agent.status.clone(), at))
    }
}

impl fmt::Display for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, count) = (&self.client.prefix, self.extensions.len());
        writeln!(f, "client {}, prefix {prefix}, {count} extensions", self.client_id)?;
        let names: BTreeMap<_, _> =
            self.extensions.iter().map(|extension| (extension.id, name(extension))).collect();
        for (Assignment { user, extension }, id) in &self.users {
            match id.and_then(|id| names.get(&id)) {
                Some(name) => writeln!(f, "user {user}: {name}")?,
                None => writeln!(f, "user {user}: ! the PBX has no extension {extension}")?,
            }
        }
        for error in &self.unread {
            writeln!(f, "! {error}")?;
        }
        self.plan.fmt(f)
    }
}

/// The number and label of an extension.
pub(super) fn name(extension: &Extension) -> String {
    match extension.label.as_deref().map(str::trim).filter(|label| !label.is_empty()) {
        Some(label) => format!("{} {label}", extension.name),
        None => extension.name.clone(),
    }
}
