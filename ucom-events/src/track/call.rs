//! One call: its legs, and where its record and its timers stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::event::{CallFlow, CallId, ExtensionEvent};
use crate::number::user;
use crate::track::leg::{Leg, Moment, Rank, allocation};
use crate::track::text::{MAX_NUMBER, cut, cut_id};
use crate::track::view::{Role, View};

/// Attempts that are kept in detail.
pub(super) const MAX_ATTEMPTS: usize = 200;
/// Names of extensions that rang.
pub(super) const MAX_RANG: usize = 200;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) legs: Vec<Leg>,
    pub(super) folded: Folded,
    /// When the last event arrived, on the tracker's clock.
    pub(super) last_event: u64,
    /// When the verdict was given, if no event came since.
    pub(super) decided: Option<u64>,
    pub(super) last_record: Option<LastRecord>,
    /// Where the call stands among all: by age if open, by its decision if decided.
    #[serde(skip)]
    pub(super) rank: u64,
    /// When something is due next.
    #[serde(skip)]
    pub(super) timer: Option<u64>,
    /// Bytes as last counted.
    #[serde(skip)]
    pub(super) counted: usize,
}

/// The last record that was emitted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct LastRecord {
    pub(super) revised: u32,
    /// Hash of its content, in two halves: not every form of serde has 128 bits.
    pub(super) content: [u64; 2],
    /// When, on the tracker's clock.
    pub(super) at: u64,
}

/// What is left of attempts that are no longer kept in detail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Folded {
    pub(super) attempts: u64,
    /// When each extension first rang.
    pub(super) rang: BTreeMap<Box<str>, u64>,
    pub(super) started: Option<u64>,
    /// Whether the start was a dial.
    pub(super) starts_with_dial: bool,
    pub(super) ended: Option<u64>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Added {
    /// A copy of one that is known: nothing changed.
    Copy,
    /// Kept, in a leg.
    At(usize, Moment),
    /// Kept only in what is left of its attempt.
    Folded,
}

impl Call {
    pub(super) fn new(id: CallId) -> Self {
        Self {
            id,
            legs: Vec::new(),
            folded: Folded::default(),
            last_event: 0,
            decided: None,
            last_record: None,
            rank: 0,
            timer: None,
            counted: 0,
        }
    }

    /// Adds an event.
    pub(super) fn add(
        &mut self,
        event: &ExtensionEvent,
        rank: Rank,
        now: u64,
        arrived: u64,
        key: &[u8; 16],
        directory: &Directory,
    ) -> Added {
        let (name, has_sub_call_id) = match event.sub_call_id() {
            Some(id) => (cut_id(id.as_str(), key), true),
            None => (cut(own_extension(event), MAX_NUMBER).into(), false),
        };
        let known = self
            .legs
            .iter()
            .position(|leg| *leg.key == *name && leg.has_sub_call_id == has_sub_call_id);
        let at = known.unwrap_or(self.legs.len());
        if known.is_none() {
            self.legs.push(Leg::new(&name, has_sub_call_id));
        }
        let leg = &mut self.legs[at];
        let Some(moment) = leg.add(event, rank, arrived, key) else { return Added::Copy };
        leg.last_event = now;
        self.last_event = now;
        if leg.has_too_many_events() {
            leg.compact();
        }
        self.fold(at, directory);
        // Folding may have moved the leg, or dropped the event itself.
        let is_own = |leg: &Leg| *leg.key == *name && leg.has_sub_call_id == has_sub_call_id;
        match self.legs.iter().position(is_own) {
            Some(at) => Added::At(at, moment),
            None => Added::Folded,
        }
    }

    // D42.
    /// Keeps the caps: folds the oldest attempts that ended unanswered; without such a one the oldest
    /// unanswered, else the last.
    fn fold(&mut self, changed: usize, directory: &Directory) {
        loop {
            let is_leg_full = self.legs.get(changed).is_some_and(Leg::is_full);
            let most = self.legs.iter().map(|leg| leg.events.len()).sum::<usize>();
            if !is_leg_full && most <= MAX_ATTEMPTS {
                return;
            }
            let view = View::new(self, directory);
            if !is_leg_full && view.attempts.len() <= MAX_ATTEMPTS {
                return;
            }
            let candidates = || {
                let of_leg = |attempt: &&crate::track::view::AttemptView<'_>| {
                    !is_leg_full || attempt.leg == changed
                };
                view.attempts.iter().filter(of_leg)
            };
            let is_service = |leg: usize| view.legs[leg].role == Role::Service;
            let chosen = candidates()
                .find(|one| !one.is_answered && one.own_end().is_some() && !is_service(one.leg))
                .or_else(|| candidates().find(|one| !one.is_answered && !is_service(one.leg)))
                .or_else(|| candidates().next_back());
            let Some(chosen) = chosen else { return };
            let rang = view.rang_name(chosen).map(Box::from);
            let (leg, events, start, end, is_dial) = (
                chosen.leg,
                chosen.events.clone(),
                chosen.start,
                chosen.end,
                chosen.is_start_known,
            );
            self.folded.attempts += 1;
            if self.folded.started.is_none_or(|known| start < known) {
                self.folded.started = Some(start);
                self.folded.starts_with_dial = is_dial;
            }
            self.folded.ended = self.folded.ended.max(end);
            if let Some(rang) = rang {
                let is_known = self.folded.rang.contains_key(&rang);
                if is_known || self.folded.rang.len() < MAX_RANG {
                    let first = self.folded.rang.entry(rang).or_insert(start);
                    *first = start.min(*first);
                }
            }
            self.legs[leg].events.drain(events);
            if self.legs[leg].events.is_empty() {
                self.legs.remove(leg);
                if leg == changed {
                    return self.fold(usize::MAX, directory);
                }
                if leg < changed && changed != usize::MAX {
                    return self.fold(changed - 1, directory);
                }
            }
        }
    }

    /// Bytes that the call takes, with its places in the tracker's tables.
    pub(super) fn bytes(&self) -> usize {
        let rang = self.folded.rang.keys().map(|name| allocation(name) + 48).sum::<usize>();
        // The id stands in the table as well, sharing its text; tables have free places.
        size_of::<Self>() * 2
            + 256
            + allocation(self.id.as_str())
            + self.legs.capacity() * size_of::<Leg>()
            + self.legs.iter().map(Leg::bytes).sum::<usize>()
            + rang
    }
}

/// The extension that an event is about, which names a leg without `SubCallID`.
fn own_extension(event: &ExtensionEvent) -> &str {
    let own = if event.flow() == Some(CallFlow::Out) {
        event.caller_extension().or(event.caller())
    } else {
        event.called_extension().or(event.called())
    };
    user(own.unwrap_or_default())
}
