//! Inconsistencies within a payload.

use std::fmt;

use serde::Serialize;

use crate::wire::Timestamp;
use crate::wire::code::Code;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Odd, but possible.
    Warning,
    /// Impossible: the payload contradicts itself.
    Violation,
}

/// An inconsistency within a payload: a code, the path of the field at fault, and a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The stable word for the finding.
    pub code: Code,
    /// The severity.
    pub severity: Severity,
    /// The field at fault, or the list or entry if several fields are; never empty.
    pub path: String,
    /// The expectation, and the kind of value found.
    pub message: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// A collection of findings.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    pub(crate) fn warn(&mut self, code: Code, path: impl Into<String>, message: &'static str) {
        self.add(code, Severity::Warning, path, message);
    }

    pub(crate) fn violate(&mut self, code: Code, path: impl Into<String>, message: &'static str) {
        self.add(code, Severity::Violation, path, message);
    }

    fn add(
        &mut self,
        code: Code,
        severity: Severity,
        path: impl Into<String>,
        message: &'static str,
    ) {
        self.0.push(Finding { code, severity, path: path.into(), message });
    }

    /// Checks that `start` ≤ `connect` ≤ `end`, if set. Reports the largest deviation of an object;
    /// less than a second is a warning.
    // P135, P22
    pub(crate) fn check_order(
        &mut self,
        prefix: &str,
        start: Option<Timestamp>,
        connect: Option<Timestamp>,
        end: Option<Timestamp>,
    ) {
        let fault = |earlier: Option<Timestamp>, later: Option<Timestamp>| match (earlier, later) {
            (Some(earlier), Some(later)) => earlier.millis_since(later),
            _ => 0,
        };
        let (at_connect, at_end) =
            (fault(start, connect), fault(connect, end).max(fault(start, end)));
        let (name, message) = if at_connect >= at_end {
            ("connect", "expected a time at or after `start`, found an earlier one")
        } else {
            ("end", "expected a time at or after `start` and `connect`, found an earlier one")
        };
        let severity = match at_connect.max(at_end) {
            1_000.. => Severity::Violation,
            1.. => Severity::Warning,
            _ => return,
        };
        self.add(Code::TimeOrder, severity, format!("{prefix}{name}"), message);
    }

    // P145
    pub(crate) fn check_call_id(&mut self, callid: &str) {
        let message = if callid.trim().is_empty() {
            "expected a call-ID, found a blank text"
        } else if callid.len() > 512 {
            "expected a call-ID of at most 512 bytes, found a longer one"
        } else if callid.contains(char::is_control) {
            "expected a call-ID, found a control character in it"
        } else {
            return;
        };
        self.violate(Code::BadCallid, "callid", message);
    }
}
