//! Records of `basix-cti` as calls.

use std::time::Duration;

use basix_cti::calls::{self, CallDirection, TransferTarget};
use basix_cti::element::UserId;

use crate::timeline::{Call, Direction, Micros, Outcome, State, StepKind};

/// A call in the hub's terms.
pub(super) fn call_of(source: &str, record: &calls::Call) -> Call {
    let length = |time: Duration| Micros::try_from(time.as_micros()).unwrap_or(Micros::MAX);
    let started = record.started().as_micros();
    let direction = match record.direction() {
        CallDirection::Outbound => Direction::Outbound,
        CallDirection::Internal => Direction::Internal,
        _ => Direction::Inbound,
    };
    let mut call = Call::new(source, record.id(), direction, started);
    call.set_customer(record.customer());
    call.customer_name = record.customer_name().map(str::to_owned);
    call.set_called_number(record.called_number());
    call.queue = record.group_id().map(|group| group.to_string());
    call.answered_by = record.answered_by().map(|user| user.to_string());
    call.placed_by = record.caller().map(|user| user.to_string());
    for user in record.rang() {
        call.add_rang(&user.to_string());
    }
    call.answered_at_us = record.answered().map(|time| time.as_micros());
    call.has_gap = record.has_gap();
    if let Some(queue) = call.queue.clone() {
        call.step(started, StepKind::Queued, Some(&queue));
    }
    let user = |user: UserId| user.to_string();
    for leg in record.legs().iter().filter(|leg| !leg.is_helper && leg.is_outbound) {
        let who = leg.user_id.map(user);
        if who.is_some() {
            call.step(leg.offered.as_micros(), StepKind::Rang, who.as_deref());
        }
        if let Some(answered) = leg.answered {
            call.step(answered.as_micros(), StepKind::Answered, who.as_deref());
        }
    }
    for park in record.parks() {
        call.step(park.from.as_micros(), StepKind::Parked, park.parker.map(user).as_deref());
    }
    for transfer in record.transfers() {
        let who = match &transfer.to {
            TransferTarget::User(user) => user.to_string(),
            TransferTarget::Group(group) => group.to_string(),
            TransferTarget::Number(number) => number.clone(),
            _ => String::new(),
        };
        call.step(transfer.at.as_micros(), StepKind::Transferred, Some(&who));
    }
    let is_parked = record.parks().iter().any(|park| park.to.is_none());
    let rings =
        |leg: &calls::LegDetail| leg.is_outbound && leg.answered.is_none() && leg.ended.is_none();
    call.state = match record.answered() {
        _ if is_parked => State::Held,
        Some(_) => State::Talking,
        None if direction == Direction::Inbound && !record.legs().iter().any(rings) => {
            State::Waiting
        }
        None => State::Ringing,
    };
    if let Some(answered) = call.answered_at_us {
        call.wait_us = Some((answered - started).max(0));
    }
    let Some(ended) = record.ended() else { return call };
    if record.visited_voicemail() {
        call.step(ended.as_micros(), StepKind::Voicemail, None);
    }
    (call.wait_us, call.talk_us) = (Some(length(record.wait())), Some(length(record.talk())));
    let outcome = match record.outcome() {
        Some(calls::Outcome::Answered) => Outcome::Answered,
        Some(calls::Outcome::Voicemail) => Outcome::Voicemail,
        Some(calls::Outcome::Abandoned) if call.queue.is_some() => Outcome::Abandoned,
        Some(calls::Outcome::Abandoned | calls::Outcome::NoAnswer | calls::Outcome::Rejected) => {
            Outcome::Missed
        }
        Some(calls::Outcome::Busy) => Outcome::Busy,
        Some(calls::Outcome::Failed(_)) => Outcome::Failed,
        _ => Outcome::Unknown,
    };
    call.end(ended.as_micros(), outcome);
    call
}
