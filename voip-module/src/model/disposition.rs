//! How a call ended for people.

use std::convert::Infallible;
use std::str::FromStr;

use super::word::words;

words! {
    /// How a call ended for people (§3.3). The wire names are this crate's choice (V24).
    #[derive(Default)]
    pub enum VoipCallDisposition, "call disposition" {
        /// The parties talked.
        Answered = "answered",
        /// The line was busy.
        Busy = "busy",
        /// The caller gave up, or the call was missed.
        Cancel = "cancel",
        /// Nobody took the call, or the party could not be reached.
        NoAnswer = "no_answer",
        /// Not known, or not yet. Any word that is not in this table reads as this one (V26).
        #[default]
        Unknown = "unknown",
    }
}

impl FromStr for VoipCallDisposition {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(Self::from_word(word).unwrap_or_default())
    }
}
