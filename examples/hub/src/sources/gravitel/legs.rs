//! Pushes of Gravitel, folded to calls.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;
use voip_module::router::Notice;
use voip_module::{
    Delivery, VoipCallDirection, VoipCallDisposition, VoipCallRecord, VoipWebhookEvent,
    VoipWebhookRequest,
};

use crate::sources::book::{Entry, MAX_SILENCE};
use crate::timeline::{Call, Direction, Micros, Outcome, State, StepKind};

/// Time for another phone to ring, or for the record to come, after all have stopped.
const LINGER: Duration = Duration::from_secs(30);

/// The operators' legs of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legs {
    ringing: BTreeSet<String>,
    talking: BTreeSet<String>,
}

/// The client's number and the operator.
pub(super) fn parties<'a>(
    direction: VoipCallDirection,
    src: &'a str,
    dst: &'a str,
) -> (&'a str, &'a str) {
    match direction {
        VoipCallDirection::Out => (dst, src),
        _ => (src, dst),
    }
}

const fn direction(direction: VoipCallDirection) -> Direction {
    match direction {
        VoipCallDirection::Out => Direction::Outbound,
        VoipCallDirection::Internal => Direction::Internal,
        _ => Direction::Inbound,
    }
}

pub(super) fn fold(
    source: &str,
    id: &str,
    known: Option<Entry<Legs>>,
    delivery: &Delivery,
    at: Micros,
) -> Option<Entry<Legs>> {
    let stated = delivery.event.as_ref().map(|event| event.direction);
    let stated = stated.or_else(|| delivery.record.as_ref().map(|record| record.direction));
    let due = Instant::now() + MAX_SILENCE;
    let mut entry = match known {
        Some(known) => Entry { due, ..known },
        // A notice alone does not show which way the call goes.
        None => Entry {
            call: Call::new(source, id, direction(stated?), at),
            notes: Legs::default(),
            due,
        },
    };
    if let Some(event) = &delivery.event {
        entry.event(event, at);
    }
    match &delivery.notice {
        Some(Notice::Transferred { operator, .. }) => {
            entry.call.step(at, StepKind::Transferred, operator.as_deref());
        }
        Some(Notice::Recording { call, .. }) => entry.call.recording = link(call),
        _ => {}
    }
    if let Some(record) = &delivery.record {
        entry.record(record, at);
    }
    Some(entry)
}

fn link(call: &voip_module::CallData) -> Option<String> {
    call.get("link")?.as_str().map(str::to_owned)
}

impl Legs {
    pub(super) fn is_empty(&self) -> bool {
        self.ringing.is_empty() && self.talking.is_empty()
    }
}

impl Entry<Legs> {
    fn event(&mut self, event: &VoipWebhookRequest, at: Micros) {
        let (client, operator) = parties(event.direction, &event.src_phone, &event.dst_phone);
        let is_outbound = event.direction == VoipCallDirection::Out;
        let (call, legs) = (&mut self.call, &mut self.notes);
        if call.customer.is_empty() {
            call.set_customer(client);
        }
        match event.event {
            VoipWebhookEvent::NotifyStart | VoipWebhookEvent::NotifyAnswer if !call.is_open() => {
                call.reopen();
            }
            _ => {}
        }
        match event.event {
            VoipWebhookEvent::NotifyStart => {
                legs.ringing.insert(operator.to_owned());
                if is_outbound {
                    call.placed_by.get_or_insert_with(|| operator.to_owned());
                    call.set_called_number(client);
                } else if !operator.is_empty() {
                    call.add_rang(operator);
                    call.step(at, StepKind::Rang, Some(operator));
                }
                if legs.talking.is_empty() {
                    call.state = State::Ringing;
                }
            }
            VoipWebhookEvent::NotifyAnswer => {
                legs.ringing.remove(operator);
                legs.talking.insert(operator.to_owned());
                let who = Some(operator).filter(|who| !is_outbound && !who.is_empty());
                call.answer(at, who);
            }
            VoipWebhookEvent::NotifyEnd => {
                legs.ringing.remove(operator);
                legs.talking.remove(operator);
                if !legs.talking.is_empty() || !call.is_open() {
                } else if !legs.ringing.is_empty() {
                    call.state = State::Ringing;
                } else if call.answered_at_us.is_some() {
                    call.end(at, Outcome::Answered);
                } else if is_outbound {
                    call.end(at, Outcome::Missed);
                } else {
                    // The next phone of a hunt group may ring, or the record say how it ended.
                    call.state = State::Waiting;
                    self.due = Instant::now() + LINGER;
                }
            }
            _ => {}
        }
    }

    fn record(&mut self, record: &VoipCallRecord, at: Micros) {
        let (client, operator) = parties(record.direction, &record.src_phone, &record.dst_phone);
        let is_outbound = record.direction == VoipCallDirection::Out;
        let call = &mut self.call;
        call.direction = direction(record.direction);
        if call.customer.is_empty() {
            call.set_customer(client);
        }
        if is_outbound {
            call.placed_by.get_or_insert_with(|| operator.to_owned());
        }
        if let Some(link) = link(&record.call) {
            call.recording = Some(link);
        }
        // A record of one operator, while others still ring or talk.
        if !self.notes.is_empty() {
            return;
        }
        let length = record.duration.max(0).saturating_mul(1_000_000);
        let is_answered = record.disposition == VoipCallDisposition::Answered;
        let ended = call.ended_at_us.unwrap_or(at);
        if is_answered && call.answered_at_us.is_none() {
            // No event was seen: the record has only a start and a length.
            if let Some(started) = start(record) {
                call.started_at_us = started;
                call.steps.iter_mut().take(1).for_each(|step| step.at_us = started);
            }
            let answered = (ended - length).max(call.started_at_us);
            call.answered_at_us = Some(answered);
            call.talk_us = Some(length);
            let who = Some(operator).filter(|who| !is_outbound && !who.is_empty());
            if call.answered_by.is_none() {
                call.answered_by = who.map(str::to_owned);
            }
            call.wait_us = Some(answered - call.started_at_us);
            call.step(answered, StepKind::Answered, who);
        }
        let outcome = match record.disposition {
            _ if call.answered_at_us.is_some() => Outcome::Answered,
            VoipCallDisposition::Busy => Outcome::Busy,
            VoipCallDisposition::Cancel | VoipCallDisposition::NoAnswer => Outcome::Missed,
            _ => call.outcome.unwrap_or(Outcome::Unknown),
        };
        call.end(ended, outcome);
    }
}

/// The start of a record, as the PBX writes it.
fn start(record: &VoipCallRecord) -> Option<Micros> {
    let text = record.call.get("start")?.as_str()?;
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let zoned = time.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_microsecond())
}
