//! Laws over any input.

use bytes::Bytes;
use http::StatusCode;
use proptest::prelude::*;
use serde_json::Value;
use voip_module::gravitel::sample::SampleProvider;
use voip_module::gravitel::{GravitelConfig, GravitelOptions, GravitelProvider};
use voip_module::testing::ScriptedTransport;
use voip_module::{
    HttpRequest, Token, VoipCallDirection, VoipCallRecord, VoipProvider, WebhookRouter,
};

use crate::logs::Lines;
use crate::now;

const WEB: &str = "tok-0a1b2c3d4e5f6071";
const CRM: &str = "crm-9f8e7d6c5b4a3928";
const API: &str = "api-1122334455667788";

fn provider(sample: bool, json: bool, transport: ScriptedTransport) -> Box<dyn VoipProvider> {
    let config = GravitelConfig::new("https://pbx.example/", API).with_crm_key(CRM);
    if sample {
        return Box::new(SampleProvider::new(config, transport));
    }
    let options = GravitelOptions::default().with_accept_json(json);
    Box::new(GravitelProvider::new(config, transport).options(options))
}

/// Fragments that are likely to break bodies, queries and header values.
fn text() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        Just("cmd=event&type=INCOMING&phone=79990000001&ext=701&callid=C".to_owned()),
        Just("cmd=history&type=out&duration=1&link=".to_owned()),
        Just("cmd=contact&phone=1".to_owned()),
        Just(format!("crm_token={CRM}")),
        Just(format!("token={WEB}")),
        Just(CRM.to_owned()),
        Just(WEB.to_owned()),
        Just(API.to_owned()),
        "[&=%+;]{1,3}",
        "%[0-9A-Fa-f]{2}",
        "[a-z_]{1,8}=[^&]{0,12}",
        any::<String>(),
        Just("{\"cmd\":\"event\",\"type\":".to_owned()),
    ];
    prop::collection::vec(bit, 0..8).prop_map(|bits| bits.concat())
}

fn content_type() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => Just(b"application/x-www-form-urlencoded".to_vec()),
        2 => Just(b"application/json".to_vec()),
        1 => text().prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

fn is_secret_in(text: &str) -> bool {
    [WEB, CRM, API].iter().any(|secret| text.contains(secret))
}

/// Any JSON, nested a little.
fn json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Any data of a call comes back unchanged.
    // V18
    #[test]
    fn any_json_goes_through_a_record_unchanged(call in json()) {
        let record = VoipCallRecord::new(VoipCallDirection::In, "1", "2").call(call.clone());
        let text = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(serde_json::from_str::<VoipCallRecord>(&text).unwrap().call, call);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    /// No body, header or query panics the router, and no key is in its answer, its log or what
    /// `Debug` shows of the request.
    // V39, V46, V106
    #[test]
    fn no_request_panics_the_router_or_reveals_a_key(
        sample in any::<bool>(),
        json in any::<bool>(),
        method in prop_oneof![4 => Just("POST"), 2 => Just("GET"), 1 => Just("PUT")],
        query in text(),
        content_type in content_type(),
        body in prop_oneof![text().prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..64)],
        with_token in any::<bool>(),
    ) {
        let token = if with_token { format!("token={WEB}&") } else { String::new() };
        let query: String = query.bytes().map(|byte| match byte {
            b'!'..=b'~' if !b"\"<>#".contains(&byte) => char::from(byte).to_string(),
            other => format!("%{other:02x}"),
        }).collect();
        let mut request = http::Request::new(Bytes::from(body));
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = format!("/hook?{token}{query}").parse().unwrap();
        if let Ok(value) = http::HeaderValue::from_bytes(&content_type) {
            request.headers_mut().insert("content-type", value);
        }
        let mut shown = format!("{:?}", HttpRequest::from(request.clone()));
        let log = Lines::of(|| {
            let provider = provider(sample, json, ScriptedTransport::new());
            let router = WebhookRouter::new(provider, Token::new(WEB).unwrap());
            shown += &format!("{router:?}");
            let outcome = now(router.process(request));
            let status = outcome.response.status();
            assert!(!status.is_server_error(), "{status}");
            shown += &String::from_utf8_lossy(outcome.response.body());
            shown += &format!("{:?}", outcome.response.headers());
        });
        prop_assert!(!is_secret_in(&shown) && !is_secret_in(&log), "{shown} {log}");
    }

    /// No answer of the PBX makes a function panic or puts a key into an error or the log.
    // V51, V59, V60
    #[test]
    fn no_answer_makes_a_function_panic_or_reveal_a_key(
        sample in any::<bool>(),
        json in any::<bool>(),
        status in 200_u16..600,
        body in text().prop_map(|text| text.replace(WEB, "")), // a key that only the router has
    ) {
        let log = Lines::of(|| {
            let status = StatusCode::from_u16(status).unwrap();
            let provider = provider(sample, json, ScriptedTransport::new().always(status, body));
            let mut shown = format!("{:?}", now(provider.test_connection()));
            if let Err(error) = now(provider.members()) {
                shown += &format!("{error} {error:?}");
            }
            if let Err(error) = now(provider.generate_call("701", "79990000001")) {
                shown += &format!("{error} {error:?}");
            }
            assert!(!is_secret_in(&shown), "{shown}");
        });
        prop_assert!(!is_secret_in(&log), "{log}");
    }

    /// Forms read like those of `form_urlencoded`, except for the table's deliberate deviations.
    // V108–V118
    #[test]
    fn forms_agree_with_form_urlencoded(
        pairs in prop::collection::vec((".{0,6}", ".{0,12}"), 0..12),
        raw in "([a-z&=+;]|%4[0-9a-fA-F]|%C3%[9aAbB][0-9a-f]){0,40}",
    ) {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        for form in [form, raw] {
            let theirs: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes())
                .map(|(name, value)| (name.trim_matches(is_dropped).to_owned(), value.into_owned()))
                .filter(|(name, _)| !name.is_empty()) // V116
                .collect();
            let request = http::Request::post("/").header("content-type", "application/x-www-form-urlencoded");
            let request = HttpRequest::from(request.body(Bytes::from(form)).unwrap());
            let fields = request.form_fields().unwrap();
            let ours: Vec<(String, String)> =
                fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            prop_assert_eq!(ours, theirs);
        }
    }

    /// Broken values are kept undecoded.
    // V114, V140
    #[test]
    fn a_broken_value_stands_as_it_was_sent(
        bad in "[a-z+]{0,4}%([g-z][0-9a-z]|[0-9a-f][g-z]|[89a-f][0-9a-f])[a-z]{0,3}",
    ) {
        let request = http::Request::get(format!("/?a={bad}")).body(Bytes::new()).unwrap();
        let request = HttpRequest::from(request);
        let fields = request.form_fields().unwrap();
        prop_assert_eq!(fields.get("a"), Some(&*bad));
    }
}

fn is_dropped(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}
