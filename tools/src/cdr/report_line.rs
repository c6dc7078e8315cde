//! A call record as one line of JSON.

use std::collections::HashSet;
use std::time::Duration;

use pbx_integration::report::{CallDirection, Disposition};
use pbx_integration::wire::{Finding, Mos};
use pbx_integration::{Cdr, Issue, Parsed};
use serde::Serialize;

/// The line of a record that was read; unknown members are null.
#[derive(Serialize)]
struct Line<'a> {
    callid: Option<&'a str>,
    summary: Summary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_types: Vec<&'a str>,
    findings: Vec<Finding>,
    warnings: &'a [Issue],
}

#[derive(Serialize)]
struct Summary {
    direction: CallDirection,
    disposition: Disposition,
    code: Option<i64>,
    agent: Option<String>,
    originator: Option<String>,
    customer: Option<Customer>,
    total_ms: Option<u64>,
    talk_ms: u64,
    hold_ms: u64,
    net_talk_ms: u64,
    ring_ms: u64,
    ivr_ms: u64,
    queue_wait_ms: Vec<u64>,
    cost: Option<String>,
    cost_partial: bool,
    worst_mos: Option<Mos>,
}

#[derive(Serialize)]
struct Customer {
    number: Option<String>,
    name: Option<String>,
    withheld: bool,
}

#[derive(Serialize)]
struct Refused<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    callid: Option<&'a str>,
    error: &'a Issue,
    line: u64,
}

/// The line of a record that was read.
///
/// # Errors
///
/// Never, for records.
pub fn of_record(record: &Parsed<Cdr>) -> serde_json::Result<String> {
    let cdr = &record.value;
    let call = cdr.summary();
    let customer = call.customer.map(|customer| Customer {
        number: customer.number,
        name: customer.name,
        withheld: customer.is_withheld,
    });
    let mut seen = HashSet::new();
    let unknown_types = cdr.unknown_types().filter(|kind| seen.insert(*kind)).collect();
    let line = Line {
        callid: Some(&*cdr.callid).filter(|callid| !callid.is_empty()),
        summary: Summary {
            direction: call.direction,
            disposition: call.disposition,
            code: call.disposition.code(),
            agent: call.agent,
            originator: call.originator,
            customer,
            total_ms: call.total.map(millis),
            talk_ms: millis(call.talk),
            hold_ms: millis(call.hold),
            net_talk_ms: millis(call.net_talk),
            ring_ms: millis(call.ring),
            ivr_ms: millis(call.ivr),
            queue_wait_ms: call.queue_waits.into_iter().map(millis).collect(),
            cost: call.cost.total.map(|cost| cost.to_string()),
            cost_partial: call.cost.is_partial,
            worst_mos: call.worst_mos,
        },
        unknown_types,
        findings: cdr.validate(),
        warnings: &record.warnings,
    };
    serde_json::to_string(&line)
}

/// The line of a record that was refused.
///
/// # Errors
///
/// Never, for these.
pub fn of_refused(error: &Issue, callid: Option<&str>, line: u64) -> serde_json::Result<String> {
    serde_json::to_string(&Refused { callid, error, line })
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
