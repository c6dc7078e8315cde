//! A call record as one line of JSON.

use std::time::Duration;

use pbx_integration::{
    CallDirection, Cdr, Decimal, Disposition, Finding, Mos, Parsed, ReadError, Reader, Rule,
};
use serde::Serialize;

/// What is said of a record that was read; what is not known is null.
#[derive(Debug, Serialize)]
struct Line<'a> {
    callid: &'a str,
    summary: Summary,
    findings: Vec<Finding>,
    warnings: Vec<Place<'a>>,
}

#[derive(Debug, Serialize)]
struct Summary {
    direction: CallDirection,
    disposition: Disposition,
    code: Option<i64>,
    agent: Option<String>,
    total_ms: Option<u128>,
    talk_ms: u128,
    hold_ms: u128,
    net_talk_ms: u128,
    ring_ms: u128,
    ivr_ms: u128,
    queue_wait_ms: Vec<u128>,
    cost: Option<Decimal>,
    cost_partial: bool,
    worst_mos: Option<Mos>,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    rule: Rule,
    path: &'a str,
}

/// What is said of a record that was refused.
#[derive(Debug, Serialize)]
struct Refused<'a> {
    error: Place<'a>,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    callid: Option<String>,
}

/// The line for a record.
///
/// # Errors
///
/// None in practice: the line is written to memory.
pub fn of_record(parsed: &Parsed<Cdr>) -> serde_json::Result<String> {
    let (cdr, call) = (&parsed.value, parsed.value.summary());
    let warnings = parsed.warnings.iter();
    serde_json::to_string(&Line {
        callid: &cdr.callid,
        summary: Summary {
            direction: call.direction,
            disposition: call.disposition,
            code: call.disposition.code(),
            agent: call.agent,
            total_ms: call.total.map(|total| total.as_millis()),
            talk_ms: call.talk.as_millis(),
            hold_ms: call.hold.as_millis(),
            net_talk_ms: call.net_talk.as_millis(),
            ring_ms: call.ring.as_millis(),
            ivr_ms: call.ivr.as_millis(),
            queue_wait_ms: call.queue_waits.iter().map(Duration::as_millis).collect(),
            cost: call.cost.total,
            cost_partial: call.cost.is_partial,
            worst_mos: call.worst_mos,
        },
        findings: cdr.validate(),
        warnings: warnings
            .map(|warning| Place { rule: warning.rule, path: &warning.path })
            .collect(),
    })
}

/// The line for a record that was refused: `line` is the number of its line.
///
/// # Errors
///
/// None in practice: the line is written to memory.
pub fn of_error(
    error: &ReadError,
    line: u64,
    reader: &Reader,
    json: &[u8],
) -> serde_json::Result<String> {
    serde_json::to_string(&Refused {
        error: Place { rule: error.rule(), path: error.path() },
        line,
        callid: reader.read_call_id(json),
    })
}
