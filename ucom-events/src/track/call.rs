//! One call: its legs, and the state of its record and timers.

use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::event::{CallFlow, CallId, ExtensionEvent};
use crate::number::user;
use crate::track::fold::Folded;
use crate::track::leg::{Leg, Moment, Rank, allocation};
use crate::track::notice::Notice;
use crate::track::record::CallRecord;
use crate::track::text::{MAX_NUMBER, cut, cut_id};
use crate::track::verdict::content;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) legs: Vec<Leg>,
    pub(super) folded: Folded,
    /// Time when the last event arrived, on the tracker's clock.
    pub(super) last_event: u64,
    /// Time when the verdict was given, if no event came since.
    pub(super) decided: Option<u64>,
    pub(super) last_record: Option<LastRecord>,
    /// The rank of the call among all: by age if open, by its decision if decided.
    #[serde(skip)]
    pub(super) rank: u64,
    /// Time when something is due next, and the rank that the timer was set with.
    #[serde(skip)]
    pub(super) timer: Option<(u64, u64)>,
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
    /// Time of the record, on the tracker's clock.
    pub(super) at: u64,
}

/// The effect of an added event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Added {
    /// A copy of a known event: no change.
    Copy,
    /// Kept, in a leg.
    At(usize, Moment),
    /// Kept only in the sums of folded attempts.
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

    /// Adds an event. Also returns the notices that close because their attempts were folded.
    pub(super) fn add(
        &mut self,
        event: &ExtensionEvent,
        rank: Rank,
        now: u64,
        arrived: u64,
        key: &[u8; 16],
        directory: &Directory,
    ) -> (Added, Vec<Notice>) {
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
            // Most calls have one leg or two; a capacity of four would be most of their memory.
            if self.legs.len() == self.legs.capacity() {
                self.legs.reserve_exact(1 + self.legs.len() / 2);
            }
            self.legs.push(Leg::new(&name, has_sub_call_id));
        }
        let leg = &mut self.legs[at];
        let Some(moment) = leg.add(event, rank, arrived, key) else {
            return (Added::Copy, Vec::new());
        };
        leg.last_event = now;
        self.last_event = now;
        if leg.has_too_many_events() {
            leg.compact();
        }
        let closed = self.fold(at, directory);
        // Folding may have moved the leg, or dropped the event itself.
        let is_own = |leg: &Leg| *leg.key == *name && leg.has_sub_call_id == has_sub_call_id;
        let added = match self.legs.iter().position(is_own) {
            Some(at) => Added::At(at, moment),
            None => Added::Folded,
        };
        (added, closed)
    }

    /// Returns the record with its revision, unless it equals the last one.
    pub(super) fn next_record(
        &mut self,
        mut record: CallRecord,
        key: &[u8; 16],
        time: u64,
    ) -> Option<CallRecord> {
        let content = content(&record, key);
        if self.last_record.is_some_and(|last| last.content == content) {
            return None;
        }
        record.revised = self.last_record.map_or(0, |last| last.revised.saturating_add(1));
        self.last_record = Some(LastRecord { revised: record.revised, content, at: time });
        Some(record)
    }

    /// Bytes of the call, including its entries in the tracker's tables.
    pub(super) fn bytes(&self) -> usize {
        let rang = self.folded.rang.keys().map(|name| allocation(name) + 48).sum::<usize>();
        // The table shares the text of the id, and has free places.
        size_of::<Self>() * 2
            + 256
            + allocation(self.id.as_str())
            + self.legs.capacity() * size_of::<Leg>()
            + self.legs.iter().map(Leg::bytes).sum::<usize>()
            + rang
    }
}

/// Returns the extension of an event, which identifies a leg without `SubCallID`.
fn own_extension(event: &ExtensionEvent) -> &str {
    let own = if event.flow() == Some(CallFlow::Out) {
        event.caller_extension().or_else(|| event.caller())
    } else {
        event.called_extension().or_else(|| event.called())
    };
    user(own.unwrap_or_default())
}
