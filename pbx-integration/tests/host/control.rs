//! Starting and ending calls, and outgoing requests.

use std::sync::Arc;
use std::time::Duration;

use pbx_integration::control::{ControlError, InvalidCall, NoCallControl, StartCallBuilder};
use pbx_integration::testing::{MemoryHost, call_control_conformance};
use pbx_integration::{CallControl, CallId, EndCall, StartCall};
use serde_json::json;

use crate::now;

fn call() -> StartCallBuilder {
    StartCall::builder("tenant1.example.com", "+12025550123").user("41")
}

// P104
#[test]
fn a_call_needs_a_user_or_a_number_and_both_are_sent() {
    let none = StartCall::builder("tenant1.example.com", "+12025550123");
    for originator in [none.clone(), none.clone().user(""), none.clone().from("")] {
        let error = originator.build().unwrap_err();
        assert_eq!(error, InvalidCall::NoOriginator);
        assert_eq!(error.to_string(), "startCall: either `user` or `from` is needed");
    }
    let from = none.from("042").build().unwrap();
    assert_eq!(from.originator(), "042");
    let both = call().from("042").build().unwrap();
    assert_eq!(both.originator(), "41");
    let json = serde_json::to_value(&both).unwrap();
    assert_eq!((&json["user"], &json["from"]), (&json!("41"), &json!("042")));
}

// P105
#[test]
fn the_timeout_is_rounded_up_and_checked() {
    for bad in [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 3600.1] {
        let error = call().timeout(bad).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "startCall: `timeout` is not above 0 and up to 3600 seconds",
            "{bad}"
        );
    }
    for (given, seconds) in
        [(0.001, 1), (1.0, 1), (1.5, 2), (59.01, 60), (3599.5, 3600), (3600.0, 3600)]
    {
        let call = call().timeout(given).build().unwrap();
        assert_eq!(call.timeout(), Duration::from_secs(seconds));
        assert_eq!(serde_json::to_value(&call).unwrap()["timeout"], json!(seconds));
    }
    let unset = call().build().unwrap();
    assert_eq!(unset.timeout(), Duration::from_secs(60));
    assert_eq!(serde_json::to_value(&unset).unwrap().get("timeout"), None);
}

#[test]
fn what_is_not_set_is_not_written_and_the_defaults_are_the_vendors() {
    let least = call().build().unwrap();
    assert_eq!(
        serde_json::to_value(&least).unwrap(),
        json!({"domain": "tenant1.example.com", "user": "41", "to": "+12025550123"})
    );
    assert!(!least.connect());
    let most = StartCall::builder("", "*97")
        .tenant_number(3)
        .from("0041")
        .ani("+1")
        .connect(true)
        .timeout(9.5);
    let most = most.client_token("t").build().unwrap();
    let json = json!({"domain": 3, "from": "0041", "ani": "+1", "to": "*97", "timeout": 10, "connect": true});
    assert_eq!(serde_json::to_value(&most).unwrap(), json);
    assert_eq!(most.client_token(), Some("t"));
}

#[test]
fn a_host_reads_a_call_with_what_it_does_not_know() {
    let json =
        json!({"domain": "t", "user": "41", "from": "", "to": "1", "timeout": 1.5, "later": [1]});
    let call: StartCall = serde_json::from_value(json).unwrap();
    assert_eq!((call.user(), call.from(), call.timeout().as_secs()), (Some("41"), None, 2));
    let written = serde_json::to_value(&call).unwrap();
    assert_eq!(
        written,
        json!({"domain": "t", "user": "41", "to": "1", "timeout": 2, "later": [1]})
    );
    for (bad, text) in [
        (json!([]), "startCall: an object is expected"),
        (json!({"to": "1"}), "startCall: `domain` is not a name or a number"),
        (json!({"domain": "t", "to": 1}), "startCall: `to` is not text"),
        (json!({"domain": "t", "to": "1"}), "startCall: either `user` or `from` is needed"),
        (
            json!({"domain": "t", "to": "1", "user": "4", "timeout": "9"}),
            "startCall: `timeout` is not a number",
        ),
        (
            json!({"domain": "t", "to": "1", "user": "4", "timeout": 0}),
            "startCall: `timeout` is not above 0 and up to 3600 seconds",
        ),
        (
            json!({"domain": "t", "to": "1", "user": "4", "connect": 1}),
            "startCall: `connect` is not true or false",
        ),
    ] {
        let error = serde_json::from_value::<StartCall>(bad).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}

// P106
#[test]
fn a_call_id_keeps_its_json_type() {
    for json in ["\"c-17\"", "\"42\"", "42", "-1", "18446744073709551615", "\"\""] {
        let id: CallId = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), json);
        let end = EndCall::builder(id).build().unwrap();
        assert!(serde_json::to_string(&end).unwrap().starts_with(&format!("[{json},200,")));
    }
    for bad in ["1.5", "1e2", "null", "true", "[]", "{\"id\":1}", "18446744073709551616"] {
        let error = serde_json::from_str::<CallId>(bad).unwrap_err().to_string();
        assert!(error.starts_with("a call id is expected: text or an integer"), "{bad} {error}");
    }
    let hostile = CallId::from(format!("\u{1b}[31m{}", "x".repeat(100)));
    assert_eq!(hostile.to_string(), format!("\\u{{1b}}[31m{}", "x".repeat(59)));
}

// P107
#[test]
fn the_code_is_100_to_699_and_the_default_the_documented_pair() {
    for bad in [0, 42, 99, 700, u16::MAX] {
        let error = EndCall::builder("c").code(bad).build().unwrap_err();
        assert_eq!(error.to_string(), format!("endCall: `code` is {bad} instead of 100 to 699"));
    }
    for good in [100, 486, 699] {
        assert_eq!(EndCall::builder("c").code(good).build().unwrap().code(), good);
    }
    let end = EndCall::builder("c").build().unwrap();
    assert_eq!((end.code(), end.text(), end.is_forced()), (200, "Request Terminated", false));
    assert_eq!(serde_json::to_string(&end).unwrap(), r#"["c",200,"Request Terminated",false]"#);
    let forced = EndCall::builder(7_u64).code(603).text("Decline").forced(true).build().unwrap();
    assert_eq!(serde_json::to_string(&forced).unwrap(), r#"[7,603,"Decline",true]"#);
    let read: EndCall = serde_json::from_str(r#"["c",null]"#).unwrap();
    assert_eq!(read, end, "a host fills in what is left out");
    for bad in [
        "{}",
        "[]",
        "[1.5]",
        "[\"c\",42]",
        "[\"c\",70000]",
        "[\"c\",200,7]",
        "[\"c\",200,\"\",0]",
        "[1,2,3,4,5]",
    ] {
        let error = serde_json::from_str::<EndCall>(bad).unwrap_err().to_string();
        assert!(error.starts_with("endCall: "), "{bad} {error}");
    }
}

// P108
#[test]
fn control_characters_and_a_blank_to_are_refused() {
    let tenant = "tenant1.example.com";
    let cases: [(StartCallBuilder, &str); 8] = [
        (StartCall::builder(tenant, "").user("41"), "startCall: `to` is blank"),
        (StartCall::builder(tenant, " \t").user("41"), "startCall: `to` is blank"),
        (
            StartCall::builder(tenant, "1\n2").user("41"),
            "startCall: `to` has a control character at byte 1",
        ),
        (call().user("4\r1"), "startCall: `user` has a control character at byte 1"),
        (call().from("ü\0"), "startCall: `from` has a control character at byte 2"),
        (call().ani("\u{7f}"), "startCall: `ani` has a control character at byte 0"),
        (call().user("  "), "startCall: `user` is blank"),
        (StartCall::builder(" ", "1").user("41"), "startCall: `domain` is blank"),
    ];
    for (bad, text) in cases {
        assert_eq!(bad.build().unwrap_err().to_string(), text);
    }
    let end = EndCall::builder("c").text("by\u{1b}e").build().unwrap_err();
    assert_eq!(end.to_string(), "endCall: `expl` has a control character at byte 2");
}

// P109
#[test]
fn ending_an_unknown_or_ended_call_is_not_found_and_safe() {
    let host = MemoryHost::new();
    let id = now(host.start_call(&call().build().unwrap())).unwrap();
    let end = EndCall::builder(id).build().unwrap();
    now(host.end_call(&end)).unwrap();
    for end in [&end, &end, &EndCall::builder("no such").build().unwrap()] {
        let error = now(host.end_call(end)).unwrap_err();
        assert!(matches!(error, ControlError::NotFound));
        assert_eq!(error.to_string(), "endCall: there is no such call, or it has ended");
    }
    assert_eq!(host.calls().len(), 1);
}

// P110
#[test]
fn a_client_token_is_refused_within_the_window_and_taken_after_it() {
    let host = MemoryHost::with_integer_ids();
    let short = call().client_token("t").timeout(10.0).build().unwrap();
    let first = now(host.start_call(&short)).unwrap();
    assert_eq!(first, CallId::from(1_u64));
    host.advance(Duration::from_millis(9_999));
    assert!(matches!(now(host.start_call(&short)), Err(ControlError::Repeated)));
    now(host.start_call(&call().client_token("other").build().unwrap())).unwrap();
    now(host.start_call(&call().build().unwrap())).unwrap();
    host.advance(Duration::from_millis(1));
    now(host.start_call(&short)).unwrap();
    assert_eq!((host.calls().len(), host.active()), (4, 4));
}

#[test]
fn a_fault_on_demand_starts_and_ends_nothing() {
    let host = MemoryHost::new();
    let call = call().client_token("t").build().unwrap();
    host.fail_next(ControlError::Refused { code: 503 });
    let error = now(host.start_call(&call)).unwrap_err();
    assert_eq!(error.to_string(), "the PBX refused: code 503");
    let id = now(host.start_call(&call)).unwrap();
    host.fail_next(ControlError::Unreachable("no route".into()));
    let end = EndCall::builder(id).build().unwrap();
    let error = now(host.end_call(&end)).unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no route");
    assert_eq!(host.active(), 1);
    now(host.end_call(&end)).unwrap();
    assert_eq!(host.calls()[0].end, Some(end));
}

// P106, P109, P110
#[test]
fn the_host_in_memory_keeps_the_contract() {
    for host in [MemoryHost::new(), MemoryHost::with_integer_ids()] {
        let call = call().client_token("first").build().unwrap();
        let report = now(call_control_conformance(&host, call, true));
        report.assert_clean();
        assert!(report.checks >= 15, "{report}");
        assert_eq!(host.active(), 0);
    }
}

/// A host that violates the contract.
#[derive(Debug)]
struct Careless;

#[async_trait::async_trait]
impl CallControl for Careless {
    async fn start_call(&self, _: &StartCall) -> Result<CallId, ControlError> {
        Ok("always".into())
    }

    async fn end_call(&self, _: &EndCall) -> Result<(), ControlError> {
        Err(ControlError::Unreachable("ended +12025550123".into()))
    }
}

// P106, P109
#[test]
fn the_suite_finds_every_kind_of_breach() {
    let report = now(call_control_conformance(&Careless, call().build().unwrap(), true));
    for breach in [
        "two calls have one id",
        "a client token that comes again starts another call",
        "a call is not ended with the code 200",
        "ending an unknown call is not `NotFound`",
        "the error of ending a call shows a number",
    ] {
        assert!(report.to_string().contains(breach), "{breach}\n{report}");
    }
    assert!(!report.to_string().contains("2025550123"), "{report}");
    let none: Arc<dyn CallControl> = Arc::new(NoCallControl);
    let error = now(none.start_call(&call().build().unwrap())).unwrap_err();
    assert_eq!(error.to_string(), "startCall is not supported by this host");
}
