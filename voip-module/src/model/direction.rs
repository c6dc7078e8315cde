//! The direction of a call.

use super::word::{closed_words, words};

words! {
    /// The direction of a call, as the platform sees it.
    pub enum VoipCallDirection {
        /// A client calls an operator.
        In = "in",
        /// An operator calls a client.
        Out = "out",
        /// An operator calls an operator. Known to the platform since 2026.3.
        Internal = "internal",
    }
}

closed_words!(VoipCallDirection, "call direction");
