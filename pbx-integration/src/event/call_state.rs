//! The state of a live call, as a word and as a phase.

use crate::wire::open_enum::open_enum;

open_enum! {
    /// The state of a call as a word; only `ringing` is documented. Programs use [`Phase`].
    pub enum CallState {
        /// Agents are ringing.
        Ringing = "ringing" | "alerting",
        /// An agent is connected.
        Connected = "connected" | "connect",
        /// The call has ended.
        Ended = "ended" | "end" | "disconnected" | "hangup",
    }
}

/// The phase of a call, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The call waits; no agent is ringing.
    Waiting,
    /// Agents are ringing.
    Ringing,
    /// An agent is connected.
    Connected,
    /// The call has ended.
    Ended,
}
