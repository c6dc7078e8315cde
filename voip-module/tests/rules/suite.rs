//! The conformance suite, on good and on bad providers.

use async_trait::async_trait;
use http::StatusCode;
use serde_json::json;
use voip_module::carrier::FormFields;
use voip_module::gravitel::{
    Contact, ContactLookup, ContactQuery, GravitelConfig, GravitelOptions, GravitelProvider,
};
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

/// A provider that violates its contract.
struct Careless;

#[async_trait]
impl VoipProvider for Careless {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::failed("refused key api-key-2")
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
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

    async fn call_link(&self, call: &CallData) -> Result<url::Url, Error> {
        Ok(call["link"].as_str().unwrap().parse().unwrap())
    }

    fn buttons(&self) -> Buttons {
        Buttons::HOLD
    }
}

#[test]
fn every_kind_of_breach_is_found_and_no_key_is_in_the_report() {
    let report = now(conformance(Careless, fixtures().call("1", "2", "3")));
    for law in
        ["json", "functions", "buttons", "secret", "fault", "media type", "text", "key", "link"]
    {
        assert!(report.breaks(law), "{law} is not found\n{report}");
    }
    let text = report.to_string();
    assert!(!text.contains("api-key-2") && !text.contains("crm-key-1"), "{text}");
    let panic = std::panic::catch_unwind(|| report.assert_clean()).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("breaks its contract"));
}

/// A provider for the PBX of the fixtures below, with one of several errors in its event.
struct Wrong(fn(&FormFields<'_>) -> VoipWebhookParseResult);

#[async_trait]
impl VoipProvider for Wrong {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::ok()
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        Ok((self.0)(&request.form_fields()?))
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        Ok(vec![VoipMember::new("701", "Anna")])
    }

    async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
        Error::require("src_phone", src_phone)?;
        Error::require("dst_phone", dst_phone)
    }

    async fn call_link(&self, call: &CallData) -> Result<url::Url, Error> {
        Ok(LinkError::check(call["link"].as_str())?)
    }

    fn key_fields(&self) -> &[&str] {
        &["what"]
    }
}

fn started(direction: VoipCallDirection, src: &str, dst: &str) -> VoipWebhookParseResult {
    let start = VoipWebhookEvent::NotifyStart;
    VoipWebhookParseResult::event(VoipWebhookRequest::new(start, direction, src, dst))
}

fn push(form: &'static str) -> Fixture {
    let request =
        http::Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    Fixture::new(request.body(form.into()).unwrap())
}

// V189
#[test]
fn an_operator_who_is_in_no_members_list_is_found() {
    let provider = Wrong(|fields| started(VoipCallDirection::In, fields.phone("from"), "anna"));
    let report = now(conformance(provider, Fixtures::new().accepted(push("from=79990000001"))));
    assert_eq!(
        report.findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["operator: the operator of accepted request 1 is in no members' list"]
    );
}

// V190
#[test]
fn numbers_in_the_wrong_order_are_found_unless_they_are_declared() {
    let provider = || Wrong(|fields| started(VoipCallDirection::Out, fields.phone("from"), "701"));
    let fixtures = || Fixtures::new().accepted(push("from=79990000001"));
    let report = now(conformance(provider(), fixtures()));
    assert!(report.breaks("order") && report.breaks("operator"), "{report}");
    now(conformance(provider(), fixtures().client_first())).assert_clean();
}

// V191, V192
#[test]
fn links_are_checked_by_text_or_predicate_and_unsafe_ones_are_found() {
    let call = || json!({"link": "https://rec.example/a.mp3?signature=1"});
    let fixtures = || {
        Fixtures::new()
            .accepted(push("from=1"))
            .recording_where(call(), |link| link.path() == "/a.mp3")
    };
    let provider = || Wrong(|_| VoipWebhookParseResult::empty());
    now(conformance(provider(), fixtures())).assert_clean();
    let other = fixtures().recording(call(), "https://rec.example/b.mp3");
    assert!(
        now(conformance(provider(), other)).to_string().contains("call_link gives another link")
    );
    let report = now(conformance(Careless, fixtures()));
    assert!(report.to_string().contains("call_link gives an unsafe link (javascript)"), "{report}");
}

// V193
#[test]
fn equal_findings_are_counted() {
    let report = now(conformance(Careless, fixtures()));
    let damaged: Vec<_> =
        report.findings.iter().filter(|finding| finding.text.contains("damaged body")).collect();
    assert!(damaged.len() <= 8 && damaged.iter().any(|finding| finding.times > 10), "{report}");
    assert!(report.to_string().contains(" times)"), "{report}");
}

// V194
#[test]
fn pushes_that_share_an_identity_but_not_a_result_are_found() {
    let provider = Wrong(|fields| match fields.get("what") {
        Some("ring") => started(VoipCallDirection::In, "1", "701"),
        _ => VoipWebhookParseResult::empty(),
    });
    let fixtures = Fixtures::new().accepted(push("id=1&what=ring")).accepted(push("id=1&what=bye"));
    let report = now(conformance(provider, fixtures));
    assert!(
        report.to_string().contains("identity: accepted requests 1 and 2 have one identity"),
        "{report}"
    );
}

// W110
#[test]
fn integers_that_a_script_changes_are_found_in_the_data_of_a_record() {
    let report = |id: i64| {
        let provider = Wrong(match id {
            9_007_199_254_740_991 => {
                |_: &FormFields<'_>| recorded(json!({ "ids": [9_007_199_254_740_991_i64] }))
            }
            _ => |_| recorded(json!({ "ids": [-9_007_199_254_740_992_i64] })),
        });
        now(conformance(provider, Fixtures::new().accepted(push("from=1")))).to_string()
    };
    let finding = "json: the data of accepted request 1 holds an integer beyond 2^53, which a script \
                   changes";
    assert!(!report(9_007_199_254_740_991).contains("2^53"));
    assert!(report(-9_007_199_254_740_992).contains(finding));
}

fn recorded(call: CallData) -> VoipWebhookParseResult {
    let record = VoipCallRecord::new(VoipCallDirection::In, "1", "701").call(call);
    VoipWebhookParseResult::call_record(record)
}
