//! Requests and their results, in both presets: `tests/vectors/pushes.jsonl`.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};
use voip_module::carrier::BodyIsNotText;
use voip_module::gravitel::sample::SampleProvider;
use voip_module::gravitel::{
    Account, Accounts, GravitelOptions, GravitelProvider, OperatorId, UnknownEvent,
};
use voip_module::router::Outcome;
use voip_module::{Token, VoipProvider, WebhookRouter};

use crate::now;

const VECTORS: &str = include_str!("../vectors/pushes.jsonl");

#[derive(Deserialize)]
struct Vector {
    rule: String,
    name: String,
    #[serde(default)]
    options: Options,
    request: Request,
    default: Expected,
    sample: Expected,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    token: Option<String>,
    crm_key: Option<String>,
    version: Option<String>,
    accept_json: bool,
    unknown_event: Option<String>,
    operator_id: Option<String>,
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    uri: Value,
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
}

#[derive(Deserialize)]
struct Expected {
    status: u16,
    body: Option<String>,
    result: Value,
}

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

impl Request {
    fn http(&self) -> http::Request<Bytes> {
        let mut request = http::Request::builder().method(&*self.method).uri(text(&self.uri));
        for (name, value) in &self.headers {
            request = request.header(name, value.as_str().unwrap());
        }
        let mut request = request.body(Bytes::from(text(&self.body))).unwrap();
        if self.body.is_object() {
            request.extensions_mut().insert(BodyIsNotText);
        }
        request
    }
}

fn put(options: &Options, preset: &str, request: http::Request<Bytes>) -> Outcome {
    let mut gravitel = GravitelOptions::default().with_accept_json(options.accept_json);
    if options.unknown_event.is_some() {
        gravitel = gravitel.with_unknown_event(UnknownEvent::Ignore);
    }
    if options.operator_id.is_some() {
        gravitel = gravitel.with_operator_id(OperatorId::Login);
    }
    let provider = GravitelProvider::parser_only().options(gravitel);
    let provider = provider.accounts(Accounts::new(&options.accounts));
    let provider: Box<dyn VoipProvider> = match (preset, &options.crm_key) {
        ("sample", _) => Box::new(SampleProvider::parser_only()),
        (_, Some(key)) => Box::new(provider.crm_key(&**key)),
        _ => Box::new(provider),
    };
    let router = match &options.token {
        Some(token) => WebhookRouter::new(provider, Token::new(&**token).unwrap()),
        None => WebhookRouter::without_token(provider),
    };
    let version = options.version.as_deref().unwrap_or("2026.4").parse().unwrap();
    now(router.platform(version).process(request))
}

#[test]
fn every_vector_gives_what_the_specification_says_in_both_presets() {
    let mut wrong = Vec::new();
    for line in VECTORS.lines() {
        let vector: Vector = serde_json::from_str(line).unwrap();
        for (preset, expected) in [("default", &vector.default), ("sample", &vector.sample)] {
            let outcome = put(&vector.options, preset, vector.request.http());
            let status = outcome.response.status().as_u16();
            let body = String::from_utf8_lossy(outcome.response.body()).into_owned();
            let result = serde_json::to_value(&outcome.result).unwrap();
            let body_fits = expected.body.as_ref().is_none_or(|expected| *expected == body);
            if status != expected.status || !body_fits || result != expected.result {
                wrong.push(format!(
                    "{} {} ({preset}): {status} {body} {result}, not {} {} {}",
                    vector.rule,
                    vector.name,
                    expected.status,
                    expected.body.as_deref().unwrap_or("(any)"),
                    expected.result
                ));
            }
            let content_type = outcome.response.headers().get("content-type");
            let is_json = content_type.is_some_and(|kind| kind == "application/json");
            // The sample's own faults have no content type; the router's have (V105, V130).
            let by_sample = preset == "sample" && status == 400 && !is_json;
            assert!(body.is_empty() || is_json || by_sample, "{}: {}", vector.rule, vector.name);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(VECTORS.lines().count() > 200);
}

// V12, V113
#[test]
fn the_same_push_twice_gives_equal_results() {
    for line in VECTORS.lines() {
        let vector: Vector = serde_json::from_str(line).unwrap();
        let parse = || put(&vector.options, "default", vector.request.http()).result;
        assert_eq!(parse(), parse(), "{}: {}", vector.rule, vector.name);
    }
}

#[test]
fn every_row_of_the_parsing_tables_has_a_vector() {
    let rules: BTreeSet<_> = VECTORS
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|vector| vector["rule"].as_str().unwrap().to_owned())
        .collect();
    // V107 needs a provider that fails, and is in `router.rs`.
    let missing: Vec<_> =
        (78..=118).filter(|rule| *rule != 107 && !rules.contains(&format!("V{rule}"))).collect();
    assert!(missing.is_empty(), "no vector for {missing:?}");
}
