//! The call journal: which deliveries are new, and what they say about their calls.
//!
//! The router has one by default. It follows calls → legs → records, so that every leg gets its own
//! start, answer and end exactly once, a record reaches the sink once and again when it says more,
//! and a repetition or a late push changes nothing. It is sans-IO: [`CallJournal::begin`] judges a
//! delivery, and [`commit`](CallJournal::commit) or [`undo`](CallJournal::undo) ends it; time is an
//! argument.

mod call;
mod capacity;
mod identity;
mod leg;
mod record;
mod statistics;
mod store;

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use self::call::{Call, operator_first};
pub use self::capacity::Capacity;
use self::capacity::Order;
pub use self::identity::{Identity, IdentityKey};
use self::leg::{Judgement, Leg, State, kept};
use self::record::Rules;
pub use self::statistics::Statistics;
pub use self::store::{Claim, FingerprintStore};
pub use crate::model::{LegFacts, Recording};
use crate::model::{
    Notice, VoipCallDirection as Direction, VoipCallDisposition as Disposition, VoipCallRecord,
    VoipWebhookEvent as Event, VoipWebhookParseResult, VoipWebhookRequest,
};
use crate::router::Delivery;

/// What a journal makes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// It is new, and goes to the sink.
    New,
    /// It says more of a known record, and goes to the sink.
    Update,
    /// It was delivered before.
    Repeat,
    /// It would move its leg backwards, or its record says no more than the known one.
    Late,
}

/// The beginning of a delivery.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a caller has to handle each")]
pub enum Begun {
    /// Hand this to the sink, then [`commit`](CallJournal::commit) the ticket or
    /// [`undo`](CallJournal::undo) it.
    Deliver(Ticket, Box<Delivery>),
    /// Answer the sender; there is nothing to deliver.
    Drop(Verdict),
    /// The same delivery is in flight: wait for its outcome, and begin again.
    InFlight,
}

/// A delivery in flight.
#[derive(Debug)]
#[must_use = "a delivery that is neither committed nor undone stays in flight"]
pub struct Ticket {
    call: u128,
    leg: u64,
    identity: Identity,
    /// When the delivery counts.
    at: Duration,
    event: Option<Event>,
    record: bool,
    is_update: bool,
    took_recording: bool,
    ring: u32,
}

impl Ticket {
    /// Returns [`Verdict::New`] or [`Verdict::Update`].
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        if self.is_update { Verdict::Update } else { Verdict::New }
    }

    /// Returns the fingerprint for a [`FingerprintStore`]: the identity, apart for every ring.
    #[must_use]
    pub fn fingerprint(&self) -> u128 {
        let ring = if self.event.is_some() { u128::from(self.ring) } else { 0 };
        self.identity.0 ^ (ring << 96)
    }
}

/// Follows calls by their pushes. Memory is bounded by [`Capacity`].
///
/// ```
/// use std::time::Duration;
/// use voip_module::router::journal::{Begun, CallJournal, Capacity, IdentityKey, Verdict};
/// use voip_module::{HttpRequest, VoipCallDirection, VoipWebhookEvent};
/// use voip_module::{VoipWebhookParseResult, VoipWebhookRequest};
///
/// let key = IdentityKey::random();
/// let mut journal = CallJournal::new(key.clone(), Capacity::default());
/// let request = http::Request::get("/?what=ring&id=7").body(bytes::Bytes::new()).unwrap();
/// let identity = key.of_request(&HttpRequest::from(request), &[]);
/// let (start, direction) = (VoipWebhookEvent::NotifyStart, VoipCallDirection::In);
/// let event = VoipWebhookRequest::new(start, direction, "79990000001", "701").call_id("7");
/// let result = VoipWebhookParseResult::event(event);
///
/// let Begun::Deliver(ticket, _) = journal.begin(Duration::ZERO, identity, &result) else { panic!() };
/// journal.commit(ticket); // the sink took it
/// let repeated = journal.begin(Duration::from_secs(1), identity, &result);
/// assert!(matches!(repeated, Begun::Drop(Verdict::Repeat)));
/// ```
#[derive(Debug)]
pub struct CallJournal {
    key: IdentityKey,
    capacity: Capacity,
    calls: HashMap<u128, Call>,
    order: Order,
    next: u64,
    now: Duration,
    statistics: Statistics,
}

/// The facts of a push about its leg.
struct Facts<'a> {
    operator: &'a str,
    rank: u8,
    /// Hashes of the operator's names, the id first.
    names: Vec<u64>,
    client: &'a str,
    direction: Option<Direction>,
    operator_calls: bool,
    client_first: bool,
}

impl CallJournal {
    /// Creates an empty journal.
    #[must_use]
    pub fn new(key: IdentityKey, capacity: Capacity) -> Self {
        Self {
            key,
            capacity,
            calls: HashMap::new(),
            order: Order::default(),
            next: 0,
            now: Duration::ZERO,
            statistics: Statistics::default(),
        }
    }

    /// Returns the key of identities.
    #[must_use]
    pub const fn key(&self) -> &IdentityKey {
        &self.key
    }

    /// Returns contents and counters.
    #[must_use]
    pub const fn statistics(&self) -> Statistics {
        self.statistics
    }

    pub(crate) const fn count_waited(&mut self) {
        self.statistics.waited += 1;
    }

    pub(crate) const fn count_refused_in_flight(&mut self) {
        self.statistics.refused_in_flight += 1;
    }

    /// Judges a delivery. `now` is the time since any origin; a time before the latest one counts as
    /// the latest.
    pub fn begin(
        &mut self,
        now: Duration,
        identity: Identity,
        result: &VoipWebhookParseResult,
    ) -> Begun {
        // V180
        self.now = self.now.max(now);
        self.forget_old();
        let begun = match result {
            VoipWebhookParseResult {
                event: None, call_record: None, recording: Some(it), ..
            } => self.begin_recording(identity, it),
            VoipWebhookParseResult { event: None, call_record: None, notice: Some(it), .. } => {
                self.begin_notice(identity, it.clone())
            }
            result => self.begin_leg(identity, result),
        };
        match &begun {
            Begun::Deliver(ticket, _) if ticket.is_update => self.statistics.updated += 1,
            Begun::Deliver(..) => self.statistics.new += 1,
            Begun::Drop(Verdict::Repeat) => self.statistics.repeated += 1,
            Begun::Drop(_) => self.statistics.late += 1,
            Begun::InFlight => {}
        }
        self.statistics.in_flight += usize::from(matches!(begun, Begun::Deliver(..)));
        self.make_room();
        begun
    }

    /// Ends a delivery that the sink took.
    pub fn commit(&mut self, ticket: Ticket) {
        self.end(ticket, |call, at, ticket| {
            let leg = &mut call.legs[at];
            if let Some(event) = ticket.event {
                leg.commit_event(event, ticket.identity);
            }
            if let (true, Some(record)) = (ticket.record, &mut leg.record) {
                record.commit(ticket.identity);
            }
            leg.forget_try(ticket.identity);
            if ticket.took_recording {
                call.recording = None;
            }
        });
    }

    /// Ends a delivery that the sink did not take: its repetition will count as of now.
    pub fn undo(&mut self, ticket: Ticket) {
        self.statistics.undone += 1;
        self.end(ticket, |call, at, ticket| {
            let leg = &mut call.legs[at];
            if let Some(event) = ticket.event {
                leg.undo_event(event, ticket.identity);
            }
            if let (true, Some(record)) = (ticket.record, &mut leg.record) {
                record.undo(ticket.identity);
                leg.reopen(ticket.identity);
            }
            leg.remember_try(ticket.identity, ticket.at);
        });
    }

    fn end(&mut self, ticket: Ticket, end: impl FnOnce(&mut Call, usize, &Ticket)) {
        self.statistics.in_flight = self.statistics.in_flight.saturating_sub(1);
        // What is in flight is never forgotten, so both are there.
        let Some(call) = self.calls.get_mut(&ticket.call) else { return };
        let Some(at) = call.legs.iter().position(|leg| leg.serial == ticket.leg) else { return };
        end(call, at, &ticket);
        self.recount(ticket.call);
        self.make_room();
    }

    /// Returns the ids of all calls with a leg that rings or talks between two numbers, in either
    /// order: talking before ringing, newest first. Telephone numbers compare by their digits.
    #[must_use]
    pub fn live_calls(&self, now: Duration, a: &str, b: &str) -> Vec<String> {
        // V175
        let now = self.now.max(now);
        let (a, b) = (self.name(a), self.name(b));
        let mut found: Vec<(State, Duration, &str)> = Vec::new();
        for call in self.calls.values() {
            let Some(id) = call.id.as_deref() else { continue };
            if now.saturating_sub(call.last_push) > self.capacity.age {
                continue;
            }
            let legs = call.legs.iter().filter(|leg| {
                let client = leg.client.as_deref().map(|client| self.name(client));
                let is = |operator, number| leg.names.contains(&operator) && client == Some(number);
                leg.is_live() && (is(a, b) || is(b, a))
            });
            if let Some((state, last)) = legs.map(|leg| (leg.state(), leg.last_push)).max() {
                found.push((state, last, id));
            }
        }
        found.sort_by(|x, y| y.cmp(x));
        found.into_iter().map(|(_, _, id)| id.to_owned()).collect()
    }

    /// An event, a record, or both.
    fn begin_leg(&mut self, identity: Identity, result: &VoipWebhookParseResult) -> Begun {
        let facts = self.facts(result);
        let id = call_id(result);
        let key = self.call_key(id, facts.client);
        let capacity = self.capacity;
        let now = self.now;
        let hasher = self.key.clone();
        let sequence = self.next;
        self.next += 1;
        let call = self.calls.entry(key).or_insert_with(|| Call {
            id: kept(id).filter(|id| !id.is_empty()),
            has_id: !id.is_empty(),
            sequence,
            ..Call::default()
        });
        let stage = result.event.as_ref().map(|event| event.event);
        let at =
            find_leg(call, &facts, stage, capacity, &mut self.statistics).unwrap_or_else(|| {
                // Most calls have one leg.
                call.legs.reserve_exact(call.legs.len().max(1));
                call.legs.push(Leg { serial: sequence, last_push: now, ..Leg::default() });
                call.legs.len() - 1
            });
        let tried = call.legs[at].first_try(identity);
        let counts_at = tried.unwrap_or(now);
        begin_new_call_without_id(call, at, stage, identity, counts_at, capacity);

        let judged =
            stage.map(|event| call.legs[at].judge(counts_at, event, identity, capacity.ring_again));
        if judged != Some(Judgement::Repeat) {
            learn(&mut call.legs[at], &facts, stage, judged == Some(Judgement::NewRing));
        }
        if stage == Some(Event::NotifyAnswer)
            || result.call_record.as_ref().is_some_and(|r| r.disposition == Disposition::Answered)
        {
            call.legs[at].was_answered = true;
        }

        let mut parts = Parts::new(key, call.legs[at].serial, identity, counts_at);
        if let (Some(judged), Some(event)) = (judged, &result.event) {
            parts.note_event(judged);
            if matches!(judged, Judgement::New | Judgement::NewRing) {
                let opens = judged == Judgement::NewRing;
                call.legs[at].enter(counts_at, event.event, identity, opens);
                parts.event = Some(rewrite_event(call, at, event, &facts));
            }
        }
        if let Some(record) = &result.call_record {
            let record = rewrite_record(call, at, record, &facts);
            begin_record(call, at, record, counts_at, tried, &hasher, &mut parts);
        }
        let leg = &mut call.legs[at];
        leg.last_push = now;
        if parts.is_dropped() {
            leg.forget_try(identity);
        }
        parts.ticket.ring = leg.ring.number;
        call.last_push = now;
        self.recount(key);
        parts.begun(result.notice.clone())
    }

    /// A notice, known by its identity only.
    fn begin_notice(&mut self, identity: Identity, notice: Notice) -> Begun {
        let key = self.key.hash(b'n', std::iter::once(&identity.0.to_le_bytes()[..])).0;
        let (now, again) = (self.now, Duration::MAX);
        let sequence = self.next;
        self.next += 1;
        let call = self.calls.entry(key).or_insert_with(|| Call { sequence, ..Call::default() });
        if call.legs.is_empty() {
            call.legs.reserve_exact(1);
            call.legs.push(Leg { serial: sequence, ..Leg::default() });
        }
        call.last_push = now;
        let leg = &mut call.legs[0];
        // An end, so that it counts as no live call.
        let judged = leg.judge(now, Event::NotifyEnd, identity, again);
        let mut parts = Parts::new(key, leg.serial, identity, now);
        parts.note_event(judged);
        if judged == Judgement::New {
            leg.enter(now, Event::NotifyEnd, identity, false);
            parts.ticket.event = Some(Event::NotifyEnd);
            parts.notice = Some(notice);
        }
        self.recount(key);
        parts.begun(None)
    }

    /// Members for a record: joined to the known one, or kept for the one to come.
    // V173
    fn begin_recording(&mut self, identity: Identity, recording: &Recording) -> Begun {
        let key = self.call_key(&recording.call_id, "");
        let operator = recording.operator.as_deref().map(|operator| self.name(operator));
        let hasher = self.key.clone();
        let now = self.now;
        if let Some(call) = self.calls.get_mut(&key) {
            let named = operator.and_then(|name| call.leg_of(&[name])).filter(|at| {
                call.legs[*at].record.as_ref().is_some_and(|record| record.has_record())
            });
            if let Some(at) = named.or_else(|| call.recorded_leg()) {
                let leg = &call.legs[at];
                let mut parts = Parts::new(key, leg.serial, identity, now);
                let tried = leg.first_try(identity);
                match leg.record.as_ref().and_then(|record| record.latest()) {
                    Some(mut record) => {
                        record.call = recording.call.clone();
                        begin_record(call, at, record, now, tried, &hasher, &mut parts);
                    }
                    // Too large a record to be joined: the members go out on their own.
                    None => return self.begin_notice(identity, recording_notice(recording)),
                }
                call.last_push = now;
                self.recount(key);
                return parts.begun(None);
            }
        }
        let is_short = recording.call.to_string().len() <= record::MAX_RECORD;
        if !recording.call_id.is_empty() && is_short {
            let sequence = self.next;
            self.next += 1;
            let call = self.calls.entry(key).or_insert_with(|| Call {
                id: kept(&recording.call_id),
                has_id: true,
                sequence,
                ..Call::default()
            });
            let joined = record::join_call(call.recorded(), recording.call.clone()).to_string();
            if joined.len() <= record::MAX_RECORD {
                call.recording = Some(joined.into());
            }
            call.last_push = now;
            self.recount(key);
        }
        self.begin_notice(identity, recording_notice(recording))
    }

    fn facts<'a>(&self, result: &'a VoipWebhookParseResult) -> Facts<'a> {
        let (src, dst, direction) = match (&result.event, &result.call_record) {
            (Some(event), _) => (&*event.src_phone, &*event.dst_phone, event.direction),
            (None, Some(record)) => (&*record.src_phone, &*record.dst_phone, record.direction),
            (None, None) => ("", "", Direction::In),
        };
        let leg = result.leg.as_ref();
        let operator_calls = leg.map_or(direction == Direction::Out, |leg| leg.operator_calls);
        let client_first = leg.is_some_and(|leg| leg.client_first);
        let is_first = operator_first(direction, operator_calls, client_first);
        let (operator, client) = if is_first { (src, dst) } else { (dst, src) };
        let mut names = vec![self.name(operator)];
        if let Some(leg) = leg {
            names.extend(leg.names.iter().map(|name| self.name(name)));
        }
        Facts {
            operator,
            rank: leg.map_or_else(|| u8::from(!operator.is_empty()), |leg| leg.rank),
            names,
            client,
            direction: leg.map_or(Some(direction), |leg| leg.direction),
            operator_calls,
            client_first,
        }
    }

    fn call_key(&self, id: &str, client: &str) -> u128 {
        if id.is_empty() {
            let client = self.name(client).to_le_bytes();
            return self.key.hash(b'c', std::iter::once(&client[..])).0;
        }
        self.key.hash(b'k', std::iter::once(id.as_bytes())).0
    }

    /// The hash of a name: of a telephone number its digits, of anything else its text.
    fn name(&self, name: &str) -> u64 {
        let is_phone =
            |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
        let hash = if name.chars().all(is_phone) && name.contains(|c: char| c.is_ascii_digit()) {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            self.key.hash(b'd', std::iter::once(digits.as_bytes())).0
        } else {
            self.key.hash(b't', std::iter::once(name.as_bytes())).0
        };
        // Half of it is enough within a call.
        hash as u64
    }

    /// Counts a call anew, after it has changed.
    fn recount(&mut self, key: u128) {
        let Some(call) = self.calls.get_mut(&key) else { return };
        let (legs, bytes) = (call.weight(), call.bytes());
        let before = std::mem::replace(&mut call.counted, (legs, bytes));
        let rank = (call.class(), call.last_push, call.sequence);
        if let Some(before) = call.rank.replace(rank).filter(|before| *before != rank) {
            self.order.remove(&before);
        }
        self.order.insert(rank, key);
        self.statistics.legs = self.statistics.legs + legs - before.0;
        self.statistics.bytes = self.statistics.bytes + bytes - before.1;
        self.statistics.calls = self.calls.len();
    }

    fn forget(&mut self, key: u128) {
        let Some(call) = self.calls.remove(&key) else { return };
        if let Some(rank) = call.rank {
            self.order.remove(&rank);
        }
        self.statistics.legs -= call.counted.0;
        self.statistics.bytes -= call.counted.1;
        self.statistics.calls = self.calls.len();
    }

    fn forget_old(&mut self) {
        let Some(moment) = self.now.checked_sub(self.capacity.age) else { return };
        while let Some(key) = self.order.older_than(moment) {
            self.forget(key);
            self.statistics.forgotten_for_age += 1;
        }
    }

    fn make_room(&mut self) {
        let Capacity { legs, bytes, .. } = self.capacity;
        while self.statistics.legs > legs || self.statistics.bytes > bytes {
            let Some(key) = self.order.first() else { break };
            self.forget(key);
            self.statistics.forgotten_for_room += 1;
        }
    }
}

/// What is to be delivered of a push, as it is put together.
struct Parts {
    ticket: Ticket,
    event: Option<VoipWebhookRequest>,
    record: Option<VoipCallRecord>,
    notice: Option<Notice>,
    repeats: bool,
    in_flight: bool,
}

impl Parts {
    const fn new(call: u128, leg: u64, identity: Identity, at: Duration) -> Self {
        let ticket = Ticket {
            call,
            leg,
            identity,
            at,
            event: None,
            record: false,
            is_update: false,
            took_recording: false,
            ring: 0,
        };
        Self { ticket, event: None, record: None, notice: None, repeats: false, in_flight: false }
    }

    fn note_event(&mut self, judged: Judgement) {
        self.repeats |= judged == Judgement::Repeat;
        self.in_flight |= judged == Judgement::InFlight;
    }

    const fn is_dropped(&self) -> bool {
        self.event.is_none() && self.record.is_none() && self.notice.is_none() && !self.in_flight
    }

    fn begun(self, notice: Option<Notice>) -> Begun {
        let Self { mut ticket, event, record, notice: own, repeats, in_flight } = self;
        if event.is_none() && record.is_none() && own.is_none() {
            if in_flight {
                return Begun::InFlight;
            }
            return Begun::Drop(if repeats { Verdict::Repeat } else { Verdict::Late });
        }
        if let Some(event) = &event {
            ticket.event = Some(event.event);
        }
        let is_new = event.is_some() || own.is_some();
        let update = ticket.is_update;
        ticket.is_update &= !is_new;
        let delivery = Delivery::new(event, record, own.or(notice), update);
        Begun::Deliver(ticket, Box::new(delivery))
    }
}

/// The leg of a push, if the call has it already; if not, there is room for it.
// V163
fn find_leg(
    call: &mut Call,
    facts: &Facts<'_>,
    stage: Option<Event>,
    capacity: Capacity,
    statistics: &mut Statistics,
) -> Option<usize> {
    let names_nobody = facts.operator.is_empty();
    let goes_on = matches!(stage, Some(Event::NotifyAnswer | Event::NotifyEnd));
    if names_nobody && goes_on && call.has_id && call.legs.len() == 1 {
        return Some(0);
    }
    let found = call.leg_of(&facts.names);
    if found.is_none() && call.legs.len() >= capacity.legs_per_call {
        if let Some(oldest) = call.oldest_leg() {
            call.legs.remove(oldest);
            statistics.forgotten_for_room += 1;
        }
    }
    found
}

/// Without a call id two calls look alike; time tells them apart.
// V169
fn begin_new_call_without_id(
    call: &mut Call,
    at: usize,
    stage: Option<Event>,
    identity: Identity,
    counts_at: Duration,
    capacity: Capacity,
) {
    let leg = &mut call.legs[at];
    if call.has_id || leg.in_flight() {
        return;
    }
    let again = capacity.ring_again;
    let begins = match stage {
        Some(Event::NotifyStart) => counts_at.saturating_sub(leg.last_push) > again,
        Some(Event::NotifyAnswer) => {
            leg.judge(counts_at, Event::NotifyStart, identity, again) == Judgement::NewRing
        }
        _ => false,
    };
    if begins {
        leg.begin_new_call();
    }
}

/// Learns what a push says of its leg, whether or not the push is delivered.
fn learn(leg: &mut Leg, facts: &Facts<'_>, stage: Option<Event>, opens_ring: bool) {
    let is_new = leg.names.is_empty();
    if is_new || !facts.operator.is_empty() {
        facts.names.iter().for_each(|name| leg.add_name(*name));
    }
    if is_new || facts.rank > leg.rank {
        leg.operator = kept(facts.operator);
        leg.rank = facts.rank;
    }
    if !facts.client.is_empty() || leg.client.is_none() {
        leg.client = kept(facts.client);
    }
    leg.client_first = facts.client_first;
    match facts.direction {
        Some(Direction::Internal) => leg.is_internal = true,
        direction => leg.stated = leg.stated.or(direction),
    }
    if stage == Some(Event::NotifyStart) && (leg.start.is_none() || opens_ring) {
        leg.start = facts.direction.or(leg.start);
        leg.operator_calls = facts.operator_calls;
    }
}

/// An event under the leg's best id, with the leg's direction and order of numbers.
fn rewrite_event(
    call: &Call,
    at: usize,
    event: &VoipWebhookRequest,
    facts: &Facts<'_>,
) -> VoipWebhookRequest {
    let (direction, is_first) = call.direction_of(at);
    let (src_phone, dst_phone) = numbers(&call.legs[at], facts, is_first);
    VoipWebhookRequest { direction, src_phone, dst_phone, ..event.clone() }
}

/// A record under the leg's best id, with the direction that it states or the leg's.
// V148
fn rewrite_record(
    call: &Call,
    at: usize,
    record: &VoipCallRecord,
    facts: &Facts<'_>,
) -> VoipCallRecord {
    let leg = &call.legs[at];
    let (direction, is_first) = match facts.direction {
        Some(direction) => {
            let operator_calls = facts.operator_calls || leg.operator_calls;
            (direction, operator_first(direction, operator_calls, leg.client_first))
        }
        None => call.direction_of(at),
    };
    let (src_phone, dst_phone) = numbers(leg, facts, is_first);
    VoipCallRecord { direction, src_phone, dst_phone, ..record.clone() }
}

fn numbers(leg: &Leg, facts: &Facts<'_>, operator_first: bool) -> (String, String) {
    let operator = leg.operator.as_deref().filter(|_| facts.rank <= leg.rank);
    let operator = operator.unwrap_or(facts.operator).to_owned();
    let client = facts.client.to_owned();
    if operator_first { (operator, client) } else { (client, operator) }
}

/// Judges a record and enters it.
fn begin_record(
    call: &mut Call,
    at: usize,
    mut record: VoipCallRecord,
    counts_at: Duration,
    tried: Option<Duration>,
    key: &IdentityKey,
    parts: &mut Parts,
) {
    let identity = parts.ticket.identity;
    let known = call.legs[at].record.take().unwrap_or_default();
    let is_first = !known.has_record();
    let missed_is_notice = call.was_answered_elsewhere(at)
        && !call.legs[at].was_answered
        && record.direction == Direction::In;
    let rules = Rules { missed_is_notice, by_start: !call.has_id, first_try: tried };
    let is_answered = record.disposition == Disposition::Answered || !missed_is_notice;
    if call.recording.is_some() && is_first && is_answered {
        let own = std::mem::take(&mut record.call);
        record.call = record::join_call(call.recorded(), own);
        parts.ticket.took_recording = true;
    }
    let judged = known.judge(record, identity, &rules, key);
    let mut known = known;
    match judged {
        record::Judgement::Repeat => parts.repeats = true,
        record::Judgement::Late => {}
        record::Judgement::InFlight => parts.in_flight = true,
        record::Judgement::New(record) => {
            known.enter(counts_at, identity, &record, false, key);
            call.legs[at].close(identity, counts_at);
            parts.record = Some(record);
        }
        record::Judgement::Update(record) => {
            known.enter(counts_at, identity, &record, false, key);
            parts.ticket.is_update = true;
            parts.record = Some(record);
        }
        record::Judgement::LegMissed(record) => {
            known.enter(counts_at, identity, &record, true, key);
            call.legs[at].close(identity, counts_at);
            let operator = Some(record.dst_phone).filter(|operator| !operator.is_empty());
            parts.notice = Some(Notice::LegMissed {
                call_id: record.call_id,
                phone: Some(record.src_phone).filter(|phone| !phone.is_empty()),
                operator,
                disposition: record.disposition,
            });
        }
    }
    parts.ticket.record = parts.record.is_some() || parts.notice.is_some();
    call.legs[at].record = Some(known);
}

fn call_id(result: &VoipWebhookParseResult) -> &str {
    let event = result.event.as_ref().and_then(|event| event.call_id.as_deref());
    let record = || result.call_record.as_ref().and_then(|record| record.call_id.as_deref());
    event.or_else(record).unwrap_or_default()
}

pub(super) fn recording_notice(recording: &Recording) -> Notice {
    Notice::Recording {
        call_id: Some(recording.call_id.clone()).filter(|id| !id.is_empty()),
        call: recording.call.clone(),
    }
}
