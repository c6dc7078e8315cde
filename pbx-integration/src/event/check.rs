//! Inconsistencies within a live event.

use crate::event::call_state::{CallState, Phase};
use crate::event::reason::Reason;
use crate::event::timestamps::Timestamps;
use crate::wire::Code;
use crate::wire::finding::{Finding, Findings};

/// The fields that both live events have.
pub(crate) struct Live<'a> {
    pub(crate) timestamps: Option<&'a Timestamps>,
    pub(crate) reason: Option<&'a Reason>,
    pub(crate) callid: &'a str,
    pub(crate) phase: Phase,
    pub(crate) has_agent: bool,
    pub(crate) state: Option<&'a CallState>,
}

pub(crate) fn check(event: &Live<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    let code = event.reason.and_then(|reason| reason.code);
    if code.is_some_and(|code| !(100..=699).contains(&code)) {
        let message = "expected a SIP code from 100 to 699, found another number"; // P43
        findings.warn(Code::CodeRange, "reason.code", message);
    }
    if let Some(times) = event.timestamps {
        findings.check_order("timestamps.", times.start, times.connect, times.end);
    }
    findings.check_call_id(event.callid);
    // P146
    let has_end = event.timestamps.is_some_and(|times| times.end.is_some());
    let is_backed = match event.phase {
        Phase::Ended => has_end || event.reason.is_some(),
        Phase::Connected => event.has_agent || event.state == Some(&CallState::Connected),
        _ => event.state != Some(&CallState::Ended),
    };
    if !is_backed {
        let message = "expected an end or a reason with this state, found neither";
        findings.warn(Code::Phase, "state", message);
    }
    findings.0
}
