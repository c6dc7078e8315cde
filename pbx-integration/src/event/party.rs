//! One side of a call.

use crate::wire::record::record;
use crate::wire::scalar;

record! {
    /// One side of a call (§3.3). It has no id, unlike an agent (P38).
    pub struct Party {
        /// Number of that side; nothing where it is withheld.
        pub number: Option<String> = "number" optional(scalar::account_number),
        /// Display name.
        pub name: Option<String> = "name" optional(scalar::text),
    }
}

impl Party {
    /// A party with a number.
    #[must_use]
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: Some(number.into()), ..Self::default() }
    }

    /// Whether the number is withheld: there is none, or it is `anonymous` (P34).
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.number.as_ref().is_none_or(|number| number.eq_ignore_ascii_case("anonymous"))
    }
}
