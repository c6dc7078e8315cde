//! `voip-module`: Gravitel's pushes, from bytes to the result for the platform, beside a reader of
//! forms that only collects the same pairs.

use std::hint::black_box;

use voip_module::VoipWebhookParseResult;
use voip_module::gravitel::{GravitelOptions, GravitelPush};
use voip_module::router::Limits;

use crate::forms::{self, Forms, form};
use crate::random::Random;

/// Pushes of every kind in one seeded mixture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pushes {
    /// Events of calls, as forms.
    pub events: Vec<String>,
    /// Records of calls, as forms; every second has a link.
    pub histories: Vec<String>,
}

/// How many pushes there are of a kind.
const PUSHES: usize = 4_000;

impl Pushes {
    /// The same pushes every time.
    #[must_use]
    pub fn new() -> Self {
        let mut random = Random::new(4);
        let events = (0..PUSHES).map(|_| event(&mut random)).collect();
        Self { events, histories: (0..PUSHES).map(|_| history(&mut random)).collect() }
    }
}

impl Default for Pushes {
    fn default() -> Self {
        Self::new()
    }
}

fn event(random: &mut Random) -> String {
    const TYPES: [&str; 5] = ["INCOMING", "ACCEPTED", "COMPLETED", "CANCELLED", "OUTGOING"];
    let mut fields = vec![("cmd", "event".to_owned()), ("type", random.pick(&TYPES).to_owned())];
    common(random, &mut fields);
    fields.push(("diversion", format!("7495{:07}", random.below(10_000_000))));
    fields.extend(random.maybe(50, |_| ("groupRealName", "Отдел продаж".to_owned())));
    form(&fields)
}

fn history(random: &mut Random) -> String {
    const STATUSES: [&str; 4] = ["Success", "missed", "Busy", "NotAvailable"];
    let mut fields = vec![
        ("cmd", "history".to_owned()),
        ("type", random.pick(&["in", "out"]).to_owned()),
        ("status", random.pick(&STATUSES).to_owned()),
    ];
    common(random, &mut fields);
    fields.push(("start", "20240105T101500Z".to_owned()));
    fields.push(("duration", random.below(3_600).to_string()));
    fields.extend(random.maybe(50, |random| {
        ("link", format!("https://records.pbx.example/get?id={:016x}", random.number()))
    }));
    form(&fields)
}

fn common(random: &mut Random, fields: &mut Vec<(&'static str, String)>) {
    fields.push(("phone", format!("79{:09}", random.below(1_000_000_000))));
    fields.push(("ext", random.pick(&["701", "702", "703"]).to_owned()));
    fields.push(("user", random.pick(&["admin", "ivan", "anna.petrova"]).to_owned()));
    fields.push(("callid", format!("{:016x}-{:08x}", random.number(), random.below(1 << 32))));
    fields.push(("crm_token", "0123456789abcdef0123456789abcdef".to_owned()));
}

fn result(push: &str) -> VoipWebhookParseResult {
    let (options, limits) = (GravitelOptions::default(), Limits::default());
    GravitelPush::parse_form(push, &options, &limits)
        .and_then(|push| push.to_result(&options))
        .expect("a push of the corpus")
}

fn check(push: &str, pairs: &[(String, String)]) {
    let result = result(push);
    let phone = pairs.iter().find(|(name, _)| name == "phone").map(|(_, phone)| phone);
    let numbers = match (&result.event, &result.call_record) {
        (Some(event), None) => [&event.src_phone, &event.dst_phone],
        (None, Some(record)) => [&record.src_phone, &record.dst_phone],
        _ => panic!("a push has one result"),
    };
    assert!(phone.is_some_and(|phone| numbers.contains(&phone)), "the phone is lost");
}

/// Measures, and gives the report as Markdown.
#[must_use]
pub fn report(rounds: usize) -> String {
    let pushes = Pushes::new();
    let kind =
        |rows, forms| Forms { rows, forms, read: |push| drop(black_box(result(push))), check };
    let kinds = [
        kind(["gravitel_event", "form_event"], &pushes.events),
        kind(["gravitel_history", "form_history"], &pushes.histories),
    ];
    forms::compare(&kinds, rounds)
}
