//! Sequences of pushes through a router with a journal: `tests/vectors/journal.jsonl`.
//!
//! A step is a time, a form, the verdict, and the delivery in short.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use voip_module::gravitel::GravitelProvider;
use voip_module::router::Clock;
use voip_module::router::journal::IdentityKey;
use voip_module::{Delivery, HttpRequest, VoipWebhookEvent as Event, WebhookRouter};

use crate::now;

const VECTORS: &str = include_str!("../vectors/journal.jsonl");

#[derive(Deserialize)]
struct Sequence {
    rules: String,
    name: String,
    steps: Vec<(f64, String, Option<String>, Option<String>)>,
}

#[derive(Clone, Default)]
struct SetClock(std::sync::Arc<std::sync::Mutex<Duration>>);

impl Clock for SetClock {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

fn form(body: &str) -> http::Request<Bytes> {
    http::Request::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body.to_owned()))
        .unwrap()
}

// V156
#[test]
fn key_fields_are_no_part_of_an_identity_in_any_letter_case() {
    let key = IdentityKey::random();
    let of = |body: &str| key.of_request(&HttpRequest::from(form(body)), &["Api_Key"]);
    assert_eq!(of("what=ring&api_key=K1&Token=T1"), of("API_KEY=K2&what=ring"));
    assert_ne!(of("what=ring&key=K1"), of("what=ring&key=K2"));
}

/// A delivery in short.
pub(crate) fn short(delivery: &Delivery) -> String {
    if let Some(event) = &delivery.event {
        let stage = match event.event {
            Event::NotifyStart => "start",
            Event::NotifyAnswer => "answer",
            _ => "end",
        };
        let (src, dst) = (&event.src_phone, &event.dst_phone);
        return format!("{stage} {} {src}>{dst} {}", event.direction, event.disposition);
    }
    if let Some(record) = &delivery.record {
        let kind = if delivery.update { "update" } else { "record" };
        let (src, dst) = (&record.src_phone, &record.dst_phone);
        return format!(
            "{kind} {} {src}>{dst} {} {} {}",
            record.direction, record.disposition, record.duration, record.call
        );
    }
    format!("notice {}", serde_json::to_string(&delivery.notice).unwrap())
}

#[test]
fn every_sequence_is_judged_and_delivered_as_the_rules_say() {
    let mut wrong = Vec::new();
    for line in VECTORS.lines() {
        let Sequence { rules, name, steps } = serde_json::from_str(line).unwrap();
        let clock = SetClock::default();
        let router = WebhookRouter::without_token(GravitelProvider::parser_only());
        let router = router.clock(clock.clone());
        for (at, (time, body, verdict, delivered)) in steps.into_iter().enumerate() {
            *clock.0.lock().unwrap() = Duration::from_secs_f64(time);
            let outcome = now(router.process(form(&body)));
            let got = outcome.verdict.map(|verdict| format!("{verdict:?}").to_lowercase());
            let got_delivery = outcome.delivery.as_ref().map(short);
            if (&got, &got_delivery) != (&verdict, &delivered) {
                wrong.push(format!(
                    "{rules}: {name}, step {}: {got:?} {got_delivery:?}, not {verdict:?} {delivered:?}",
                    at + 1
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(VECTORS.lines().count() > 30);
}
