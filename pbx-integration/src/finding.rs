//! What a payload contradicts itself in.

use serde::Serialize;

use crate::Rule;
use crate::wire::Timestamp;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Odd, but it happens.
    Warning,
    /// It cannot be.
    Violation,
}

/// What a payload contradicts itself in (§14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that does not hold.
    pub rule: Rule,
    /// The object in which it does not hold, such as `states[0]`; empty for the record (P150).
    pub path: String,
    /// How bad it is.
    pub severity: Severity,
}

/// Findings as they come together.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn add(&mut self, rule: u16, path: impl Into<String>, severity: Severity) {
        self.0.push(Finding { rule: Rule::new(rule), path: path.into(), severity });
    }

    /// P135: `start` ≤ `connect` ≤ `end` wherever both are set; less than a second is a warning
    /// (P22). The worst of an object's faults is the finding.
    pub(crate) fn check_order(
        &mut self,
        path: &str,
        start: Option<Timestamp>,
        connect: Option<Timestamp>,
        end: Option<Timestamp>,
    ) {
        let fault = |earlier: Option<Timestamp>, later: Option<Timestamp>| match (earlier, later) {
            (Some(earlier), Some(later)) => earlier.millis_since(later),
            _ => 0,
        };
        let worst = fault(start, connect).max(fault(connect, end)).max(fault(start, end));
        match worst {
            1_000.. => self.add(135, path, Severity::Violation),
            1.. => self.add(135, path, Severity::Warning),
            _ => {}
        }
    }

    /// P145: not blank, at most 512 bytes, no control characters.
    pub(crate) fn check_call_id(&mut self, callid: &str) {
        let is_blank = callid.trim().is_empty();
        if is_blank || callid.len() > 512 || callid.contains(char::is_control) {
            self.add(145, "", Severity::Violation);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}
