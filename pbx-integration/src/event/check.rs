//! Inconsistencies within a live event.

use crate::event::call_state::{CallState, Phase};
use crate::event::reason::Reason;
use crate::event::timestamps::Timestamps;
use crate::wire::Code;
use crate::wire::finding::{Finding, Findings};

/// Returns whether a call has ended, by its times or by the reason of its disconnect.
// P48
pub(crate) fn has_ended(timestamps: Option<&Timestamps>, reason: Option<&Reason>) -> bool {
    reason.is_some() || timestamps.is_some_and(|times| times.end.is_some())
}

/// Returns the inconsistencies of a live event, by the fields of both kinds.
pub(crate) fn check(
    callid: &str,
    timestamps: Option<&Timestamps>,
    reason: Option<&Reason>,
    state: Option<&CallState>,
    phase: Phase,
) -> Vec<Finding> {
    let mut findings = Findings::default();
    let code = reason.and_then(|reason| reason.code);
    if code.is_some_and(|code| !(100..=699).contains(&code)) {
        let message = "expected a SIP code from 100 to 699, found another number"; // P43
        findings.warn(Code::CodeRange, "reason.code", message);
    }
    if let Some(times) = timestamps {
        findings.check_order("timestamps.", times.start, times.connect, times.end);
    }
    findings.check_call_id(callid);
    // P146. The other phases follow from the fields that they need.
    if state == Some(&CallState::Ended) && matches!(phase, Phase::Waiting | Phase::Ringing) {
        let message = "expected an end or a reason with this state, found neither";
        findings.warn(Code::Phase, "state", message);
    }
    findings.0
}
