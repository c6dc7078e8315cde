//! The outcome of a call.

use std::convert::Infallible;
use std::str::FromStr;

use super::word::words;

words! {
    /// The outcome of a call. The vendor does not document the wire names; these are this crate's.
    #[derive(Default)]
    pub enum VoipCallDisposition {
        /// The parties talked.
        Answered = "answered",
        /// The line was busy.
        Busy = "busy",
        /// The caller gave up, or the call was missed.
        Cancel = "cancel",
        /// The call was not answered, or the party could not be reached.
        NoAnswer = "no_answer",
        /// Not known, or not yet. Any word that is not in this table reads as this one.
        #[default]
        Unknown = "unknown",
    }
}

impl FromStr for VoipCallDisposition {
    type Err = Infallible;

    // V26
    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(Self::from_word(word).unwrap_or_default())
    }
}
