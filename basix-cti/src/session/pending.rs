//! Commands in progress, and their outcomes.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use super::later;
use crate::command::Command;
use crate::element::{Channel, StateKind};
use crate::helper_leg::EavesdropError;
use crate::record::OwnedRecord;
use crate::store::Change;

/// Identity of a command of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(crate) u64);

/// The outcome of a command. The PBX never replies; the effect shows in the records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandOutcome {
    /// The channel shows the effect.
    Done,
    /// The channel ended without it.
    ChannelEnded,
    /// No effect showed in time. The PBX may still execute it.
    Unanswered,
    /// The connection was lost before the effect showed. The PBX may have executed it.
    ConnectionLost,
    /// It was never sent, since the supervisor has no leg to listen through.
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

/// The reason why a command was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// No connection is open.
    #[error(
        "command is not sent: there is no connection to the PBX; send it after the next Resynced"
    )]
    NotConnected,
    /// The channel is unknown.
    #[error("command is not sent: the PBX has no such channel; it may have ended")]
    NoSuchChannel,
    /// The limit of messages to the PBX that wait to be sent is reached.
    #[error(
        "command is not sent: {limit} messages wait to be written; the connection is slow or stuck"
    )]
    WriteBufferFull {
        /// The limit.
        limit: usize,
    },
    /// The limit of commands that await their effect is reached.
    #[error(
        "command is not sent: {limit} commands wait for their effect; send it when one is done"
    )]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The client has no supervisor.
    #[error("command is not sent: nobody would listen; set the supervisor of the client builder")]
    NoSupervisor,
}

#[derive(Debug)]
struct Waiting {
    id: CommandId,
    command: Command,
    deadline: Instant,
}

/// The sent commands, and their outcomes.
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

    /// Returns a number for a command, if there is room for it.
    pub(super) fn next_id(&mut self) -> Result<CommandId, CommandError> {
        if self.waiting.len() >= self.limit {
            return Err(CommandError::TooMany { limit: self.limit });
        }
        let id = CommandId(self.next);
        self.next += 1;
        Ok(id)
    }

    /// Adds a sent command.
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

    /// Handles the change of a channel.
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

    /// Ends a command with an outcome.
    pub(super) fn settled(&mut self, id: CommandId, outcome: CommandOutcome) {
        // If the program never polls outcomes, the oldest are dropped.
        if self.outcomes.len() >= self.limit.saturating_mul(2) {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back((id, outcome));
    }
}

/// Returns the outcome of a command that a change of its channel shows.
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
        // A transfer to any target changes the state.
        Command::Transfer(_) => change.before().is_none_or(|before| state(before) != state(after)),
    };
    done.then_some(CommandOutcome::Done)
}

fn state(record: &OwnedRecord) -> Option<StateKind<'_>> {
    Some(record.typed::<Channel<'_>>()?.state()?.kind)
}
