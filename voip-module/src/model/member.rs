//! The operators that a provider knows.

use serde::{Deserialize, Serialize};

/// An operator, as the platform's mapping table lists it (§2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VoipMember {
    /// The operator's number at the provider, in the notation that events use (V10).
    pub id: String,
    /// The text in the mapping table.
    pub label: String,
}

impl VoipMember {
    /// A member.
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into() }
    }

    /// The members that a mapping table can use: none with an empty `id`, and of those that share
    /// an `id` the first (V11).
    #[must_use]
    pub fn distinct(members: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut seen = std::collections::HashSet::new();
        members
            .into_iter()
            .filter(|member| !member.id.is_empty() && seen.insert(member.id.clone()))
            .collect()
    }
}
