//! Shared functions of tests.

use pbx_integration::{Cdr, Parsed, Reader};

/// A record with these fields beside the required ones.
pub(crate) fn record(fields: &str) -> String {
    let comma = if fields.is_empty() { "" } else { "," };
    format!(r#"{{"domain":"t.example","callid":"c@pbx","start":1000,"end":1100{comma}{fields}}}"#)
}

/// The record with these fields, which a strict reader accepts.
#[track_caller]
pub(crate) fn cdr(fields: &str) -> Cdr {
    Reader::strict().read_cdr(record(fields)).unwrap().value
}

#[track_caller]
pub(crate) fn lenient(json: &str) -> Parsed<Cdr> {
    Reader::lenient().read_cdr(json).unwrap()
}

/// Codes and paths of warnings.
pub(crate) fn warnings<T>(parsed: &Parsed<T>) -> Vec<String> {
    parsed.warnings.iter().map(|issue| format!("{} {}", issue.code(), issue.path())).collect()
}

/// Code and path of the strict reader's error.
#[track_caller]
pub(crate) fn refusal(json: &str) -> String {
    let error = Reader::strict().read_cdr(json).unwrap_err();
    format!("{} {}", error.code(), error.path())
}

/// Codes, paths and severities of findings.
pub(crate) fn findings(cdr: &Cdr) -> Vec<String> {
    let line = |finding: &pbx_integration::wire::Finding| {
        format!("{} {} {:?}", finding.code, finding.path, finding.severity)
    };
    cdr.validate().iter().map(line).collect()
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
    check::<pbx_integration::Issue>();
    check::<pbx_integration::report::CallSummary>();
    check::<pbx_integration::report::Deliveries>();
    check::<pbx_integration::report::Report>();
}
