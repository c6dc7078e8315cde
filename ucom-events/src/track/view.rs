//! The view of a call, derived from its facts: roles of legs, attempts, and the outside party.
//!
//! A view is computed from the facts alone, so the order of arrival cannot matter.

use crate::classify::{is_feature_code, present};
use crate::directory::Directory;
use crate::number::{is_same_number, is_withheld, user};
pub(super) use crate::track::attempt::AttemptView;
use crate::track::attempt::attempt_view;
use crate::track::call::Call;
use crate::track::leg::{self, NoticeState};
pub(super) use crate::track::record::LegRole as Role;
use crate::track::role::{LegView, is_caller_withheld, leg_view, settle_roles};

pub(super) struct View<'c> {
    pub(super) call: &'c Call,
    pub(super) directory: &'c Directory,
    pub(super) legs: Vec<LegView<'c>>,
    /// In order of start.
    pub(super) attempts: Vec<AttemptView<'c>>,
}

impl<'c> View<'c> {
    pub(super) fn new(call: &'c Call, directory: &'c Directory) -> Self {
        let mut legs: Vec<_> = call.legs.iter().map(|leg| leg_view(leg, directory)).collect();
        settle_roles(&mut legs, directory);
        let mut all = Vec::new();
        for (at, view) in legs.iter().enumerate() {
            let is_service = view.role == Role::Service;
            let own = leg::attempts(&view.leg.events).into_iter();
            all.extend(own.map(|attempt| attempt_view(attempt, at, is_service)));
        }
        all.sort_by(|a, b| {
            let key = |one: &AttemptView<'_>| {
                (one.start, legs[one.leg].extension, &legs[one.leg].leg.key, one.events.start)
            };
            key(a).cmp(&key(b))
        });
        let mut view = Self { call, directory, legs, attempts: all };
        view.infer_ends();
        view
    }

    pub(super) fn leg_of(&self, attempt: &AttemptView<'c>) -> &LegView<'c> {
        &self.legs[attempt.leg]
    }

    pub(super) fn role(&self, attempt: &AttemptView<'c>) -> Role {
        self.legs[attempt.leg].role
    }

    /// Returns the attempts of legs that have a role.
    pub(super) fn of_role(&self, role: Role) -> impl DoubleEndedIterator<Item = &AttemptView<'c>> {
        self.attempts.iter().filter(move |attempt| self.role(attempt) == role)
    }

    /// Returns the attempts whose answer answers an inbound call: of phones, forwards and queue
    /// calls.
    pub(super) fn takers(&self) -> impl DoubleEndedIterator<Item = &AttemptView<'c>> {
        self.attempts.iter().filter(|attempt| {
            let leg = self.leg_of(attempt);
            leg.counts && leg.role != Role::Outbound
        })
    }

    /// Returns the attempts of legs that are not only another's far side.
    pub(super) fn counted(&self) -> impl DoubleEndedIterator<Item = &AttemptView<'c>> {
        self.attempts.iter().filter(|attempt| self.leg_of(attempt).counts)
    }

    /// Returns the party of an attempt: an extension, or the called number.
    pub(super) fn who(&self, attempt: &AttemptView<'c>) -> Option<&'c str> {
        let leg = self.leg_of(attempt);
        match leg.role {
            Role::Forward | Role::Attempt | Role::Outbound => {
                self.place(present(leg.leg.called.get())?)
            }
            _ => leg.extension,
        }
    }

    /// Formats a number for records: one of ours without its domain, another one as sent.
    fn place(&self, number: &'c str) -> Option<&'c str> {
        Some(if self.directory.is_ours(number) { user(number) } else { number })
    }

    /// Returns the extension that an attempt rang.
    pub(super) fn rang_name(&self, attempt: &AttemptView<'c>) -> Option<&'c str> {
        let leg = self.leg_of(attempt);
        match leg.role {
            Role::Phone => leg.extension,
            Role::Forward | Role::Attempt if leg.counts => {
                let called = present(leg.leg.called.get())?;
                self.directory.is_ours(called).then(|| user(called))
            }
            _ => None,
        }
    }

    // D30.
    /// Infers the ends of attempts whose hangup was lost.
    fn infer_ends(&mut self) {
        let legs = &self.legs;
        let mut answers: Vec<(u64, usize, usize)> = Vec::new();
        let (mut service_ends, mut talk_ends) = (Vec::new(), Vec::new());
        let mut ivr_ends: Vec<(u64, usize)> = Vec::new();
        for (at, attempt) in self.attempts.iter().enumerate() {
            let leg = &legs[attempt.leg];
            if let (true, Some(answered)) = (leg.counts, attempt.answered_at) {
                answers.push((answered, at, attempt.leg));
            }
            let Some(end) = attempt.own_end() else { continue };
            if leg.role == Role::Service {
                service_ends.push(end);
                if leg.is_ivr {
                    ivr_ends.push((end, attempt.leg));
                }
            }
            if leg.is_ivr && leg.role == Role::Service || attempt.bridged == Some(true) {
                talk_ends.push(end);
            }
        }
        answers.sort_unstable();
        service_ends.sort_unstable();
        talk_ends.sort_unstable();
        ivr_ends.sort_unstable();
        let first =
            |ends: &[u64], from: u64| ends.get(ends.partition_point(|&end| end < from)).copied();
        for attempt in &mut self.attempts {
            if attempt.own_end().is_some() {
                continue;
            }
            if legs[attempt.leg].role == Role::Service {
                let from = ivr_ends.partition_point(|&(end, _)| end < attempt.start);
                let later = ivr_ends[from..].iter().find(|(_, leg)| *leg != attempt.leg);
                attempt.end = later.map(|&(end, _)| end);
            } else if let Some(answered) = attempt.answered_at.filter(|_| attempt.is_answered) {
                attempt.end = first(&talk_ends, answered);
                attempt.talk = attempt.end.map(|end| end - answered);
            } else {
                let from = answers.partition_point(|&(time, ..)| time < attempt.start);
                let taken = answers[from..].iter().find(|(.., leg)| *leg != attempt.leg);
                let left = first(&service_ends, attempt.start);
                match (taken, left) {
                    (Some(&(time, by, _)), left) if left.is_none_or(|left| time <= left) => {
                        attempt.end = Some(time);
                        attempt.ended_by = Some(by);
                    }
                    (_, left) => attempt.end = left,
                }
            }
        }
    }

    // D26.
    /// Returns whether an outside party takes part.
    pub(super) fn is_outside(&self) -> bool {
        self.legs.iter().any(|leg| {
            let is_outside = |number: Option<&str>| {
                number.is_some_and(|number| self.directory.is_outside(number))
            };
            let called =
                leg.leg.called.get().filter(|number| leg.is_out && !is_feature_code(number));
            is_outside(leg.leg.caller.get())
                || is_outside(leg.leg.remote.get())
                || is_outside(called)
                || is_caller_withheld(leg)
        })
    }

    // D26.
    /// Returns whether the call has a record: unless it is known to be internal.
    pub(super) fn is_logged(&self) -> bool {
        let is_internal = |leg: &LegView<'_>| {
            leg.far.is_some_and(|far| {
                self.directory.is_ours(far) || (leg.is_out && is_feature_code(far))
            })
        };
        self.is_outside() || !self.legs.iter().any(is_internal)
    }

    // D31.
    /// Returns the leg by which the call entered or left the PBX.
    pub(super) fn entry(&self) -> Option<usize> {
        let is_entry =
            |attempt: &&AttemptView<'c>| !matches!(self.role(attempt), Role::Local | Role::Unknown);
        self.attempts.iter().find(is_entry).map(|attempt| attempt.leg)
    }

    // D31.
    /// Returns the entry of an outbound call.
    pub(super) fn outbound_entry(&self) -> Option<usize> {
        let entry = self.entry().filter(|&leg| self.legs[leg].role == Role::Outbound)?;
        let called = self.legs[entry].leg.called.get();
        let is_inbound = self.of_role(Role::Service).any(|attempt| {
            let caller = self.leg_of(attempt).leg.caller.get();
            let is_other = |caller: &str| {
                self.directory.is_outside(caller)
                    && called.is_none_or(|called| !is_same_number(caller, called))
            };
            attempt.bridged == Some(false) || caller.is_some_and(is_other)
        });
        (!is_inbound).then_some(entry)
    }

    // D31.
    /// Returns the outside number.
    pub(super) fn party(&self) -> Option<&'c str> {
        let outside =
            |number: Option<&'c str>| number.filter(|number| self.directory.is_outside(number));
        if let Some(entry) = self.outbound_entry() {
            return present(self.legs[entry].leg.called.get())
                .filter(|number| !is_withheld(number));
        }
        let of = |attempt: &AttemptView<'c>| {
            let leg = self.leg_of(attempt).leg;
            outside(leg.remote.get()).or_else(|| outside(leg.caller.get()))
        };
        let is_first =
            |attempt: &&AttemptView<'c>| matches!(self.role(attempt), Role::Phone | Role::Service);
        let first = self.attempts.iter().filter(is_first).find_map(of);
        first.or_else(|| self.attempts.iter().filter(|one| !is_first(one)).find_map(of)).or_else(
            || {
                self.of_role(Role::Outbound)
                    .find_map(|attempt| outside(self.leg_of(attempt).leg.called.get()))
            },
        )
    }

    /// Returns the called public number.
    pub(super) fn did(&self) -> Option<&'c str> {
        self.attempts.iter().find_map(|attempt| self.leg_of(attempt).leg.did.get())
    }

    /// Returns whether the caller hides the number.
    pub(super) fn is_withheld(&self) -> bool {
        self.party().is_none() && self.legs.iter().any(is_caller_withheld)
    }

    /// Returns the state of an attempt's notices, and the event that keeps it.
    pub(super) fn notice(&self, attempt: &AttemptView<'c>) -> Option<(usize, NoticeState)> {
        let events = &self.leg_of(attempt).leg.events;
        attempt
            .events
            .clone()
            .map(|at| (at, events[at].notice))
            .find(|(_, state)| *state != NoticeState::None)
    }
}
