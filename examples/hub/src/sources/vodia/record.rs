//! Records of Vodia as calls.

use std::time::Duration;

use pbx_integration::Cdr;
use pbx_integration::report::{CallDirection, Disposition, StateClass};
use pbx_integration::wire::Timestamp;

use crate::timeline::{Call, Direction, Micros, Outcome, StepKind};

/// A call as its record has it; what the record leaves out is kept.
pub(super) fn call_of(source: &str, cdr: &Cdr, known: Option<Call>, at: Micros) -> Call {
    let length = |time: Duration| Micros::try_from(time.as_micros()).unwrap_or(Micros::MAX);
    let summary = cdr.summary();
    let ended = cdr.end.map(micros);
    let started = cdr.start.map(micros).or(ended).unwrap_or(at);
    let direction = match summary.direction {
        CallDirection::Outbound => Direction::Outbound,
        CallDirection::Internal => Direction::Internal,
        _ => Direction::Inbound,
    };
    let mut call = Call::new(source, &cdr.callid, direction, started);
    if let Some(known) = &known {
        (call.customer, call.customer_name) = (known.customer.clone(), known.customer_name.clone());
        (call.called_number, call.queue) = (known.called_number.clone(), known.queue.clone());
        call.rang.clone_from(&known.rang);
    }
    if let Some(customer) = &summary.customer {
        call.set_customer(customer.number.as_deref().unwrap_or_default());
        call.customer_name = customer.name.clone().or(call.customer_name);
    }
    if let Some(number) = cdr.to.as_ref().and_then(|to| to.number()) {
        call.set_called_number(&number);
    }
    call.placed_by.clone_from(&summary.originator);
    for state in cdr.states.iter().filter(|state| state.is_queue()) {
        if let (Some(account), Some(start)) = (&state.account, state.start) {
            call.queue.get_or_insert_with(|| account.clone());
            call.step(micros(start), StepKind::Queued, Some(account));
        }
    }
    for leg in cdr.extension_legs.iter().filter(|leg| !leg.is_from_extension()) {
        if let (Some(extension), Some(start)) = (&leg.extension, leg.start) {
            call.add_rang(extension);
            call.step(micros(start), StepKind::Rang, Some(extension));
        }
    }
    let mut answers = cdr.extension_legs.iter().filter(|leg| {
        leg.is_answered() && !leg.is_from_extension() && leg.extension == summary.agent
    });
    let answered = answers.next().and_then(|leg| leg.connect).map(micros);
    let outside = || cdr.trunk_legs.iter().find_map(|leg| leg.connect).map(micros);
    let (outcome, answered) = match summary.disposition {
        Disposition::Answered => {
            let known = known.as_ref().and_then(|known| known.answered_at_us);
            (Outcome::Answered, answered.or(known).or_else(outside).or(Some(started)))
        }
        Disposition::Voicemail => (Outcome::Voicemail, None),
        Disposition::AbandonedWaiting | Disposition::AbandonedRinging => (Outcome::Abandoned, None),
        Disposition::Busy => (Outcome::Busy, None),
        Disposition::Declined | Disposition::Canceled | Disposition::NoAnswer => {
            (Outcome::Missed, None)
        }
        Disposition::Failed(_) => (Outcome::Failed, None),
        _ => (Outcome::Unknown, None),
    };
    if let Some(answered) = answered {
        call.answered_at_us = Some(answered);
        call.answered_by.clone_from(&summary.agent);
        call.step(answered, StepKind::Answered, summary.agent.as_deref());
        call.talk_us = Some(length(summary.talk));
    }
    let waits = cdr.states.iter().filter(|state| state.class() == StateClass::Person);
    let wait = waits.map(|state| state.wait()).next();
    call.wait_us = wait.filter(|wait| !wait.is_zero()).map(length);
    call.recording = cdr.recordings.iter().find_map(|recording| recording.file.clone());
    let ended = ended.or_else(|| known.and_then(|known| known.ended_at_us)).unwrap_or(started);
    if outcome == Outcome::Voicemail {
        call.step(ended, StepKind::Voicemail, None);
    }
    call.end(ended, outcome);
    call
}

pub(super) const fn micros(time: Timestamp) -> Micros {
    time.as_millis().saturating_mul(1_000)
}
