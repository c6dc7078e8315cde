//! The records of [`Calls`] against the call log of the model.

use std::collections::BTreeMap;
use std::time::Duration;

use basix_cti::calls::{Call, CallDirection, Outcome, TransferTarget};
use basix_cti::element::{HangupSide, UserId};
use basix_cti::{Calls, Event, Store, Timestamp};
use basix_cti_testing::{Callee, LoggedCall, LoggedLeg, Pbx};

/// A program that logs calls.
#[derive(Default)]
pub(crate) struct CallLogger {
    calls: Calls,
    records: BTreeMap<String, Call>,
    pub(crate) revised: u64,
}

/// Number of records, and of those without a gap.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compared {
    pub(crate) records: u64,
    pub(crate) exact: u64,
    /// Number of required records, since no event was missed.
    pub(crate) sought: u64,
    pub(crate) revised: u64,
}

impl CallLogger {
    pub(crate) fn handle_event(&mut self, now: Timestamp, event: &Event, store: &Store) {
        self.calls.handle_event(now, event);
        if matches!(event, Event::Lagged { .. }) {
            self.calls.reconcile(now, store);
        }
        self.take();
    }

    /// Polls the records of all ended calls.
    pub(crate) fn finish(&mut self, now: Timestamp) {
        self.calls.handle_timeout(Timestamp::from_micros(now.as_micros() + 60_000_000));
        self.take();
    }

    fn take(&mut self) {
        while let Some(call) = self.calls.poll_call() {
            self.revised += u64::from(call.revised() > 0);
            self.records.insert(call.id().to_owned(), call);
        }
    }

    /// Compares every record with the log.
    ///
    /// No event was missed since `saw_all_since`, so no record may be missing after it.
    pub(crate) fn compare(
        &self,
        pbx: &Pbx,
        saw_all_since: Option<Timestamp>,
    ) -> Result<Compared, String> {
        let mut logged = BTreeMap::new();
        for call in pbx.call_log() {
            for leg in &call.legs {
                logged.insert(&*leg.channel.uuid, call);
            }
        }
        let mut compared = Compared { revised: self.revised, ..Compared::default() };
        for record in self.records.values() {
            let call =
                logged.get(record.id()).ok_or_else(|| format!("no such call: {record:?}"))?;
            compared.records += 1;
            compared.exact += u64::from(!record.has_gap());
            let result = match record.has_gap() {
                false => exact(record, call),
                true => plausible(record, call),
            };
            result.map_err(|what| format!("{what}\nrecord {record:#?}\nlog {call:#?}"))?;
        }
        if let Some(since) = saw_all_since {
            let ended = pbx.call_log().filter(|call| {
                let ended = |leg: &&LoggedLeg| leg.ended.as_ref().map(|(at, _)| *at);
                let all: Option<Vec<Timestamp>> = parties(call).iter().map(ended).collect();
                let first = parties(call).first().map(|leg| leg.channel.offer_timestamp);
                all.is_some() && first.is_some_and(|first| first > since)
            });
            for call in ended {
                compared.sought += 1;
                let first = &parties(call)[0].channel.uuid;
                if !self.records.contains_key(first) {
                    return Err(format!("no record of {call:#?}"));
                }
            }
        }
        if self.calls.dropped() > 0 {
            return Err("something was left out".into());
        }
        Ok(compared)
    }
}

fn parties(call: &LoggedCall) -> Vec<&LoggedLeg> {
    call.legs.iter().filter(|leg| !leg.is_helper()).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(name: &str, record: T, log: T) -> Result<(), String> {
    if record == log { Ok(()) } else { Err(format!("{name}: {record:?}, not {log:?}")) }
}

fn exact(record: &Call, call: &LoggedCall) -> Result<(), String> {
    let parties = parties(call);
    let first = parties[0];
    same("id", record.id(), &first.channel.uuid)?;
    same("direction", record.direction(), direction(&parties))?;
    let customer = match record.direction() {
        CallDirection::Outbound => {
            let out = parties.iter().find(|leg| leg.is_external()).unwrap();
            &out.channel.called_number
        }
        CallDirection::Inbound => {
            let inbound = parties.iter().find(|leg| leg.is_external() && !leg.is_outbound());
            &inbound.unwrap().channel.calling_number
        }
        CallDirection::Internal => &first.channel.calling_number,
        other => return Err(format!("{other:?}")),
    };
    same("customer", record.customer(), customer)?;
    let mut rang: Vec<UserId> = Vec::new();
    for leg in parties[1..].iter().filter(|leg| leg.is_outbound()) {
        if let Some(user) = leg.channel.user_id.filter(|user| !rang.contains(user)) {
            rang.push(user);
        }
    }
    same("rang", record.rang(), &rang)?;
    same("caller", record.caller(), first.channel.user_id)?;
    let number = |uuid: &str| {
        let leg = parties.iter().find(|leg| leg.channel.uuid == uuid);
        leg.map_or(usize::MAX, |leg| leg.number)
    };
    let user = |uuid: &str| {
        parties[1..].iter().find(|leg| leg.channel.uuid == uuid).and_then(|leg| leg.channel.user_id)
    };
    let bridges: Vec<_> = call.bridges.iter().filter(|it| number(&it.leg) < usize::MAX).collect();
    let first_bridge = bridges.iter().min_by_key(|it| (it.from, number(&it.leg)));
    same("answered", record.answered(), first_bridge.map(|it| it.from))?;
    let mut pair: Vec<&str> =
        first_bridge.into_iter().flat_map(|it| [&*it.leg, &*it.partner]).collect();
    pair.sort_by_key(|uuid| number(uuid));
    let answered_by = pair.into_iter().find_map(user);
    same("answered by", record.answered_by(), answered_by)?;
    let ended = parties.iter().map(|leg| leg.ended.as_ref().map(|(at, _)| *at)).max().flatten();
    same("ended", record.ended(), ended)?;
    let started = first.channel.offer_timestamp;
    same("started", record.started(), started)?;
    let voicemail = call.voicemails.iter().copied().min();
    let waited = [record.answered(), voicemail].into_iter().flatten().min().or(ended).unwrap();
    same("wait", record.wait(), started.elapsed_at(waited))?;
    let spans = bridges.iter().map(|it| (it.from, it.to.or(ended).unwrap()));
    same("talk", record.talk(), union(spans.collect()))?;
    // Two that begin in the same microsecond have no order.
    let mut parks: Vec<_> = (record.parks().iter())
        .map(|it| (it.from, it.to, it.slot, it.parker, it.retrieved_by))
        .collect();
    parks.sort_by_key(|park| (park.0, park.2));
    let mut logged: Vec<_> = (call.parks.iter())
        .filter(|it| number(&it.leg) < usize::MAX)
        .map(|it| (it.from, it.to, Some(it.slot), it.parker, it.retrieved_by))
        .collect();
    logged.sort_by_key(|park| (park.0, park.2));
    same("parks", parks, logged)?;
    let mut transfers: Vec<_> =
        record.transfers().iter().map(|it| (it.at, it.from, it.to.clone())).collect();
    transfers.sort_by_key(|transfer| (transfer.0, format!("{transfer:?}")));
    let mut logged: Vec<_> = call
        .transfers
        .iter()
        .filter(|it| number(&it.leg) < usize::MAX)
        .map(|it| (it.at, it.from, target(&it.to)))
        .collect();
    logged.sort_by_key(|transfer| (transfer.0, format!("{transfer:?}")));
    same("transfers", transfers, logged)?;
    same("ivr", record.visited_ivr(), call.visited_ivr)?;
    same("voicemail", record.visited_voicemail(), voicemail.is_some())?;
    let outcome = outcome(record.direction(), &parties, record.answered(), voicemail);
    same("outcome", record.outcome(), Some(&outcome))
}

/// The facts of a record with a gap are true, but may be incomplete.
fn plausible(record: &Call, call: &LoggedCall) -> Result<(), String> {
    let users: Vec<UserId> = call.legs.iter().filter_map(|leg| leg.channel.user_id).collect();
    if let Some(user) = record.rang().iter().find(|user| !users.contains(user)) {
        return Err(format!("{user} never rang"));
    }
    if record.answered().is_some() && call.bridges.is_empty() {
        return Err("nobody talked".into());
    }
    for park in record.parks() {
        let is_logged =
            call.parks.iter().any(|it| Some(it.slot) == park.slot && it.from == park.from);
        if !is_logged {
            return Err(format!("never parked: {park:?}"));
        }
    }
    Ok(())
}

fn union(mut spans: Vec<(Timestamp, Timestamp)>) -> Duration {
    spans.sort_unstable();
    let mut total = 0;
    let mut until = i64::MIN;
    for (from, to) in spans {
        total += (to.as_micros() - from.as_micros().max(until)).max(0);
        until = until.max(to.as_micros());
    }
    Duration::from_micros(total as u64)
}

fn direction(parties: &[&LoggedLeg]) -> CallDirection {
    if parties.iter().any(|leg| leg.is_external() && !leg.is_outbound()) {
        CallDirection::Inbound
    } else if parties.iter().any(|leg| leg.is_external()) {
        CallDirection::Outbound
    } else {
        CallDirection::Internal
    }
}

fn target(to: &Callee) -> TransferTarget {
    match to {
        Callee::User(user) => TransferTarget::User(*user),
        Callee::Group(group) => TransferTarget::Group(*group),
        Callee::Number(number) => TransferTarget::Number(number.clone()),
        other => panic!("{other:?}"),
    }
}

fn outcome(
    direction: CallDirection,
    parties: &[&LoggedLeg],
    answered: Option<Timestamp>,
    voicemail: Option<Timestamp>,
) -> Outcome {
    if answered.is_some() {
        return Outcome::Answered;
    }
    if voicemail.is_some() {
        return Outcome::Voicemail;
    }
    let ending = |leg: &LoggedLeg| leg.ended.clone().map(|(_, ending)| ending);
    let called = parties[1..].iter().rfind(|leg| leg.is_outbound()).and_then(|leg| ending(leg));
    if direction != CallDirection::Inbound && called.is_some_and(|it| it.cause == "USER_BUSY") {
        return Outcome::Busy;
    }
    let ending = ending(parties[0]).unwrap();
    match (&*ending.cause, ending.side) {
        ("USER_BUSY", _) => Outcome::Busy,
        ("NO_ANSWER" | "NO_USER_RESPONSE" | "ALLOTTED_TIMEOUT", _) => Outcome::NoAnswer,
        (_, HangupSide::Peer) => Outcome::Abandoned,
        _ => Outcome::NoAnswer,
    }
}
