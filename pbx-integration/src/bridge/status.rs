//! The state of a script, as the service knows it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::protocol::{self, Head, Losses};

/// The most boots whose losses are known one by one.
const MAX_BOOTS: usize = 1000;

/// The state of a backend script, as the service knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BridgeStatus {
    /// The time since its last request; `None` if there was none.
    pub since_contact: Option<Duration>,
    /// The random name of the script's current load.
    pub boot: Option<String>,
    /// The version of the script.
    pub script_version: Option<String>,
    /// The version of the protocol that it speaks.
    pub protocol_version: Option<u32>,
    /// The host functions that the script has found; `None` until its first poll.
    pub features: Option<Features>,
    /// Items that were lost since the service started.
    pub losses: Losses,
    /// The number of commands that wait for the script or for its result.
    pub commands: usize,
}

impl BridgeStatus {
    /// Returns whether the script was written by another version of this crate.
    #[must_use]
    pub fn is_other_version(&self) -> bool {
        self.script_version.as_deref().is_some_and(|version| version != protocol::SCRIPT)
    }
}

/// The functions of the PBX that a script has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each feature that a script reports")]
#[non_exhaustive]
pub struct Features {
    /// `startCall` and `endCall`.
    pub calls: bool,
    /// `loadIntr` and `saveIntr`.
    pub settings: bool,
    /// `setTimeout`. Without it, retries wait for the next event or poll.
    pub timer: bool,
    /// `console.trace`.
    pub trace: bool,
    /// `Websocket`.
    pub websocket: bool,
}

impl Features {
    /// The names of the features that the PBX lacks.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        let features = [
            ("calls", self.calls),
            ("settings", self.settings),
            ("timer", self.timer),
            ("trace", self.trace),
            ("websocket", self.websocket),
        ];
        features.into_iter().filter_map(|(name, is_there)| (!is_there).then_some(name))
    }

    fn read(text: &str) -> Self {
        let has = |name: &str| text.split(',').any(|feature| feature == name);
        Self {
            calls: has("calls"),
            settings: has("settings"),
            timer: has("timer"),
            trace: has("trace"),
            websocket: has("ws"),
        }
    }
}

/// The contact with a script.
#[derive(Debug, Default)]
pub(super) struct Contact {
    at: Option<Instant>,
    status: BridgeStatus,
    /// Losses of boots that are no longer known one by one.
    past: Losses,
    boots: VecDeque<(String, Losses)>,
    /// The boot that reported the features.
    reported: Option<String>,
}

impl Contact {
    /// Notes a request.
    // X38
    pub(super) fn note(&mut self, head: &Head, now: Instant) {
        self.at = Some(now);
        self.status.script_version = Some(head.script.clone());
        self.status.protocol_version = Some(head.version);
        match self.boots.iter_mut().find(|(boot, _)| *boot == head.boot) {
            Some((_, losses)) => *losses = losses.max(head.losses),
            None => {
                self.boots.push_back((head.boot.clone(), head.losses));
                self.status.boot = Some(head.boot.clone());
            }
        }
        if self.boots.len() > MAX_BOOTS {
            if let Some((_, losses)) = self.boots.pop_front() {
                self.past = self.past.plus(losses);
            }
        }
    }

    /// Notes the features of a boot, and returns whether it reports them for the first time.
    // X5
    pub(super) fn note_features(&mut self, boot: &str, features: &str) -> bool {
        self.status.features = Some(Features::read(features));
        let is_first = self.reported.as_deref() != Some(boot);
        self.reported = Some(boot.to_owned());
        is_first
    }

    pub(super) fn status(&self, commands: usize, now: Instant) -> BridgeStatus {
        let losses = self.boots.iter().fold(self.past, |sum, (_, losses)| sum.plus(*losses));
        let since_contact = self.at.map(|at| now.saturating_duration_since(at));
        BridgeStatus { since_contact, losses, commands, ..self.status.clone() }
    }
}
