//! An agent of a queue or ring group.

use crate::wire::field::{account_number, id, text};
use crate::wire::record::record;

record! {
    /// An agent.
    pub struct Agent {
        /// Extension number, as text.
        pub number: Option<String> = "number" required(account_number),
        /// Display name.
        pub name: Option<String> = "name" optional(text),
        /// Account id of the extension.
        pub id: Option<u64> = "id" optional(id),
    }
}

impl Agent {
    /// Creates an agent at an extension.
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: Some(number.into()), ..Self::default() }
    }

    /// Returns the key of the agent: the id, or else the number.
    #[must_use]
    pub fn key(&self) -> AgentKey {
        match self.id {
            Some(id) => AgentKey::Id(id),
            None => AgentKey::Number(self.number.clone().unwrap_or_default()),
        }
    }
}

/// The key of an agent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AgentKey {
    /// The account id of the extension.
    Id(u64),
    /// The number of the extension.
    Number(String),
}
