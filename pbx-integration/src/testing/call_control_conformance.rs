//! A suite for hosts that control calls.

use super::report::Report;
use crate::control::{CallControl, CallId, ControlError, EndCall, StartCall};

/// Checks whether a host keeps the contract of [`CallControl`]. Starts calls like `call` and ends
/// them, so use a number that may be called, or a host in memory.
///
/// It checks that
///
/// - ids come back with their JSON type, and no two calls share one;
/// - ending with the default and with another code and text is taken;
/// - an unknown call and one that has ended are `NotFound`, at every attempt;
/// - a client token is refused when it comes again (if `knows_tokens`);
/// - no error shows a number or a name;
pub async fn call_control_conformance(
    host: &dyn CallControl,
    call: StartCall,
    knows_tokens: bool,
) -> Report {
    let mut suite = Suite { host, shown: texts(&call), report: Report::default() };
    let Ok(other) = rebuilt(&call, "conformance-2") else {
        suite.report.check(false, || "the call cannot be given a client token".into());
        return suite.report;
    };
    let first = suite.start("a call", &call).await;
    let second = suite.start("a second call", &other).await;
    if knows_tokens {
        let again = host.start_call(&other).await;
        suite.report.check(matches!(again, Err(ControlError::Repeated)), || {
            "a client token that comes again starts another call".into()
        });
        suite.nothing_shown("a repeated call", again.err());
    }
    if let (Some(first), Some(second)) = (&first, &second) {
        suite.report.check(first != second, || "two calls have one id".into());
        for (name, id) in [("the first", first), ("the second", second)] {
            let json = serde_json::to_string(id).unwrap_or_default();
            let back = serde_json::from_str::<CallId>(&json).ok();
            suite.report.check(back.as_ref() == Some(id), || {
                format!("the id of {name} call does not survive JSON")
            });
        }
    }
    let ends = [
        first.map(EndCall::builder),
        second.map(|id| EndCall::builder(id).code(486).text("Busy Here").forced(true)),
    ];
    for end in ends.into_iter().flatten().filter_map(|end| end.build().ok()) {
        let ended = host.end_call(&end).await;
        suite
            .report
            .check(ended.is_ok(), || format!("a call is not ended with the code {}", end.code()));
        suite.nothing_shown("ending a call", ended.err());
        for time in ["once more", "a third time"] {
            suite.not_found(&format!("ending a call {time}"), &end).await;
        }
    }
    for id in [CallId::from("conformance: no such call"), CallId::from(u64::MAX)] {
        if let Ok(end) = EndCall::builder(id).build() {
            suite.not_found("ending an unknown call", &end).await;
        }
    }
    suite.report
}

struct Suite<'a> {
    host: &'a dyn CallControl,
    /// Texts that must not appear in errors.
    shown: Vec<String>,
    report: Report,
}

impl Suite<'_> {
    async fn start(&mut self, name: &str, call: &StartCall) -> Option<CallId> {
        let started = self.host.start_call(call).await;
        self.report.check(started.is_ok(), || format!("{name} is not started"));
        match started {
            Ok(id) => Some(id),
            Err(error) => {
                self.nothing_shown(name, Some(error));
                None
            }
        }
    }

    async fn not_found(&mut self, name: &str, end: &EndCall) {
        let ended = self.host.end_call(end).await;
        let is_not_found = matches!(ended, Err(ControlError::NotFound));
        self.report.check(is_not_found, || format!("{name} is not `NotFound`"));
        self.nothing_shown(name, ended.err());
    }

    fn nothing_shown(&mut self, name: &str, error: Option<ControlError>) {
        let Some(error) = error else { return };
        let text = format!("{error} {error:?}");
        let is_shown = self.shown.iter().any(|shown| text.contains(shown));
        self.report.check(!is_shown, || format!("the error of {name} shows a number"));
    }
}

/// Returns the numbers and names of a call.
fn texts(call: &StartCall) -> Vec<String> {
    let texts = [Some(call.to()), call.user(), call.from(), call.ani()];
    texts.into_iter().flatten().filter(|text| text.len() > 2).map(str::to_owned).collect()
}

/// Returns the same call with a client token.
fn rebuilt(call: &StartCall, token: &str) -> Result<StartCall, crate::control::InvalidCall> {
    call.clone().into_builder().client_token(token).build()
}
