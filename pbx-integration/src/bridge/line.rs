//! The line to one script: its commands, deliveries and status.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use event_listener::Event;
use futures_util::future::select;
use serde_json::Value;

use super::auth::BridgeSecret;
use super::commands::{Commands, Gone, Outcome, Refused};
use super::deliveries::Deliveries;
use super::protocol::{CommandResult, Head};
use super::status::{BridgeStatus, Contact};
use super::timer::Timer;
use crate::event::Tenant;

/// The line to the script of one identifier.
pub(super) struct Line {
    state: Mutex<State>,
    pub(super) deliveries: Deliveries,
    /// Notified about commands and results.
    pub(super) commands_changed: Event,
    /// Notified about requests of the script.
    pub(super) status_changed: Event,
    timer: Arc<dyn Timer>,
}

pub(super) struct State {
    pub(super) commands: Commands,
    pub(super) contact: Contact,
}

/// A command without a usable result.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the script in the PBX did not fetch the command in time")]
    Unreachable,
    #[error("the script in the PBX fetched the command and sent no result in time")]
    Unknown,
    #[error("the script in the PBX could not carry the command out: {error}")]
    Failed { error: Failure, written: usize },
}

/// A reason of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    #[error("the host does not have the function")]
    Unsupported,
    #[error("not found")]
    NotFound,
    #[error("the result is too large")]
    TooLarge,
    #[error("the function of the host failed")]
    Failed,
}

impl Line {
    pub(super) fn new(timer: Arc<dyn Timer>) -> Self {
        // Hashing nothing with random keys is a random number without a dependency.
        let random = RandomState::new().build_hasher().finish();
        let state = State { commands: Commands::new(random), contact: Contact::default() };
        Self {
            state: Mutex::new(state),
            deliveries: Deliveries::default(),
            commands_changed: Event::new(),
            status_changed: Event::new(),
            timer,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn status(&self) -> BridgeStatus {
        let state = self.state();
        state.contact.status(state.commands.waiting(), self.timer.now())
    }

    /// Notes a request.
    pub(super) fn note(&self, head: &Head) {
        self.state().contact.note(head, self.timer.now());
        self.status_changed.notify(usize::MAX);
    }

    /// Notes that a boot is ready for commands.
    // X29
    pub(super) fn polled(&self, boot: &str) -> Result<(), Gone> {
        if self.state().commands.poll(boot)? {
            // The poll of the boot that was replaced has to end.
            self.commands_changed.notify(usize::MAX);
        }
        Ok(())
    }

    /// The commands that are due for a boot.
    pub(super) fn take(&self, boot: &str, secret: &BridgeSecret) -> Vec<String> {
        self.state().commands.take(boot, secret, self.timer.now())
    }

    /// The commands that are due for a web request, with their numbers.
    pub(super) fn take_for_web(&self, secret: &BridgeSecret) -> Vec<(u64, String)> {
        self.state().commands.take_for_web(secret, self.timer.now())
    }

    /// Keeps the result of a command.
    pub(super) fn finish(&self, result: CommandResult) {
        self.state().commands.finish(result);
        self.commands_changed.notify(usize::MAX);
    }

    /// Gives a command to the script, and waits for its result.
    pub(super) async fn command(
        &self,
        name: &'static str,
        args: &Value,
        tenant: Option<Tenant>,
        timeout: Duration,
    ) -> Result<Value, CommandError> {
        let now = self.timer.now();
        let number = self.state().commands.push(name, args, tenant, timeout, now)?;
        let waiting = Waiting { line: self, number };
        self.commands_changed.notify(usize::MAX);
        loop {
            let changed = self.commands_changed.listen();
            let now = self.timer.now();
            let outcome = waiting.line.state().commands.outcome(number, now);
            match outcome {
                Ok(Outcome::Result(result)) => return value(result),
                Ok(Outcome::Unreachable) => return Err(CommandError::Unreachable),
                Ok(Outcome::Unknown) => return Err(CommandError::Unknown),
                Err(until) => {
                    let sleep = self.timer.sleep(until.saturating_duration_since(now));
                    select(changed, sleep).await;
                }
            }
        }
    }
}

/// A caller that waits. Dropped, it takes its command back.
struct Waiting<'a> {
    line: &'a Line,
    number: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.line.state().commands.cancel(self.number);
    }
}

fn value(result: CommandResult) -> Result<Value, CommandError> {
    if result.ok {
        return Ok(result.value);
    }
    let error = match &*result.error {
        "unsupported" => Failure::Unsupported,
        "not found" => Failure::NotFound,
        "too large" => Failure::TooLarge,
        _ => Failure::Failed,
    };
    Err(CommandError::Failed { error, written: result.written })
}
