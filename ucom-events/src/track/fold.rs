//! The bound of a call's memory: attempts beyond the caps are folded into a few sums.

// D42.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::track::call::Call;
use crate::track::leg::{Leg, attempts};
use crate::track::notice::{Notice, NoticeKind};
use crate::track::view::{AttemptView, Role, View};

/// Maximum number of attempts kept in detail.
const MAX_ATTEMPTS: usize = 200;
/// Additional attempts folded at once, so that not every further event folds again.
const BATCH: usize = 20;
/// Maximum number of extensions that rang.
pub(super) const MAX_RANG: usize = 200;

/// The sums of folded attempts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Folded {
    pub(super) attempts: u64,
    /// Time when each extension first rang.
    pub(super) rang: BTreeMap<Box<str>, u64>,
    pub(super) started: Option<u64>,
    /// True if the start was a dial.
    pub(super) starts_with_dial: bool,
    pub(super) ended: Option<u64>,
}

/// An attempt chosen for folding.
struct Chosen {
    leg: usize,
    events: std::ops::Range<usize>,
    start: u64,
    is_start_known: bool,
    end: Option<u64>,
    rang: Option<Box<str>>,
    /// The closing of its notice, if that is open.
    closed: Option<Notice>,
}

impl Call {
    /// Enforces the caps of the call and of the changed leg. Returns the closed notices of folded
    /// attempts.
    pub(super) fn fold(&mut self, changed: usize, directory: &Directory) -> Vec<Notice> {
        let is_leg_full = self.legs.get(changed).is_some_and(Leg::is_full);
        let too_many = if self.legs.iter().map(|leg| leg.events.len()).sum::<usize>() > MAX_ATTEMPTS
        {
            let all = self.legs.iter().map(|leg| attempts(&leg.events).len());
            all.sum::<usize>().saturating_sub(MAX_ATTEMPTS)
        } else {
            0
        };
        if !is_leg_full && too_many == 0 {
            return Vec::new();
        }
        let mut chosen = self.choose(is_leg_full.then_some(changed), too_many, directory);
        // From the back, so that positions in a leg stay valid.
        chosen.sort_by_key(|one| std::cmp::Reverse((one.leg, one.events.start)));
        let mut closed = Vec::new();
        for mut one in chosen {
            self.legs[one.leg].events.drain(one.events.clone());
            closed.extend(one.closed.take());
            self.folded.keep(one);
        }
        self.legs.retain(|leg| !leg.events.is_empty());
        closed.reverse();
        closed
    }

    /// Chooses the attempts to fold: the oldest that ended unanswered; if these are too few, the
    /// oldest unanswered, then the newest, so that the first answer stays.
    fn choose(&self, leg: Option<usize>, too_many: usize, directory: &Directory) -> Vec<Chosen> {
        let view = View::new(self, directory);
        let count = view.attempts.len();
        let rank = |at: usize, attempt: &AttemptView<'_>| {
            let is_lasting = attempt.is_answered || view.role(attempt) == Role::Service;
            match attempt.own_end() {
                _ if is_lasting => (2, count - at),
                Some(_) => (0, at),
                None => (1, at),
            }
        };
        let mut ranked: Vec<_> = view
            .attempts
            .iter()
            .enumerate()
            .filter(|(_, attempt)| leg.is_none_or(|leg| attempt.leg == leg))
            .map(|(at, attempt)| (rank(at, attempt), attempt))
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        let needed = too_many.max(usize::from(leg.is_some()));
        let spare = if leg.is_some() { 0 } else { BATCH };
        let goes = |&(at, &((class, _), _)): &(usize, &((u8, usize), &AttemptView<'_>))| {
            at < needed || (class == 0 && at < needed + spare)
        };
        ranked
            .iter()
            .enumerate()
            .filter(goes)
            .map(|(_, (_, attempt))| Chosen {
                leg: attempt.leg,
                events: attempt.events.clone(),
                start: attempt.start,
                is_start_known: attempt.is_start_known,
                end: attempt.end,
                rang: view.rang_name(attempt).map(Box::from),
                closed: view
                    .open_notice(attempt)
                    .map(|at| view.make_notice(attempt, Some(at), NoticeKind::Closed, None)),
            })
            .collect()
    }
}

impl Folded {
    fn keep(&mut self, one: Chosen) {
        self.attempts += 1;
        if self.started.is_none_or(|known| one.start < known) {
            self.started = Some(one.start);
            self.starts_with_dial = one.is_start_known;
        }
        self.ended = self.ended.max(one.end);
        let Some(rang) = one.rang else { return };
        if self.rang.contains_key(&rang) || self.rang.len() < MAX_RANG {
            let first = self.rang.entry(rang).or_insert(one.start);
            *first = one.start.min(*first);
        }
    }
}
