//! Why a call was disconnected.

use crate::wire::record::record;
use crate::wire::scalar;

record! {
    /// Why a call was disconnected (§3.5); present only when it was (P43).
    pub struct Reason {
        /// Disconnect code, SIP style.
        pub code: Option<i64> = "code" required(scalar::integer),
        /// Text for the code, for people.
        pub text: Option<String> = "text" optional(scalar::text),
    }
}

impl Reason {
    /// A reason.
    #[must_use]
    pub fn new(code: i64, text: impl Into<String>) -> Self {
        Self { code: Some(code), text: Some(text.into()), ..Self::default() }
    }
}
