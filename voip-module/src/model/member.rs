//! The operators of a provider.

use serde::{Deserialize, Serialize};

/// An operator in the platform's mapping table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VoipMember {
    /// The operator's id at the provider, in the notation of events and records.
    pub id: String,
    /// The text in the mapping table.
    pub label: String,
}

impl VoipMember {
    /// Creates a member.
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into() }
    }

    /// Drops members with an empty `id`, and all but the first of those that share an `id`.
    #[must_use]
    pub fn distinct(members: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut seen = std::collections::HashSet::new();
        members
            .into_iter()
            .filter(|member| !member.id.is_empty() && seen.insert(member.id.clone()))
            .collect()
    }
}
