//! Webhooks and pushes through the script: the same results as by the router alone, for any text.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::{Value, json};
use voip_module::carrier::BodyIsNotText;
use voip_module::gravitel::GravitelProvider;
use voip_module::module_script::push::Pusher;
use voip_module::module_script::{ModuleService, PushCheck, ServiceKeys};
use voip_module::testing::{ManualTimer, ScriptedTransport};
use voip_module::{Buttons, PlatformVersion, Sink as _, WebhookRouter};

use crate::node::{self, Module};
use crate::pbx::Pbx;
use crate::server::{KEY, Server, module, newest, other_server, runtime};

const VECTORS: &str = include_str!("../vectors/pushes.jsonl");

/// Text, or a list of texts and how often each is repeated.
fn text(value: &Value) -> String {
    match value {
        Value::Array(parts) => parts
            .iter()
            .map(|part| part[0].as_str().unwrap().repeat(part[1].as_u64().unwrap() as usize))
            .collect(),
        value => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// A result of the router as the platform gets it from the script.
fn for_platform(mut result: Value) -> Value {
    let name = |word: &Value| -> String {
        let parts = word.as_str().unwrap().split('_');
        parts.map(|part| part[..1].to_uppercase() + &part[1..]).collect()
    };
    for part in ["event", "callRecord"] {
        let Some(part) = result.get_mut(part) else { continue };
        for (member, kind) in
            [("event", "Event"), ("direction", "Direction"), ("disposition", "Disposition")]
        {
            if let Some(word) = part.get_mut(member) {
                *word = format!("{kind}.{}", name(word)).into();
            }
        }
    }
    result
}

fn parse(module: &Module, request: Value) -> Value {
    module.call("VoipParseWebhookRequest", json!([request]))["value"].clone()
}

// W112, W172
#[test]
fn every_push_gives_what_the_router_alone_gives() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = server.module(newest());
    let router = WebhookRouter::without_token(GravitelProvider::parser_only()).without_journal();
    let mut compared = 0;
    for line in VECTORS.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let Value::Object(request) = &vector["request"] else { panic!("{line}") };
        let (uri, body) = (text(&request["uri"]), request.get("body").cloned().unwrap_or_default());
        let headers = request["headers"].as_object().unwrap();
        let mut alone =
            http::Request::builder().method(request["method"].as_str().unwrap()).uri(&uri);
        for (name, value) in headers {
            alone = alone.header(name, value.as_str().unwrap());
        }
        let mut alone = alone.body(Bytes::from(text(&body))).unwrap();
        let is_contact = text(&body).contains("contact");
        let mut platform = json!({ "method": request["method"], "headers": headers });
        platform["headers"][":path"] = uri.into();
        if body.is_object() {
            alone.extensions_mut().insert(BodyIsNotText);
            platform["body"] = body;
        } else if !body.is_null() {
            platform["body"] = text(&body).into();
        }
        if is_contact {
            continue; // The router alone has no look-up here.
        }
        let outcome = runtime().block_on(router.process(alone));
        let mut expected = for_platform(serde_json::to_value(&outcome.result).unwrap());
        let body = std::str::from_utf8(outcome.response.body()).unwrap();
        expected["response"] = json!({ "code": outcome.response.status().as_u16(), "text": body });
        let mut given = parse(&module, platform);
        for result in [&mut given, &mut expected] {
            // A script keeps integers exactly up to 2^53.
            if let Some(seconds) = result.pointer_mut("/callRecord/duration") {
                *seconds = seconds.as_f64().into();
            }
        }
        assert_eq!(given, expected, "{}", vector["name"]);
        compared += 1;
    }
    assert!(compared > 200);
    for exchange in server.seen() {
        let ask: Value = serde_json::from_str(&exchange.body).unwrap();
        let query = ask["args"]["rawQuery"].as_str().unwrap();
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        assert!(!pairs.any(|(name, _)| name.eq_ignore_ascii_case("token")), "{query}");
        assert!(!exchange.body.contains(":path"));
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

// W172, W187
#[test]
fn a_query_arrives_in_each_form_and_without_the_token() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = server.module(newest());
    let sent = |request: Value| {
        parse(&module, request);
        let body: Value = serde_json::from_str(&server.seen().pop().unwrap().body).unwrap();
        body["args"].clone()
    };
    let path = "/hook/1?a=%20b&token=T0K&c&%74OKEN=T0K&tok%zen=x&a=2#part";
    let args =
        sent(json!({ "method": "GET", "headers": { ":path": path }, "query": { "z": "1" } }));
    assert_eq!(args["rawQuery"], "a=%20b&c&tok%zen=x&a=2#part");
    assert_eq!(args["query"], Value::Null);
    let query = json!({ "a": "b c", "Token": "T0K", "list": ["1", "2"] });
    let args = sent(json!({ "method": "GET", "headers": {}, "query": query }));
    assert_eq!(args["query"], json!([["a", "b c"], ["list", "1"], ["list", "2"]]));
    assert_eq!(args["rawQuery"], Value::Null);
    let args = sent(json!({ "method": "GET" }));
    assert_eq!(args, json!({ "method": "GET", "headers": {}, "body": "", "bodyIsText": true }));

    let fields =
        json!({ "cmd": "event", "type": "INCOMING", "phone": "79990000001", "ext": "701" });
    let event = parse(&module, json!({ "method": "GET", "headers": {}, "query": fields }));
    assert_eq!(event["event"]["srcPhone"], "79990000001");

    let headers = json!({
        "Authorization": "A", "cookie": "B", "Proxy-Authorization": "C", "CONNECTION": "D", "te": "E",
        ":authority": "F", "X-Kept": "кот", "number": 7, "list": ["a"], "__proto__": "G",
    });
    let args = sent(json!({ "method": "POST", "headers": headers, "body": { "a": 1 } }));
    assert_eq!(
        args,
        json!({
            "method": "POST", "headers": { "X-Kept": "кот", "__proto__": "G" }, "bodyIsText": false,
        })
    );
}

// W18, W170
#[test]
fn any_text_goes_there_and_back_unchanged() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = server.module(newest());
    let odd = "\"'\\\r\n\u{0}\u{7f}\u{2028}\u{2029}Кириллица 🙂 </script>${x}`$&__proto__\u{fffe}";
    let link = "https://rec.example/a";
    let data = json!({ odd: odd, "__proto__": { "x": [odd, null, true, 1.5, -1, 9_007_199_254_740_991_u64] }, "link": link });
    let done = module.call("VoipGetCallLink", json!([data]));
    assert_eq!(done["value"], link, "{done}");
    assert_eq!(server.service.provider().asked(), [format!("link {data}")]);

    module.call("VoipGenerateCall", json!([odd, "79990000002"]));
    assert_eq!(server.service.provider().asked(), [format!("call {odd} 79990000002")]);

    let encoded = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("cmd", "history"),
            ("type", "in"),
            ("callid", odd),
            ("link", odd),
            ("phone", "1"),
        ])
        .finish();
    let request = json!({ "method": "POST", "headers": { "content-type": FORM }, "body": encoded });
    let record = parse(&module, request)["callRecord"].clone();
    assert_eq!(record["call"]["link"], odd.trim());
    assert_eq!(record["callId"], odd.trim());
}

/// A lone surrogate cannot come from UTF-8, and is no reason to fail in another way.
// W98, W170
#[test]
fn a_lone_surrogate_is_refused_by_the_service() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = server.module(newest());
    // Written here, as no text of Rust can hold one.
    let script = format!(
        "{}\nfunction surrogate(): Promise<void> {{ return VoipGenerateCall('\\ud800', '1'); }}\n",
        module.script
    );
    let module = Module { script, ..module };
    let done = module.call("surrogate", json!([]));
    assert_eq!(done["thrown"], "Telephony error (invalid_body).");
    assert_eq!(server.seen()[0].status, 400);
}

fn push(id: &str, event: Value, record: Value) -> Value {
    let mut push = json!({ "voipBridge": 1, "id": id, "sentAt": 1_767_608_100, "attempt": 1 });
    for (name, part) in [("event", event), ("callRecord", record)] {
        if !part.is_null() {
            push[name] = part;
        }
    }
    json!({ "method": "POST", "headers": { ":path": "/hook/1?token=T1K" }, "body": push.to_string() })
}

const PUSH_ID: &str = "01JGTPUSH0000000000000000A";

fn event(direction: &str, stage: &str) -> Value {
    json!({ "event": stage, "direction": direction, "srcPhone": "79990000001", "dstPhone": "701",
        "disposition": "answered", "callId": "A-1", "srcPhoneExt": "1", "dstPhoneExt": "2", "more": 1 })
}

fn record(direction: &str, duration: Value) -> Value {
    json!({ "srcPhone": "79990000001", "dstPhone": "701", "direction": direction,
        "disposition": "some_other", "duration": duration, "call": { "id": "A-1" }, "callId": "A-1",
        "srcPhoneExt": "1", "dstPhoneExt": "2", "more": 1 })
}

// W61, W64–W68, X16, X17
#[test]
fn a_push_is_confirmed_and_gives_the_members_of_the_edition_without_an_ask() {
    if !node::has_typescript() {
        return;
    }
    let accepted =
        json!({ "code": 200, "text": format!("{{\"voipBridge\":1,\"accepted\":\"{PUSH_ID}\"}}") });
    for edition in crate::variants::EDITIONS {
        // Nothing listens here.
        let module = module(newest().edition(edition), "http://127.0.0.1:9");
        let request = push(PUSH_ID, event("in", "notify_end"), record("out", json!(124)));
        let result = parse(&module, request);
        let mut event = json!({ "event": "Event.NotifyEnd", "direction": "Direction.In",
            "srcPhone": "79990000001", "dstPhone": "701", "disposition": "Disposition.Answered" });
        let mut record = json!({ "srcPhone": "79990000001", "dstPhone": "701",
            "direction": "Direction.Out", "disposition": "Disposition.Unknown", "duration": 124,
            "call": { "id": "A-1" } });
        if edition >= PlatformVersion::V2025_8 {
            event["callId"] = "A-1".into();
        }
        if edition >= PlatformVersion::V2026_4 {
            record["callId"] = "A-1".into();
            for part in [&mut event, &mut record] {
                part["srcPhoneExt"] = "1".into();
                part["dstPhoneExt"] = "2".into();
            }
        }
        assert_eq!(result, json!({ "event": event, "callRecord": record, "response": accepted }));
    }
}

// W67, W68
#[test]
fn internal_calls_are_left_out_where_the_platform_has_no_word_for_them() {
    if !node::has_typescript() {
        return;
    }
    for edition in crate::variants::EDITIONS {
        let module = module(newest().edition(edition), "http://127.0.0.1:9");
        let request =
            push(PUSH_ID, event("internal", "notify_start"), record("internal", json!(1)));
        let result = parse(&module, request);
        assert_eq!(result["response"]["code"], 200);
        let expected = if edition >= PlatformVersion::V2026_4 {
            json!("Direction.Internal")
        } else {
            Value::Null
        };
        assert_eq!(result["event"]["direction"], expected);
        assert_eq!(result["callRecord"]["direction"], expected);
    }
}

// W68, W190
#[test]
fn the_usable_part_of_a_push_is_given_and_the_other_one_reported() {
    if !node::has_typescript() {
        return;
    }
    let module = module(newest(), "http://127.0.0.1:9");
    let good = || (event("in", "notify_start"), record("in", json!(1)));
    let (good_event, good_record) = good();
    for (event, record, has_event, has_record) in [
        (event("in", "notify_hover"), good_record.clone(), false, true),
        (event("up", "notify_start"), good_record.clone(), false, true),
        (good_event.clone(), record("up", json!(1)), true, false),
        (json!(7), good_record.clone(), false, true),
        (Value::Null, Value::Null, false, false),
    ] {
        let result = parse(&module, push(PUSH_ID, event, record));
        assert_eq!(result["response"]["code"], 422, "{result}");
        assert_eq!(
            (result.get("event").is_some(), result.get("callRecord").is_some()),
            (has_event, has_record)
        );
    }
    for (duration, expected) in
        [(json!(-1), 0.0), (json!("7"), 0.0), (json!(null), 0.0), (json!(1.5), 1.5)]
    {
        let result = parse(&module, push(PUSH_ID, Value::Null, record("in", duration)));
        assert_eq!(result["callRecord"]["duration"].as_f64(), Some(expected));
    }
    let signed = json!({ "voipBridge": 1, "signed": "{}", "signature": "v1,x" }).to_string();
    let result = parse(&module, json!({ "method": "POST", "body": signed }));
    assert_eq!(result["response"]["code"], 502);
}

// W62, W63
#[test]
fn a_push_is_a_webhook_like_any_other_unless_the_token_is_its_proof() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let request = push(PUSH_ID, event("in", "notify_start"), Value::Null);
    for check in [PushCheck::Service, PushCheck::Off] {
        let result = parse(&server.module(newest().push_check(check)), request.clone());
        assert_eq!(result["response"]["code"], 400);
        assert_eq!(server.seen().len(), 1);
    }
    let token = server.module(newest());
    assert_eq!(parse(&token, request)["response"]["code"], 200);
    for body in
        ["{\"voipBridge\":2}", "{\"voipBridge\":\"1\"}", "[1]", "null", "1", "{", "voipBridge"]
    {
        parse(&token, json!({ "method": "POST", "body": body }));
        assert_eq!(server.seen().len(), 1, "{body}");
    }
    parse(&token, json!({ "method": "GET", "body": "{\"voipBridge\":1}" }));
    assert_eq!(server.seen().len(), 1);
}

// W68, W69, W185
#[test]
fn an_unusable_part_of_a_webhook_gives_502_and_an_odd_response_500() {
    if !node::has_typescript() {
        return;
    }
    let at = |mode: &str| {
        let module = module(newest(), &format!("http://{}/{mode}", other_server()));
        parse(&module, json!({ "method": "POST", "headers": {}, "body": "a=1" }))
    };
    let result = at("odd-event");
    assert_eq!((result["response"]["code"].as_u64(), result.get("event")), (Some(502), None));
    assert_eq!(result["callRecord"]["direction"], "Direction.In");
    assert_eq!(at("odd-status")["response"], json!({ "code": 500, "text": "" }));
    assert_eq!(at("no-response"), json!({ "response": { "code": 200, "text": "" } }));
}

// W46, W60
#[test]
fn a_remembered_webhook_url_is_sent_with_the_connection_test() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = server.module(newest().remember_webhook_url());
    let url = "https://tenant.example/hook/1?token=T1KT1KT1KT1KT1K";
    let done = module.call("VoipOnWebhookUpdated", json!([url]));
    assert_eq!(done["stored"], json!({ "voipBridgeWebhookUrl": url }));
    let stored = json!({ "storage": done["stored"] });
    assert_eq!(
        module.call_with("VoipTestConnection", json!([]), stored)["value"],
        json!({ "success": true })
    );
    assert!(server.seen()[1].body.contains(&format!("\"webhookUrl\":\"{url}\"")));
    assert_eq!(module.call("VoipTestConnection", json!([]))["value"], json!({ "success": true }));
    assert!(!server.seen()[0].body.contains("webhookUrl"));
}

// W47, W91, W94, W171
#[test]
fn a_script_asks_once_and_shows_no_secret_in_an_address() {
    if !node::has_typescript() {
        return;
    }
    let server = Server::new(Buttons::ALL);
    let module = server.module(newest().time_limit(20));
    let done = module.call_with("VoipGetMembers", json!([]), json!({ "timers": "never" }));
    assert_eq!(done["limits"], json!([20_000]));
    let url = "https://tenant.example/hook/1?token=T1KT1KT1KT1KT1K";
    module.call_with("VoipOnWebhookUpdated", json!([url]), json!({ "timers": "never" }));
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for exchange in seen {
        assert!(!exchange.target.contains(KEY) && !exchange.target.contains("T1K"));
        assert!(!exchange.reply.contains(KEY) && !exchange.reply.contains("T1K"));
    }
}

/// The body of a push, signed with a key.
fn signed(key: &str) -> String {
    let transport = Arc::new(ScriptedTransport::new().always(http::StatusCode::OK, ""));
    let signer = ServiceKeys::new(key).unwrap().push_signer();
    let builder = Pusher::builder(transport.clone(), ManualTimer::new()).signer(signer);
    let mut pusher = builder.wall_clock(wall_clock).build().unwrap();
    let push = pusher.handle();
    push.set_target("https://tenant.example/hook".parse().unwrap()).unwrap();
    runtime().block_on(push.deliver(&crate::examples::delivery())).unwrap();
    let mut run = Box::pin(pusher.run());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(run.as_mut().poll(&mut context).is_pending());
    drop(run);
    String::from_utf8(transport.requests()[0].body().to_vec()).unwrap()
}

fn wall_clock() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_608_100)
}

// W62
#[test]
fn a_signed_push_is_checked_by_the_service_and_any_other_one_refused() {
    if !node::has_typescript() {
        return;
    }
    let previous = "another-key-of-thirty-two-letter";
    let keys = ServiceKeys::new(KEY).unwrap().previous(previous).unwrap();
    let service = ModuleService::new(Pbx::new(Buttons::ALL), keys);
    let server = Server::of(service.wall_clock(wall_clock).check_pushes());
    let module = server.module(newest().push_check(PushCheck::Service));
    let post = |body: String| parse(&module, json!({ "method": "POST", "body": body }));
    for key in [KEY, previous] {
        let result = post(signed(key));
        assert_eq!(result["event"]["callId"], "A-1", "{result}");
        let text = result["response"]["text"].as_str().unwrap();
        assert!(text.starts_with("{\"voipBridge\":1,\"accepted\":\""), "{text}");
    }
    let unsigned = push(PUSH_ID, event("in", "notify_start"), Value::Null);
    for body in [
        signed("a-third-key-that-nobody-knows-of"),
        signed(KEY).replace("79990000001", "79990000009"),
        unsigned["body"].as_str().unwrap().to_owned(),
    ] {
        let result = post(body);
        assert_eq!((result["response"]["code"].as_u64(), result.get("event")), (Some(401), None));
    }
    // Anything else is a webhook.
    assert_eq!(post("{\"cmd\":\"event\"}".into())["response"]["code"], 400);
    assert_eq!(server.service.provider().asked().len(), 1);
}
