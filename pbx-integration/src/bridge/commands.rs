//! The commands that wait for a script. Time is an argument.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::auth::BridgeSecret;
use super::protocol::{Command, CommandResult};
use crate::event::Tenant;

/// The most commands that wait.
const MAX_WAITING: usize = 1000;

/// The most bytes of commands in one answer.
const MAX_ANSWER: usize = 64 << 10;

/// The most boots that are remembered as replaced.
const MAX_REPLACED: usize = 1000;

/// The time after which a command without a result is given again: its answer may have been lost.
const GIVE_AGAIN: Duration = Duration::from_secs(5);

/// The commands of one identifier, and the boots of its script.
pub(super) struct Commands {
    /// Keeps ids apart from those of an earlier run of the service, whose results a script may remember.
    prefix: String,
    last: u64,
    entries: BTreeMap<u64, Entry>,
    boot: Option<Boot>,
    replaced: VecDeque<String>,
}

struct Boot {
    name: String,
    has_polled: bool,
}

struct Entry {
    json: String,
    tenant: Option<Tenant>,
    timeout: Duration,
    fetch_by: Instant,
    given: Option<Given>,
    result: Option<CommandResult>,
}

/// The way that a command went.
struct Given {
    /// The boot; `None` for a web request, which any boot may have taken.
    to: Option<String>,
    /// The time of the last time.
    at: Instant,
    result_by: Instant,
}

/// The outcome of a command.
pub(super) enum Outcome {
    Result(CommandResult),
    /// It was not fetched, and never will be.
    Unreachable,
    /// It was fetched, and no result came.
    Unknown,
}

/// A command that cannot wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("{MAX_WAITING} commands are waiting for the script already")]
    Full,
    #[error("the command has more than {MAX_ANSWER} bytes")]
    TooLarge,
}

/// A poll of a boot that a newer one has replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

impl Commands {
    pub(super) fn new(random: u64) -> Self {
        Self {
            prefix: format!("c{random:x}"),
            last: 0,
            entries: BTreeMap::new(),
            boot: None,
            replaced: VecDeque::new(),
        }
    }

    /// Adds a command, and gives its number.
    // X25, X31
    pub(super) fn push(
        &mut self,
        name: &'static str,
        args: &Value,
        tenant: Option<Tenant>,
        timeout: Duration,
        now: Instant,
    ) -> Result<u64, Refused> {
        if self.entries.len() >= MAX_WAITING {
            return Err(Refused::Full);
        }
        let number = self.last + 1;
        let id = format!("{}-{number}", self.prefix);
        let json = serde_json::to_string(&Command { id: &id, name, args })
            .map_err(|_| Refused::TooLarge)?;
        if json.len() > MAX_ANSWER {
            return Err(Refused::TooLarge);
        }
        self.last = number;
        let fetch_by = now + timeout;
        let entry = Entry { json, tenant, timeout, fetch_by, given: None, result: None };
        self.entries.insert(number, entry);
        Ok(number)
    }

    /// Notes that a boot has sent something other than a poll.
    pub(super) fn contact(&mut self, boot: &str) {
        let is_settled = self.boot.as_ref().is_some_and(|own| own.has_polled || own.name == boot);
        if !is_settled && !self.replaced.iter().any(|replaced| replaced == boot) {
            self.replace(boot, false);
        }
    }

    /// Notes a poll of a boot, and returns whether it has replaced another.
    // X29
    pub(super) fn poll(&mut self, boot: &str) -> Result<bool, Gone> {
        match &mut self.boot {
            Some(own) if own.name == boot => {
                own.has_polled = true;
                return Ok(false);
            }
            _ if self.replaced.iter().any(|replaced| replaced == boot) => return Err(Gone),
            _ => self.replace(boot, true),
        }
        Ok(true)
    }

    fn replace(&mut self, boot: &str, has_polled: bool) {
        let old = self.boot.replace(Boot { name: boot.to_owned(), has_polled });
        self.replaced.extend(old.map(|old| old.name));
        if self.replaced.len() > MAX_REPLACED {
            self.replaced.pop_front();
        }
    }

    /// The commands for a boot, each as JSON: those that no boot has, and those that this one may not have.
    pub(super) fn take(&mut self, boot: &str, secret: &BridgeSecret, now: Instant) -> Vec<String> {
        if !self.is_current(boot) {
            return Vec::new();
        }
        self.give(Some(boot), secret, now).into_iter().map(|(_, json)| json).collect()
    }

    /// The commands for a web request, with their numbers. They are given once, because their boot is not known.
    // X42
    pub(super) fn take_for_web(
        &mut self,
        secret: &BridgeSecret,
        now: Instant,
    ) -> Vec<(u64, String)> {
        self.give(None, secret, now)
    }

    // X29
    fn give(
        &mut self,
        boot: Option<&str>,
        secret: &BridgeSecret,
        now: Instant,
    ) -> Vec<(u64, String)> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        for (number, entry) in &mut self.entries {
            let is_due = match &entry.given {
                None => now < entry.fetch_by,
                Some(Given { to: None, .. }) => false,
                Some(Given { to, at, .. }) => {
                    to.as_deref() == boot && now.saturating_duration_since(*at) >= GIVE_AGAIN
                }
            };
            if !is_due
                || entry.result.is_some()
                || !secret.takes_commands_for(entry.tenant.as_ref())
            {
                continue;
            }
            bytes += entry.json.len() + 1;
            if bytes > MAX_ANSWER && !taken.is_empty() {
                break;
            }
            let before = entry.given.as_ref().map(|given| given.result_by);
            let result_by = before.unwrap_or_else(|| now + entry.timeout);
            entry.given = Some(Given { to: boot.map(str::to_owned), at: now, result_by });
            taken.push((*number, entry.json.clone()));
        }
        taken
    }

    /// Takes back that a command was given: it was not sent.
    pub(super) fn give_back(&mut self, number: u64) {
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.given = None;
        }
    }

    /// Returns whether a boot is the one that commands go to.
    pub(super) fn is_current(&self, boot: &str) -> bool {
        self.boot.as_ref().is_some_and(|own| own.name == boot)
    }

    /// Keeps the result of a command. One that nobody waits for is dropped.
    pub(super) fn finish(&mut self, result: CommandResult) {
        let number = result.id.strip_prefix(&*self.prefix).and_then(|rest| rest.strip_prefix('-'));
        let number = number.and_then(|number| number.parse().ok());
        if let Some(entry) = number.and_then(|number| self.entries.get_mut(&number)) {
            if entry.given.is_some() && entry.result.is_none() {
                entry.result = Some(result);
            }
        }
    }

    /// The outcome of a command, or the time at which to ask again. A command with an outcome is removed.
    // X30
    pub(super) fn outcome(&mut self, number: u64, now: Instant) -> Result<Outcome, Instant> {
        let Some(entry) = self.entries.get_mut(&number) else { return Ok(Outcome::Unknown) };
        let deadline = entry.given.as_ref().map_or(entry.fetch_by, |given| given.result_by);
        let outcome = match entry.result.take() {
            Some(result) => Outcome::Result(result),
            None if now < deadline => return Err(deadline),
            None if entry.given.is_some() => Outcome::Unknown,
            None => Outcome::Unreachable,
        };
        self.entries.remove(&number);
        Ok(outcome)
    }

    /// Takes a command back that nobody waits for any more.
    pub(super) fn cancel(&mut self, number: u64) {
        self.entries.remove(&number);
    }

    /// The number of commands without a result.
    pub(super) fn waiting(&self) -> usize {
        self.entries.values().filter(|entry| entry.result.is_none()).count()
    }
}
