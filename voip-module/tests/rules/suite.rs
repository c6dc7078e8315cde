//! The conformance suite, on good and on bad providers.

use async_trait::async_trait;
use http::StatusCode;
use serde_json::json;
use voip_module::gravitel::{GravitelConfig, GravitelOptions, GravitelProvider};
use voip_module::testing::{Fixture, Fixtures, ManualTimer, Push, ScriptedTransport, conformance};
use voip_module::*;

use crate::now;

fn incoming() -> Push {
    Push::event("INCOMING").phone("79990000001").ext("701").callid("C-1").crm_token("crm-key-1")
}

fn fixtures() -> Fixtures {
    let record = Push::history("in", "Success").phone("79990000001").ext("701").callid("C-1");
    let record = record.duration("124").link("https://rec.example/a.mp3").crm_token("crm-key-1");
    Fixtures::new()
        .accepted(Fixture::new(incoming().post("/hook")).gives(json!({"event": {
            "event": "notify_start", "direction": "in", "srcPhone": "79990000001",
            "dstPhone": "701", "disposition": "unknown", "callId": "C-1"}})))
        .accepted(Fixture::new(incoming().get("/hook")))
        .accepted(Fixture::new(record.post("/hook")))
        .accepted(Fixture::new(Push::contact().phone("1").crm_token("crm-key-1").post("/hook")))
        .unauthorised(incoming().crm_token("other").post("/hook"))
        .unauthorised(Push::event("INCOMING").phone("1").post("/hook"))
        .recording(json!({"link": "https://rec.example/a.mp3"}), "https://rec.example/a.mp3")
        .secret("api-key-2")
        .secret("crm-key-1")
}

fn gravitel(transport: ScriptedTransport) -> GravitelProvider<ScriptedTransport> {
    let config = GravitelConfig::new("https://pbx.example/", "api-key-2").with_crm_key("crm-key-1");
    GravitelProvider::new(config, transport)
}

struct Nobody;

#[async_trait]
impl ContactLookup for Nobody {
    async fn find_contact(&self, _: &ContactQuery) -> Result<Option<Contact>, Error> {
        Ok(None)
    }
}

#[test]
fn gravitel_keeps_the_contract() {
    let accounts = r#"[{"name":"admin","ext":"701"},{"name":"b","ext":"701"},{"name":"c"}]"#;
    for transport in [
        ScriptedTransport::new().always(StatusCode::OK, accounts),
        ScriptedTransport::new().always(StatusCode::UNAUTHORIZED, r#"{"error":"bad api-key-2"}"#),
        ScriptedTransport::new().always(StatusCode::BAD_GATEWAY, "<html>api-key-2</html>"),
        ScriptedTransport::new(),
    ] {
        let provider = gravitel(transport).contacts(Nobody, ManualTimer::new());
        let report = now(conformance(provider, fixtures()));
        report.assert_clean();
        assert!(report.checks > 1_000, "{report}");
    }
}

#[test]
fn gravitel_with_json_keeps_the_contract() {
    let provider = gravitel(ScriptedTransport::new())
        .options(GravitelOptions::default().with_accept_json(true));
    let request = http::Request::post("/hook").header("content-type", "application/json");
    let request = request.body(incoming().json().into()).unwrap();
    now(conformance(provider, fixtures().accepted(Fixture::new(request)))).assert_clean();
}

#[test]
fn v27_the_skeleton_does_not_keep_the_contract() {
    let report = now(conformance(Skeleton, fixtures()));
    for rule in ["V12", "V18", "V20", "V27", "V84"] {
        assert!(report.breaks(rule), "{rule}\n{report}");
    }
    assert!(report.to_string().contains("V27: members is not implemented"));
    assert!(
        now(conformance(Skeleton, Fixtures::new()))
            .to_string()
            .contains("no accepted request was given")
    );
}

/// A provider that does what should not be done.
struct Careless;

#[async_trait]
impl VoipProvider for Careless {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::failed("refused key api-key-2")
    }

    async fn parse_webhook(
        &self,
        request: &WebhookRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        let body = std::str::from_utf8(request.body()).expect("text");
        let (_, phone) = body.split_once("phone=").ok_or(ParseError::MissingField("phone"))?;
        let event = VoipWebhookRequest::new(
            VoipWebhookEvent::NotifyStart,
            VoipCallDirection::In,
            phone,
            "",
        );
        let mut result = VoipWebhookParseResult::event(event);
        result.response = Some(HttpResponse::new().content("key crm-key-1").into());
        Ok(result)
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        Ok(vec![VoipMember::new("", "a")])
    }

    async fn generate_call(&self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }

    async fn call_link(&self, call: &CallData) -> Result<String, Error> {
        Ok(call["link"].as_str().unwrap().to_owned())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::HOLD | Capabilities::CONTACT_LOOKUP
    }
}

#[test]
fn every_kind_of_breach_is_found_and_no_key_is_in_the_report() {
    let report = now(conformance(Careless, fixtures().call("1", "2", "3")));
    for rule in ["V11", "V29", "V32", "V39", "V46", "V75", "V78", "V81", "V83", "V84"] {
        assert!(report.breaks(rule), "{rule} is not found\n{report}");
    }
    let text = report.to_string();
    assert!(!text.contains("api-key-2") && !text.contains("crm-key-1"), "{text}");
    let panic = std::panic::catch_unwind(|| report.assert_clean()).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("breaks its contract"));
}
