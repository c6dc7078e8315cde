//! Which way a call goes.

use super::word::{closed_words, words};

words! {
    /// Which way a call goes, as the platform sees it (§3.1).
    pub enum VoipCallDirection, "call direction" {
        /// A client calls an operator.
        In = "in",
        /// An operator calls a client.
        Out = "out",
        /// An operator calls an operator. Known to the platform since 2026.3.
        Internal = "internal",
    }
}

closed_words!(VoipCallDirection, "call direction");
