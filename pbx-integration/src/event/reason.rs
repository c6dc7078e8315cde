//! The reason of a disconnect.

use crate::wire::field::{integer, text};
use crate::wire::record::record;

record! {
    /// The reason of a disconnect; present only after one.
    pub struct Reason {
        /// Disconnect code, SIP style.
        pub code: Option<i64> = "code" required(integer),
        /// Human-readable text for the code.
        pub text: Option<String> = "text" optional(text),
    }
}

impl Reason {
    /// Creates a reason.
    #[must_use]
    pub fn new(code: i64, text: impl Into<String>) -> Self {
        Self { code: Some(code), text: Some(text.into()), ..Self::default() }
    }
}
