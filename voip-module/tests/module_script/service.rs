//! The service alone: the order of its checks, keys, repetitions, limits, shutdown, log and status.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use voip_module::module_script::protocol::{ErrorCode, Function, MAX_ASK_BYTES};
use voip_module::module_script::{ModuleService, ServiceKeys};
use voip_module::testing::{ManualClock, ManualTimer};
use voip_module::{Buttons, Error};

use crate::pbx::{Mood, Pbx};
use crate::server::{KEY, service};

const ID: &str = "0123456789abcdef";

type Answer = http::Response<Bytes>;

fn poll<T>(future: Pin<&mut (dyn Future<Output = T> + '_)>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[track_caller]
fn now<T>(future: impl Future<Output = T>) -> T {
    match poll(Box::pin(future).as_mut()) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits for something"),
    }
}

fn request(method: Method, path: &str, key: &str, body: impl Into<Bytes>) -> http::Request<Bytes> {
    http::Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json; charset=utf-8")
        .body(body.into())
        .unwrap()
}

fn ask(function: Function, id: &str, args: Value) -> http::Request<Bytes> {
    let body = json!({ "voipBridge": 1, "requestId": id, "args": args });
    request(Method::POST, &function.path(), KEY, body.to_string())
}

fn call(id: &str) -> http::Request<Bytes> {
    ask(Function::GenerateCall, id, json!({ "srcPhone": "702", "dstPhone": "79990000002" }))
}

fn code(answer: &Answer) -> (u16, String) {
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    (answer.status().as_u16(), body["error"]["code"].as_str().unwrap_or("ok").into())
}

#[track_caller]
fn refused(
    service: &ModuleService<Pbx>,
    request: http::Request<Bytes>,
    expected: ErrorCode,
) -> Answer {
    let answer = now(service.handle(request));
    assert_eq!(code(&answer), (expected.status().as_u16(), expected.to_string()));
    answer
}

/// Each request has all the faults that are checked later.
// W96, W97, W98, W104, W181–W183
#[test]
fn checks_come_in_their_order_and_nothing_reaches_the_provider() {
    let service = service(Buttons::ALL).prefix("/bridge/");
    let path = "/bridge/voip/v1/members";
    let large = "x".repeat(MAX_ASK_BYTES + 1);
    let ask = |path: &str, body: &str| request(Method::POST, path, KEY, body.to_owned());
    for path in [
        "/",
        "/voip/v1/members",
        "/bridge/voip/v1/member",
        "/bridge/voip/v1/members/",
        "/bridge/voip/v1/members?a=1",
        "/bridge/voip/v2/members",
        "/bridge/voip/v1/Members",
        "/bridge/bridge/voip/v1/members",
    ] {
        let other = request(Method::DELETE, path, "wrong", large.clone());
        let answer = refused(&service, other, ErrorCode::UnknownFunction);
        let text = "{\"voipBridge\":1,\"error\":{\"code\":\"unknown_function\",\"message\":\"this service \
                    does not know the function\"}}";
        assert_eq!(answer.body(), text); // X11
    }
    for method in [Method::GET, Method::PUT, Method::OPTIONS, Method::HEAD] {
        let other = request(method, path, "wrong", large.clone());
        let answer = refused(&service, other, ErrorCode::MethodNotAllowed);
        assert_eq!(answer.headers()["allow"], "POST");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
    refused(&service, request(Method::POST, path, "wrong", large.clone()), ErrorCode::Unauthorized);
    refused(&service, ask(path, &large), ErrorCode::PayloadTooLarge);
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-type", "application/json; charset=latin1"),
        ("content-encoding", "gzip"),
    ] {
        let mut other = ask(path, "no JSON");
        other.headers_mut().insert(name, value.parse().unwrap());
        refused(&service, other, ErrorCode::UnsupportedMediaType);
    }
    for body in [
        "",
        "no JSON",
        "[]",
        "{\"a\":1,\"a\":1}",
        "{\"args\":{\"a\":[{\"b\":1,\"b\":2}]}}",
        "{\"a\":\"\\ud800\"}",
        "\u{feff}{}",
    ] {
        refused(&service, ask(path, body), ErrorCode::InvalidBody);
    }
    for protocol in ["2", "1.5", "\"1\"", "null"] {
        let body = format!("{{\"voipBridge\":{protocol},\"requestId\":\"{ID}\"}}");
        let answer = refused(&service, ask(path, &body), ErrorCode::UnsupportedProtocol);
        let text = format!(
            "{{\"voipBridge\":1,\"requestId\":\"{ID}\",\"error\":{{\"code\":\"unsupported_protocol\",\"message\":\"this service speaks 1\"}}}}"
        );
        assert_eq!(answer.body(), &text); // X11
    }
    for id in ["\"\"", "\"0123456789abcde\"", "\"0123456789abcde/\"", "7", "null"] {
        let body = format!("{{\"voipBridge\":1,\"requestId\":{id},\"args\":{{}}}}");
        refused(&service, ask(path, &body), ErrorCode::InvalidBody);
    }
    let body = format!("{{\"voipBridge\":1,\"requestId\":\"{ID}\",\"args\":[]}}");
    refused(&service, ask(path, &body), ErrorCode::InvalidBody);
    assert_eq!(service.provider().asked(), [""; 0]);
    let body = format!("{{\"voipBridge\":1,\"requestId\":\"{ID}\",\"args\":{{}},\"more\":1}}");
    assert_eq!(now(service.handle(ask(path, &body))).status(), 200);
}

// W99
#[test]
fn wrong_arguments_are_refused_without_their_values() {
    let service = service(Buttons::ALL);
    for (function, args) in [
        (Function::GenerateCall, json!({ "dstPhone": "79990000002" })),
        (Function::GenerateCall, json!({ "srcPhone": 702, "dstPhone": "79990000002" })),
        (Function::GenerateCall, json!({ "srcPhone": "", "dstPhone": "79990000002" })),
        (Function::HoldCall, json!({ "srcPhone": "7", "dstPhone": "79990000002", "hold": "yes" })),
        (
            Function::RedirectCall,
            json!({ "srcPhone": "7", "dstPhone": "79990000002", "redirectTo": "" }),
        ),
        (Function::WebhookUpdated, json!({ "webhookUrl": "/79990000002" })),
        (Function::WebhookUpdated, json!({ "webhookUrl": "http://79990000002.example" })),
        (Function::ParseWebhook, json!({ "method": "" })),
        (Function::ParseWebhook, json!({ "method": "POST", "rawQuery": 7 })),
        (Function::ParseWebhook, json!({ "method": "POST", "body": 79_990_000_002_u64 })),
        (Function::ParseWebhook, json!({ "method": "POST", "rawQuery": "9".repeat(70_000) })),
    ] {
        let id = format!("{ID}{}", args.to_string().len());
        let answer = refused(&service, ask(function, &id, args), ErrorCode::InvalidArgument);
        assert!(!String::from_utf8_lossy(answer.body()).contains("79990000002"));
    }
    assert_eq!(service.provider().asked(), [""; 0]);
}

// W106, W173
#[test]
fn only_the_whole_key_opens_the_service_once_and_as_a_bearer_token() {
    let service = service(Buttons::ALL);
    let presented = |values: &[&str]| {
        let mut request = ask(Function::Members, ID, json!({}));
        request.headers_mut().remove("authorization");
        for value in values {
            request.headers_mut().append("authorization", value.parse().unwrap());
        }
        now(service.handle(request)).status().as_u16()
    };
    let bearer = format!("Bearer {KEY}");
    for right in [&bearer, &format!("bearer {KEY}"), &format!("BEARER {KEY}")] {
        assert_eq!(presented(&[right]), 200);
    }
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        KEY,
        &format!("Basic {KEY}"),
        &format!("Bearer  {KEY}"),
        &format!("Bearer\t{KEY}"),
        &format!("Bearer {KEY}K"),
        &bearer[..bearer.len() - 1],
        &format!("Bearer {}", KEY.to_lowercase()),
        &format!("Token {KEY}"),
    ] {
        assert_eq!(presented(&[wrong]), 401, "{wrong}");
    }
    assert_eq!(presented(&[]), 401);
    assert_eq!(presented(&[&bearer, &bearer]), 401);
    let mut request = ask(Function::Members, ID, json!({}));
    *request.uri_mut() = format!("/voip/v1/members?key={KEY}").parse().unwrap();
    assert_eq!(now(service.handle(request)).status(), 404);
}

// W106, W173
#[test]
fn a_rotation_refuses_no_ask() {
    let (old, new) = ("an-old-key-of-thirty-two-letters", "a-new-key-of-thirty-two-letters!");
    let status = |keys: ServiceKeys, key: &str| {
        let service = ModuleService::new(Pbx::new(Buttons::NONE), keys);
        let body = json!({ "voipBridge": 1, "requestId": ID, "args": {} }).to_string();
        now(service.handle(request(Method::POST, "/voip/v1/members", key, body))).status()
    };
    let both = || ServiceKeys::new(new).unwrap().previous(old).unwrap();
    assert_eq!((status(both(), old), status(both(), new)), (StatusCode::OK, StatusCode::OK));
    let after = || ServiceKeys::new(new).unwrap();
    assert_eq!(status(after(), old), StatusCode::UNAUTHORIZED);
    assert_eq!(status(after(), ""), StatusCode::UNAUTHORIZED);
    for weak in ["", "fifteen-letters", "sixteen letters!", "шестнадцать-букв"] {
        let error = ServiceKeys::new(weak).unwrap_err().to_string();
        assert_eq!(error, "invalid service key: expected at least 16 characters of visible ASCII");
        assert!(ServiceKeys::new(new).unwrap().previous(weak).is_err());
    }
    assert!(!format!("{:?}", both()).contains("letters"));
}

// W107, W108, W174, X14
#[test]
fn a_repeated_ask_acts_once() {
    let clock = ManualClock::new();
    let service = service(Buttons::ALL).clock(clock.clone());
    let pbx = service.provider();
    let first = now(service.handle(call(ID)));
    let again = now(service.handle(call(ID)));
    assert_eq!((first.status(), first.body()), (again.status(), again.body()));
    assert_eq!(pbx.asked(), ["call 702 79990000002"]);
    let other = ask(Function::GenerateCall, ID, json!({ "srcPhone": "702", "dstPhone": "701" }));
    refused(&service, other, ErrorCode::RequestIdReused);
    let other = json!({ "srcPhone": "702", "dstPhone": "79990000002" });
    refused(&service, ask(Function::HangupCall, ID, other), ErrorCode::RequestIdReused);
    assert_eq!(pbx.asked(), [""; 0]);
    // Two presses are two calls, whatever the numbers.
    now(service.handle(call("another-0123456789")));
    assert_eq!(pbx.asked().len(), 1);
    // A failure is kept too: the PBX may have acted.
    pbx.set_mood(Mood::Fails(|| Error::Timeout));
    refused(&service, call("failing-0123456789"), ErrorCode::Timeout);
    pbx.set_mood(Mood::Works);
    refused(&service, call("failing-0123456789"), ErrorCode::Timeout);
    assert_eq!(pbx.asked().len(), 1);
    clock.advance(Duration::from_secs(600));
    assert_eq!(now(service.handle(call(ID))).status(), 200);
    assert_eq!(pbx.asked().len(), 1);
    // Other functions only read, and are asked each time.
    for _ in 0..2 {
        assert_eq!(now(service.handle(ask(Function::Members, ID, json!({})))).status(), 200);
    }
    assert_eq!(pbx.asked().len(), 2);
}

// W107, W174
#[test]
fn an_ask_that_runs_is_not_started_again_and_an_aborted_one_is_unknown() {
    let service = service(Buttons::ALL);
    service.provider().set_mood(Mood::Hangs);
    let mut running = Box::pin(service.handle(call(ID)));
    assert!(poll(running.as_mut()).is_pending());
    refused(&service, call(ID), ErrorCode::InProgress);
    drop(running);
    service.provider().set_mood(Mood::Works);
    refused(&service, call(ID), ErrorCode::Timeout);
    assert_eq!(service.provider().asked().len(), 1);
}

// W107, W174
#[test]
fn the_oldest_of_ten_thousand_replies_is_forgotten_first() {
    let service = service(Buttons::ALL);
    for number in 0..10_001 {
        assert_eq!(now(service.handle(call(&format!("ask-{number:016}")))).status(), 200);
    }
    let asked = service.provider().asked().len();
    assert_eq!(asked, 10_001);
    now(service.handle(call(&format!("ask-{:016}", 10_000))));
    now(service.handle(call(&format!("ask-{:016}", 1))));
    assert_eq!(service.provider().asked().len(), 0);
    now(service.handle(call(&format!("ask-{:016}", 0))));
    assert_eq!(service.provider().asked().len(), 1);
}

// W117, W175
#[test]
fn a_provider_that_hangs_is_answered_at_the_limit() {
    for (function, limit) in [(Function::Members, 10_000), (Function::ParseWebhook, 5_000)] {
        let timer = ManualTimer::new();
        let service = service(Buttons::ALL).timer(timer.clone());
        service.provider().set_mood(Mood::Hangs);
        let args = json!({ "method": "GET", "rawQuery": "zd_echo=1" });
        let mut answer = Box::pin(service.handle(ask(function, ID, args)));
        assert!(poll(answer.as_mut()).is_pending());
        assert_eq!(timer.asked(), [Duration::from_millis(limit)]);
        timer.finish();
        let Poll::Ready(answer) = poll(answer.as_mut()) else { panic!("the limit is over") };
        assert_eq!(code(&answer), (422, "timeout".into()));
    }
    let (least, most) = (Duration::ZERO, Duration::from_secs(60));
    let timer = ManualTimer::new();
    let service = service(Buttons::ALL).timer(timer.clone()).time_limits(least, most);
    service.provider().set_mood(Mood::Hangs);
    for function in [Function::Members, Function::ParseWebhook] {
        let args = json!({ "method": "GET" });
        assert!(poll(Box::pin(service.handle(ask(function, ID, args))).as_mut()).is_pending());
    }
    assert_eq!(timer.asked(), [Duration::from_millis(100), Duration::from_secs(50)]);
}

// W107, W118, W175, X22
#[test]
fn the_sixty_fifth_ask_at_once_is_refused_and_webhooks_have_places_of_their_own() {
    let service = service(Buttons::ALL);
    service.provider().set_mood(Mood::Hangs);
    let mut running: Vec<_> =
        (0..64).map(|_| Box::pin(service.handle(ask(Function::Members, ID, json!({}))))).collect();
    assert!(running.iter_mut().all(|ask| poll(ask.as_mut()).is_pending()));
    let busy = refused(&service, ask(Function::Members, ID, json!({})), ErrorCode::Busy);
    assert_eq!(busy.headers()["retry-after"], "1");
    let webhook = || ask(Function::ParseWebhook, ID, json!({ "method": "GET", "rawQuery": "a=1" }));
    let mut webhooks: Vec<_> = (0..32).map(|_| Box::pin(service.handle(webhook()))).collect();
    assert!(webhooks.iter_mut().all(|ask| poll(ask.as_mut()).is_pending()));
    refused(&service, webhook(), ErrorCode::Busy);
    refused(&service, call(ID), ErrorCode::Busy);
    // Senders that give up free their places.
    running.truncate(63);
    service.provider().set_mood(Mood::Works);
    assert_eq!(now(service.handle(ask(Function::Members, ID, json!({})))).status(), 200);
    // Nothing was done for it, so its refusal is not kept.
    assert_eq!(now(service.handle(call(ID))).status(), 200);
}

// W116, W175
#[test]
fn a_panic_in_any_function_is_internal_and_the_service_lives_on() {
    let service = service(Buttons::ALL);
    let args = json!({
        "srcPhone": "1", "dstPhone": "2", "redirectTo": "3", "hold": true, "callData": {},
        "webhookUrl": "https://tenant.example/", "method": "POST", "body": "a=1",
    });
    for function in Function::ALL {
        service.provider().set_mood(Mood::Panics);
        let id = format!("{ID}-{function}");
        let answer = refused(&service, ask(*function, &id, args.clone()), ErrorCode::Internal);
        assert!(!String::from_utf8_lossy(answer.body()).contains("planted"));
        service.provider().set_mood(Mood::Works);
        assert_eq!(now(service.handle(ask(Function::Members, ID, json!({})))).status(), 200);
    }
    assert_eq!(service.provider().asked().len(), 2 * Function::ALL.len());
}

// W101–W103
#[test]
fn every_error_of_the_crate_has_a_code_and_is_never_repeated_by_a_gateway() {
    let error: fn() -> Error = || Error::Unsupported { operation: "x" };
    for code in ErrorCode::ALL {
        assert!(![502, 504].contains(&code.status().as_u16()), "{code}");
    }
    let service = service(Buttons::ALL);
    service.provider().set_mood(Mood::Fails(error));
    refused(&service, ask(Function::Members, ID, json!({})), ErrorCode::Unsupported);
    service
        .provider()
        .set_mood(Mood::Fails(|| Error::Auth { message: "number +7 999 000-00-01".into() }));
    let answer = refused(&service, ask(Function::Members, ID, json!({})), ErrorCode::Auth);
    assert!(!String::from_utf8_lossy(answer.body()).contains("999"));
}

// W120, W121, W124–W126, X21
#[test]
fn a_shutdown_is_shown_at_once_and_refuses_asks_after_its_grace() {
    let clock = ManualClock::new();
    let service = service(Buttons::ALL).clock(clock.clone());
    let probe = |method: Method, path: &str| {
        let request = http::Request::builder().method(method).uri(path).body(Bytes::new());
        let answer = now(service.handle(request.unwrap()));
        (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap())
    };
    assert_eq!(probe(Method::GET, "/healthz"), (200, "ok".into()));
    assert_eq!(probe(Method::GET, "/readyz"), (200, "ready".into()));
    assert_eq!(probe(Method::HEAD, "/readyz"), (200, String::new()));
    assert_eq!(probe(Method::POST, "/readyz").0, 405);
    service.provider().set_mood(Mood::Hangs);
    let mut running = Box::pin(service.handle(ask(Function::Members, ID, json!({}))));
    assert!(poll(running.as_mut()).is_pending());

    service.begin_shutdown();
    assert_eq!(probe(Method::GET, "/readyz"), (503, "stopping".into()));
    assert_eq!(probe(Method::GET, "/healthz"), (200, "ok".into()));
    let mut idle = Box::pin(service.idle());
    assert!(poll(idle.as_mut()).is_pending());
    service.provider().set_mood(Mood::Works);
    clock.advance(Duration::from_millis(4_999));
    service.begin_shutdown(); // changes nothing
    assert_eq!(now(service.handle(ask(Function::Members, ID, json!({})))).status(), 200);
    clock.advance(Duration::from_millis(1));
    let answer = refused(&service, call(ID), ErrorCode::NotReady);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert!(poll(idle.as_mut()).is_pending());
    drop(running);
    assert!(poll(idle.as_mut()).is_ready());
}

/// Asks for one of the service's own pages.
fn page(service: &ModuleService<Pbx>, path: &str) -> Value {
    let answer = now(service.handle(request(Method::GET, path, KEY, "")));
    assert_eq!(answer.status(), 200);
    serde_json::from_slice(answer.body()).unwrap()
}

// W106, W119, W122, W123, X15
#[test]
fn log_and_status_show_what_happened_without_secrets() {
    let clock = ManualClock::new();
    let service = service(Buttons::HOLD).clock(clock.clone());
    let service =
        service.wall_clock(|| SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_608_100_250));
    let token = "T1KT1KT1KT1KT1K";
    let url = json!({ "webhookUrl": format!("https://tenant.example/hook/1?token={token}") });
    now(service.handle(ask(Function::WebhookUpdated, ID, url)));
    let refused = json!({ "method": "POST", "body": "phone=79990000001", "bodyIsText": true });
    now(service.handle(ask(Function::ParseWebhook, ID, refused)));
    service.provider().set_mood(Mood::Fails(|| Error::Timeout));
    now(service.handle(call(ID)));
    now(service.handle(ask(Function::TestConnection, ID, json!({ "functions": [] }))));
    let newer = format!("{{\"voipBridge\":2,\"requestId\":\"{ID}\"}}");
    now(service.handle(request(Method::POST, "/voip/v1/members", KEY, newer)));
    for _ in 0..3 {
        now(service.handle(request(Method::GET, "/voip/v1/log", "wrong", "")));
    }
    clock.advance(Duration::from_secs(61));
    let log = page(&service, "/voip/v1/log");
    let line = |function: &str, code: &str, detail: Value| {
        let mut line = json!({ "time": "2026-01-05T10:15:00.250Z", "function": function,
            "requestId": ID, "code": code, "milliseconds": 0 });
        if !detail.is_null() {
            line["detail"] = detail;
        }
        line
    };
    let wrong_key =
        json!({ "time": "2026-01-05T10:15:00.250Z", "code": "unauthorized", "milliseconds": 0 });
    assert_eq!(
        log,
        json!([
            wrong_key,
            line("members", "unsupported_protocol", Value::Null),
            line("test-connection", "ok", "the script lacks VoipHoldCall".into()),
            line("generate-call", "timeout", Value::Null),
            line("parse-webhook", "ok", "response 400".into()),
            line("webhook-updated", "ok", "host=tenant.example".into()),
        ]),
    );
    assert_eq!(page(&service, "/voip/v1/log?limit=2").as_array().map(Vec::len), Some(2));
    assert_eq!(page(&service, "/voip/v1/log?limit=0").as_array().map(Vec::len), Some(1));
    let status = page(&service, "/voip/v1/status");
    assert_eq!(
        status,
        json!({
            "version": env!("CARGO_PKG_VERSION"), "protocols": [1], "buttons": ["VoipHoldCall"],
            "uptimeSeconds": 61, "isStopping": false, "running": 0, "wrongKeys": 3,
            "lastFaults": { "members": { "time": "2026-01-05T10:15:00.250Z", "code": "unsupported_protocol" },
                "generate-call": { "time": "2026-01-05T10:15:00.250Z", "code": "timeout" } },
        }),
    );
    let shown = format!("{log}{status}{service:?}");
    for secret in [KEY, token, "79990000001", "hook/1"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    for _ in 0..300 {
        now(service.handle(ask(Function::Members, ID, json!({}))));
    }
    assert_eq!(page(&service, "/voip/v1/log?limit=1000").as_array().map(Vec::len), Some(200));
}

/// The buttons name a call by its numbers; the service adds the ids that webhooks named, and still
/// gives the same result for a repeated webhook.
// W109, W112
#[test]
fn buttons_get_the_ids_of_webhooks_and_repeated_webhooks_their_result() {
    let service = service(Buttons::HANGUP);
    let push = json!({
        "method": "POST", "headers": { "content-type": "application/x-www-form-urlencoded" },
        "body": "cmd=event&type=INCOMING&phone=79990000001&ext=701&callid=C-1", "bodyIsText": true,
    });
    let parse = || now(service.handle(ask(Function::ParseWebhook, ID, push.clone()))).into_body();
    let first = parse();
    assert!(first.starts_with(b"{\"voipBridge\":1") && first.windows(5).any(|it| it == b"\"C-1\""));
    assert_eq!(parse(), first);
    let numbers = json!({ "srcPhone": "79990000001", "dstPhone": "701" });
    now(service.handle(ask(Function::HangupCall, ID, numbers)));
    assert_eq!(service.provider().asked().pop().unwrap(), "hangup 79990000001 701 [\"C-1\"]");
}

// W180
#[test]
fn odd_headers_and_queries_reach_the_provider_as_far_as_they_are_legal() {
    let service = service(Buttons::ALL);
    let many: serde_json::Map<String, Value> =
        (0..40_000).map(|number| (format!("{number:x}"), json!(""))).collect();
    for args in [
        json!({ "method": "POST", "headers": { "a b": "1", "é": "1", "x": "a\nb", "y": "кот", "z": 7 }, "body": "" }),
        json!({ "method": "POST", "headers": many, "body": "" }),
        json!({ "method": "GET", "rawQuery": "a=#?{}|\\^`\u{0}\u{2028}кот%zz" }),
        json!({ "method": "GET", "query": [["a", "б в"], ["c"], 7, ["d", null]] }),
        json!({ "method": "BREW", "rawQuery": "" }),
    ] {
        let answer = now(service.handle(ask(Function::ParseWebhook, ID, args.clone())));
        assert_eq!(answer.status(), 200, "{}", String::from_utf8_lossy(answer.body()));
    }
}

/// Any JSON, with the names of arguments among its members.
fn any_args() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~]{0,20}".prop_map(Value::from),
        Just(Value::from("POST")),
    ];
    let name = prop_oneof![
        Just("method"),
        Just("headers"),
        Just("rawQuery"),
        Just("query"),
        Just("body"),
        Just("bodyIsText"),
        Just("srcPhone"),
        Just("dstPhone"),
        Just("callData"),
        Just("functions"),
        Just("webhookUrl"),
        Just("language"),
        Just("hold"),
        Just("redirectTo"),
    ];
    let name = prop_oneof![name.prop_map(str::to_owned), any::<String>()];
    let value = leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..12)
                .prop_map(|object| object.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    });
    value.prop_map(|value| if value.is_object() { value } else { json!({ "callData": value }) })
}

proptest! {
    // W180
    #[test]
    fn no_ask_panics_the_service(args in any_args(), at in 0..Function::ALL.len()) {
        let service = service(Buttons::ALL);
        let answer = now(service.handle(ask(Function::ALL[at], ID, args)));
        prop_assert!(answer.status() == 200 || answer.status() == 422, "{answer:?}");
    }

    // W180
    #[test]
    fn no_body_panics_the_service(body in any::<Vec<u8>>(), text in "[{}\\[\\]\",:a0]{0,40}") {
        let service = service(Buttons::ALL);
        for body in [body, text.into_bytes()] {
            let answer = now(service.handle(request(Method::POST, "/voip/v1/members", KEY, body)));
            prop_assert_eq!(answer.status(), 400);
        }
    }
}
