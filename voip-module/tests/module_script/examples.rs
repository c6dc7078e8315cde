//! Worked examples: the script's request, the service's reply, and what the platform gets.

use std::sync::Arc;

use serde_json::{Value, json};
use voip_module::module_script::push::Pusher;
use voip_module::module_script::{ModuleScript, ModuleService, ServiceKeys};
use voip_module::router::Sink as _;
use voip_module::testing::{ManualTimer, ScriptedTransport};
use voip_module::{Buttons, Delivery, Error, PlatformVersion};

use crate::node;
use crate::pbx::{Mood, Nobody, Pbx};
use crate::server::{KEY, Server, newest, runtime, service};

/// A request id of one hexadecimal digit.
fn id(digit: char) -> String {
    digit.to_string().repeat(32)
}

/// Checks one call of a function: the body of its request after the request id, and the reply.
struct Example<'a> {
    server: &'a Server,
    module: node::Module,
}

impl Example<'_> {
    /// Calls a function; returns what the script did.
    #[track_caller]
    fn check(
        &self,
        digit: char,
        call: (&str, Value),
        sent: (&str, &str),
        answered: (u16, &str),
    ) -> Value {
        let (function, args) = call;
        let random = digit.to_digit(16);
        let done = self.module.call_with(function, args, json!({ "random": random }));
        let [exchange] = &self.server.seen()[..] else { panic!("one exchange: {done}") };
        let (path, arguments) = sent;
        assert_eq!(exchange.target, format!("POST /voip/v1/{path}"));
        let header = |name: &str| {
            let mut named = exchange.headers.iter().filter(|(it, _)| it == name);
            named.next().map(|(_, value)| value.clone())
        };
        assert_eq!(header("authorization"), Some(format!("Bearer {KEY}")));
        assert_eq!(header("content-type").as_deref(), Some("application/json"));
        assert_eq!(header("accept").as_deref(), Some("application/json"));
        let id = id(digit);
        let version = env!("CARGO_PKG_VERSION");
        let body =
            exchange.body.replace(&format!("\"script\":\"{version}\",\"edition\":\"2026.4\","), "");
        assert_eq!(
            body,
            format!("{{\"voipBridge\":1,\"requestId\":\"{id}\",\"args\":{arguments}}}")
        );
        let (status, reply) = answered;
        let reply = format!("{{\"voipBridge\":1,\"requestId\":\"{id}\",{reply}}}");
        assert_eq!((exchange.status, &*exchange.reply), (status, &*reply));
        assert_eq!(exchange.answer_headers["content-type"], "application/json");
        assert_eq!(exchange.answer_headers["cache-control"], "no-store");
        done
    }
}

const FUNCTIONS: &str = "\"VoipTestConnection\",\"VoipParseWebhookRequest\",\"VoipGetMembers\",\
                         \"VoipGenerateCall\",\"VoipGetCallLink\",\"VoipOnWebhookUpdated\",\
                         \"VoipHoldCall\"";

fn test_args() -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{{\"generator\":\"{version}\",\"language\":\"en\",\"functions\":[{FUNCTIONS}]}}")
}

fn remote_error() -> Error {
    let (status, message) = (http::StatusCode::BAD_REQUEST, "Invalid parameters".into());
    Error::Remote { status, message }
}

/// A delivery of one event.
pub(crate) fn delivery() -> Delivery {
    let event = json!({ "event": "notify_start", "direction": "in", "srcPhone": "79990000001",
        "dstPhone": "701", "disposition": "unknown", "callId": "A-1" });
    serde_json::from_value(json!({ "event": event, "raw": {} })).unwrap()
}

// X1
#[test]
fn a_connection_works() {
    if !node::has_typescript() {
        return;
    }
    let server = &Server::new(Buttons::HOLD);
    let module = server.module(ModuleScript::builder(Buttons::HOLD));
    let done = Example { server, module }.check(
        '1',
        ("VoipTestConnection", json!([])),
        ("test-connection", &test_args()),
        (200, "\"result\":{\"success\":true}"),
    );
    assert_eq!(done["value"], json!({ "success": true }));
}

// X2, W113
#[test]
fn a_connection_test_names_everything_that_is_wrong() {
    if !node::has_typescript() {
        return;
    }
    let transport = Arc::new(ScriptedTransport::new().always(http::StatusCode::UNAUTHORIZED, ""));
    let mut pusher = Pusher::builder(transport, ManualTimer::new()).build().unwrap();
    let push = pusher.handle();
    push.set_target("https://tenant.example/hook?token=T0KT0KT0KT0KT0K".parse().unwrap()).unwrap();
    runtime().block_on(push.deliver(&delivery())).unwrap();
    let mut run = Box::pin(pusher.run());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for _ in 0..8 {
        assert!(run.as_mut().poll(&mut context).is_pending());
    }
    let server = &Server::of(service(Buttons::NONE).push(push));
    server.service.provider().set_mood(Mood::Fails(remote_error));
    let module = server.module(ModuleScript::builder(Buttons::HOLD));
    let reason = "The script offers VoipHoldCall, which the PBX does not; generate the script again. \
                  400 Bad Request: Invalid parameters Events cannot be delivered: the webhook URL \
                  answers 401; enter the current one.";
    let done = Example { server, module }.check(
        '2',
        ("VoipTestConnection", json!([])),
        ("test-connection", &test_args()),
        (200, &format!("\"result\":{{\"success\":false,\"failReason\":\"{reason}\"}}")),
    );
    assert_eq!(done["value"], json!({ "success": false, "failReason": reason }));
    let russian =
        ModuleScript::builder(Buttons::HOLD).language(voip_module::module_script::Language::Ru);
    let done = server.module(russian).call("VoipTestConnection", json!([]));
    assert_eq!(
        done["value"]["failReason"],
        "Скрипт предлагает VoipHoldCall, а АТС этого не поддерживает: создайте скрипт заново. 400 Bad \
         Request: Invalid parameters События не доставляются: адрес вебхука отвечает 401; укажите \
         действующий адрес.",
    );
}

// X3, X4, X5, X13, X15
#[test]
fn functions_reach_the_provider_and_their_results_the_platform() {
    if !node::has_typescript() {
        return;
    }
    let buttons = Buttons::ACCEPT | Buttons::HANGUP | Buttons::REDIRECT;
    let server = &Server::of(service(buttons).webhook_hosts(["tenant.example"]));
    let pbx = server.service.provider();
    let example = Example { server, module: server.module(newest()) };

    let done = example.check(
        '3',
        ("VoipGetMembers", json!([])),
        ("members", "{}"),
        (200, "\"result\":{\"members\":[{\"id\":\"701\",\"label\":\"Anna Admin\"},{\"id\":\"702\",\"label\":\"ivan\"}]}"),
    );
    assert_eq!(done["value"][1], json!({ "id": "702", "label": "ivan" }));

    let numbers = "{\"srcPhone\":\"702\",\"dstPhone\":\"79990000002\"}";
    let call = ("VoipGenerateCall", json!(["702", "79990000002"]));
    let done = example.check('4', call.clone(), ("generate-call", numbers), (200, "\"result\":{}"));
    assert_eq!(done["value"], Value::Null);
    pbx.set_mood(Mood::Fails(remote_error));
    let error =
        "\"error\":{\"code\":\"remote\",\"message\":\"400 Bad Request: Invalid parameters\"}";
    let done = example.check('8', call, ("generate-call", numbers), (422, error));
    assert_eq!(done["thrown"], "The PBX refused: 400 Bad Request: Invalid parameters (88888888…)");
    pbx.set_mood(Mood::Works);

    let done = example.check(
        '5',
        ("VoipGetCallLink", json!([{ "id": "C-1", "link": "https://rec.example/a.mp3?id=1" }])),
        (
            "call-link",
            "{\"callData\":{\"id\":\"C-1\",\"link\":\"https://rec.example/a.mp3?id=1\"}}",
        ),
        (200, "\"result\":{\"link\":\"https://rec.example/a.mp3?id=1\"}"),
    );
    assert_eq!(done["value"], "https://rec.example/a.mp3?id=1");
    let done = example.check(
        '5',
        ("VoipGetCallLink", json!([{ "id": "C-2" }])),
        ("call-link", "{\"callData\":{\"id\":\"C-2\"}}"),
        (422, "\"error\":{\"code\":\"no_recording\",\"message\":\"the call has no recording\"}"),
    );
    assert_eq!(done["thrown"], "The call has no recording. (55555555…)");

    let redirect = "{\"srcPhone\":\"79990000001\",\"dstPhone\":\"701\",\"redirectTo\":\"702\"}";
    let call = ("VoipRedirectCall", json!(["79990000001", "701", "702"]));
    example.check('d', call, ("redirect-call", redirect), (200, "\"result\":{}"));
    for (digit, name, path) in
        [('a', "VoipAcceptCall", "accept-call"), ('b', "VoipHangupCall", "hangup-call")]
    {
        let numbers = "{\"srcPhone\":\"79990000001\",\"dstPhone\":\"701\"}";
        let call = (name, json!(["79990000001", "701"]));
        example.check(digit, call, (path, numbers), (200, "\"result\":{}"));
    }
    let hold = "{\"srcPhone\":\"79990000001\",\"dstPhone\":\"701\",\"hold\":true}";
    let error = "\"error\":{\"code\":\"unsupported\",\"message\":\"VoipHoldCall is not supported by this \
                 provider\"}";
    let call = ("VoipHoldCall", json!(["79990000001", "701", true]));
    let done = example.check('e', call, ("hold-call", hold), (422, error));
    assert_eq!(done["thrown"], "The PBX does not offer this function. (eeeeeeee…)");

    let url = "https://tenant.example/hook/1?token=T1KT1KT1KT1KT1K";
    let args = format!("{{\"webhookUrl\":\"{url}\"}}");
    let call = ("VoipOnWebhookUpdated", json!([url]));
    example.check('f', call, ("webhook-updated", &args), (200, "\"result\":{}"));
    let error = "\"error\":{\"code\":\"invalid_argument\",\"message\":\"the webhook URL's host is not \
                 allowed\"}";
    let call = ("VoipOnWebhookUpdated", json!(["http://evil.example/"]));
    let args = "{\"webhookUrl\":\"http://evil.example/\"}";
    example.check('f', call, ("webhook-updated", args), (422, error));

    assert_eq!(
        pbx.asked(),
        [
            "members",
            "call 702 79990000002",
            "call 702 79990000002",
            "link {\"id\":\"C-1\",\"link\":\"https://rec.example/a.mp3?id=1\"}",
            "link {\"id\":\"C-2\"}",
            "redirect 79990000001 701 [] to 702",
            "accept 79990000001 701 []",
            "hangup 79990000001 701 []",
            &format!("webhook {url}"),
        ],
    );
}

const FORM: &str = "application/x-www-form-urlencoded";

fn push_of(body: &str) -> (&'static str, Value) {
    let headers = json!({ ":path": "/hook/1?token=T0K", "content-type": FORM });
    let request = json!({ "method": "POST", "headers": headers, "body": body });
    ("VoipParseWebhookRequest", json!([request]))
}

fn parse_args(body: &str) -> String {
    format!(
        "{{\"method\":\"POST\",\"headers\":{{\"content-type\":\"{FORM}\"}},\"rawQuery\":\"\",\
         \"body\":\"{body}\",\"bodyIsText\":true}}"
    )
}

// X6
#[test]
fn a_webhook_becomes_an_event_of_the_edition() {
    if !node::has_typescript() {
        return;
    }
    let server = &Server::new(Buttons::ALL);
    let example = Example { server, module: server.module(newest()) };
    let body = "cmd=event&type=INCOMING&phone=79990000001&ext=701&callid=C-1&crm_token=T0K";
    let reply = "\"result\":{\"event\":{\"event\":\"notify_start\",\"direction\":\"in\",\
                 \"srcPhone\":\"79990000001\",\"dstPhone\":\"701\",\"disposition\":\"unknown\",\
                 \"callId\":\"C-1\"},\"response\":{\"status\":200,\"headers\":{},\"body\":\"\"}}";
    let done =
        example.check('6', push_of(body), ("parse-webhook", &parse_args(body)), (200, reply));
    let event = json!({
        "event": "Event.NotifyStart", "direction": "Direction.In", "srcPhone": "79990000001",
        "dstPhone": "701", "disposition": "Disposition.Unknown", "callId": "C-1",
    });
    let response = json!({ "code": 200, "text": "" });
    assert_eq!(done["value"], json!({ "event": event, "response": response }));

    let (function, args) = push_of(body);
    let old = server.module(newest().edition(PlatformVersion::V2024)).call(function, args.clone());
    let mut without_id = event.clone();
    without_id.as_object_mut().unwrap().remove("callId");
    assert_eq!(old["value"], json!({ "event": without_id, "response": response }));
    let mid =
        server.module(newest().edition(PlatformVersion::V2025_8)).call(function, args.clone());
    assert_eq!(mid["value"]["event"], event);

    // W64: the platform's own values may be any, 0 too.
    let numbers = server.module(newest()).call_with(function, args, json!({ "numbers": true }));
    assert_eq!(numbers["value"]["event"]["event"], 0);
    assert_eq!(numbers["value"]["event"]["disposition"], 4);
}

// X7
#[test]
fn a_contact_is_looked_up_within_its_budget() {
    if !node::has_typescript() {
        return;
    }
    let body = "cmd=contact&phone=79990000001&callid=C-6&crm_token=T0K";
    let reply = |body: &str| {
        format!(
            "\"result\":{{\"response\":{{\"status\":200,\"headers\":{{\"content-type\":\
             \"application/json\"}},\"body\":\"{body}\"}}}}"
        )
    };
    let server = &Server::new(Buttons::ALL);
    let example = Example { server, module: server.module(newest().response_headers()) };
    let contact = r#"{\"contact_name\":\"Client One\",\"responsible\":\"admin\"}"#;
    let answered = (200, &*reply(contact));
    let done = example.check('7', push_of(body), ("parse-webhook", &parse_args(body)), answered);
    let text = "{\"contact_name\":\"Client One\",\"responsible\":\"admin\"}";
    let headers = json!({ "content-type": "application/json" });
    let response = json!({ "code": 200, "text": text, "headers": headers });
    assert_eq!(done["value"], json!({ "response": response }));

    let over = ManualTimer::new();
    over.finish();
    let pbx = Pbx::with_contacts(Buttons::ALL, Nobody, over);
    let server = &Server::of(ModuleService::new(pbx, ServiceKeys::new(KEY).unwrap()));
    let example = Example { server, module: server.module(newest()) };
    let answered = (200, &*reply("{}"));
    example.check('7', push_of(body), ("parse-webhook", &parse_args(body)), answered);
}

// X8, X9
#[test]
fn refusals_and_echoes_reach_the_sender() {
    if !node::has_typescript() {
        return;
    }
    let server = &Server::new(Buttons::ALL);
    let example = Example { server, module: server.module(newest()) };
    let request = json!({ "method": "POST", "headers": {}, "body": "cmd=event" });
    let text = "{\\\"error\\\":\\\"unsupported media type: expected Content-Type: \
                application/x-www-form-urlencoded, charset utf-8, received none\\\"}";
    let done = example.check(
        '8',
        ("VoipParseWebhookRequest", json!([request])),
        ("parse-webhook", "{\"method\":\"POST\",\"headers\":{},\"body\":\"cmd=event\",\"bodyIsText\":true}"),
        (200, &format!("\"result\":{{\"response\":{{\"status\":400,\"headers\":{{\"content-type\":\"application/json\"}},\"body\":\"{text}\"}}}}")),
    );
    assert_eq!(done["value"]["response"]["code"], 400);

    let headers = json!({ ":path": "/hook/1?token=T0K&zd_echo=abc" });
    let done = example.check(
        '9',
        ("VoipParseWebhookRequest", json!([{ "method": "GET", "headers": headers }])),
        ("parse-webhook", "{\"method\":\"GET\",\"headers\":{},\"rawQuery\":\"zd_echo=abc\",\"body\":\"\",\"bodyIsText\":true}"),
        (200, "\"result\":{\"response\":{\"status\":200,\"headers\":{\"content-type\":\"text/plain\"},\"body\":\"abc\"}}"),
    );
    assert_eq!(done["value"], json!({ "response": { "code": 200, "text": "abc" } }));
}

// X10
#[test]
fn a_wrong_key_is_named_to_the_user_and_not_to_the_sender() {
    if !node::has_typescript() {
        return;
    }
    let server = &Server::new(Buttons::ALL);
    let mut module = server.module(newest());
    module.settings["serviceKey"] = "another key of sixteen".replace(' ', "-").into();
    let done = module.call("VoipTestConnection", json!([]));
    let reason = "The service key is wrong.";
    assert_eq!(done["value"], json!({ "success": false, "failReason": reason }));
    let [exchange] = &server.seen()[..] else { panic!("one exchange") };
    assert_eq!(exchange.status, 401);
    assert_eq!(exchange.answer_headers["www-authenticate"], "Bearer");
    let reply = "{\"voipBridge\":1,\"error\":{\"code\":\"unauthorized\",\"message\":\"the key is \
                 missing or wrong\"}}";
    assert_eq!(exchange.reply, reply);
    let (function, args) = push_of("a=1");
    let done = module.call(function, args);
    let text = "{\"error\":\"bridge misconfigured\"}";
    assert_eq!(done["value"], json!({ "response": { "code": 502, "text": text } }));
}
