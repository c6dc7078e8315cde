//! The messages of a queue: a line for each call.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use super::message::{PushMessage, Stage};
use super::policy::PushPolicy;

/// The time of messages that are not sent any more before the process ends.
const NEVER: Duration = Duration::MAX;

/// Messages by place, which is the order of arrival, with a line for each call.
///
/// Every step costs the logarithm of the number of messages, whatever arrives.
#[derive(Debug, Default)]
pub(super) struct Lines {
    next_place: u64,
    entries: BTreeMap<u64, Entry>,
    calls: HashMap<Box<str>, Call>,
    /// First messages of the calls without a request in flight, by the time at which they may go.
    heads: BTreeSet<(Duration, u64)>,
    /// The sets below hold waiting messages only.
    expiries: BTreeSet<(Duration, u64)>,
    starts: BTreeSet<u64>,
    answers: BTreeSet<u64>,
    bytes: usize,
    is_stopping: bool,
    /// Ids to be removed from the spool.
    retired: VecDeque<Box<str>>,
}

#[derive(Debug)]
struct Entry {
    message: PushMessage,
    arrived: Duration,
    /// Age at arrival: a message of a spool has one.
    age: Duration,
    expires: Duration,
    ready: Duration,
    /// End of the wait for a record.
    holds_until: Duration,
    attempts: u32,
    state: State,
    is_spooled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The spool is at work.
    Reserved,
    Waiting,
    InFlight,
}

#[derive(Debug, Default)]
struct Call {
    line: BTreeSet<u64>,
    /// Waiting starts and answers.
    live: BTreeSet<u64>,
    /// Its entry in `heads`.
    head: Option<(Duration, u64)>,
}

/// Messages taken for one request.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) message: PushMessage,
    pub(super) attempt: u32,
    /// One place, or those of an end and its record.
    pub(super) places: Vec<u64>,
}

impl Lines {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn oldest_age(&self, now: Duration) -> Option<Duration> {
        let (_, oldest) = self.entries.first_key_value()?;
        Some(oldest.age.saturating_add(now.saturating_sub(oldest.arrived)))
    }

    /// Returns the earliest time at which a message may go.
    pub(super) fn next_ready(&self) -> Option<Duration> {
        self.heads.first().map(|(ready, _)| *ready).filter(|ready| *ready != NEVER)
    }

    pub(super) fn next_expiry(&self) -> Option<Duration> {
        self.expiries.first().map(|(time, _)| *time)
    }

    pub(super) fn retired(&self) -> impl Iterator<Item = &Box<str>> {
        self.retired.iter()
    }

    pub(super) fn forget_retired(&mut self, ids: usize) {
        self.retired.drain(..ids.min(self.retired.len()));
    }

    /// Ends all waits for records.
    pub(super) fn stop(&mut self, now: Duration) {
        self.is_stopping = true;
        let calls: Vec<_> = self.calls.keys().cloned().collect();
        calls.iter().for_each(|call| self.refresh(now, call));
    }

    /// Adds a message that holds back its call until [`commit`](Self::commit).
    pub(super) fn reserve(
        &mut self,
        now: Duration,
        message: PushMessage,
        policy: &PushPolicy,
        is_spooled: bool,
    ) -> u64 {
        let place = self.next_place;
        self.insert(now, Duration::ZERO, place, message, policy, is_spooled);
        place
    }

    /// Adds a message of a spool at its old place.
    pub(super) fn restore(
        &mut self,
        now: Duration,
        age: Duration,
        place: u64,
        message: PushMessage,
        policy: &PushPolicy,
    ) {
        if !self.entries.contains_key(&place) {
            self.insert(now, age, place, message, policy, true);
            self.commit(now, place);
        }
    }

    fn insert(
        &mut self,
        now: Duration,
        age: Duration,
        place: u64,
        message: PushMessage,
        policy: &PushPolicy,
        is_spooled: bool,
    ) {
        let limit = match message.stage() {
            Stage::Start | Stage::Answer => policy.live_age,
            Stage::End | Stage::Record => policy.final_age,
        };
        // A restored end has waited long enough.
        let wait = if age.is_zero() { policy.merge_wait } else { Duration::ZERO };
        self.next_place = self.next_place.max(place.saturating_add(1));
        self.bytes += message.size();
        self.calls.entry(message.call().into()).or_default().line.insert(place);
        let entry = Entry {
            arrived: now,
            age,
            expires: now.saturating_add(limit.saturating_sub(age)),
            ready: now,
            holds_until: now.saturating_add(wait),
            attempts: 0,
            state: State::Reserved,
            is_spooled,
            message,
        };
        self.entries.insert(place, entry);
    }

    /// Makes a reserved message ready.
    pub(super) fn commit(&mut self, now: Duration, place: u64) {
        self.list(place);
        self.refresh_call_of(now, place);
    }

    /// Removes a reserved message.
    pub(super) fn withdraw(&mut self, now: Duration, place: u64) {
        if self.entries.get(&place).is_some_and(|entry| entry.state == State::Reserved) {
            self.remove(now, place);
        }
    }

    /// Takes the message that has been ready for longest, with its record if it is an end.
    pub(super) fn take(&mut self, now: Duration) -> Option<Taken> {
        let (_, place) = self.heads.first().copied().filter(|(ready, _)| *ready <= now)?;
        let mut message = self.entries.get(&place)?.message.clone();
        let mut places = vec![place];
        if let Some((next, record)) = self.record_of(place) {
            message = PushMessage::joined(&message, &record.message);
            places.push(next);
        }
        let mut attempt = 0;
        for place in &places {
            self.unlist(*place);
            if let Some(entry) = self.entries.get_mut(place) {
                entry.state = State::InFlight;
                entry.attempts = entry.attempts.saturating_add(1);
                attempt = entry.attempts;
            }
        }
        self.refresh(now, message.call());
        Some(Taken { message, attempt, places })
    }

    /// Returns the waiting record that goes with an end. Both have been sent together or not at all,
    /// so their counts of attempts are equal.
    fn record_of(&self, place: u64) -> Option<(u64, &Entry)> {
        let end = self.entries.get(&place)?;
        let (next, record) = self.follower(place)?;
        let is_pair = record.state == State::Waiting
            && record.attempts == end.attempts
            && record.message.joins(&end.message);
        is_pair.then_some((next, record))
    }

    /// Returns the next message of the same call.
    fn follower(&self, place: u64) -> Option<(u64, &Entry)> {
        let call = self.calls.get(self.entries.get(&place)?.message.call())?;
        let next = *call.line.range(place.saturating_add(1)..).next()?;
        Some((next, self.entries.get(&next)?))
    }

    /// Returns messages of a request to their line, until `ready` or at once.
    pub(super) fn put_back(&mut self, now: Duration, places: &[u64], ready: Option<Duration>) {
        for place in places {
            if let Some(entry) = self.entries.get_mut(place) {
                match ready {
                    Some(_) if self.is_stopping => entry.ready = NEVER,
                    Some(ready) => entry.ready = ready,
                    None => {}
                }
                self.list(*place);
            }
        }
        places.first().into_iter().for_each(|place| self.refresh_call_of(now, *place));
    }

    pub(super) fn remove(&mut self, now: Duration, place: u64) {
        self.unlist(place);
        let Some(entry) = self.entries.remove(&place) else { return };
        self.bytes -= entry.message.size();
        if entry.is_spooled {
            self.retired.push_back(entry.message.id().into());
        }
        if let Some(call) = self.calls.get_mut(entry.message.call()) {
            call.line.remove(&place);
        }
        self.refresh(now, entry.message.call());
    }

    /// Removes waiting messages that have become too old, and returns their number.
    pub(super) fn expire(&mut self, now: Duration) -> u64 {
        let mut expired = 0;
        while let Some((_, place)) = self.expiries.first().copied().filter(|(time, _)| *time <= now)
        {
            self.remove(now, place);
            expired += 1;
        }
        expired
    }

    /// Drops the oldest waiting start, or else the oldest answer. Returns whether there was one.
    pub(super) fn drop_oldest(&mut self, now: Duration) -> bool {
        let oldest = self.starts.first().or_else(|| self.answers.first()).copied();
        oldest.into_iter().for_each(|place| self.remove(now, place));
        oldest.is_some()
    }

    /// Drops waiting starts and answers that the end or record at this place has overtaken, and
    /// returns their number.
    pub(super) fn drop_overtaken(&mut self, now: Duration, place: u64) -> u64 {
        let Some(entry) = self.entries.get(&place) else { return 0 };
        let is_final = matches!(entry.message.stage(), Stage::End | Stage::Record);
        let Some(call) = self.calls.get(entry.message.call()).filter(|_| is_final) else {
            return 0;
        };
        let overtaken: Vec<u64> = call.live.range(..place).copied().collect();
        overtaken.iter().for_each(|place| self.remove(now, *place));
        overtaken.len() as u64
    }

    /// Enters a message that waits from now on into the sets of those.
    fn list(&mut self, place: u64) {
        let Some(entry) = self.entries.get_mut(&place) else { return };
        entry.state = State::Waiting;
        self.expiries.insert((entry.expires, place));
        let live = match entry.message.stage() {
            Stage::Start => &mut self.starts,
            Stage::Answer => &mut self.answers,
            Stage::End | Stage::Record => return,
        };
        live.insert(place);
        if let Some(call) = self.calls.get_mut(entry.message.call()) {
            call.live.insert(place);
        }
    }

    fn unlist(&mut self, place: u64) {
        let Some(entry) = self.entries.get(&place) else { return };
        self.expiries.remove(&(entry.expires, place));
        self.starts.remove(&place);
        self.answers.remove(&place);
        if let Some(call) = self.calls.get_mut(entry.message.call()) {
            call.live.remove(&place);
        }
    }

    fn refresh_call_of(&mut self, now: Duration, place: u64) {
        let call = self.entries.get(&place).map(|entry| Box::<str>::from(entry.message.call()));
        call.iter().for_each(|call| self.refresh(now, call));
    }

    /// Brings the entry of a call in `heads` up to date.
    fn refresh(&mut self, now: Duration, name: &str) {
        let Some(call) = self.calls.get(name) else { return };
        let head = call.line.first().and_then(|place| Some((self.ready_at(now, *place)?, *place)));
        let is_empty = call.line.is_empty();
        if let Some(call) = self.calls.get_mut(name) {
            let before = std::mem::replace(&mut call.head, head);
            if let Some(before) = before {
                self.heads.remove(&before);
            }
            self.heads.extend(head);
        }
        if is_empty {
            self.calls.remove(name);
        }
    }

    /// Returns the time at which the first message of a call may go; `None` unless it waits.
    // W143
    fn ready_at(&self, now: Duration, place: u64) -> Option<Duration> {
        let entry = self.entries.get(&place).filter(|entry| entry.state == State::Waiting)?;
        let may_join = |record: &Entry| record.message.joins(&entry.message);
        let is_held = match self.follower(place) {
            None => true,
            Some((_, next)) => next.state == State::Reserved && may_join(next),
        };
        let is_held = is_held && entry.message.takes_record() && entry.attempts == 0;
        let hold = if is_held && !self.is_stopping && now < entry.holds_until {
            entry.holds_until
        } else {
            Duration::ZERO
        };
        Some(entry.ready.max(hold))
    }
}
