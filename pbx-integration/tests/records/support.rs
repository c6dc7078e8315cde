//! What several tests need.

use pbx_integration::{Cdr, Parsed, Reader};

/// A record with these fields beside the required ones.
pub(crate) fn record(fields: &str) -> String {
    let comma = if fields.is_empty() { "" } else { "," };
    format!(r#"{{"domain":"t.example","callid":"c@pbx","start":1000,"end":1100{comma}{fields}}}"#)
}

/// The record with these fields, which a strict reader takes.
#[track_caller]
pub(crate) fn cdr(fields: &str) -> Cdr {
    Reader::strict().read_cdr(record(fields)).unwrap().value
}

#[track_caller]
pub(crate) fn lenient(json: &str) -> Parsed<Cdr> {
    Reader::lenient().read_cdr(json).unwrap()
}

/// Rules and paths of warnings.
pub(crate) fn warnings<T>(parsed: &Parsed<T>) -> Vec<String> {
    parsed.warnings.iter().map(|warning| format!("{} {}", warning.rule, warning.path)).collect()
}

/// Rule and path of the strict reader's error.
#[track_caller]
pub(crate) fn refusal(json: &str) -> String {
    let error = Reader::strict().read_cdr(json).unwrap_err();
    format!("{} {}", error.rule(), error.path())
}

/// Rules, paths and severities of findings.
pub(crate) fn findings(cdr: &Cdr) -> Vec<String> {
    let findings = cdr.validate();
    let line = |finding: &pbx_integration::Finding| {
        format!("{} {} {:?}", finding.rule, finding.path, finding.severity)
    };
    findings.iter().map(line).collect()
}

/// Auto traits that users rely on.
#[test]
fn types_are_send_sync_and_debug() {
    fn check<T: Send + Sync + std::fmt::Debug>() {}
    check::<Cdr>();
    check::<pbx_integration::GroupEvent>();
    check::<pbx_integration::AgentEvent>();
    check::<Parsed<Cdr>>();
    check::<Reader>();
    check::<pbx_integration::ReadError>();
    check::<pbx_integration::CallSummary>();
    check::<pbx_integration::QueueStatistics>();
    check::<pbx_integration::Timesheet>();
    check::<pbx_integration::Deliveries>();
    check::<pbx_integration::LiveCalls>();
    check::<Box<dyn pbx_integration::RecordingFetcher>>();
}
