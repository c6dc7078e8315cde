//! The reason of a disconnect.

use crate::wire::field::{integer, text};
use crate::wire::record::record;

record! {
    /// The reason of a disconnect; present only after one.
    pub struct Reason {
        /// Disconnect code, SIP style.
        pub code: Option<i64> = "code" required(integer),
        /// Text for the code, for people.
        pub text: Option<String> = "text" optional(text),
    }
}

impl Reason {
    /// A reason.
    #[must_use]
    pub fn new(code: i64, text: impl Into<String>) -> Self {
        Self { code: Some(code), text: Some(text.into()), ..Self::default() }
    }
}
