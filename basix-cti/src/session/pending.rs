//! Commands whose effect has not shown yet.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use super::later;
use crate::command::Command;
use crate::element::{Channel, StateKind};
use crate::helper_leg::EavesdropError;
use crate::record::OwnedRecord;
use crate::store::Change;

/// Identifies a command of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(crate) u64);

/// The outcome of a command. The PBX never answers; the effect shows in the records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandOutcome {
    /// The channel does what was asked.
    Done,
    /// The channel ended without it.
    ChannelEnded,
    /// Nothing has shown in time. The PBX may still do it.
    Unanswered,
    /// The connection was lost before anything showed. The PBX may have done it.
    ConnectionLost,
    /// It was never sent, since there is no leg of the supervisor's to listen with.
    NotSent(EavesdropError),
}

impl fmt::Display for CommandOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::ChannelEnded => "the channel ended first",
            Self::Unanswered => "nothing has shown in time",
            Self::ConnectionLost => "the connection was lost before anything showed",
            Self::NotSent(error) => return error.fmt(f),
        })
    }
}

/// Why a command was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// There is no open connection.
    #[error(
        "command is not sent: there is no connection to the PBX; send it after the next Resynced"
    )]
    NotConnected,
    /// The PBX has no such channel.
    #[error("command is not sent: the PBX has no such channel; it may have ended")]
    NoSuchChannel,
    /// The messages to the PBX that wait to be sent are as many as may.
    #[error(
        "command is not sent: {limit} messages wait to be written; the connection is slow or stuck"
    )]
    WriteBufferFull {
        /// The limit.
        limit: usize,
    },
    /// The commands whose effect is awaited are as many as may be.
    #[error(
        "command is not sent: {limit} commands wait for their effect; send it when one is done"
    )]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The client has no supervisor who would listen.
    #[error("command is not sent: nobody would listen; set the supervisor of the client builder")]
    NoSupervisor,
}

#[derive(Debug)]
struct Waiting {
    id: CommandId,
    command: Command,
    deadline: Instant,
}

/// The commands that were sent, and what came of them.
#[derive(Debug)]
pub(super) struct Pending {
    waiting: Vec<Waiting>,
    outcomes: VecDeque<(CommandId, CommandOutcome)>,
    limit: usize,
    timeout: Duration,
    next: u64,
}

impl Pending {
    pub(super) fn new(limit: usize, timeout: Duration) -> Self {
        Self { waiting: Vec::new(), outcomes: VecDeque::new(), limit, timeout, next: 0 }
    }

    /// A number for a command, if there is room for it.
    pub(super) fn next_id(&mut self) -> Result<CommandId, CommandError> {
        if self.waiting.len() >= self.limit {
            return Err(CommandError::TooMany { limit: self.limit });
        }
        let id = CommandId(self.next);
        self.next += 1;
        Ok(id)
    }

    /// A command was sent.
    pub(super) fn sent(&mut self, now: Instant, id: CommandId, command: Command) {
        self.waiting.push(Waiting { id, command, deadline: later(now, self.timeout) });
    }

    pub(super) fn poll_outcome(&mut self) -> Option<(CommandId, CommandOutcome)> {
        self.outcomes.pop_front()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.iter().map(|waiting| waiting.deadline).min()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.settle(|waiting| (waiting.deadline <= now).then_some(CommandOutcome::Unanswered));
    }

    pub(super) fn handle_disconnect(&mut self) {
        self.settle(|_| Some(CommandOutcome::ConnectionLost));
    }

    /// A channel has changed.
    pub(super) fn handle_change(&mut self, change: &Change) {
        if self.waiting.is_empty() {
            return;
        }
        let key = change.key();
        self.settle(|waiting| {
            (waiting.command.uuid() == key).then(|| effect(&waiting.command, change)).flatten()
        });
    }

    fn settle(&mut self, mut outcome: impl FnMut(&Waiting) -> Option<CommandOutcome>) {
        let mut settled = Vec::new();
        self.waiting.retain(|waiting| match outcome(waiting) {
            None => true,
            Some(outcome) => {
                settled.push((waiting.id, outcome));
                false
            }
        });
        settled.into_iter().for_each(|(id, outcome)| self.settled(id, outcome));
    }

    /// Something came of a command.
    pub(super) fn settled(&mut self, id: CommandId, outcome: CommandOutcome) {
        // Of a program that never asks, the oldest are forgotten.
        if self.outcomes.len() >= self.limit.saturating_mul(2) {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back((id, outcome));
    }
}

/// What a change of its channel says about a command.
fn effect(command: &Command, change: &Change) -> Option<CommandOutcome> {
    let Some(after) = change.after() else {
        return Some(match command {
            Command::HangUp(_) => CommandOutcome::Done,
            _ => CommandOutcome::ChannelEnded,
        });
    };
    let done = match command {
        Command::HangUp(_) => false,
        Command::Park(_) => matches!(state(after), Some(StateKind::Park { .. })),
        Command::Eavesdrop(_) => matches!(state(after), Some(StateKind::Eavesdrop { .. })),
        // Wherever it goes, it does something else than before.
        Command::Transfer(_) => change.before().is_none_or(|before| state(before) != state(after)),
    };
    done.then_some(CommandOutcome::Done)
}

fn state(record: &OwnedRecord) -> Option<StateKind<'_>> {
    Some(record.typed::<Channel<'_>>()?.state()?.kind)
}
