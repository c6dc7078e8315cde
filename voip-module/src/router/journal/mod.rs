//! The call journal: separates new deliveries from repeated and late ones by the state of their
//! calls.
//!
//! The router has one by default. It follows calls → legs → records, so that every leg gets its own
//! start, answer and end exactly once, a record reaches the sink once and again when it has more
//! data, and a repetition or a late push changes nothing. It is sans-IO: [`CallJournal::begin`]
//! judges a delivery, and [`commit`](CallJournal::commit) or [`undo`](CallJournal::undo) ends it;
//! time is an argument.

mod call;
mod capacity;
mod delivery;
mod facts;
mod identity;
mod judge;
mod leg;
mod record;
mod statistics;
mod store;

use std::collections::HashMap;
use std::time::Duration;

use self::call::Call;
pub use self::capacity::Capacity;
use self::capacity::Order;
pub use self::delivery::{Begun, Ticket, Verdict};
pub use self::identity::{Identity, IdentityKey};
use self::leg::State;
pub use self::statistics::Statistics;
pub use self::store::{Claim, FingerprintStore};
pub use crate::model::{LegFacts, Recording};
use crate::model::{Notice, VoipWebhookParseResult};

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

    /// Time for which a call is remembered after its last push.
    pub(crate) const fn age(&self) -> Duration {
        self.capacity.age
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

    /// Commits a delivery that the sink accepted.
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

    /// Undoes a delivery that the sink rejected: its repetition will count as of now.
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
        // Deliveries in flight are never evicted, so both exist.
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
        let (a, b) = (self.key.name(a), self.key.name(b));
        let mut found: Vec<(State, Duration, &str)> = Vec::new();
        for call in self.calls.values() {
            let Some(id) = call.id.as_deref() else { continue };
            if now.saturating_sub(call.last_push) > self.capacity.age {
                continue;
            }
            let legs = call.legs.iter().filter(|leg| {
                let is_named = leg.is_live() && (leg.names.contains(&a) || leg.names.contains(&b));
                let client = || leg.client.as_deref().map(|client| self.key.name(client));
                is_named
                    && client().is_some_and(|client| {
                        let is =
                            |operator, number| leg.names.contains(&operator) && client == number;
                        is(a, b) || is(b, a)
                    })
            });
            if let Some((state, last)) = legs.map(|leg| (leg.state(), leg.last_push)).max() {
                found.push((state, last, id));
            }
        }
        found.sort_by(|x, y| y.cmp(x));
        found.into_iter().map(|(_, _, id)| id.to_owned()).collect()
    }

    /// Updates the count of a changed call.
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

/// The notice of a recording without a record.
pub(super) fn recording_notice(recording: &Recording) -> Notice {
    Notice::Recording {
        call_id: Some(recording.call_id.clone()).filter(|id| !id.is_empty()),
        call: recording.call.clone(),
    }
}
