//! The state of a live call, as a word and as what program logic uses.

use crate::open_enum::open_enum;

open_enum! {
    /// The state of a call as a word (P47); only `ringing` is documented. Program logic uses
    /// [`Phase`].
    pub enum CallState compared without_case {
        /// Agents are ringing.
        Ringing = "ringing" | "alerting",
        /// An agent is connected.
        Connected = "connected" | "connect",
        /// The call has ended.
        Ended = "ended" | "end" | "disconnected" | "hangup",
    }
}

/// How far a call has come (P48): what program logic uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// It waits: nobody rings.
    Waiting,
    /// Agents are ringing.
    Ringing,
    /// An agent is connected.
    Connected,
    /// It has ended.
    Ended,
}
