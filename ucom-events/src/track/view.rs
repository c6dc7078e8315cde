//! What the facts of a call amount to: roles of legs, attempts, and who is outside.
//!
//! A view is computed from the facts alone, so the order of arrival cannot matter.

use std::collections::HashSet;

use crate::classify::{is_feature_code, present};
use crate::directory::{Directory, ExtensionType};
use crate::number::{is_same_number, is_withheld, short_name, user};
use crate::track::call::Call;
use crate::track::leg::{self, Attempt, Leg, NoticeState};
pub(super) use crate::track::record::LegRole as Role;

pub(super) struct LegView<'c> {
    pub(super) leg: &'c Leg,
    pub(super) role: Role,
    /// The extension, without its domain.
    pub(super) extension: Option<&'c str>,
    pub(super) is_out: bool,
    /// Whether the leg is more than the other side of another one.
    pub(super) counts: bool,
    pub(super) is_ivr: bool,
    pub(super) is_queue: bool,
    /// The far side's number.
    pub(super) far: Option<&'c str>,
}

pub(super) struct AttemptView<'c> {
    pub(super) leg: usize,
    pub(super) events: std::ops::Range<usize>,
    pub(super) dialed: Option<u64>,
    hung_up: Option<u64>,
    pub(super) is_answered: bool,
    pub(super) answered_at: Option<u64>,
    pub(super) talk: Option<u64>,
    /// Its first known moment.
    pub(super) start: u64,
    /// Whether that is a dial or the start of a stay in a service.
    pub(super) is_start_known: bool,
    /// Its end, inferred ends included.
    pub(super) end: Option<u64>,
    /// The attempt whose answer ended it.
    pub(super) ended_by: Option<usize>,
    pub(super) status: Option<&'c str>,
    pub(super) bridged: Option<bool>,
    pub(super) recording: Option<&'c str>,
}

impl AttemptView<'_> {
    /// When its own hangup came.
    pub(super) const fn own_end(&self) -> Option<u64> {
        self.hung_up
    }
}

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

    /// Attempts of legs that have a role.
    pub(super) fn of_role(&self, role: Role) -> impl DoubleEndedIterator<Item = &AttemptView<'c>> {
        self.attempts.iter().filter(move |attempt| self.role(attempt) == role)
    }

    /// Attempts of phones, and of forwards and queue calls that count: an answer at one of them
    /// answers an inbound call.
    pub(super) fn takers(&self) -> impl DoubleEndedIterator<Item = &AttemptView<'c>> {
        self.attempts.iter().filter(|attempt| {
            let leg = self.leg_of(attempt);
            leg.counts && leg.role != Role::Outbound
        })
    }

    /// Attempts of legs that count.
    pub(super) fn counted(&self) -> impl DoubleEndedIterator<Item = &AttemptView<'c>> {
        self.attempts.iter().filter(|attempt| self.leg_of(attempt).counts)
    }

    /// Who is at the end of an attempt: an extension, or the number that was called.
    pub(super) fn who(&self, attempt: &AttemptView<'c>) -> Option<&'c str> {
        let leg = self.leg_of(attempt);
        match leg.role {
            Role::Forward | Role::Attempt | Role::Outbound => {
                self.place(present(leg.leg.called.get())?)
            }
            _ => leg.extension,
        }
    }

    /// A number in records: one of ours without its domain, another one as sent.
    fn place(&self, number: &'c str) -> Option<&'c str> {
        Some(if self.directory.is_ours(number) { user(number) } else { number })
    }

    /// The extension that an attempt made ring.
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
    /// Ends of attempts whose hangup was lost.
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
            let Some(end) = attempt.hung_up else { continue };
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
            if attempt.hung_up.is_some() {
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
    /// Whether somebody outside takes part.
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
    /// Whether the call has a record: unless it is known to be internal.
    pub(super) fn is_logged(&self) -> bool {
        let is_internal = |leg: &LegView<'_>| {
            leg.far.is_some_and(|far| {
                self.directory.is_ours(far) || (leg.is_out && is_feature_code(far))
            })
        };
        self.is_outside() || !self.legs.iter().any(is_internal)
    }

    // D31.
    /// The leg that the call entered or left the PBX by.
    pub(super) fn entry(&self) -> Option<usize> {
        let is_entry =
            |attempt: &&AttemptView<'c>| !matches!(self.role(attempt), Role::Local | Role::Unknown);
        self.attempts.iter().find(is_entry).map(|attempt| attempt.leg)
    }

    // D31.
    /// The entry of an outbound call.
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
    /// The outside number.
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

    /// The public number that was called.
    pub(super) fn did(&self) -> Option<&'c str> {
        self.attempts.iter().find_map(|attempt| self.leg_of(attempt).leg.did.get())
    }

    /// Whether the caller hides the number.
    pub(super) fn is_withheld(&self) -> bool {
        self.party().is_none() && self.legs.iter().any(is_caller_withheld)
    }

    /// How far the notices of an attempt have come, and the event that keeps it.
    pub(super) fn notice(&self, attempt: &AttemptView<'c>) -> Option<(usize, NoticeState)> {
        let events = &self.leg_of(attempt).leg.events;
        attempt
            .events
            .clone()
            .map(|at| (at, events[at].notice))
            .find(|(_, state)| *state != NoticeState::None)
    }
}

fn is_caller_withheld(leg: &LegView<'_>) -> bool {
    let is_word = |number: Option<&str>| number.is_some_and(is_withheld);
    let is_blank = leg.leg.has_blank_caller && leg.leg.caller.get().is_none() && !leg.is_out;
    is_word(leg.leg.caller.get()) || is_word(leg.leg.remote.get()) || is_blank
}

// D28.
/// Role, extension and far side of a leg by itself.
fn leg_view<'c>(leg: &'c Leg, directory: &Directory) -> LegView<'c> {
    let caller = present(leg.caller.get());
    let called = present(leg.called.get());
    let called_extension = present(leg.called_extension.get());
    let is_ours = |number: Option<&str>| number.is_some_and(|number| directory.is_ours(number));
    let flow = leg.is_out().or_else(|| {
        let called = called.or(called_extension);
        if is_ours(called) {
            Some(false)
        } else {
            (is_ours(caller) && called.is_some()).then_some(true)
        }
    });
    let is_out = flow == Some(true);
    let extension = if is_out {
        present(leg.caller_extension.get())
            .or_else(|| caller.filter(|number| directory.is_ours(number)))
    } else {
        called_extension.or(called)
    };
    let extension = extension.map(user);
    let kind = extension.and_then(|extension| directory.extension_type(extension));
    let is_service = kind.map_or(leg.has_bridged, ExtensionType::is_service);
    let role = match flow {
        None if is_service || leg.has_bridged => Role::Service,
        None => Role::Unknown,
        Some(false) if is_service => Role::Service,
        Some(false) => Role::Phone,
        Some(true) if leg.is_transferred => Role::Forward,
        Some(true) if called.is_some_and(is_feature_code) => Role::Local,
        Some(true) if is_service && is_ours(called) => Role::Attempt,
        Some(true) if is_service => Role::Forward,
        // An unknown extension that offers a caller is a queue (D3).
        Some(true) if is_ours(called) && kind.is_none() && leg.has_dial_in => Role::Attempt,
        Some(true) if is_ours(called) => Role::Local,
        Some(true) => Role::Outbound,
    };
    let far = match (is_out, present(leg.remote.get())) {
        (true, _) => called,
        (false, Some(remote)) if !directory.is_ours(remote) => Some(remote),
        (false, _) => caller,
    };
    LegView {
        leg,
        role,
        extension,
        is_out,
        counts: matches!(role, Role::Phone | Role::Forward | Role::Attempt | Role::Outbound),
        is_ivr: kind == Some(&ExtensionType::Ivr),
        is_queue: kind == Some(&ExtensionType::Queue),
        far: far.filter(|number| !is_withheld(number)),
    }
}

/// What follows from the other legs: services of unknown type, and legs that are another's far side.
fn settle_roles(legs: &mut [LegView<'_>], directory: &Directory) {
    let services: HashSet<_> = legs
        .iter()
        .filter(|leg| leg.role == Role::Service && !leg.is_ivr && !leg.is_queue)
        .filter_map(|leg| leg.extension)
        .collect();
    let phones: HashSet<_> = legs
        .iter()
        .filter(|leg| leg.role == Role::Phone)
        .filter_map(|leg| leg.extension.map(short_name))
        .collect();
    for leg in legs {
        let called = present(leg.leg.called.get());
        let is_called_ours = called.is_some_and(|called| directory.is_ours(called));
        if leg.extension.is_some_and(|extension| services.contains(extension)) {
            leg.role = match leg.role {
                Role::Outbound => Role::Forward,
                Role::Local if is_called_ours => Role::Attempt,
                other => other,
            };
        }
        let has_own_leg = matches!(leg.role, Role::Forward | Role::Attempt)
            && is_called_ours
            && called.is_some_and(|called| phones.contains(short_name(called)));
        leg.counts =
            !matches!(leg.role, Role::Service | Role::Local | Role::Unknown) && !has_own_leg;
    }
}

// D29.
/// An attempt by itself.
fn attempt_view(attempt: Attempt<'_>, leg: usize, is_service: bool) -> AttemptView<'_> {
    let above_zero = |duration: Option<u64>| duration.filter(|&micros| micros > 0);
    let duration = above_zero(attempt.bridged_duration).or_else(|| above_zero(attempt.duration));
    let has_duration = attempt.duration.is_some() || attempt.bridged_duration.is_some();
    let says_answer = attempt.status == Some("ANSWER");
    let is_answered = !is_service
        && (attempt.answered.is_some() || (says_answer && (duration.is_some() || !has_duration)));
    let between = || Some(attempt.hung_up?.saturating_sub(attempt.answered?));
    let talk = attempt.hung_up.and_then(|_| duration.or_else(between)).filter(|_| is_answered);
    let derived = || Some(attempt.hung_up?.saturating_sub(talk?));
    let answered_at = attempt.answered.or_else(derived).filter(|_| is_answered);
    let stay = || Some(attempt.hung_up?.saturating_sub(attempt.duration?));
    let service_start = if is_service && attempt.dialed.is_none() { stay() } else { None };
    let known = [attempt.dialed, service_start, answered_at, attempt.answered, attempt.hung_up];
    let start = known.into_iter().flatten().min().unwrap_or_default();
    AttemptView {
        leg,
        dialed: attempt.dialed,
        hung_up: attempt.hung_up,
        is_answered,
        answered_at,
        talk,
        start,
        is_start_known: attempt.dialed == Some(start) || service_start == Some(start),
        end: attempt.hung_up,
        ended_by: None,
        status: attempt.status,
        bridged: attempt.bridged,
        recording: attempt.recording,
        events: attempt.events,
    }
}
