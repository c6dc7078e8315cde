//! An agent of a queue or ring group.

use crate::wire::record::record;
use crate::wire::scalar;

record! {
    /// An agent (§3.2).
    pub struct Agent {
        /// Extension number; text, never arithmetic (P8).
        pub number: Option<String> = "number" required(scalar::account_number),
        /// Display name.
        pub name: Option<String> = "name" optional(scalar::text),
        /// Account id of the extension.
        pub id: Option<u64> = "id" optional(scalar::id),
    }
}

impl Agent {
    /// An agent at an extension.
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: Some(number.into()), ..Self::default() }
    }

    /// What tells one agent from another: the id, or the number where no id is given (P49).
    #[must_use]
    pub fn key(&self) -> AgentKey {
        match self.id {
            Some(id) => AgentKey::Id(id),
            None => AgentKey::Number(self.number.clone().unwrap_or_default()),
        }
    }
}

/// What tells one agent from another (P49).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AgentKey {
    /// The account id of the extension.
    Id(u64),
    /// The number of the extension.
    Number(String),
}

/// The different agents of a list: each is counted once (P49), sorted.
pub(crate) fn keys(agents: &[Agent]) -> Vec<AgentKey> {
    let mut keys: Vec<AgentKey> = agents.iter().map(Agent::key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
