//! From the view of a call to its record: outcome, places and times.

use std::hash::Hash;
use std::time::Duration;

use siphasher::sip128::{Hasher128 as _, SipHasher13};

use crate::event::{CallStatus, SubCallId, Timestamp};
use crate::number::{is_same_number, public_digits};
use crate::track::fold::MAX_RANG;
use crate::track::record::{CallLeg, CallRecord, Direction, LegResult, Outcome};
use crate::track::transfer::transfers;
use crate::track::view::{AttemptView, Role, View};

/// Maximum number of recordings of a call.
const MAX_RECORDINGS: usize = 50;

impl<'c> View<'c> {
    // D31.
    /// Returns the direction; `None` without an entry.
    pub(super) fn direction(&self) -> Option<Direction> {
        self.entry()?;
        Some(match self.outbound_entry() {
            Some(_) => Direction::Outbound,
            None => Direction::Inbound,
        })
    }

    // D32.
    /// Returns the outcome.
    pub(super) fn outcome(&self) -> Outcome {
        if let Some(entry) = self.outbound_entry() {
            let mut own = self.attempts.iter().filter(|attempt| attempt.leg == entry);
            return if own.clone().any(|attempt| attempt.is_answered) {
                Outcome::Answered
            } else if own.all(|attempt| attempt.end.is_some()) {
                Outcome::NotAnswered
            } else {
                Outcome::Unknown
            };
        }
        let services = || self.of_role(Role::Service);
        if self.takers().any(|attempt| attempt.is_answered)
            || services().any(|attempt| attempt.bridged == Some(true))
        {
            return Outcome::Answered;
        }
        let gave_up = |attempt: &AttemptView<'_>| {
            let says = || attempt.status.is_some_and(|status| status != "ANSWER");
            attempt.bridged.map_or_else(says, |bridged| !bridged)
        };
        let have_all_ended = || {
            let mut takers = self.takers().peekable();
            (takers.peek().is_some() || !self.call.folded.rang.is_empty())
                && takers.all(|attempt| attempt.end.is_some())
        };
        if services().any(gave_up) || have_all_ended() { Outcome::Missed } else { Outcome::Unknown }
    }

    /// Returns the attempt answered first: of an outbound call, by the entry.
    fn answered_first(&self) -> Option<&AttemptView<'c>> {
        let entry = self.outbound_entry();
        let of_entry = |attempt: &&AttemptView<'c>| entry.is_none_or(|leg| attempt.leg == leg);
        let takes = |attempt: &&AttemptView<'c>| {
            let leg = self.leg_of(attempt);
            attempt.is_answered && leg.counts && (entry.is_some() || leg.role != Role::Outbound)
        };
        // An answer without a time counts at the end, when it became known.
        let when = |attempt: &&AttemptView<'c>| attempt.answered_at.or(attempt.end);
        self.attempts.iter().filter(of_entry).filter(takes).min_by_key(when)
    }

    // D33.
    /// Returns the attempt at which the call was missed.
    fn missed_last(&self) -> Option<&AttemptView<'c>> {
        let rank = |attempt: &&AttemptView<'c>| {
            let leg = self.leg_of(attempt);
            // Queues before services of unknown type before IVRs, then the last.
            let kind = if leg.is_queue { 2 } else { usize::from(!leg.is_ivr) };
            (kind, attempt.end.unwrap_or(u64::MAX))
        };
        let last_ring = || self.takers().filter(|attempt| self.rang_name(attempt).is_some());
        self.of_role(Role::Service)
            .max_by_key(rank)
            .or_else(|| last_ring().max_by_key(|attempt| (attempt.start, attempt.end)))
    }

    /// Returns the extensions that rang, in order of first ringing.
    fn rang(&self) -> Vec<String> {
        let mut all: Vec<_> =
            self.call.folded.rang.iter().map(|(name, first)| (*first, &**name)).collect();
        let attempts = self.attempts.iter();
        all.extend(attempts.filter_map(|attempt| Some((attempt.start, self.rang_name(attempt)?))));
        // Folded ones come first, then the others in order of start; the sort is stable.
        all.sort_by_key(|(first, _)| *first);
        let mut seen = std::collections::HashSet::new();
        let mut rang: Vec<_> = all
            .into_iter()
            .filter(|(_, name)| seen.insert(*name))
            .map(|(_, name)| name.to_owned())
            .collect();
        rang.truncate(MAX_RANG);
        rang
    }

    /// Returns the earliest known moment, and whether it is a dial or the start of a stay in a
    /// service.
    fn started(&self) -> (Option<u64>, bool) {
        let start = self.attempts.first().map(|attempt| attempt.start);
        let folded = &self.call.folded;
        let started = start.into_iter().chain(folded.started).min();
        let is_known = self
            .attempts
            .iter()
            .take_while(|attempt| Some(attempt.start) == started)
            .any(|attempt| attempt.is_start_known)
            || (folded.started == started && folded.starts_with_dial);
        (started, is_known)
    }

    // D35.
    /// Returns the talk time.
    fn talk(&self) -> Option<u64> {
        let mut talks: Vec<_> = self
            .counted()
            .filter_map(|attempt| Some((attempt.answered_at?, attempt.talk?)))
            .collect();
        talks.sort_unstable();
        let mut until = 0;
        let total = talks.iter().fold(0_u64, |total, &(from, talk)| {
            let end = from.saturating_add(talk);
            let new = end.saturating_sub(from.max(until));
            until = until.max(end);
            total.saturating_add(new)
        });
        (!talks.is_empty()).then_some(total)
    }

    /// Returns the caller's name, unless it only repeats the number.
    fn name(&self, party: &str) -> Option<&'c str> {
        let name = self.attempts.iter().find_map(|attempt| {
            let leg = self.leg_of(attempt).leg;
            let is_party = leg.caller.get().is_some_and(|caller| is_same_number(caller, party));
            leg.name.get().filter(|_| is_party)
        })?;
        let repeats = name == party
            || public_digits(name).is_some_and(|digits| public_digits(party) == Some(digits));
        (!repeats).then_some(name)
    }

    /// Returns the record without its revision.
    pub(super) fn record(&self) -> CallRecord {
        let outcome = self.outcome();
        let direction = self.direction();
        let party = self.party();
        let is_answered = outcome == Outcome::Answered;
        let is_inbound = direction == Some(Direction::Inbound);
        let first = self.answered_first().filter(|_| is_answered);
        let missed = self.missed_last().filter(|_| outcome == Outcome::Missed);
        let entry = self.outbound_entry();
        let decided_by = first.or(missed).or_else(|| {
            let leg = entry.filter(|_| outcome == Outcome::NotAnswered)?;
            self.attempts.iter().rfind(|attempt| attempt.leg == leg)
        });
        let status = decided_by.and_then(|attempt| attempt.status);
        let (started, is_start_known) = self.started();
        let ends = self.attempts.iter().filter_map(|attempt| attempt.end);
        let ended = ends.chain(self.call.folded.ended).max();
        let answered_at = first.and_then(|attempt| attempt.answered_at);
        let until = match outcome {
            Outcome::Answered => answered_at,
            Outcome::Missed | Outcome::NotAnswered => ended,
            Outcome::Unknown => None,
        };
        let wait = started.filter(|_| is_start_known).zip(until);
        let duration = |micros: u64| Duration::from_micros(micros);
        let text = |text: Option<&str>| text.map(str::to_owned);
        CallRecord {
            call_id: self.call.id.clone(),
            revised: 0,
            direction,
            party: text(party),
            withheld: self.is_withheld(),
            name: text(party.filter(|_| is_inbound).and_then(|party| self.name(party))),
            did: text(self.did()),
            outcome,
            answered_by: text(
                first.filter(|_| entry.is_none()).and_then(|attempt| self.who(attempt)),
            ),
            missed_at: text(missed.and_then(|attempt| {
                self.rang_name(attempt).or_else(|| self.leg_of(attempt).extension)
            })),
            placed_by: text(entry.and_then(|leg| self.legs[leg].extension)),
            rang: self.rang(),
            transfers: if is_answered { transfers(self) } else { Vec::new() },
            started_at: started.map(Timestamp::from_micros),
            answered_at: answered_at.map(Timestamp::from_micros),
            ended_at: ended.map(Timestamp::from_micros),
            wait: wait.map(|(from, until)| duration(until.saturating_sub(from))),
            talk: self.talk().filter(|_| is_answered).map(duration),
            status: status
                .filter(|status| is_answered || *status != "ANSWER")
                .map(CallStatus::from),
            recordings: self.recordings(),
            complete: self.is_complete() && (!is_answered || first.is_some()),
            legs: self.attempts.iter().map(|attempt| self.leg_record(attempt)).collect(),
            legs_left_out: self.call.folded.attempts,
        }
    }

    fn recordings(&self) -> Vec<String> {
        let mut recordings = Vec::<String>::new();
        for recording in self.attempts.iter().filter_map(|attempt| attempt.recording) {
            if recordings.len() < MAX_RECORDINGS && !recordings.iter().any(|id| id == recording) {
                recordings.push(recording.to_owned());
            }
        }
        recordings
    }

    fn is_complete(&self) -> bool {
        self.attempts.iter().all(|attempt| attempt.own_end().is_some())
            && self.counted().all(|attempt| !attempt.is_answered || attempt.talk.is_some())
    }

    fn leg_record(&self, attempt: &AttemptView<'c>) -> CallLeg {
        let leg = self.leg_of(attempt);
        let is_elsewhere = |end: u64| {
            self.counted().any(|other| {
                other.leg != attempt.leg
                    && other
                        .answered_at
                        .is_some_and(|answered| (attempt.start..=end).contains(&answered))
            })
        };
        let result = match attempt.end {
            _ if attempt.is_answered => LegResult::Answered,
            None => LegResult::Lost,
            Some(_) if leg.role == Role::Service => LegResult::Ended,
            Some(end) if is_elsewhere(end) => LegResult::AnsweredElsewhere,
            Some(_) => LegResult::NotAnswered,
        };
        CallLeg {
            sub_call_id: leg.leg.has_sub_call_id.then(|| SubCallId::new(&leg.leg.key)),
            extension: leg.extension.map(str::to_owned),
            role: leg.role,
            result,
            other: leg.far.map(str::to_owned),
            started_at: Some(Timestamp::from_micros(attempt.start)),
            answered_at: attempt.answered_at.map(Timestamp::from_micros),
            ended_at: attempt.end.map(Timestamp::from_micros),
            talk: attempt.talk.map(Duration::from_micros),
            status: attempt.status.map(CallStatus::from),
            bridged: attempt.bridged,
            recording: attempt.recording.map(str::to_owned),
        }
    }
}

/// Hashes a record's content, for comparison with the next record.
pub(super) fn content(record: &CallRecord, key: &[u8; 16]) -> [u64; 2] {
    let mut hasher = SipHasher13::new_with_key(key);
    record.hash(&mut hasher);
    let hash = hasher.finish128();
    [hash.h1, hash.h2]
}
