//! The legs of a call folded to its record.

use std::time::Duration;

use super::call::{
    Call, CallDirection, LegDetail, Outcome, ParkDetail, TransferDetail, TransferTarget,
};
use super::leg::{Doing, Leg};
use crate::element::{Timestamp, UserId};

/// Folds legs to a record. Returns `None` if all legs belong to listening supervisors.
pub(super) fn fold(legs: &[Leg], now: Timestamp, has_gap: bool, revised: u32) -> Option<Call> {
    let mut legs: Vec<&Leg> = legs.iter().collect();
    legs.sort_by_key(|leg| (leg.offered, leg.number));
    let parties: Vec<&Leg> = legs.iter().copied().filter(|leg| !leg.is_helper).collect();
    let (first, others) = parties.split_first()?;
    let direction = direction(&parties);
    let outside = parties.iter().copied().find(|leg| match direction {
        CallDirection::Inbound => leg.is_external && !leg.is_outbound,
        CallDirection::Outbound => leg.is_external && leg.is_outbound,
        CallDirection::Internal => true,
    });
    let customer = outside.map(|leg| match direction {
        CallDirection::Outbound => &leg.called_number,
        _ => &leg.calling_number,
    });
    let known = |text: fn(&Leg) -> &str| {
        outside.into_iter().chain(parties.iter().copied()).map(text).find(|it| !it.is_empty())
    };
    let mut rang = Vec::new();
    for user in others.iter().filter(|leg| leg.is_outbound).filter_map(|leg| leg.user_id) {
        if !rang.contains(&user) {
            rang.push(user);
        }
    }
    let first_talk = first_talk(&parties);
    let answered = first_talk.map(|(at, ..)| at);
    let is_over = parties.iter().all(|leg| leg.is_over());
    let ended = parties.iter().filter_map(|leg| leg.ended).max().filter(|_| is_over);
    let voicemail = starts(&parties, |doing| *doing == Doing::Voicemail).min();
    let wait_end = answered.into_iter().chain(voicemail).min().or(ended);
    Some(Call {
        id: first.uuid.to_string(),
        direction,
        customer: customer.map(|it| it.to_string()).unwrap_or_default(),
        customer_id: known(|leg| &leg.customer_id).map(str::to_owned),
        customer_name: known(|leg| &leg.customer_name).map(str::to_owned),
        called_number: match (direction, outside) {
            (CallDirection::Outbound, Some(outside)) => outside.called_number.to_string(),
            _ => first.called_number.to_string(),
        },
        group_id: first.target_group.or_else(|| parties.iter().find_map(|leg| leg.group_id)),
        caller: first.user_id,
        rang,
        answered_by: first_talk.and_then(|(_, one, partner)| {
            let partner = others.iter().copied().find(|leg| Some(&*leg.uuid) == partner);
            let pair = others.iter().copied().filter(|leg| leg.uuid == one.uuid).chain(partner);
            pair.filter(|leg| leg.user_id.is_some()).min_by_key(|leg| leg.number)?.user_id
        }),
        outcome: is_over.then(|| outcome(direction, first, others, answered, voicemail)),
        wait: wait_end.map_or(Duration::ZERO, |end| first.offered.elapsed_at(end)),
        talk: talk(&parties, now),
        started: first.offered,
        answered,
        ended,
        parks: parks(&parties),
        transfers: transfers(&parties),
        visited_ivr: starts(&parties, |doing| *doing == Doing::Ivr).next().is_some(),
        visited_voicemail: voicemail.is_some(),
        legs: legs.iter().map(|leg| detail(leg)).collect(),
        has_gap,
        revised,
        replaces: Vec::new(),
    })
}

fn direction(parties: &[&Leg]) -> CallDirection {
    let has =
        |is_outbound| parties.iter().any(|leg| leg.is_external && leg.is_outbound == is_outbound);
    if has(false) {
        CallDirection::Inbound
    } else if has(true) {
        CallDirection::Outbound
    } else {
        CallDirection::Internal
    }
}

/// Returns the starts of a stage in legs.
fn starts<'l>(
    legs: &'l [&Leg],
    is: impl Fn(&Doing) -> bool + Copy + 'l,
) -> impl Iterator<Item = Timestamp> + 'l {
    let stages = legs.iter().flat_map(|leg| &leg.stages);
    stages.filter(move |stage| is(&stage.doing)).map(|stage| stage.since)
}

/// Returns the time when two parties were first connected, and the parties.
fn first_talk<'l>(parties: &[&'l Leg]) -> Option<(Timestamp, &'l Leg, Option<&'l str>)> {
    let talks = parties.iter().flat_map(|leg| {
        leg.stages.iter().filter_map(move |stage| match &stage.doing {
            Doing::Bridged(partner) => Some((stage.since, *leg, partner.as_deref())),
            _ => None,
        })
    });
    talks.min_by_key(|(at, leg, _)| (*at, leg.number))
}

/// Returns the union of the times in which legs were connected.
fn talk(parties: &[&Leg], now: Timestamp) -> Duration {
    let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
    for leg in parties {
        let talks = leg.spans().filter(|(.., doing)| matches!(doing, Doing::Bridged(_)));
        spans.extend(talks.map(|(from, to, _)| (from, to.unwrap_or(now))));
    }
    spans.sort_unstable();
    let (mut talk, mut until) = (Duration::ZERO, None);
    for (from, to) in spans {
        let from = until.map_or(from, |until| from.max(until));
        talk += from.elapsed_at(to);
        until = until.max(Some(to));
    }
    talk
}

fn parks(parties: &[&Leg]) -> Vec<ParkDetail> {
    let mut parks = Vec::new();
    for leg in parties {
        let mut spans = leg.spans().peekable();
        while let Some((from, to, doing)) = spans.next() {
            let Doing::Parked { slot, parker } = doing else { continue };
            let retrieved_by = match spans.peek() {
                Some((_, _, Doing::Bridged(partner))) => user_of(parties, partner.as_deref()),
                _ => None,
            };
            parks.push(ParkDetail { slot: *slot, parker: *parker, from, to, retrieved_by });
        }
    }
    parks.sort_by_key(|park| park.from);
    parks
}

fn transfers(parties: &[&Leg]) -> Vec<TransferDetail> {
    let mut transfers: Vec<TransferDetail> = Vec::new();
    let mut attended = Vec::new();
    for leg in parties {
        for (before, after) in leg.stages.iter().zip(leg.stages.iter().skip(1)) {
            let Doing::Bridged(from) = &before.doing else { continue };
            let to = match &after.doing {
                Doing::Calling(target) => target.clone(),
                Doing::Bridged(Some(partner)) => {
                    // Of an attended transfer both legs that stay have a new partner; the older
                    // one, which was seen before, is the party that was transferred.
                    if attended.contains(&(after.since, &**partner, &*leg.uuid)) {
                        continue;
                    }
                    attended.push((after.since, &*leg.uuid, &**partner));
                    match user_of(parties, Some(partner)) {
                        Some(user) => TransferTarget::User(user),
                        None => TransferTarget::Number(number_of(parties, partner)),
                    }
                }
                _ => continue,
            };
            let from = user_of(parties, from.as_deref());
            transfers.push(TransferDetail { at: after.since, from, to });
        }
    }
    transfers.sort_by_key(|transfer| transfer.at);
    transfers
}

fn user_of(parties: &[&Leg], uuid: Option<&str>) -> Option<UserId> {
    parties.iter().find(|leg| Some(&*leg.uuid) == uuid)?.user_id
}

fn number_of(parties: &[&Leg], uuid: &str) -> String {
    let leg = parties.iter().find(|leg| &*leg.uuid == uuid);
    leg.map(|leg| number(leg)).unwrap_or_default()
}

fn number(leg: &Leg) -> String {
    if leg.is_outbound { leg.called_number.to_string() } else { leg.calling_number.to_string() }
}

fn outcome(
    direction: CallDirection,
    first: &Leg,
    others: &[&Leg],
    answered: Option<Timestamp>,
    voicemail: Option<Timestamp>,
) -> Outcome {
    if answered.is_some() {
        return Outcome::Answered;
    }
    if voicemail.is_some() {
        return Outcome::Voicemail;
    }
    // The reason of the called side is more exact than the way in which the caller left.
    if direction != CallDirection::Inbound {
        let called = others.iter().rfind(|leg| leg.is_outbound);
        let refusal = called.and_then(|leg| by_cause(&leg.hangup.as_ref()?.cause));
        if let Some(refusal @ (Outcome::Busy | Outcome::Rejected | Outcome::Failed(_))) = refusal {
            return refusal;
        }
    }
    let Some(hangup) = &first.hangup else { return Outcome::Unknown };
    match by_cause(&hangup.cause) {
        Some(outcome) => outcome,
        // The caller left, or the PBX ended the call.
        None if hangup.by_peer == Some(true) => Outcome::Abandoned,
        None => Outcome::NoAnswer,
    }
}

/// Returns the outcome of a cause; `None` if it depends on the side that ended the leg.
fn by_cause(cause: &str) -> Option<Outcome> {
    Some(match cause {
        "USER_BUSY" | "BUSY_EVERYWHERE" => Outcome::Busy,
        "CALL_REJECTED" | "DECLINE" => Outcome::Rejected,
        "NO_ANSWER" | "NO_USER_RESPONSE" | "ALLOTTED_TIMEOUT" => Outcome::NoAnswer,
        "ORIGINATOR_CANCEL" | "NORMAL_CLEARING" | "LOSE_RACE" | "PICKED_OFF" | "" => return None,
        other => Outcome::Failed(other.to_owned()),
    })
}

fn detail(leg: &Leg) -> LegDetail {
    LegDetail {
        uuid: leg.uuid.to_string(),
        is_outbound: leg.is_outbound,
        is_helper: leg.is_helper,
        user_id: leg.user_id,
        number: number(leg),
        offered: leg.offered,
        answered: leg.answered,
        ended: leg.ended,
        hangup: leg.hangup.clone(),
    }
}
