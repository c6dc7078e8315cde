//! Notices and records of UCOM as calls.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;
use ucom_events::track::{Direction as Way, LegRole, Notice, NoticeKind, Outcome as Result_};
use ucom_events::{CallRecord, Timestamp};

use crate::sources::book::{Entry, MAX_SILENCE};
use crate::timeline::{Call, Direction, Micros, Outcome, State, StepKind};

/// The open notices of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    open: BTreeSet<String>,
    /// True if the call was ended by its notices; its record is still to come.
    is_provisional: bool,
}

/// The name of a far side, which is a user or a number.
fn text(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

pub(super) fn fold_notice(
    source: &str,
    known: Option<Entry<Notices>>,
    notice: &Notice,
    at: Micros,
) -> Option<Entry<Notices>> {
    let due = Instant::now() + MAX_SILENCE;
    let id = notice.call_id.as_str();
    let way = match notice.kind {
        NoticeKind::Dialing => Direction::Outbound,
        _ => Direction::Inbound,
    };
    let is_start = matches!(notice.kind, NoticeKind::Ringing | NoticeKind::Dialing);
    let mut entry = match known {
        // The record says more than its notices.
        Some(known) if !known.call.is_open() && !known.notes.is_provisional => return None,
        Some(known) => Entry { due, ..known },
        None if notice.kind == NoticeKind::Closed => return None,
        None => Entry { call: Call::new(source, id, way, at), notes: Notices::default(), due },
    };
    let call = &mut entry.call;
    let extension = text(notice.extension.as_ref());
    if let Some(party) = text(notice.party.as_ref()) {
        call.set_customer(party);
    }
    let did = text(notice.did.as_ref());
    if let Some(called) =
        did.or_else(|| text(notice.party.as_ref()).filter(|_| way == Direction::Outbound))
    {
        call.set_called_number(called);
    }
    let leg = notice
        .sub_call_id
        .as_ref()
        .map_or_else(|| extension.unwrap_or_default().to_owned(), |leg| leg.as_str().to_owned());
    if entry.notes.is_provisional && is_start {
        entry.notes.is_provisional = false;
        call.reopen();
    }
    match notice.kind {
        NoticeKind::Ringing | NoticeKind::Dialing => {
            entry.notes.open.insert(leg);
            if notice.kind == NoticeKind::Dialing {
                call.placed_by = extension.map(str::to_owned);
            } else if let Some(extension) = extension {
                call.add_rang(extension);
                call.step(at, StepKind::Rang, Some(extension));
            }
            if call.state != State::Talking {
                call.state = State::Ringing;
            }
        }
        NoticeKind::Taken => {
            entry.notes.open.insert(leg);
            let who = extension.filter(|_| call.direction == Direction::Inbound);
            call.answer(at, who);
        }
        NoticeKind::Closed => {
            entry.notes.open.remove(&leg);
            if entry.notes.open.is_empty() && call.is_open() {
                if call.answered_at_us.is_some() {
                    call.end(at, Outcome::Answered);
                    entry.notes.is_provisional = true;
                } else {
                    // Another phone may ring; the record says in the end.
                    call.state = State::Waiting;
                }
            }
        }
    }
    Some(entry)
}

/// A call as its record has it.
pub(super) fn call_of(source: &str, record: &CallRecord, at: Micros) -> Call {
    let micros = |time: Timestamp| Micros::try_from(time.as_micros()).unwrap_or(Micros::MAX);
    let length = |time: Duration| Micros::try_from(time.as_micros()).unwrap_or(Micros::MAX);
    // The time of arrival comes last: it is another one after a replay.
    let ended = record.ended_at.or(record.answered_at).or(record.started_at);
    let ended = ended.map_or(at, micros);
    let started = record.started_at.map_or(ended, micros);
    let direction = match record.direction {
        Some(Way::Outbound) => Direction::Outbound,
        _ => Direction::Inbound,
    };
    let mut call = Call::new(source, record.call_id.as_str(), direction, started);
    call.set_customer(record.party.as_deref().unwrap_or_default());
    call.customer_name.clone_from(&record.name);
    call.set_called_number(record.did.as_deref().unwrap_or_default());
    if direction == Direction::Outbound && call.called_number.is_empty() {
        call.called_number.clone_from(&call.customer);
    }
    call.answered_by.clone_from(&record.answered_by);
    call.placed_by.clone_from(&record.placed_by);
    for extension in &record.rang {
        call.add_rang(extension);
    }
    call.answered_at_us = record.answered_at.map(micros);
    (call.wait_us, call.talk_us) = (record.wait.map(length), record.talk.map(length));
    call.recording = record.recordings.first().cloned();
    call.has_gap = !record.complete;
    for leg in &record.legs {
        let who = text(leg.extension.as_ref());
        let kind = match leg.role {
            LegRole::Service => StepKind::Queued,
            _ => StepKind::Rang,
        };
        if let Some(started) = leg.started_at
            && direction == Direction::Inbound
        {
            call.step(micros(started), kind, who);
        }
        if let Some(answered) = leg.answered_at
            && leg.role != LegRole::Service
        {
            let who = who.filter(|_| leg.role != LegRole::Outbound);
            call.step(micros(answered), StepKind::Answered, who);
        }
    }
    for transfer in &record.transfers {
        let leg = record.legs.iter().find(|leg| leg.extension == transfer.to);
        if let Some(started) = leg.and_then(|leg| leg.started_at) {
            call.step(micros(started), StepKind::Transferred, text(transfer.to.as_ref()));
        }
    }
    let outcome = match record.outcome {
        Result_::Answered => Outcome::Answered,
        Result_::Missed | Result_::NotAnswered => Outcome::Missed,
        Result_::Unknown => Outcome::Unknown,
    };
    call.end(ended, outcome);
    call
}
