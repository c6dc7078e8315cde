//! Verdicts on pushes: an event or record of a leg, a notice, or a recording.

use std::time::Duration;

use super::call::Call;
use super::capacity::Capacity;
use super::delivery::{Begun, Parts};
use super::facts::{Facts, call_id, learn, rewrite_event, rewrite_record};
use super::identity::{Identity, IdentityKey};
use super::leg::{Judgement, Leg, kept};
use super::record::{self, Rules};
use super::{CallJournal, Statistics, recording_notice};
use crate::model::{
    Notice, Recording, VoipCallDirection as Direction, VoipCallDisposition as Disposition,
    VoipCallRecord, VoipWebhookEvent as Event, VoipWebhookParseResult,
};

impl CallJournal {
    /// Begins an event, a record, or both.
    pub(super) fn begin_leg(
        &mut self,
        identity: Identity,
        result: &VoipWebhookParseResult,
    ) -> Begun {
        let facts = Facts::of(&self.key, result);
        let id = call_id(result);
        let key = self.key.call(id, facts.client);
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
                let again = (judged == Judgement::NewRing).then_some(capacity.ring_again);
                call.legs[at].enter(counts_at, event.event, identity, again);
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
            // A PBX without retries may ring again with the same push; later pushes show it.
            leg.ring.next_may_ring |= stage == Some(Event::NotifyStart) && tried.is_some();
        }
        parts.ticket.ring = leg.ring.number;
        call.last_push = now;
        self.recount(key);
        parts.begun(result.notice.clone())
    }

    /// Begins a notice, known by its identity only.
    pub(super) fn begin_notice(&mut self, identity: Identity, notice: Notice) -> Begun {
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
        // An end, so that it does not count as a live call.
        let judged = leg.judge(now, Event::NotifyEnd, identity, again);
        let mut parts = Parts::new(key, leg.serial, identity, now);
        parts.note_event(judged);
        if judged == Judgement::New {
            leg.enter(now, Event::NotifyEnd, identity, None);
            parts.ticket.event = Some(Event::NotifyEnd);
            parts.notice = Some(notice);
        }
        self.recount(key);
        parts.begun(None)
    }

    /// Begins a recording: its members join the known record, or wait for the expected one.
    // V173
    pub(super) fn begin_recording(&mut self, identity: Identity, recording: &Recording) -> Begun {
        let key = self.key.call(&recording.call_id, "");
        let operator = recording.operator.as_deref().map(|operator| self.key.name(operator));
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
                    // The record is too large to join, so the members are delivered on their own.
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
}

/// Finds the leg of a push; if the call lacks it, makes room for it.
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

/// Begins a new call of a leg without a call id, distinguished by time only.
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
