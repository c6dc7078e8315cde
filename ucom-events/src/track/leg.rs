//! A leg: facts that accumulate in any order.

use std::sync::Arc;

use crate::classify::{Facts, Policy};
use crate::event::{CallFlow, CallId, CallStatus, EventKind, ExtensionEvent, SubCallId, Timestamp};
use crate::extension::{Directory, ExtensionAddress, ExtensionType};
use crate::track::part::{Part, Stage, observer};
use crate::track::record::{LegRecord, LegScope, Outcome};

/// Which leg an event belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LegKey {
    pub(super) call: Option<CallId>,
    pub(super) leg: LegName,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum LegName {
    Sub(SubCallId),
    /// Without a `SubCallID` the extension stands for it (§6.2).
    Observer(Arc<str>),
}

impl LegKey {
    /// `None` if the event tells neither its call nor its leg.
    pub(super) fn of(event: &ExtensionEvent) -> Option<Self> {
        let call = event.call_id().cloned();
        let leg = match event.sub_call_id() {
            Some(sub) => LegName::Sub(sub.clone()),
            None if call.is_none() => return None,
            None => {
                let is_out = match event.kind() {
                    EventKind::DialIn => false,
                    EventKind::DialOut => true,
                    _ => event.flow() == Some(CallFlow::Out),
                };
                let (extension, number) = if is_out {
                    (event.caller_extension(), event.caller())
                } else {
                    (event.called_extension(), event.called())
                };
                LegName::Observer(observer(is_out, extension, number).unwrap_or_default().into())
            }
        };
        Some(Self { call, leg })
    }
}

/// How far a leg is, by what has been seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No hangup yet.
    Open,
    /// A hangup was seen; other events of the leg may still be on their way.
    Settling,
    /// A voice menu's or queue's leg that has ended; the call decides what it was (V12–V14).
    Waiting,
}

/// What has been seen of a leg.
#[derive(Debug)]
pub(super) struct Leg {
    parts: [Option<Box<Part>>; Stage::COUNT],
    pub(super) state: State,
    /// The number of its timer beside others of the same time.
    pub(super) serial: u64,
    /// When its timer goes off.
    pub(super) deadline: Timestamp,
    /// When its last event came, by the caller's clock.
    pub(super) touched: Timestamp,
    /// Whether a notice was given that the leg rings or talks.
    pub(super) is_noticed: bool,
}

impl Leg {
    pub(super) fn new(serial: u64, now: Timestamp, deadline: Timestamp) -> Self {
        Self {
            parts: [const { None }; Stage::COUNT],
            state: State::Open,
            serial,
            deadline,
            touched: now,
            is_noticed: false,
        }
    }

    /// Adds what an event says. Of two events of one stage always the same one counts, so neither
    /// order nor repetition matters. Whether the stage is new to the leg.
    pub(super) fn add(&mut self, stage: Stage, part: Part) -> Added {
        match &mut self.parts[stage as usize] {
            Some(seen) if part == **seen => Added::Duplicate,
            Some(seen) => {
                if part < **seen {
                    **seen = part;
                }
                Added::Again
            }
            empty => {
                *empty = Some(Box::new(part));
                Added::First
            }
        }
    }

    pub(super) const fn has(&self, stage: Stage) -> bool {
        self.parts[stage as usize].is_some()
    }

    fn part(&self, stage: Stage) -> Option<&Part> {
        self.parts[stage as usize].as_deref()
    }

    /// The first that has it, from the leg's start to its end.
    fn first<'a, T>(&'a self, get: impl Fn(&'a Part) -> Option<T>) -> Option<T> {
        self.parts.iter().flatten().find_map(|part| get(part))
    }

    /// The last that has it, from the leg's end to its start.
    fn last<'a, T>(&'a self, get: impl Fn(&'a Part) -> Option<T>) -> Option<T> {
        self.parts.iter().rev().flatten().find_map(|part| get(part))
    }

    /// The event that tells most about what kind of leg this is.
    const fn kind(&self) -> EventKind {
        if self.has(Stage::DialIn) {
            EventKind::DialIn
        } else if self.has(Stage::DialOut) {
            EventKind::DialOut
        } else if self.has(Stage::Answer) {
            EventKind::Answer
        } else {
            EventKind::Hangup
        }
    }

    /// `CallFlow`, else what the first event implies.
    fn flow(&self) -> Option<CallFlow> {
        self.first(|part| part.flow.clone()).or_else(|| self.kind().flow())
    }

    fn extension(&self) -> Option<&str> {
        let (is_out, extension, number) = match self.flow() {
            Some(CallFlow::Out) => {
                (true, self.first(|part| part.caller_extension()), self.first(|part| part.caller()))
            }
            _ => (
                false,
                self.first(|part| part.called_extension()),
                self.first(|part| part.called()),
            ),
        };
        observer(is_out, extension, number)
    }

    fn extension_type(&self, directory: Option<&dyn Directory>) -> Option<ExtensionType> {
        let extension = self.extension()?;
        let directory = directory?;
        directory
            .extension_type(extension)
            .or_else(|| directory.extension_type(ExtensionAddress::new(extension).short_name()))
    }

    /// Whether this is a voice menu's or queue's leg. Where the type is not known `Bridged` tells: only
    /// hangups of these have it (C7).
    pub(super) fn is_service(&self, directory: Option<&dyn Directory>) -> bool {
        match self.extension_type(directory) {
            Some(kind) if kind.is_known() => kind.is_service(),
            _ => self.first(|part| part.bridged).is_some(),
        }
    }

    pub(super) fn is_ivr(&self, directory: Option<&dyn Directory>) -> bool {
        self.extension_type(directory) == Some(ExtensionType::Ivr)
    }

    /// How the leg of a phone has ended.
    fn outcome(&self) -> Option<Outcome> {
        if self.state == State::Open {
            return None;
        }
        let status = self.status();
        let is_success = status == Some(CallStatus::Answer); // V7
        // V3 speaks of legs that came in; R8 lets an integration do without `answer` of others.
        let was_taken = self.has(Stage::Answer)
            || !self.has(Stage::DialIn) && self.flow() == Some(CallFlow::Out);
        Some(if is_success && was_taken { Outcome::Answered } else { Outcome::NotAnswered })
    }

    /// The hangup's status, else that of the answer, else that of the start.
    fn status(&self) -> Option<CallStatus> {
        self.last(|part| part.status.clone())
    }

    /// The leg as far as it is known now.
    pub(super) fn record(
        &self,
        key: &LegKey,
        policy: &Policy,
        directory: Option<&dyn Directory>,
    ) -> LegRecord {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let flow = self.flow();
        let is_out = flow == Some(CallFlow::Out);
        let kind = self.kind();
        let (caller, called) = (self.first(|part| part.caller()), self.first(|part| part.called()));
        let remote_number = self.first(|part| part.remote_number());
        let scope = Facts {
            kind: &kind,
            flow: flow.clone(),
            caller,
            called,
            remote_number,
            is_forward: self.first(|part| part.is_forward.then_some(())).is_some(),
        }
        .scope(policy, directory);
        let outcome = self.outcome();
        let start = self.part(Stage::DialIn).or_else(|| self.part(Stage::DialOut));
        let answered_at = self.part(Stage::Answer).and_then(Part::time);
        let ended_at = self.part(Stage::Hangup).and_then(Part::time);
        let duration = self.last(|part| part.duration);
        let talk_time = (outcome == Some(Outcome::Answered))
            .then(|| {
                self.last(|part| part.bridged_duration)
                    .or_else(|| ended_at?.since(answered_at?))
                    .or(duration)
            })
            .flatten();
        LegRecord {
            call_id: key.call.clone(),
            sub_call_id: match &key.leg {
                LegName::Sub(sub) => Some(sub.clone()),
                LegName::Observer(_) => None,
            },
            extension: text(self.extension()),
            extension_id: if is_out {
                self.first(|part| part.caller_extension_id)
            } else {
                self.first(|part| part.called_extension_id)
            },
            extension_type: self.extension_type(directory),
            caller: text(caller),
            caller_name: text(self.first(|part| part.caller_name())),
            called: text(called),
            called_did: text(self.first(|part| part.called_did())),
            remote_number: text(remote_number),
            transferred: self.first(|part| part.transferred),
            scope: LegScope::from(scope),
            direction: flow,
            outcome,
            call_status: self.status(),
            started_at: start.and_then(Part::time),
            answered_at,
            ended_at,
            duration,
            talk_time,
            bridged: self.last(|part| part.bridged),
            recording_id: text(self.last(|part| part.recording_id())),
            call_api_id: text(self.first(|part| part.call_api_id())),
            call_back_id: text(self.first(|part| part.call_back_id())),
        }
    }
}

/// What an event was to its leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// The first of its stage.
    First,
    /// Another of a stage that was seen.
    Again,
    /// Exactly what was seen.
    Duplicate,
}
