//! The facts of a push about its leg.

use super::call::{Call, operator_first};
use super::identity::IdentityKey;
use super::leg::{Leg, kept};
use crate::model::{
    VoipCallDirection as Direction, VoipCallRecord, VoipWebhookEvent as Event,
    VoipWebhookParseResult, VoipWebhookRequest,
};

/// The facts of a push about its leg.
pub(super) struct Facts<'a> {
    pub(super) operator: &'a str,
    pub(super) rank: u8,
    /// Hashes of the operator's names, the id first.
    pub(super) names: Vec<u64>,
    pub(super) client: &'a str,
    pub(super) direction: Option<Direction>,
    pub(super) operator_calls: bool,
    pub(super) client_first: bool,
}

impl<'a> Facts<'a> {
    /// Reads the facts of a result.
    pub(super) fn of(key: &IdentityKey, result: &'a VoipWebhookParseResult) -> Self {
        let (src, dst, direction) = match (&result.event, &result.call_record) {
            (Some(event), _) => (&*event.src_phone, &*event.dst_phone, event.direction),
            (None, Some(record)) => (&*record.src_phone, &*record.dst_phone, record.direction),
            (None, None) => ("", "", Direction::In),
        };
        let leg = result.leg.as_ref();
        let operator_calls = leg.map_or(direction == Direction::Out, |leg| leg.operator_calls);
        let client_first = leg.is_some_and(|leg| leg.client_first);
        let is_first = operator_first(direction, operator_calls, client_first);
        let (operator, client) = if is_first { (src, dst) } else { (dst, src) };
        let mut names = vec![key.name(operator)];
        if let Some(leg) = leg {
            names.extend(leg.names.iter().map(|name| key.name(name)));
        }
        Self {
            operator,
            rank: leg.map_or_else(|| u8::from(!operator.is_empty()), |leg| leg.rank),
            names,
            client,
            direction: leg.map_or(Some(direction), |leg| leg.direction),
            operator_calls,
            client_first,
        }
    }
}

/// Updates a leg with the facts of a push, delivered or not.
pub(super) fn learn(leg: &mut Leg, facts: &Facts<'_>, stage: Option<Event>, opens_ring: bool) {
    let is_new = leg.names.is_empty();
    if is_new || !facts.operator.is_empty() {
        facts.names.iter().for_each(|name| leg.add_name(*name));
    }
    if is_new || facts.rank > leg.rank {
        leg.operator = kept(facts.operator);
        leg.rank = facts.rank;
    }
    if !facts.client.is_empty() || leg.client.is_none() {
        leg.client = kept(facts.client);
    }
    leg.client_first = facts.client_first;
    match facts.direction {
        Some(Direction::Internal) => leg.is_internal = true,
        direction => leg.stated = leg.stated.or(direction),
    }
    if stage == Some(Event::NotifyStart) && (leg.start.is_none() || opens_ring) {
        leg.start = facts.direction.or(leg.start);
        leg.operator_calls = facts.operator_calls;
    }
}

/// Rewrites an event: the leg's best id, direction and order of numbers.
pub(super) fn rewrite_event(
    call: &Call,
    at: usize,
    event: &VoipWebhookRequest,
    facts: &Facts<'_>,
) -> VoipWebhookRequest {
    let (direction, is_first) = call.direction_of(at);
    let (src_phone, dst_phone) = numbers(&call.legs[at], facts, is_first);
    VoipWebhookRequest { direction, src_phone, dst_phone, ..event.clone() }
}

/// Rewrites a record: the leg's best id, and the record's direction or else the leg's.
// V148
pub(super) fn rewrite_record(
    call: &Call,
    at: usize,
    record: &VoipCallRecord,
    facts: &Facts<'_>,
) -> VoipCallRecord {
    let leg = &call.legs[at];
    let (direction, is_first) = match facts.direction {
        Some(direction) => {
            let operator_calls = facts.operator_calls || leg.operator_calls;
            (direction, operator_first(direction, operator_calls, leg.client_first))
        }
        None => call.direction_of(at),
    };
    let (src_phone, dst_phone) = numbers(leg, facts, is_first);
    VoipCallRecord { direction, src_phone, dst_phone, ..record.clone() }
}

fn numbers(leg: &Leg, facts: &Facts<'_>, operator_first: bool) -> (String, String) {
    let operator = leg.operator.as_deref().filter(|_| facts.rank <= leg.rank);
    let operator = operator.unwrap_or(facts.operator).to_owned();
    let client = facts.client.to_owned();
    if operator_first { (operator, client) } else { (client, operator) }
}

/// The call id of a result; empty if it has none.
pub(super) fn call_id(result: &VoipWebhookParseResult) -> &str {
    let event = result.event.as_ref().and_then(|event| event.call_id.as_deref());
    let record = || result.call_record.as_ref().and_then(|record| record.call_id.as_deref());
    event.or_else(record).unwrap_or_default()
}
