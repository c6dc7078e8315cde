//! Calls: the legs that belong together, folded to one record for each call.
//!
//! [`Calls`] takes the changes of a [`Store`] and returns a [`Call`] for each ended call. It opens nothing and reads no clock.
//!
//! ```
//! use basix_cti::{Calls, Parser, Store, Timestamp};
//! # use basix_cti::bert::Encoder;
//! # let spec = Encoder::new().tuple(3).atom("field_spec").string("channel").list(4)
//! #     .atom("uuid").atom("direction").atom("peer_location").atom("calling_number").finish()?;
//! # let event = |name: &str| Encoder::new().tuple(4).atom("info_event").string("channel").tuple(4)
//! #     .binary("c-1").atom("inbound").atom("external").binary("0312345678").atom(name).finish();
//! # let frames = [spec, event("added")?, event("removed")?];
//! # let now = Timestamp::from_micros(1_000_000);
//!
//! let (mut parser, mut store, mut calls) = (Parser::new(), Store::new(), Calls::new());
//! for frame in frames {
//!     for change in store.apply(&parser.parse(&frame)?)? {
//!         calls.handle_change(now, &change);
//!     }
//! }
//! let due = calls.poll_timeout().ok_or("a call has ended")?;
//! calls.handle_timeout(due);
//! while let Some(call) = calls.poll_call() {
//!     println!("{} waited {:?} talked {:?}", call.customer(), call.wait(), call.talk());
//! #   assert_eq!(call.customer(), "0312345678");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod call;
mod fold;
mod group;
mod leg;

pub use call::{
    Call, CallDirection, HangupDetail, LegDetail, Outcome, ParkDetail, TransferDetail,
    TransferTarget,
};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use self::group::Group;
use self::leg::{Leg, cut};
use crate::element::{Channel, Timestamp};
use crate::record::{ElementKind, OwnedRecord};
use crate::store::{Change, Origin, Store};

/// Folds channels to calls.
///
/// After each input, drain [`poll_call`](Self::poll_call), and call
/// [`handle_timeout`](Self::handle_timeout) at the time of [`poll_timeout`](Self::poll_timeout).
/// Pass times of one clock that is not set back, such as [`Timestamp::now`]: they decide when a call
/// counts as ended, and stand in for missing timestamps. Durations come from the records.
///
/// Legs belong to one call when one names the other as its other side at any time: the legs that
/// ring for a caller, those of a transfer, of a consultation that ends in one, of a pickup and of
/// a retrieval from a parking slot. A leg through which a supervisor listens belongs to the call
/// that it listens to.
///
/// Losing the connection ends no call. When the channels are listed again, missing legs have ended
/// meanwhile, and the call [has a gap](Call::has_gap).
#[derive(Clone, Debug)]
pub struct Calls {
    options: CallsOptions,
    now: Timestamp,
    /// By number, in the order in which they began.
    groups: BTreeMap<u64, Group>,
    /// The group of each leg, and of each leg that one has named.
    members: BTreeMap<Box<str>, u64>,
    /// Due time of each group.
    due: BTreeSet<(Timestamp, u64)>,
    /// Time when legs out of sight count as ended, once lists come again.
    lost_due: Option<Timestamp>,
    lost: BTreeSet<Box<str>>,
    /// True if events may be missed now, so that calls have a gap.
    is_stale: bool,
    /// Changes up to this generation of the store were found by comparison.
    generation: u64,
    records: VecDeque<Call>,
    next: u64,
    bytes: usize,
    dropped: u64,
}

/// Limits and times of [`Calls`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallsOptions {
    /// Calls that are followed or remembered, and records that wait to be polled; 10,000 of each by
    /// default. A new call replaces the one that ended first.
    pub calls: usize,
    /// Legs of one call; 256 by default.
    pub legs: usize,
    /// Memory of all legs, in bytes; 64 MiB by default.
    pub bytes: usize,
    /// Time after the last leg's end before the record is emitted; 1 s by default.
    pub settle: Duration,
    /// Time for which a call that has ended is remembered, so that later facts revise it; 5
    /// minutes by default, or until there is no room for a new call.
    pub remember: Duration,
}

impl Default for CallsOptions {
    fn default() -> Self {
        Self {
            calls: 10_000,
            legs: 256,
            bytes: 64 << 20,
            settle: Duration::from_secs(1),
            remember: Duration::from_secs(300),
        }
    }
}

/// Time in which all channels are listed after a new connection has shown a first change.
const LISTING: Duration = Duration::from_secs(10);

impl Default for Calls {
    fn default() -> Self {
        Self::with_options(CallsOptions::default())
    }
}

/// # Input
impl Calls {
    /// Creates an empty set of calls, with the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty set of calls.
    #[must_use]
    pub const fn with_options(options: CallsOptions) -> Self {
        Self {
            options,
            now: Timestamp::from_micros(i64::MIN),
            groups: BTreeMap::new(),
            members: BTreeMap::new(),
            due: BTreeSet::new(),
            lost_due: None,
            lost: BTreeSet::new(),
            is_stale: false,
            generation: 0,
            records: VecDeque::new(),
            next: 0,
            bytes: 0,
            dropped: 0,
        }
    }

    /// Handles a change of the store. Changes of other elements than channels are ignored.
    pub fn handle_change(&mut self, now: Timestamp, change: &Change) {
        self.handle_timeout(now);
        if change.origin() == Origin::Disconnect {
            self.lost_due = None;
        } else if !self.lost.is_empty() {
            let due = after(self.now, LISTING);
            self.lost_due.get_or_insert(due);
        }
        if change.element() != ElementKind::Channel || change.generation() <= self.generation {
            return;
        }
        match (change.after(), change.last(), change.origin()) {
            (Some(record), ..) => {
                // An update of an unknown channel: earlier events were missed.
                let is_late = change.before().is_none() && change.event_name() == Some("updated");
                self.record(record, is_late || change.is_found(), false);
            }
            (None, Some(last), _) => self.record(last, false, true),
            (None, None, Origin::List) => self.end_unseen(&change.key(), self.now),
            // It is unknown whether it has ended.
            (None, None, _) => self.lose(&change.key()),
        }
    }

    /// Marks all calls in progress, since events may have been missed.
    pub fn handle_gap(&mut self, now: Timestamp) {
        self.handle_timeout(now);
        for group in self.groups.values_mut().filter(|group| !group.is_over()) {
            group.has_gap = true;
        }
    }

    /// Marks all present and new calls until everything was listed, since events may be missed.
    pub fn handle_stale(&mut self, now: Timestamp) {
        self.is_stale = true;
        self.handle_gap(now);
    }

    /// Ends legs that are still out of sight, since all existing channels were listed.
    pub fn handle_resynced(&mut self, now: Timestamp) {
        self.handle_timeout(now);
        self.is_stale = false;
        self.end_lost();
    }

    /// Compares with a view of the store, after changes were missed: adds the channels that are new,
    /// and ends the legs that are gone.
    pub fn reconcile(&mut self, now: Timestamp, store: &Store) {
        self.handle_gap(now);
        let Some(table) = store.table(ElementKind::Channel) else { return };
        let open = self.groups.values().flat_map(|group| &group.legs);
        let gone: Vec<Box<str>> = open
            .filter(|leg| !leg.is_over() && table.get(&leg.uuid).is_none())
            .map(|leg| leg.uuid.clone())
            .collect();
        for uuid in gone {
            if table.is_current() {
                self.end_unseen(&uuid, self.now);
            } else {
                self.lose(&uuid);
            }
        }
        table.records().for_each(|record| self.record(record, true, false));
        self.generation = store.generation();
    }

    /// Runs everything due by `now`. A time before an earlier one counts as that one.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        if self.lost_due.is_some_and(|due| due <= self.now) {
            self.end_lost();
        }
        while let Some((due, number)) =
            self.due.first().copied().filter(|(due, _)| *due <= self.now)
        {
            self.due.remove(&(due, number));
            self.handle_due(number);
        }
    }
}

/// # Output
impl Calls {
    /// Returns the next record: of an ended call, or, with [`Call::revised`] above 0, of one whose
    /// facts changed since its last record.
    pub fn poll_call(&mut self) -> Option<Call> {
        self.records.pop_front()
    }

    /// Returns the time at which to call [`handle_timeout`](Self::handle_timeout).
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let due = self.due.first().map(|(due, _)| *due);
        due.into_iter().chain(self.lost_due).min()
    }

    /// Returns the calls in progress, by start: for a wallboard.
    pub fn open(&self) -> impl Iterator<Item = Call> {
        let open = self.groups.values().filter(|group| !group.is_over());
        open.filter_map(|group| group.record(self.now))
    }

    /// Returns the number of legs and records dropped because of the limits.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl Calls {
    /// Handles a record of a channel, present or just ended.
    fn record(&mut self, record: &OwnedRecord, is_found: bool, is_gone: bool) {
        let Some(channel) = record.typed::<Channel<'_>>() else { return };
        let uuid = channel.uuid().to_str();
        let links: Vec<String> = Leg::links(&channel).collect();
        let Some(number) = self.group_of(&uuid, &channel, &links) else { return };
        let now = self.now;
        let has_gap = is_found || self.is_stale;
        self.change(number, |group| {
            group.has_gap |= has_gap;
            let Some(leg) = group.leg_mut(&uuid) else { return };
            leg.update(now, &channel);
            if is_gone && !leg.is_over() {
                leg.end(now, &channel);
            }
        });
        self.lost.remove(&*uuid);
        let is_helper = channel.calling_number() == *"media_plug";
        let other = if is_helper { Leg::listens_to(&channel) } else { None };
        if let Some(listened) = other {
            self.listen(&uuid, number, &listened);
        }
        links.iter().for_each(|link| self.join(&uuid, link));
    }

    /// Returns the group of a leg: that of a leg it names, or a new one if there is room.
    fn group_of(&mut self, uuid: &str, channel: &Channel<'_>, links: &[String]) -> Option<u64> {
        let known = self.members.get(uuid).copied();
        if known.is_some_and(|number| self.groups.get(&number).is_some_and(|it| it.has(uuid))) {
            return known;
        }
        let named = links.iter().find_map(|link| self.members.get(&**link).copied());
        let known = known.or(named);
        if known.is_none() {
            self.make_room();
        }
        let is_full = match known {
            Some(number) => {
                self.groups.get(&number).is_none_or(|it| it.legs.len() >= self.options.legs)
            }
            None => self.groups.len() >= self.options.calls,
        };
        // A uuid is kept whole or not at all.
        if is_full || self.bytes >= self.options.bytes || cut(uuid).len() < uuid.len() {
            self.dropped += 1;
            return None;
        }
        self.next += 1;
        let leg = Leg::new(self.now, self.next, channel);
        let number = known.unwrap_or(self.next);
        self.members.insert(uuid.into(), number);
        self.groups.entry(number).or_default();
        self.change(number, |group| group.legs.push(leg));
        Some(number)
    }

    /// Forgets ended calls, the oldest first, until there is room for another.
    fn make_room(&mut self) {
        while self.groups.len() >= self.options.calls || self.bytes >= self.options.bytes {
            let Some((_, number)) = self.due.pop_first() else { return };
            self.handle_due(number);
        }
    }

    /// Joins the calls of two legs.
    fn join(&mut self, uuid: &str, other: &str) {
        let Some(number) = self.members.get(uuid).copied() else { return };
        let Some(with) = self.members.get(other).copied() else {
            // It may be seen later.
            let names = self.groups.get(&number).map_or(0, |group| group.names.len());
            if names < 2 * self.options.legs && cut(other).len() == other.len() {
                self.members.insert(other.into(), number);
                self.change(number, |group| group.names.push(other.into()));
            }
            return;
        };
        // A supervisor's leg belongs to one call after the other and joins none of them.
        let is_helper = |number: u64, uuid: &str| {
            let legs = self.groups.get(&number).into_iter().flat_map(|group| &group.legs);
            legs.filter(|leg| *leg.uuid == *uuid).any(|leg| leg.is_helper)
        };
        if with == number || is_helper(number, uuid) || is_helper(with, other) {
            return;
        }
        let (kept, joined) = (number.min(with), number.max(with));
        let sizes = [kept, joined].map(|it| self.groups.get(&it).map_or(0, |it| it.legs.len()));
        if sizes.iter().sum::<usize>() > self.options.legs {
            self.dropped += 1;
            return;
        }
        let Some(group) = self.remove(joined) else { return };
        for name in group.legs.iter().map(|leg| &leg.uuid).chain(&group.names) {
            self.members.insert(name.clone(), kept);
        }
        self.change(kept, |kept| kept.absorb(group));
    }

    /// Moves a supervisor's leg to the call that it listens to now.
    fn listen(&mut self, uuid: &str, number: u64, listened: &str) {
        let Some(to) = self.members.get(listened).copied().filter(|to| *to != number) else {
            return;
        };
        if self.groups.get(&to).is_none_or(|group| group.legs.len() >= self.options.legs) {
            return;
        }
        let (now, mut moved) = (self.now, None);
        self.change(number, |group| moved = group.hand_over(uuid, now));
        let Some(leg) = moved else { return };
        self.members.insert(uuid.into(), to);
        self.change(to, |group| {
            // It may have belonged to this call before.
            group.legs.retain(|kept| kept.uuid != leg.uuid);
            group.legs.push(leg);
        });
        if self.groups.get(&number).is_some_and(|group| group.legs.is_empty()) {
            self.forget(number);
        }
    }

    /// Marks a leg as out of sight.
    fn lose(&mut self, uuid: &str) {
        let Some(number) = self.members.get(uuid).copied() else { return };
        let now = self.now;
        let mut is_lost = false;
        self.change(number, |group| {
            if let Some(leg) = group.leg_mut(uuid).filter(|leg| !leg.is_over()) {
                leg.lost = Some(now);
                is_lost = true;
            }
            group.has_gap |= is_lost;
        });
        if is_lost {
            self.lost.insert(uuid.into());
        }
    }

    /// Ends a leg whose end was not seen.
    fn end_unseen(&mut self, uuid: &str, at: Timestamp) {
        let Some(number) = self.members.get(uuid).copied() else { return };
        self.lost.remove(uuid);
        self.change(number, |group| {
            if let Some(leg) = group.leg_mut(uuid).filter(|leg| !leg.is_over()) {
                leg.ended = Some(leg.lost.unwrap_or(at));
                group.has_gap = true;
            }
        });
    }

    fn end_lost(&mut self) {
        self.lost_due = None;
        for uuid in std::mem::take(&mut self.lost) {
            self.end_unseen(&uuid, self.now);
        }
    }

    /// Changes a group, and updates its due time.
    fn change(&mut self, number: u64, change: impl FnOnce(&mut Group)) {
        let Some(group) = self.groups.get_mut(&number) else { return };
        change(group);
        self.bytes -= group.counted;
        self.bytes += group.count();
        let due = group.is_over().then(|| after(self.now, self.options.settle));
        if let Some(before) = std::mem::replace(&mut group.due, due) {
            self.due.remove(&(before, number));
        }
        if let Some(due) = due {
            self.due.insert((due, number));
        }
    }

    /// Emits the record of a call that ended a while ago, or forgets it.
    fn handle_due(&mut self, number: u64) {
        let remember = self.options.remember;
        let Some(group) = self.groups.get_mut(&number) else { return };
        let Some(record) = group.changed_record(self.now) else { return self.forget(number) };
        self.bytes -= group.counted;
        self.bytes += group.count();
        let due = after(self.now, remember);
        group.due = Some(due);
        self.due.insert((due, number));
        let Some(record) = record else { return };
        if self.records.len() >= self.options.calls {
            self.records.pop_front();
            self.dropped += 1;
        }
        self.records.push_back(record);
    }

    fn remove(&mut self, number: u64) -> Option<Group> {
        let group = self.groups.remove(&number)?;
        self.bytes -= group.counted;
        if let Some(due) = group.due {
            self.due.remove(&(due, number));
        }
        Some(group)
    }

    fn forget(&mut self, number: u64) {
        let Some(group) = self.remove(number) else { return };
        for name in group.legs.iter().map(|leg| &leg.uuid).chain(&group.names) {
            if self.members.get(name) == Some(&number) {
                self.members.remove(name);
            }
            self.lost.remove(name);
        }
    }
}

fn after(now: Timestamp, time: Duration) -> Timestamp {
    let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.as_micros().saturating_add(micros))
}
