//! The service's limits, the statuses of its codes, and providers with odd results.

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use url::Url;
use voip_module::module_script::protocol::{ErrorCode, Function, MAX_ASK_BYTES, MAX_REPLY_BYTES};
use voip_module::module_script::push::{PushState, Pusher};
use voip_module::module_script::{ModuleService, ServiceConfig, ServiceKeys};
use voip_module::router::{VerifyError, WebhookVerifier};
use voip_module::testing::{ManualTimer, ScriptedTransport};
use voip_module::{
    Buttons, CallData, Error, HttpRequest, LinkError, ParseError, VoipCallDirection,
    VoipCallRecord, VoipMember, VoipProvider, VoipTestConnectionResult, VoipWebhookParseResult,
};

use crate::logs::Lines;
use crate::pbx::{Mood, Pbx};
use crate::server::{KEY, service};

/// A provider with many members or long labels, and any response to a webhook.
#[derive(Default)]
struct Odd {
    members: usize,
    label: usize,
    response: Bytes,
    number: u64,
}

#[async_trait]
impl VoipProvider for Odd {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::ok()
    }

    async fn parse_webhook(&self, _: &HttpRequest) -> Result<VoipWebhookParseResult, ParseError> {
        if self.number > 0 {
            let record = VoipCallRecord::new(VoipCallDirection::In, "79990000001", "701");
            return Ok(VoipWebhookParseResult::call_record(record.call(json!([self.number]))));
        }
        Ok(VoipWebhookParseResult::response(http::Response::new(self.response.clone())))
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        let label = "x".repeat(self.label);
        Ok((0..self.members).map(|id| VoipMember::new(id.to_string(), &*label)).collect())
    }

    async fn generate_call(&self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }

    async fn call_link(&self, _: &CallData) -> Result<Url, Error> {
        Ok(LinkError::check(None)?)
    }
}

fn request(function: Function, args: Value) -> Request<Bytes> {
    let body = json!({ "voipBridge": 1, "requestId": "0123456789abcdef", "edition": "9999.1",
        "script": 7, "args": args });
    Request::post(function.path())
        .header("authorization", format!("Bearer {KEY}"))
        .header("content-type", "application/json")
        .body(body.to_string().into())
        .unwrap()
}

/// Status and reply.
fn ask(service: &ModuleService<impl VoipProvider>, request: Request<Bytes>) -> (u16, Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(service.handle(request));
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
}

fn odd(provider: Odd) -> ModuleService<Odd> {
    ModuleService::new(provider, ServiceKeys::new(KEY).unwrap())
}

// W100, W184
#[test]
fn ten_thousand_members_and_a_mebibyte_are_the_most() {
    let members = |members, label| {
        let (status, reply) = ask(
            &odd(Odd { members, label, ..Odd::default() }),
            request(Function::Members, json!({})),
        );
        let count = reply["result"]["members"].as_array().map(Vec::len);
        (status, count, reply["error"]["message"].as_str().map(str::to_owned))
    };
    assert_eq!(members(10_000, 1), (200, Some(10_000), None));
    let too_many = "the provider has too many members".to_owned();
    assert_eq!(members(10_001, 1), (500, None, Some(too_many)));
    assert_eq!(members(16, 60_000), (200, Some(16), None));
    let too_long = "the reply is too long".to_owned();
    assert_eq!(members(16, MAX_REPLY_BYTES / 16), (500, None, Some(too_long)));

    let service = odd(Odd::default());
    for (length, status) in [(MAX_ASK_BYTES, 200), (MAX_ASK_BYTES + 1, 413)] {
        let mut request = request(Function::Members, json!({}));
        let mut body = request.body().to_vec();
        body.resize(length, b' ');
        *request.body_mut() = body.into();
        assert_eq!(ask(&service, request).0, status, "{length}");
    }
}

// W102
#[test]
fn each_code_has_the_status_of_the_protocol() {
    for code in ErrorCode::ALL {
        let status = match code.as_str() {
            "invalid_body" | "unsupported_protocol" => 400,
            "unauthorized" => 401,
            "unknown_function" => 404,
            "method_not_allowed" => 405,
            "in_progress" => 409,
            "payload_too_large" => 413,
            "unsupported_media_type" => 415,
            "busy" => 429,
            "internal" => 500,
            "not_ready" => 503,
            _ => 422,
        };
        assert_eq!(code.status(), status, "{code}");
    }
}

// W105
#[test]
fn a_response_that_is_no_text_or_over_64_kib_is_a_fault() {
    let status = |response: Vec<u8>| {
        let service = odd(Odd { response: response.into(), ..Odd::default() });
        let args = json!({ "method": "POST", "body": "", "bodyIsText": true });
        let (status, reply) = ask(&service, request(Function::ParseWebhook, args));
        (status, reply["error"]["code"].as_str().map(str::to_owned))
    };
    assert_eq!(status(vec![b'x'; 64 << 10]), (200, None));
    assert_eq!(status(vec![b'x'; (64 << 10) + 1]), (500, Some("internal".into())));
    assert_eq!(status(vec![0xff]), (500, Some("internal".into())));
}

// W110
#[test]
fn an_integer_that_a_script_changes_is_warned_of_once() {
    let warnings = |number: u64| {
        let lines = Lines::of(|| {
            let service = odd(Odd { number, ..Odd::default() });
            for _ in 0..2 {
                let args = json!({ "method": "POST", "body": "" });
                assert_eq!(ask(&service, request(Function::ParseWebhook, args)).0, 200);
            }
        });
        lines.lines().filter(|line| line.contains("2^53")).count()
    };
    assert_eq!((warnings((1 << 53) - 1), warnings(1 << 60)), (0, 1));
}

// W106
#[test]
fn a_key_under_32_characters_is_taken_with_a_warning() {
    let warning = "WARN message=the service key is shorter than 32 characters\n";
    for (length, expected) in [(31, warning), (32, "")] {
        let lines = Lines::of(|| assert!(ServiceKeys::new("k".repeat(length)).is_ok()));
        assert_eq!(lines, expected);
    }
}

// W114
#[test]
fn a_new_webhook_url_stays_the_target_if_the_provider_fails() {
    let pusher = Pusher::builder(ScriptedTransport::new(), ManualTimer::new()).build().unwrap();
    let push = pusher.handle();
    let service = service(Buttons::NONE).push(push.clone());
    let update = |url: &str| {
        ask(&service, request(Function::WebhookUpdated, json!({ "webhookUrl": url }))).0
    };
    // Refused URLs reach neither the pushes nor the provider.
    for url in ["http://tenant.example/", "https://user@tenant.example/", "tenant.example"] {
        assert_eq!(update(url), 422, "{url}");
    }
    assert_eq!(push.status().state, PushState::NoTarget);
    assert_eq!(service.provider().asked(), [""; 0]);
    service.provider().set_mood(Mood::Fails(|| Error::Timeout));
    assert_eq!(update("https://tenant.example/hook/1?token=T1K"), 422);
    assert_eq!(push.status().state, PushState::Open);
    assert_eq!(service.provider().asked().len(), 1);
}

/// A signature that stands for an HMAC over the body.
struct Sum;

impl WebhookVerifier for Sum {
    fn verify(&self, request: &Request<Bytes>) -> Result<Option<String>, VerifyError> {
        let sum: u64 = request.body().iter().map(|byte| u64::from(*byte)).sum();
        let signature = request.headers().get("x-sum").ok_or(VerifyError::Malformed)?;
        if signature == sum.to_string().as_str() { Ok(None) } else { Err(VerifyError::Mismatch) }
    }
}

// W115
#[test]
fn a_signature_of_the_pbx_over_a_body_of_text_holds() {
    let service = service(Buttons::NONE).verifier(Sum);
    let body = "cmd=event&type=INCOMING&phone=79990000001&ext=701&callid=Ж";
    let sum: u64 = body.bytes().map(u64::from).sum();
    for (sum, status) in [(sum, 200), (sum + 1, 401)] {
        let form = "application/x-www-form-urlencoded";
        let headers = json!({ "content-type": form, "x-sum": sum.to_string() });
        let args = json!({ "method": "POST", "headers": headers, "body": body });
        let (answer, reply) = ask(&service, request(Function::ParseWebhook, args));
        assert_eq!((answer, &reply["result"]["response"]["status"]), (200, &status.into()));
    }
}

// W131, W133
#[test]
fn a_configured_service_has_its_prefix_and_hosts() {
    let vars = [
        ("VOIP_BRIDGE_KEY", KEY),
        ("VOIP_BRIDGE_PREFIX", "/bridge"),
        ("VOIP_WEBHOOK_URL", "https://tenant.example/hook/1"),
    ];
    let config = ServiceConfig::from_vars(vars).unwrap();
    let service = config.service(Pbx::new(Buttons::NONE), ManualTimer::new());
    let update = |prefix: &str, url: &str| {
        let mut request = request(Function::WebhookUpdated, json!({ "webhookUrl": url }));
        *request.uri_mut() = format!("{prefix}/voip/v1/webhook-updated").parse().unwrap();
        ask(&service, request).0
    };
    assert_eq!(update("", "https://tenant.example/"), 404);
    assert_eq!(update("/bridge", "https://TENANT.example/hook/2"), 200);
    assert_eq!(update("/bridge", "https://other.example/"), 422);
}
