//! One side of a call.

use crate::wire::field::{account_number, text};
use crate::wire::header::is_withheld;
use crate::wire::record::record;

record! {
    /// One side of a call, without an id, unlike an agent.
    pub struct Party {
        /// Number of that side; `None` if it is withheld.
        pub number: Option<String> = "number" optional(account_number),
        /// Display name.
        pub name: Option<String> = "name" optional(text),
    }
}

impl Party {
    /// Creates a party with a number.
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: Some(number.into()), ..Self::default() }
    }

    /// Returns whether the number is withheld: it is missing, or a word such as `anonymous`.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.number.as_deref().is_none_or(is_withheld)
    }
}
