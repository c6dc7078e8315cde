//! The conformance suite for the PBX of `custom-provider`.

use http::StatusCode;
use serde_json::json;
use voip_module::testing::{Fixture, Fixtures, ScriptedTransport, conformance};
use voip_module::{Secret, VoipProvider};

/// Runs the conformance suite on a provider for the PBX, and prints its report; the body of `main`.
///
/// # Panics
///
/// If the provider violates its contract.
pub async fn check_parrot<P: VoipProvider>(provider: impl Fn(Secret, ScriptedTransport) -> P) {
    let push = |form: &'static str| {
        http::Request::post("/parrot")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form.into())
            .expect("a request")
    };
    let fixtures = Fixtures::new()
        .accepted(
            Fixture::new(push("key=polly-0815&what=ring&from=+79990000001&to=701&id=7")).gives(
                json!({"event": {"event": "notify_start", "direction": "in",
                    "srcPhone": "+79990000001", "dstPhone": "701", "disposition": "unknown",
                    "callId": "7"}}),
            ),
        )
        .accepted(Fixture::new(push(
            "key=polly-0815&what=bye&from=+79990000001&to=701&id=7&seconds=9\
             &audio=https://a.example/7",
        )))
        .unauthorised(push("key=molly&what=ring&from=79990000001&to=701"))
        .recording(json!({"audio": "https://a.example/7"}), "https://a.example/7")
        .call("+79990000001", "701", "702")
        .secret("polly-0815");
    let members = r#"[{"id":"701","label":"Anna"},{"id":"702","label":"Ivan"}]"#;
    let transport = ScriptedTransport::new().always(StatusCode::OK, members);
    let report = conformance(provider("polly-0815".into(), transport), fixtures).await;
    println!("{report}");
    report.assert_clean();
}
