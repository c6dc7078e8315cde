//! `voip-module`: Gravitel's pushes, from bytes to the result for the platform, beside a reader of
//! forms that only collects the same pairs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use voip_module::gravitel::{Accounts, GravitelOptions, GravitelPush};
use voip_module::router::journal::{Begun, CallJournal, Capacity, Identity, IdentityKey};
use voip_module::{HttpRequest, VoipWebhookParseResult};

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

/// Number of pushes of each kind.
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
    GravitelPush::parse_form(push)
        .and_then(|push| push.to_result(&GravitelOptions::default(), &Accounts::default()))
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
    forms::compare(&kinds, rounds) + &journal(rounds)
}

/// The pushes of a call: start, answer, end and record.
fn pushes_of_a_call(at: usize) -> [String; 4] {
    let common = format!("&phone=79{at:09}&ext=701&user=anna&callid={at:016x}-{at:08x}");
    let record = format!(
        "cmd=history&type=in&status=Success{common}&start=20240105T101500Z&duration=61\
         &link=https%3A%2F%2Frecords.pbx.example%2Fget%3Fid%3D{at:016x}"
    );
    let event = |kind| format!("cmd=event&type={kind}{common}");
    [event("INCOMING"), event("ACCEPTED"), event("COMPLETED"), record]
}

/// Measures a push through a full journal, new and repeated.
fn journal(rounds: usize) -> String {
    let key = IdentityKey::new([5; 16]);
    let capacity = Capacity::default();
    let calls = capacity.legs + 5_000;
    let pushes: Vec<(HttpRequest, VoipWebhookParseResult)> = (0..calls)
        .flat_map(pushes_of_a_call)
        .map(|push| {
            let parsed = result(&push);
            let request = http::Request::post("/")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(push.into())
                .expect("a request");
            (HttpRequest::from(request), parsed)
        })
        .collect();
    let (mut identity, mut new, mut repeat) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes_a_call = 0;
    for _ in 0..rounds.clamp(1, 7) {
        let started = Instant::now();
        let identities: Vec<Identity> =
            pushes.iter().map(|(request, _)| key.of_request(request, &["crm_token"])).collect();
        identity.push(started.elapsed());
        let mut journal = CallJournal::new(key.clone(), capacity);
        let put = |journal: &mut CallJournal, from: usize| {
            let started = Instant::now();
            for ((_, parsed), identity) in pushes.iter().zip(&identities).skip(from) {
                let now = Duration::from_secs(1);
                if let Begun::Deliver(ticket, delivery) = journal.begin(now, *identity, parsed) {
                    drop(black_box(delivery));
                    journal.commit(ticket);
                }
            }
            started.elapsed() / u32::try_from(pushes.len() - from).unwrap_or(u32::MAX)
        };
        new.push(put(&mut journal, 0));
        let statistics = journal.statistics();
        assert_eq!((statistics.calls, statistics.new), (capacity.legs, 4 * calls as u64));
        bytes_a_call = statistics.bytes / statistics.calls;
        // The last calls are known.
        repeat.push(put(&mut journal, 4 * 5_000));
        assert_eq!(journal.statistics().repeated, 4 * capacity.legs as u64);
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_nanos()
    };
    let identities = median(identity) / pushes.len() as u128;
    format!(
        "\nThe journal, full (20,000 calls of one leg), four pushes a call; wall time, medians.\n\n\
         | step | ns/push |\n|---|--:|\n| identity of a request | {identities} |\n\
         | new: begin and commit | {} |\n| repeated: begin | {} |\n\n\
         State: {bytes_a_call} bytes a call, with its record.\n",
        median(new),
        median(repeat),
    )
}
