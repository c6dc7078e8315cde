//! The verdict on a delivery, and its parts.

use std::time::Duration;

use serde::Serialize;

use super::identity::Identity;
use super::leg::Judgement;
use crate::model::{Notice, VoipCallRecord, VoipWebhookEvent as Event, VoipWebhookRequest};
use crate::router::Delivery;

/// The verdict of a journal on a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// A new delivery, which goes to the sink.
    New,
    /// More data of a known record, which goes to the sink.
    Update,
    /// A repetition of a delivery.
    Repeat,
    /// A late push: it would move its leg backwards, or its record adds nothing to the known one.
    Late,
}

/// The beginning of a delivery.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a caller has to handle each")]
pub enum Begun {
    /// A delivery for the sink; then [`commit`](super::CallJournal::commit) the ticket or
    /// [`undo`](super::CallJournal::undo) it.
    Deliver(Ticket, Box<Delivery>),
    /// Nothing to deliver; answer the sender.
    Drop(Verdict),
    /// The same delivery is in flight: wait for its outcome, then begin again.
    InFlight,
}

/// A delivery in flight.
#[derive(Debug)]
#[must_use = "a delivery that is neither committed nor undone stays in flight"]
pub struct Ticket {
    pub(super) call: u128,
    pub(super) leg: u64,
    pub(super) identity: Identity,
    /// Time when the delivery counts.
    pub(super) at: Duration,
    pub(super) event: Option<Event>,
    pub(super) record: bool,
    pub(super) is_update: bool,
    pub(super) took_recording: bool,
    pub(super) ring: u32,
}

impl Ticket {
    /// Returns [`Verdict::New`] or [`Verdict::Update`].
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        if self.is_update { Verdict::Update } else { Verdict::New }
    }

    /// Returns the fingerprint for a [`FingerprintStore`](super::FingerprintStore): the identity,
    /// different for each ring.
    #[must_use]
    pub fn fingerprint(&self) -> u128 {
        let ring = if self.event.is_some() { u128::from(self.ring) } else { 0 };
        self.identity.0 ^ (ring << 96)
    }
}
/// The parts of a push that are delivered.
pub(super) struct Parts {
    pub(super) ticket: Ticket,
    pub(super) event: Option<VoipWebhookRequest>,
    pub(super) record: Option<VoipCallRecord>,
    pub(super) notice: Option<Notice>,
    pub(super) repeats: bool,
    pub(super) in_flight: bool,
}

impl Parts {
    pub(super) const fn new(call: u128, leg: u64, identity: Identity, at: Duration) -> Self {
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

    pub(super) fn note_event(&mut self, judged: Judgement) {
        self.repeats |= judged == Judgement::Repeat;
        self.in_flight |= judged == Judgement::InFlight;
    }

    pub(super) const fn is_dropped(&self) -> bool {
        self.event.is_none() && self.record.is_none() && self.notice.is_none() && !self.in_flight
    }

    pub(super) fn begun(self, notice: Option<Notice>) -> Begun {
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
