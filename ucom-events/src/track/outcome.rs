//! What a tracker tells.

use std::fmt;

use crate::classify::Rule;
use crate::event::{AgentId, AgentStatus, AgentType, Timestamp};
use crate::track::record::LegRecord;

/// What a [`Tracker`](crate::Tracker) tells.
///
/// Every leg ends in exactly one of [`CallLogged`](Self::CallLogged) and
/// [`LegLeftOut`](Self::LegLeftOut). The others are notices of the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrackerEvent {
    /// A leg rings: show a card to the extension's user (V2).
    LegStarted(LegRecord),
    /// A leg was answered.
    LegAnswered(LegRecord),
    /// A leg has ended: take its card away (V4). Its record follows.
    LegEnded(LegRecord),
    /// An outside call for the call log, or one of which the outside number is not known.
    CallLogged(LegRecord),
    /// A leg that does not belong into a log of outside calls, and why.
    LegLeftOut(LegRecord, LeftOut),
    /// An agent has become ready or is no longer (R10).
    AgentChanged(AgentState),
}

impl TrackerEvent {
    /// The leg's record, if this ends a leg.
    #[must_use]
    pub const fn record(&self) -> Option<&LegRecord> {
        match self {
            Self::CallLogged(record) | Self::LegLeftOut(record, _) => Some(record),
            _ => None,
        }
    }
}

/// Why a leg does not belong into a log of outside calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeftOut {
    /// No outside party: R26, R27 or V5.
    NotOutside(Rule),
    /// A voice menu or queue whose caller was taken: the phone's own leg has the data (V11).
    Bridged,
    /// A voice menu, and a queue of the same call decides (V12).
    QueueDecides,
    /// A voice menu or queue, and a later one of the same call decides (V13).
    LaterDecides,
    /// A voice menu's or queue's leg that does not tell whether the caller was taken, or is that of
    /// the queue's own attempt to reach an agent.
    NoVerdict,
    /// The call's missed record was given before this leg's hangup came.
    AlreadyDecided,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOutside(rule) => write!(f, "{rule}: no outside party"),
            Self::Bridged => f.write_str("V11: the phone's own leg has the data"),
            Self::QueueDecides => f.write_str("V12: the queue of the call decides"),
            Self::LaterDecides => f.write_str("V13: a later one of the call decides"),
            Self::NoVerdict => f.write_str("V9: no word on whether the caller was taken"),
            Self::AlreadyDecided => f.write_str("V14: the call was decided before this came"),
        }
    }
}

/// An agent's readiness as last heard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentState {
    /// The agent.
    pub agent_id: AgentId,
    /// Whether the agent takes calls.
    pub status: Option<AgentStatus>,
    /// Local or remote.
    pub agent_type: Option<AgentType>,
    /// The extension of a local agent, without domain.
    pub extension: Option<String>,
    /// The number of a remote agent.
    pub number: Option<String>,
    /// When this was heard, by the caller's clock: the PBX sends no time.
    pub since: Timestamp,
}

impl AgentState {
    /// Whether the agent takes calls of the queue.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.status == Some(AgentStatus::Available)
    }
}

/// Counts of what a tracker did not follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackerStatistics {
    /// Events that said exactly what another of their leg had said (U2).
    pub duplicates: u64,
    /// Events of legs whose record had been given (U3).
    pub late: u64,
    /// Call events that tell neither their call nor their leg.
    pub untracked: u64,
    /// Legs given up because there were too many.
    pub evicted: u64,
    /// Notices and records lost because nobody polled.
    pub dropped: u64,
}
