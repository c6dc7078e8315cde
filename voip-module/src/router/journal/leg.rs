//! One operator's part in a call.

use std::time::Duration;

use super::identity::Identity;
use super::record::Known;
use crate::model::{VoipCallDirection as Direction, VoipWebhookEvent as Event};

/// Maximum length of an id or number that is kept; of a longer one, only the hash is.
pub(super) const MAX_TEXT: usize = 256;
/// Maximum number of names kept of an operator.
const MAX_NAMES: usize = 8;
/// Maximum number of undone deliveries whose first attempt is remembered.
const MAX_TRIES: usize = 8;

/// A leg: one operator's part in a call.
#[derive(Debug, Default)]
pub(super) struct Leg {
    pub(super) serial: u64,
    /// The operator's best id so far; `None` if it is too long to keep.
    pub(super) operator: Option<Box<str>>,
    pub(super) rank: u8,
    /// Hashes of all names of the operator, the id among them.
    pub(super) names: Vec<u64>,
    pub(super) client: Option<Box<str>>,
    pub(super) is_internal: bool,
    /// The type of its start.
    pub(super) start: Option<Direction>,
    /// True if it started with the operator calling.
    pub(super) operator_calls: bool,
    /// The first direction that a push stated.
    pub(super) stated: Option<Direction>,
    pub(super) client_first: bool,
    pub(super) ring: Ring,
    /// The previous ring, while the start of this one is in flight.
    pub(super) ring_before: Option<Box<Ring>>,
    pub(super) was_answered: bool,
    /// First tries of deliveries that were undone.
    pub(super) tries: Vec<(Identity, Duration)>,
    pub(super) record: Option<Box<Known>>,
    pub(super) last_push: Duration,
}

/// One ringing of a leg: which of its three events were or are being delivered.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    slots: [Option<Slot>; 3],
    /// The record that closed it, and the time.
    closed: Option<(Identity, Duration)>,
    pub(super) number: u32,
    /// The earliest time of its events.
    opened: Duration,
    /// True if a start counted as the repetition of an undone one but may have opened the next
    /// ring.
    pub(super) next_may_ring: bool,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    identity: Identity,
    at: Duration,
    in_flight: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Idle,
    Ringing,
    Talking,
    Ended,
}

/// The judgement of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    New,
    /// New, and it opens a ring.
    NewRing,
    Repeat,
    Late,
    InFlight,
}

const fn index(event: Event) -> usize {
    match event {
        Event::NotifyStart => 0,
        Event::NotifyAnswer => 1,
        Event::NotifyEnd => 2,
    }
}

impl Ring {
    pub(super) fn state(&self) -> State {
        match self.slots {
            [_, _, Some(_)] => State::Ended,
            _ if self.closed.is_some() => State::Ended,
            [_, Some(_), _] => State::Talking,
            [Some(_), ..] => State::Ringing,
            _ => State::Idle,
        }
    }

    /// Time when the leg ended, by its event or else by its record.
    fn ended_at(&self) -> Option<Duration> {
        self.slots[2].map(|slot| slot.at).or_else(|| self.closed.map(|(_, at)| at))
    }

    /// The slot of an event that is in flight.
    fn in_flight(&mut self, event: Event, identity: Identity) -> Option<&mut Option<Slot>> {
        let slot = &mut self.slots[index(event)];
        let is_it = slot.is_some_and(|slot| slot.identity == identity && slot.in_flight);
        is_it.then_some(slot)
    }

    fn has_events(&self) -> bool {
        self.slots.iter().any(Option::is_some)
    }
}

impl Leg {
    pub(super) fn state(&self) -> State {
        self.ring.state()
    }

    pub(super) fn is_live(&self) -> bool {
        matches!(self.state(), State::Ringing | State::Talking)
    }

    pub(super) fn in_flight(&self) -> bool {
        self.ring.slots.iter().flatten().any(|slot| slot.in_flight)
            || self
                .ring_before
                .as_ref()
                .is_some_and(|ring| ring.slots.iter().flatten().any(|slot| slot.in_flight))
            || self.record.as_ref().is_some_and(|record| record.in_flight())
    }

    /// The direction that this leg's pushes state.
    pub(super) const fn own_direction(&self) -> Option<Direction> {
        match (self.is_internal, self.start) {
            (true, _) => Some(Direction::Internal),
            (false, Some(start)) => Some(start),
            (false, None) => self.stated,
        }
    }

    pub(super) fn add_name(&mut self, name: u64) {
        if !self.names.contains(&name) && self.names.len() < MAX_NAMES {
            self.names.reserve_exact(1);
            self.names.push(name);
        }
    }

    /// Time of the first attempt of an event that was undone.
    pub(super) fn first_try(&self, identity: Identity) -> Option<Duration> {
        self.tries.iter().find(|(tried, _)| *tried == identity).map(|(_, at)| *at)
    }

    pub(super) fn forget_try(&mut self, identity: Identity) {
        self.tries.retain(|(tried, _)| *tried != identity);
    }

    pub(super) fn remember_try(&mut self, identity: Identity, at: Duration) {
        if self.first_try(identity).is_none() {
            if self.tries.len() == MAX_TRIES {
                self.tries.remove(0);
            }
            self.tries.push((identity, at));
        }
    }

    /// Judges an event by the state of the leg. `again` is the pause after which a leg may ring
    /// again.
    pub(super) fn judge(
        &self,
        at: Duration,
        event: Event,
        identity: Identity,
        again: Duration,
    ) -> Judgement {
        let slot = self.ring.slots[index(event)];
        if slot.is_some_and(|slot| slot.identity == identity && slot.in_flight) {
            return Judgement::InFlight;
        }
        let state = self.state();
        // V166
        let ended = self.ring.ended_at();
        let is_over = ended.is_some_and(|ended| at.saturating_sub(ended) > again);
        let is_known = slot.is_some_and(|slot| slot.identity == identity);
        let may_open = match event {
            Event::NotifyStart => true,
            Event::NotifyAnswer | Event::NotifyEnd => self.ring.next_may_ring && !is_known,
        };
        if is_over && may_open {
            return Judgement::NewRing;
        }
        if is_known {
            return Judgement::Repeat;
        }
        // An event first attempted before this ring belongs to the previous ring.
        if self.ring.number > 0 && at < self.ring.opened {
            return Judgement::Late;
        }
        // V165
        let is_new = match event {
            Event::NotifyStart => state == State::Idle,
            Event::NotifyAnswer => state < State::Talking,
            Event::NotifyEnd => slot.is_none(),
        };
        if is_new { Judgement::New } else { Judgement::Late }
    }

    /// Enters an event that is to be delivered.
    /// With `again`, it opens a ring.
    pub(super) fn enter(
        &mut self,
        at: Duration,
        event: Event,
        identity: Identity,
        again: Option<Duration>,
    ) {
        if let Some(again) = again {
            let opened = self.ring.ended_at().unwrap_or(at).saturating_add(again);
            let number = self.ring.number.wrapping_add(1);
            let before =
                std::mem::replace(&mut self.ring, Ring { number, opened, ..Ring::default() });
            self.ring_before = Some(Box::new(before));
        }
        self.ring.slots[index(event)] = Some(Slot { identity, at, in_flight: true });
    }

    pub(super) fn commit_event(&mut self, event: Event, identity: Identity) {
        if let Some(slot) = self.ring.in_flight(event, identity) {
            if let Some(slot) = slot {
                slot.in_flight = false;
            }
            self.ring_before = None;
        } else if let Some(Some(slot)) =
            self.ring_before.as_deref_mut().and_then(|ring| ring.in_flight(event, identity))
        {
            slot.in_flight = false;
        }
        self.forget_try(identity);
    }

    pub(super) fn undo_event(&mut self, event: Event, identity: Identity) {
        if let Some(slot) = self.ring.in_flight(event, identity) {
            *slot = None;
        } else if let Some(slot) =
            self.ring_before.as_deref_mut().and_then(|ring| ring.in_flight(event, identity))
        {
            *slot = None;
        }
        // The leg returns to the previous ring, unless this ring has other events.
        if !self.ring.has_events() {
            if let Some(before) = self.ring_before.take() {
                self.ring = *before;
            }
        }
    }

    /// Closes the ring for starts and answers, as the record of its leg has come.
    pub(super) fn close(&mut self, identity: Identity, at: Duration) {
        self.ring.closed.get_or_insert((identity, at));
    }

    /// Undoes [`close`](Self::close).
    pub(super) fn reopen(&mut self, identity: Identity) {
        if self.ring.closed.is_some_and(|(closed, _)| closed == identity) {
            self.ring.closed = None;
        }
    }

    /// Resets everything except the operator, for the next call without an id.
    pub(super) fn begin_new_call(&mut self) {
        *self = Self {
            serial: self.serial,
            operator: self.operator.take(),
            rank: self.rank,
            names: std::mem::take(&mut self.names),
            client: self.client.take(),
            record: self.record.take(),
            last_push: self.last_push,
            ring: Ring { number: self.ring.number.wrapping_add(1), ..Ring::default() },
            ..Self::default()
        };
    }

    /// Bytes on the heap, and the leg itself.
    pub(super) fn bytes(&self) -> usize {
        let text = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len() + 16);
        size_of::<Self>()
            + text(&self.operator)
            + text(&self.client)
            + self.names.capacity() * size_of::<u64>()
            + self.tries.capacity() * size_of::<(Identity, Duration)>()
            + self.ring_before.as_ref().map_or(0, |_| size_of::<Ring>() + 16)
            + self.record.as_ref().map_or(0, |record| record.bytes())
    }
}

/// A text short enough to be kept.
pub(super) fn kept(text: &str) -> Option<Box<str>> {
    (text.len() <= MAX_TEXT).then(|| text.into())
}
