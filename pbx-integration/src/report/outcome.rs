//! Outcomes of states, shared by dispositions, queue figures and agent figures.

use serde::Serialize;

use crate::cdr::{Cdr, ExtensionLeg, RedirectReason, State};
use crate::event::GroupKind;

/// The class of a state: a person, voicemail or a service.
// P176
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StateClass {
    /// A person: a queue, a ring group, an extension.
    Person,
    /// A mailbox.
    Voicemail,
    /// A machine: an attendant, an IVR node, a conference, a paging group, a park slot.
    Service,
}

/// The outcome of one state of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// A person answered.
    Answered,
    /// The caller reached a mailbox.
    Voicemail,
    /// The caller reached a machine.
    Service,
    /// The caller hung up while waiting.
    AbandonedWaiting,
    /// The caller hung up while agents were ringing.
    AbandonedRinging,
    /// The call was redirected.
    Transferred,
    /// Any other outcome.
    Other,
}

impl Outcome {
    /// Returns whether the caller gave up.
    #[must_use]
    pub const fn is_abandoned(self) -> bool {
        matches!(self, Self::AbandonedWaiting | Self::AbandonedRinging)
    }
}

impl State {
    /// Returns the class of the state. An unknown kind counts as a person if the state names an
    /// extension.
    #[must_use]
    pub fn class(&self) -> StateClass {
        match self.kind.as_deref() {
            None | Some(GroupKind::Queue | GroupKind::RingGroup | GroupKind::Extension) => {
                StateClass::Person
            }
            Some(GroupKind::Mailbox) => StateClass::Voicemail,
            Some(GroupKind::Unknown(_)) if self.extension.is_some() => StateClass::Person,
            Some(_) => StateClass::Service,
        }
    }
}

impl Cdr {
    /// Returns the outcome of each state, in wire order.
    // P177
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let has_missed_leg = self.extension_legs.iter().any(ExtensionLeg::is_missed);
        let count = self.states.len();
        let is_last = |at| at + 1 == count;
        let outcome = |(at, state): (usize, &State)| {
            if state.has_talk() {
                return match state.class() {
                    StateClass::Person => Outcome::Answered,
                    StateClass::Voicemail => Outcome::Voicemail,
                    StateClass::Service => Outcome::Service,
                };
            }
            match state.reason.as_deref() {
                Some(RedirectReason::HungUpWaiting) => Outcome::AbandonedWaiting,
                Some(RedirectReason::HungUpRinging) => Outcome::AbandonedRinging,
                Some(
                    RedirectReason::RedirectedWaiting
                    | RedirectReason::RedirectedRinging
                    | RedirectReason::RedirectedAnonymous,
                ) => Outcome::Transferred,
                _ if is_last(at) && self.abandoned == Some(true) => {
                    if has_missed_leg || !state.missed.is_empty() {
                        Outcome::AbandonedRinging
                    } else {
                        Outcome::AbandonedWaiting
                    }
                }
                _ => Outcome::Other,
            }
        };
        self.states.iter().enumerate().map(outcome).collect()
    }
}
