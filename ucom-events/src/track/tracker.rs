//! The tracker: events and time in, notices and records out.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

use crate::directory::Directory;
use crate::event::{CallId, Event, ExtensionEvent, Timestamp};
use crate::track::agents::{AgentState, Agents};
use crate::track::call::{Added, Call};
use crate::track::clock::Clock;
use crate::track::due::after;
use crate::track::forgotten::Forgotten;
use crate::track::leg::Rank;
use crate::track::notice::Notice;
use crate::track::options::TrackerOptions;
use crate::track::record::CallRecord;
use crate::track::snapshot::{Snapshot, SnapshotError, VERSION};
use crate::track::statistics::Statistics;
use crate::track::text::{cut_id, keyed_hash};
use crate::track::view::View;

/// Maximum number of waiting notices; beyond it the oldest are dropped.
const MAX_NOTICES: usize = 10_000;
/// Time for which a decided call is kept after its last record.
const KEPT: Duration = Duration::from_secs(3600);
/// Time for a call with a missing hangup, also counted from its last event.
const KEPT_INCOMPLETE: Duration = Duration::from_secs(4 * 3600);
/// Upper bound of a waiting notice, in bytes.
const NOTICE_BYTES: usize = size_of::<Notice>() + 1024;

/// A notice or record of a [`Tracker`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// A notice for the screen of a user.
    Notice(Notice),
    /// The first record of a call, for the log.
    Call(Box<CallRecord>),
    /// A record changed by later events, for the log. It replaces the previous one.
    Revised(Box<CallRecord>),
}

/// Follows the calls of one client: turns events in any order, repeated or missing, into one record
/// for each call.
///
/// The driver passes a monotonic reading of its clock, such as `start.elapsed()` of an
/// [`Instant`](std::time::Instant), and the wall-clock time of arrival, which only replaces the missing
/// time of an event. After each input it polls until there is no more output, and calls
/// [`handle_timeout`](Self::handle_timeout) when the reading of
/// [`poll_timeout`](Self::poll_timeout) is reached.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use ucom_events::{Directory, Output, Tracker, TrackerOptions, parse_body};
///
/// let directory = Directory::new().with_extension("106", "phone");
/// let mut tracker = Tracker::new(TrackerOptions::default(), directory, [7; 16]);
/// let event = parse_body(b"EventType=hangup&CallID=c1&SubCallID=s1&CallFlow=IN&CallStatus=ANSWER\
///     &CallerIDNum=%2B79215550142&CalledNumber=106&CalledExtension=106&Duration=60000000")?;
/// tracker.handle_event(Duration::ZERO, SystemTime::now(), &event);
/// while let Some(due) = tracker.poll_timeout() {
///     tracker.handle_timeout(due); // a driver waits until then
///     while let Some(output) = tracker.poll() {
///         let Output::Call(call) = output else { continue };
///         assert_eq!(call.answered_by.as_deref(), Some("106"));
///     }
/// }
/// # Ok::<(), ucom_events::ParseError>(())
/// ```
///
/// Output is at-least-once: after a restart from a snapshot the same record may come again, so store
/// records by their call and keep the one with the highest `revised`.
///
/// Memory is bounded by [`TrackerOptions::budget`]. A call keeps at most 200 attempts, 20 of a leg,
/// 200 names that rang, 50 transfers and 50 recordings; numbers are cut at 64 bytes, names at 128, and
/// longer ids become 64 bytes and a hash. 10,000 agents, 10,000 waiting notices and 200,000 ids of
/// forgotten calls are kept. Records that wait to be polled are never dropped and not counted.
pub struct Tracker {
    options: TrackerOptions,
    directory: Directory,
    key: [u8; 16],
    clock: Clock,
    ids: HashMap<CallId, usize>,
    slots: Vec<Option<Call>>,
    free: Vec<usize>,
    /// Due time of each call; equal times are ordered by rank.
    timers: BTreeSet<(u64, u64, usize)>,
    /// Oldest first.
    open: BTreeSet<(u64, usize)>,
    /// First decided first.
    decided: BTreeSet<(u64, usize)>,
    next_rank: u64,
    /// Bytes of all calls.
    bytes: usize,
    forgotten: Forgotten,
    agents: Agents,
    notices: VecDeque<Notice>,
    records: VecDeque<Box<CallRecord>>,
    statistics: Statistics,
}

impl Tracker {
    /// Creates a tracker without calls. `random` keys its hashes: take it from the operating
    /// system.
    #[must_use]
    pub fn new(options: TrackerOptions, directory: Directory, random: [u8; 16]) -> Self {
        Self {
            options,
            directory,
            key: random,
            clock: Clock::default(),
            ids: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            timers: BTreeSet::new(),
            open: BTreeSet::new(),
            decided: BTreeSet::new(),
            next_rank: 0,
            bytes: 0,
            forgotten: Forgotten::default(),
            agents: Agents::default(),
            notices: VecDeque::new(),
            records: VecDeque::new(),
            statistics: Statistics::default(),
        }
    }

    /// Handles an event that arrived now.
    ///
    /// `now` is a monotonic reading: only differences count, and a reading below the last one counts
    /// as no time passed. Agent events change [`agents`](Self::agents);
    /// messages, phone status changes and unknown kinds change nothing.
    pub fn handle_event(&mut self, now: Duration, arrived: impl Into<Timestamp>, event: &Event) {
        self.handle_timeout(now);
        let arrived = arrived.into();
        match event {
            Event::Extension(event) => match (Rank::of(event.kind()), event.call_id()) {
                (Some(rank), Some(id)) => self.handle_call(event, rank, id, arrived),
                _ => self.statistics.ignored += 1,
            },
            Event::Agent(event) => self.agents.handle(event, arrived, &self.key),
            Event::PhoneStatus(_) => self.statistics.ignored += 1,
        }
        self.keep_budget();
    }

    fn handle_call(&mut self, event: &ExtensionEvent, rank: Rank, id: &CallId, arrived: Timestamp) {
        let id = match cut_id(id.as_str(), &self.key) {
            std::borrow::Cow::Borrowed(_) => id.clone(),
            std::borrow::Cow::Owned(cut) => CallId::new(&cut),
        };
        let slot = match self.ids.get(&id) {
            Some(slot) => *slot,
            None if self.forgotten.contains(keyed_hash(id.as_str().as_bytes(), &self.key)) => {
                self.statistics.late += 1;
                return;
            }
            None => self.insert(Call::new(id)),
        };
        let now = self.clock.elapsed();
        let Some(call) = &mut self.slots[slot] else { return };
        let folded = call.folded.attempts;
        let (added, closed) =
            call.add(event, rank, now, arrived.as_micros(), &self.key, &self.directory);
        self.statistics.attempts_folded += call.folded.attempts - folded;
        let changes = match added {
            Added::Copy => {
                self.statistics.copies += 1;
                return;
            }
            Added::At(leg, moment) if self.options.notices => {
                View::new(call, &self.directory).notices_of(leg, moment)
            }
            Added::At(..) | Added::Folded => Vec::new(),
        };
        self.statistics.events += 1;
        let mut notices = call.keep_notices(changes);
        notices.extend(closed);
        if call.decided.take().is_some() {
            self.decided.remove(&(call.rank, slot));
            call.rank = self.next_rank;
            self.next_rank += 1;
            self.open.insert((call.rank, slot));
        }
        self.push_notices(notices);
        self.schedule(slot);
    }

    /// Advances the clock and runs everything due.
    pub fn handle_timeout(&mut self, now: Duration) {
        let now = self.clock.advance(now);
        self.forgotten.expire(now);
        while let Some(&(due, _, slot)) = self.timers.first() {
            if due > now {
                break;
            }
            self.wake(slot, due);
        }
    }

    /// Returns the driver's reading at which [`handle_timeout`](Self::handle_timeout) is due next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.timers.first().map(|(due, ..)| self.clock.reading_at(*due))
    }

    /// Returns the next output: notices before records.
    pub fn poll(&mut self) -> Option<Output> {
        if let Some(notice) = self.notices.pop_front() {
            return Some(Output::Notice(notice));
        }
        let record = self.records.pop_front()?;
        Some(if record.revised == 0 { Output::Call(record) } else { Output::Revised(record) })
    }

    /// Returns whether a call is open, whose record is still to come.
    #[must_use]
    pub fn has_open_calls(&self) -> bool {
        !self.open.is_empty()
    }

    /// Returns the known agents, in order of their ids.
    pub fn agents(&self) -> impl ExactSizeIterator<Item = &AgentState> {
        self.agents.iter()
    }

    /// Stores the API's list of agents; a newer event wins.
    pub fn handle_agents(&mut self, listed: impl IntoIterator<Item = AgentState>) {
        listed.into_iter().for_each(|state| self.agents.offer_listed(state));
    }

    /// Replaces the directory; calls decided from now on follow the new one.
    pub fn set_directory(&mut self, directory: Directory) {
        self.directory = directory;
    }

    /// Replaces the options, for instance when `answer` could not be subscribed everywhere.
    pub fn set_options(&mut self, options: TrackerOptions) {
        self.options = options;
    }

    /// Returns counters and sizes.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics {
            open: self.open.len(),
            decided: self.decided.len(),
            hashes: self.forgotten.iter().len(),
            bytes: self.held(),
            ..self.statistics
        }
    }

    /// Returns the whole state, including output that was not polled.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut calls: Vec<_> = self.slots.iter().flatten().cloned().collect();
        calls.sort_unstable_by_key(|call| call.rank);
        Snapshot {
            version: VERSION,
            elapsed: self.clock.elapsed(),
            key: self.key,
            calls,
            forgotten: self
                .forgotten
                .iter()
                .map(|(until, hash)| (until, [(hash >> 64) as u64, hash as u64]))
                .collect(),
            agents: self.agents.clone(),
            notices: self.notices.iter().cloned().collect(),
            records: self.records.iter().map(|record| (**record).clone()).collect(),
            statistics: self.statistics,
        }
    }

    /// Restores the tracker of a snapshot, continuing at the reading `now`.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] if another version of this crate wrote the snapshot.
    pub fn restore(
        options: TrackerOptions,
        directory: Directory,
        snapshot: Snapshot,
        now: Duration,
    ) -> Result<Self, SnapshotError> {
        if snapshot.version != VERSION {
            return Err(SnapshotError { found: snapshot.version });
        }
        let mut tracker = Self::new(options, directory, snapshot.key);
        tracker.clock = Clock::new(snapshot.elapsed, now);
        for (until, [high, low]) in snapshot.forgotten {
            tracker.forgotten.restore(u128::from(high) << 64 | u128::from(low), until);
        }
        for call in snapshot.calls {
            let is_decided = call.decided.is_some();
            let slot = tracker.insert(call);
            if let Some(call) = tracker.slots[slot].as_ref().filter(|_| is_decided) {
                tracker.open.remove(&(call.rank, slot));
                tracker.decided.insert((call.rank, slot));
            }
            tracker.schedule(slot);
        }
        tracker.agents = snapshot.agents;
        tracker.notices = snapshot.notices.into();
        tracker.records = snapshot.records.into_iter().map(Box::new).collect();
        tracker.statistics = snapshot.statistics;
        Ok(tracker)
    }

    /// Inserts an open call into a free place.
    fn insert(&mut self, mut call: Call) -> usize {
        call.rank = self.next_rank;
        self.next_rank += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.open.insert((call.rank, slot));
        self.ids.insert(call.id.clone(), slot);
        self.slots[slot] = Some(call);
        slot
    }

    /// Runs everything due for a call at a time of the tracker's clock.
    fn wake(&mut self, slot: usize, time: u64) {
        let Some(call) = &mut self.slots[slot] else { return };
        let view = View::new(call, &self.directory);
        let changes = view.notices_at(time, &self.options);
        let is_due = call.decided.is_none() && view.due(&self.options) <= time;
        let is_forgotten = call.decided.is_some() && forget_at(&view) <= time;
        let notices = call.keep_notices(changes);
        self.push_notices(notices);
        if is_forgotten {
            return self.forget(slot, time);
        }
        if is_due {
            self.decide(slot, time);
        }
        self.schedule(slot);
    }

    /// Decides an open call.
    fn decide(&mut self, slot: usize, time: u64) {
        let Some(call) = &mut self.slots[slot] else { return };
        let view = View::new(call, &self.directory);
        let record = view.is_logged().then(|| view.record());
        // Nothing rings or talks any more; notices of legs that later events reassigned close too.
        let changes = view.notices_at(u64::MAX, &self.options);
        let notices = call.keep_notices(changes);
        call.decided = Some(time);
        self.open.remove(&(call.rank, slot));
        call.rank = self.next_rank;
        self.next_rank += 1;
        self.decided.insert((call.rank, slot));
        let key = self.key;
        let record = record.and_then(|record| call.next_record(record, &key, time));
        self.push_notices(notices);
        if let Some(record) = record {
            self.statistics.records += 1;
            self.records.push_back(Box::new(record));
        }
    }

    /// Reduces a decided call to a hash of its id.
    fn forget(&mut self, slot: usize, time: u64) {
        let Some(call) = self.slots[slot].take() else { return };
        self.decided.remove(&(call.rank, slot));
        if let Some((due, rank)) = call.timer {
            self.timers.remove(&(due, rank, slot));
        }
        self.ids.remove(&call.id);
        self.bytes -= call.counted;
        self.free.push(slot);
        let hash = keyed_hash(call.id.as_str().as_bytes(), &self.key);
        self.forgotten.insert(hash, time, self.options.budget);
    }

    /// Sets a call's timer, and counts its bytes.
    fn schedule(&mut self, slot: usize) {
        let Some(call) = &mut self.slots[slot] else { return };
        let view = View::new(call, &self.directory);
        let due = match call.decided {
            None => view.due(&self.options),
            Some(_) => forget_at(&view),
        };
        let timer = view.next_close(&self.options).map_or(due, |close| close.min(due));
        if let Some((due, rank)) = call.timer.replace((timer, call.rank)) {
            self.timers.remove(&(due, rank, slot));
        }
        self.timers.insert((timer, call.rank, slot));
        let bytes = call.bytes();
        self.bytes = self.bytes - call.counted + bytes;
        call.counted = bytes;
    }

    fn push_notices(&mut self, notices: Vec<Notice>) {
        self.notices.extend(notices);
        while self.notices.len() > MAX_NOTICES {
            self.notices.pop_front();
            self.statistics.notices_dropped += 1;
        }
    }

    fn held(&self) -> usize {
        self.bytes
            + self.forgotten.bytes()
            + self.notices.len() * NOTICE_BYTES
            + self.agents.bytes()
    }

    // D42.
    /// Makes room: decided calls go first, then the oldest open ones are decided.
    fn keep_budget(&mut self) {
        let now = self.clock.elapsed();
        while self.held() > self.options.budget {
            if let Some(&(_, slot)) = self.decided.first() {
                self.statistics.forgotten_early += 1;
                self.forget(slot, now);
            } else if let Some(&(_, slot)) = self.open.first() {
                self.statistics.decided_early += 1;
                self.decide(slot, now);
            } else {
                return;
            }
        }
    }
}

// D38.
/// Time when a decided call is forgotten.
fn forget_at(view: &View<'_>) -> u64 {
    let call = view.call;
    let recorded = call.last_record.map(|last| last.at).or(call.decided).unwrap_or_default();
    if view.attempts.iter().all(|attempt| attempt.own_end().is_some()) {
        after(recorded, KEPT)
    } else {
        after(recorded.max(call.last_event), KEPT_INCOMPLETE)
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker").field("statistics", &self.statistics()).finish_non_exhaustive()
    }
}
