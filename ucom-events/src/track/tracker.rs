//! The tracker: events and a clock in, records out.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::event::{AgentEvent, AgentId, CallId, Event, ExtensionEvent, Timestamp};
use crate::extension::ExtensionAddress;
use crate::track::call::{Call, decide};
use crate::track::leg::{Added, Leg, LegKey, State};
use crate::track::options::TrackerOptions;
use crate::track::outcome::{AgentState, LeftOut, TrackerEvent, TrackerStatistics};
use crate::track::part::{Part, Stage};
use crate::track::record::{LegRecord, Outcome};
use crate::track::remembered::Remembered;

/// The most legs of one call; a thousand is far beyond what any call has.
const MAX_LEGS_OF_CALL: usize = 1_000;

/// Follows legs and calls, and gives one record for each leg.
///
/// Facts accumulate: events of a leg may come in any order, twice, or not at all, and give the same
/// record as long as they come within the settle time after the first hangup. Nothing here reads a
/// clock. Give it events and the time ([`handle_event`](Self::handle_event),
/// [`handle_timeout`](Self::handle_timeout)), then take what it tells
/// ([`poll_event`](Self::poll_event)) until there is no more, then wait until
/// [`poll_timeout`](Self::poll_timeout).
///
/// ```
/// use std::time::Duration;
/// use ucom_events::{Timestamp, Tracker, TrackerEvent, TrackerOptions, parse_body};
///
/// let mut tracker = Tracker::new(TrackerOptions::default());
/// let mut now = Timestamp::from_micros(1_766_736_792_500_000);
/// for body in [
///     "EventType=hangup&CallID=c&SubCallID=s&CallerIDNum=%2B79215550142&CalledNumber=453*106\
///      &CallStatus=ANSWER&CallFlow=IN&Duration=74352999",
///     "EventType=answer&CallID=c&SubCallID=s&CallStatus=ANSWER",
/// ] {
///     tracker.handle_event(now, &parse_body(body)?);
/// }
/// now = tracker.poll_timeout().ok_or("nothing to wait for")?;
/// tracker.handle_timeout(now);
/// while let Some(event) = tracker.poll_event() {
///     if let TrackerEvent::CallLogged(leg) = event {
///         assert_eq!(leg.party(), Some("+79215550142"));
///         assert_eq!(leg.talk_time, Some(Duration::from_micros(74_352_999)));
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Tracker {
    options: TrackerOptions,
    now: Timestamp,
    legs: HashMap<LegKey, Leg>,
    calls: HashMap<CallId, Call>,
    /// One timer for each leg.
    timers: BTreeMap<(Timestamp, u64), LegKey>,
    next_serial: u64,
    finished_legs: Remembered<LegKey>,
    decided_calls: Remembered<CallId>,
    agents: HashMap<AgentId, AgentState>,
    pending: VecDeque<TrackerEvent>,
    statistics: TrackerStatistics,
}

impl Default for Tracker {
    fn default() -> Self {
        Self::new(TrackerOptions::default())
    }
}

impl Tracker {
    /// A tracker that knows of no calls.
    #[must_use]
    pub fn new(options: TrackerOptions) -> Self {
        Self {
            options,
            now: Timestamp::default(),
            legs: HashMap::new(),
            calls: HashMap::new(),
            timers: BTreeMap::new(),
            next_serial: 0,
            finished_legs: Remembered::new(),
            decided_calls: Remembered::new(),
            agents: HashMap::new(),
            pending: VecDeque::new(),
            statistics: TrackerStatistics::default(),
        }
    }

    /// Takes in an event that came at `now`. A time before an earlier one counts as that one.
    pub fn handle_event(&mut self, now: Timestamp, event: &Event) {
        self.handle_timeout(now);
        match event {
            Event::Extension(event) => self.handle_extension(event),
            Event::Agent(event) => self.handle_agent(event),
            Event::PhoneStatus(_) => {}
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        while self.pending.len() < self.options.max_pending {
            let Some(timer) = self.timers.first_entry() else { break };
            if timer.key().0 > self.now {
                break;
            }
            let key = timer.remove();
            self.handle_timer(key);
        }
        self.finished_legs.forget(self.now);
        self.decided_calls.forget(self.now);
    }

    /// The next thing it has to tell.
    pub fn poll_event(&mut self) -> Option<TrackerEvent> {
        self.pending.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do, if it ever has.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    /// How many legs are being followed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.legs.len()
    }

    /// Whether no leg is being followed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// The legs of a call that are being followed, as far as they are known. Its incoming leg stays
    /// from the voice menu's `dial-in` to its hangup (V16).
    pub fn legs_of(&self, call: &CallId) -> impl Iterator<Item = LegRecord> {
        let legs = self.calls.get(call).map_or(&[][..], |call| &call.legs);
        legs.iter().filter_map(|key| Some(self.record(key, self.legs.get(key)?)))
    }

    /// The agents that have been heard of.
    pub fn agents(&self) -> impl Iterator<Item = &AgentState> {
        self.agents.values()
    }

    /// An agent's readiness.
    #[must_use]
    pub fn agent(&self, id: &AgentId) -> Option<&AgentState> {
        self.agents.get(id)
    }

    /// Counts of what was not followed.
    #[must_use]
    pub const fn statistics(&self) -> TrackerStatistics {
        self.statistics
    }

    fn handle_extension(&mut self, event: &ExtensionEvent) {
        let Some(stage) = Stage::of(event.kind()) else { return };
        let Some(key) = LegKey::of(event) else {
            self.statistics.untracked += 1;
            return;
        };
        if !self.legs.contains_key(&key) {
            if self.finished_legs.contains(&key) {
                self.statistics.late += 1;
                return;
            }
            if !self.open_leg(&key) {
                self.statistics.evicted += 1;
                return;
            }
        }
        let Some(leg) = self.legs.get_mut(&key) else { return };
        leg.touched = self.now;
        match leg.add(stage, Part::of(event)) {
            Added::First => {}
            Added::Again => return,
            Added::Duplicate => {
                self.statistics.duplicates += 1;
                return;
            }
        }
        let was_open = leg.state == State::Open;
        if stage == Stage::Hangup && was_open {
            leg.state = State::Settling;
            self.timers.remove(&(leg.deadline, leg.serial));
            leg.deadline = self.now + self.options.settle_time;
            self.timers.insert((leg.deadline, leg.serial), key.clone());
            if let Some(call) = key.call.as_ref().and_then(|call| self.calls.get_mut(call)) {
                call.open -= 1;
                call.settling += 1;
            }
        }
        if was_open && self.options.notices {
            self.notice(&key, stage);
        }
    }

    /// Makes room for a leg and begins to follow it. Not if its call has too many.
    fn open_leg(&mut self, key: &LegKey) -> bool {
        if self.legs.len() >= self.options.max_legs {
            if let Some((_, oldest)) = self.timers.pop_first() {
                self.statistics.evicted += 1;
                self.give_up(oldest);
            }
        }
        if let Some(id) = &key.call {
            let call = self.calls.entry(id.clone()).or_default();
            if call.legs.len() >= MAX_LEGS_OF_CALL {
                return false;
            }
            call.legs.push(key.clone());
            call.open += 1;
        }
        let serial = self.next_serial;
        self.next_serial += 1;
        let deadline = self.now + self.options.lost_after;
        self.legs.insert(key.clone(), Leg::new(serial, self.now, deadline));
        self.timers.insert((deadline, serial), key.clone());
        true
    }

    /// Tells that a leg rings, is answered, or has ended. The end of a leg of which nothing was told
    /// is not told either, nor a start after the answer.
    fn notice(&mut self, key: &LegKey, stage: Stage) {
        let Some(leg) = self.legs.get_mut(key) else { return };
        let make = match stage {
            Stage::DialIn | Stage::DialOut if leg.is_noticed => return,
            Stage::DialIn | Stage::DialOut => TrackerEvent::LegStarted,
            Stage::Answer => TrackerEvent::LegAnswered,
            Stage::Hangup if !leg.is_noticed => return,
            Stage::Hangup => TrackerEvent::LegEnded,
        };
        leg.is_noticed = true;
        if self.pending.len() >= self.options.max_pending {
            self.statistics.dropped += 1;
            return;
        }
        if let Some(leg) = self.legs.get(key) {
            let event = make(self.record(key, leg));
            self.pending.push_back(event);
        }
    }

    fn record(&self, key: &LegKey, leg: &Leg) -> LegRecord {
        leg.record(key, &self.options.policy, self.options.directory())
    }

    /// A leg's timer has gone off, and is no longer in the table.
    fn handle_timer(&mut self, key: LegKey) {
        let Some(leg) = self.legs.get_mut(&key) else { return };
        let lost_at = leg.touched + self.options.lost_after;
        if leg.state == State::Open && lost_at > self.now {
            // Events have come since the timer was set.
            leg.deadline = lost_at;
            self.timers.insert((lost_at, leg.serial), key);
            return;
        }
        if leg.state == State::Settling && leg.is_service(self.options.directory()) {
            leg.state = State::Waiting;
            leg.deadline = lost_at;
            self.timers.insert((lost_at, leg.serial), key.clone());
            let is_ivr = leg.is_ivr(self.options.directory());
            let Some(id) = &key.call else { return self.settle(&key) };
            let Some(call) = self.calls.get_mut(id) else { return };
            call.settling -= 1;
            call.waiting += 1;
            call.ivr_has_ended |= is_ivr;
            return self.decide_if_ripe(id);
        }
        self.give_up(key);
    }

    /// Ends a leg as it stands; its timer is no longer in the table.
    fn give_up(&mut self, key: LegKey) {
        match self.legs.get(&key).map(|leg| leg.state) {
            Some(State::Waiting) if key.call.is_some() => {
                if let Some(call) = &key.call {
                    self.decide(call);
                }
            }
            Some(_) => self.settle(&key),
            None => {}
        }
    }

    /// Ends one leg by itself.
    fn settle(&mut self, key: &LegKey) {
        let is_service =
            self.legs.get(key).is_some_and(|leg| leg.is_service(self.options.directory()));
        let Some((mut record, state)) = self.close_leg(key) else { return };
        let left_out = if state == State::Open {
            record.outcome = Some(Outcome::Lost);
            is_service.then_some(LeftOut::NoVerdict)
        } else if is_service {
            decide(std::slice::from_mut(&mut record)).pop().flatten()
        } else {
            None
        };
        self.log(record, left_out);
        if let Some(call) = &key.call {
            self.decide_if_ripe(call);
        }
    }

    fn decide_if_ripe(&mut self, id: &CallId) {
        if self.calls.get(id).is_some_and(Call::is_ripe) {
            self.decide(id);
        }
    }

    /// Ends the legs of a call's voice menus and queues.
    fn decide(&mut self, id: &CallId) {
        let Some(call) = self.calls.get(id) else { return };
        let waiting: Vec<_> = call
            .legs
            .iter()
            .filter(|key| self.legs.get(key).is_some_and(|leg| leg.state == State::Waiting))
            .cloned()
            .collect();
        let mut records: Vec<_> =
            waiting.iter().filter_map(|key| Some(self.close_leg(key)?.0)).collect();
        let was_decided = self.decided_calls.contains(id);
        for (left_out, record) in decide(&mut records).into_iter().zip(records) {
            let left_out = match left_out {
                None if was_decided => Some(LeftOut::AlreadyDecided),
                None => {
                    let (time, most) = (self.options.remember, self.options.max_remembered);
                    self.decided_calls.insert(id.clone(), self.now, time, most);
                    None
                }
                some => some,
            };
            self.log(record, left_out);
        }
    }

    /// Takes a leg out of all tables and remembers that it is finished.
    fn close_leg(&mut self, key: &LegKey) -> Option<(LegRecord, State)> {
        let leg = self.legs.remove(key)?;
        self.timers.remove(&(leg.deadline, leg.serial));
        if let Some(Entry::Occupied(mut entry)) =
            key.call.clone().map(|call| self.calls.entry(call))
        {
            let call = entry.get_mut();
            if let Some(at) = call.legs.iter().position(|leg| leg == key) {
                call.legs.swap_remove(at);
            }
            match leg.state {
                State::Open => call.open -= 1,
                State::Settling => call.settling -= 1,
                State::Waiting => call.waiting -= 1,
            }
            if call.legs.is_empty() {
                entry.remove();
            }
        }
        let (time, most) = (self.options.remember, self.options.max_remembered);
        self.finished_legs.insert(key.clone(), self.now, time, most);
        Some((self.record(key, &leg), leg.state))
    }

    fn log(&mut self, record: LegRecord, left_out: Option<LeftOut>) {
        let inside = match record.scope() {
            crate::Scope::External { .. } | crate::Scope::Unknown => None,
            scope => scope.rule().map(LeftOut::NotOutside),
        };
        let event = match left_out.or(inside) {
            Some(reason) => TrackerEvent::LegLeftOut(record, reason),
            None => TrackerEvent::CallLogged(record),
        };
        // A call's legs are ended together, so the limit may be passed by those of one call.
        if self.pending.len() >= self.options.max_pending + MAX_LEGS_OF_CALL {
            self.statistics.dropped += 1;
        } else {
            self.pending.push_back(event);
        }
    }

    fn handle_agent(&mut self, event: &AgentEvent) {
        let Some(agent_id) = event.agent_id().cloned() else {
            self.statistics.untracked += 1;
            return;
        };
        let extension = event.extension().map(|name| ExtensionAddress::new(name).user().to_owned());
        let mut state = AgentState {
            agent_id: agent_id.clone(),
            status: event.agent_status(),
            agent_type: event.agent_type(),
            extension,
            number: event.agent_number().map(str::to_owned),
            since: self.now,
        };
        match self.agents.get(&agent_id) {
            Some(before) => {
                state.since = before.since;
                if state == *before {
                    self.statistics.duplicates += 1;
                    return;
                }
                state.since = self.now;
            }
            None if self.agents.len() >= self.options.max_agents => {
                self.statistics.untracked += 1;
                return;
            }
            None => {}
        }
        self.agents.insert(agent_id, state.clone());
        if self.pending.len() >= self.options.max_pending {
            self.statistics.dropped += 1;
        } else {
            self.pending.push_back(TrackerEvent::AgentChanged(state));
        }
    }
}
