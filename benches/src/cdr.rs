//! `pbx-integration`: call records, from JSON to types, beside `serde_json` into plain derived structs
//! of the same shape, both from bytes; and a day of a million records summarised in a flat memory.

use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::Range;

use pbx_integration::report::{Report, ReportOptions};
use pbx_integration::{Cdr, Reader};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::allocation;
use crate::measure::{Contender, Watch, Work, race, touch};
use crate::random::Random;

/// The number of different records that are read in turn.
const RECORDS: usize = 2_000;

/// Time when the day begins, in milliseconds.
const START: u64 = 1_757_894_400_000;

const DAY: u64 = 86_400_000;

/// A record as `serde_json` reads it without any tolerance: numbers through binary floating point,
/// empty text as text, unknown fields lost. Only fields without a documented form are kept as JSON.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read and dropped")]
struct PlainCdr {
    domain: String,
    callid: String,
    from: Option<String>,
    to: Option<String>,
    cmc: Option<String>,
    comment: Option<String>,
    category: Option<String>,
    rating: Option<String>,
    start: f64,
    connect: Option<f64>,
    end: Option<f64>,
    #[serde(default)]
    recordings: Vec<PlainRecording>,
    #[serde(default)]
    states: Vec<PlainState>,
    #[serde(default)]
    trunklegs: Vec<PlainTrunkLeg>,
    #[serde(default)]
    extensionlegs: Vec<PlainExtensionLeg>,
    abandoned: Option<bool>,
    available: Option<i64>,
    version: Option<String>,
    system: Option<String>,
    call: Option<Box<RawValue>>,
    leg: Option<Box<RawValue>>,
    user: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read and dropped")]
struct PlainRecording {
    time: f64,
    file: String,
    log: Option<Box<RawValue>>,
    account: Option<String>,
    extension: Option<String>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read and dropped")]
struct PlainState {
    from: Option<String>,
    to: Option<String>,
    language: Option<String>,
    code: Option<i64>,
    start: f64,
    durationivr: Option<u64>,
    durationring: Option<u64>,
    durationtalk: Option<u64>,
    durationhold: Option<u64>,
    durationidle: Option<u64>,
    #[serde(default)]
    missed: Vec<u64>,
    reason: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    account: Option<String>,
    accountuser: Option<u64>,
    extension: Option<String>,
    extensionuser: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read and dropped")]
struct PlainTrunkLeg {
    direction: String,
    from: Option<String>,
    to: Option<String>,
    remoteparty: Option<String>,
    localparty: Option<String>,
    trunk: Option<String>,
    cost: Option<String>,
    start: f64,
    connect: Option<f64>,
    end: Option<f64>,
    code: Option<i64>,
    ipadr: Option<String>,
    quality: Option<Box<RawValue>>,
    extension: Option<String>,
    codec: Option<String>,
    mos: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "read and dropped")]
struct PlainExtensionLeg {
    callid: Option<String>,
    from: Option<String>,
    to: Option<String>,
    direction: Option<String>,
    extension: String,
    redirect: Option<String>,
    idle: Option<f64>,
    start: f64,
    connect: Option<f64>,
    end: Option<f64>,
    ipadr: Option<String>,
    quality: Option<Box<RawValue>>,
    #[serde(rename = "type")]
    kind: Option<String>,
    deleted: Option<bool>,
    ua: Option<String>,
    codec: Option<String>,
}

/// Seconds with a fraction, as the wire has them.
fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}

/// The record of a queue call with every documented field: one agent missed it, another answered.
fn record(random: &mut Random, call: usize) -> String {
    let caller = format!("+1202555{:04}", random.below(10_000));
    let (queue, agent, other) =
        (300 + random.below(20), 400 + random.below(200), 600 + random.below(200));
    let start = START + random.below(DAY - 3_600_000);
    let (ivr, ring, talk) =
        (random.below(60_000), 1 + random.below(40_000), 1 + random.below(900_000));
    let (hold, idle) = (random.below(talk), random.below(600_000));
    let (rings, connect) = (start + ivr, start + ivr + ring);
    let end = connect + talk;
    let mos = format!("{}.{}", 3 + random.below(2), random.below(10));
    let [start, connected, rings, connect, end] =
        [start, start + 1, rings, connect, end].map(seconds);
    let from = format!(r#"\"Alice Example\" <sip:{caller}@tenant1.example.com>"#);
    let to = format!(r#"\"Support\" <sip:{queue}@tenant1.example.com>"#);
    let leg = |at: u32, extension: u64, times: &str, idle: u64| {
        format!(
            r#"{{"callid": "{call:08x}-{at}@pbx", "from": "<sip:{caller}@tenant1.example.com>", "to": "<sip:{extension}@tenant1.example.com>", "direction": "O", "extension": "{extension}", "redirect": "", "idle": {idle}, {times}, "ipadr": "198.51.100.{at}", "quality": "", "type": "", "deleted": false, "ua": "ExamplePhone/1.0", "codec": "PCMU"}}"#
        )
    };
    let missed = leg(7, other, &format!(r#""start": {rings}, "end": {connect}"#), 0);
    let times = format!(r#""start": {rings}, "connect": {connect}, "end": {end}"#);
    let answered = leg(8, agent, &times, idle);
    format!(
        r#"{{"domain": "tenant1.example.com", "callid": "{call:08x}@pbx.example.com", "from": "{from}", "to": "{to}", "cmc": "", "comment": "asked about invoice", "category": "AAT1", "rating": "5", "start": {start}, "connect": {connected}, "end": {end}, "recordings": [{{"time": {connect}, "file": "recordings/tenant1/{queue}-{agent}.wav", "log": "", "account": "{queue}", "extension": "{agent}"}}], "states": [{{"from": "{from}", "to": "{to}", "language": "en", "code": 200, "start": {start}, "durationivr": {ivr}, "durationring": {ring}, "durationtalk": {talk}, "durationhold": {hold}, "durationidle": {idle}, "missed": [{other}], "reason": "hc", "type": "acd", "account": "{queue}", "accountuser": {queue}, "extension": "{agent}", "extensionuser": {agent}}}], "trunklegs": [{{"direction": "I", "from": "<sip:{caller}@carrier.example>", "to": "<sip:+12025550199@carrier.example>", "remoteparty": "{caller}", "localparty": "+12025550199", "trunk": "10", "cost": "0.0250", "start": {start}, "connect": {connected}, "end": {end}, "code": 200, "ipadr": "192.0.2.10", "quality": "", "extension": "", "codec": "PCMU", "mos": {mos}}}], "extensionlegs": [{missed}, {answered}], "abandoned": false, "available": 3, "version": "69.5.9", "system": "example"}}"#
    )
}

fn read(json: &[u8]) -> Cdr {
    Reader::lenient().read_cdr(json).expect("a record of the corpus").value
}

fn read_plain(json: &[u8]) -> PlainCdr {
    serde_json::from_slice(json).expect("a record of the corpus")
}

/// From text that somebody else has found to be UTF-8.
fn read_plain_text(json: &str) -> PlainCdr {
    serde_json::from_str(json).expect("a record of the corpus")
}

/// A way to read the records.
struct Reading<'a> {
    name: &'static str,
    records: &'a [String],
    read: fn(&str),
}

impl Contender for Reading<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        let bytes = self.records.iter().map(String::len).sum::<usize>();
        Work::new(self.records.len(), bytes / self.records.len().max(1), "plain_cdr", "plain_cdr")
    }

    fn check(&mut self) {
        for json in self.records {
            let (cdr, plain) = (Reader::strict().read_cdr(json), read_plain(json.as_bytes()));
            let cdr = cdr.expect("a record of the corpus is in order");
            assert!(cdr.warnings.is_empty() && cdr.value.validate().is_empty(), "{json}");
            assert_eq!(cdr.value.callid, plain.callid);
            assert_eq!(cdr.value.extension_legs.len(), plain.extensionlegs.len());
            let talk = cdr.value.states.first().and_then(|state| state.duration_talk);
            let plain_talk = plain.states.first().and_then(|state| state.durationtalk);
            assert_eq!(talk.map(|talk| talk.as_millis() as u64), plain_talk);
        }
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        let records = self.records.get(frames).unwrap_or_default();
        touch(records.iter().map(String::as_bytes));
        watch.run(|| records.iter().for_each(|json| (self.read)(black_box(json))));
    }
}

/// Everything that is kept of a day.
struct Day {
    report: Report,
    talk: u128,
}

impl Day {
    fn new() -> Self {
        Self { report: Report::new(ReportOptions::default()), talk: 0 }
    }

    fn add(&mut self, json: &[u8]) {
        let cdr = Reader::lenient().read_cdr(json).expect("a record of the corpus");
        self.talk += cdr.value.summary().net_talk.as_millis();
        black_box(self.report.add(&cdr));
    }
}

/// Summarises a day, and gives rows: records so far, bytes held, seconds.
fn day() -> Vec<(u64, u64, f64)> {
    let mut random = Random::new(8);
    let mut rows = Vec::new();
    let mut watch = Watch::timing();
    allocation::reset();
    allocation::counted(|| {
        let mut day = Day::new();
        for number in 1..=1_000_000 {
            let json = record(&mut random, number);
            watch.run(|| day.add(json.as_bytes()));
            drop(json);
            if matches!(number, 100_000 | 200_000 | 500_000 | 1_000_000) {
                let seconds = watch.elapsed().as_secs_f64();
                rows.push((number as u64, allocation::count().live, seconds));
            }
        }
        assert_eq!(day.report.figures().calls, 1_000_000);
        black_box(day.talk);
    });
    rows
}

/// Measures, and gives the report as Markdown.
#[must_use]
pub fn report(rounds: usize) -> String {
    let mut random = Random::new(7);
    let records: Vec<String> = (0..RECORDS).map(|call| record(&mut random, call)).collect();
    let reading = |name, read| Box::new(Reading { name, records: &records, read });
    let mut contenders: Vec<Box<dyn Contender + '_>> = vec![
        reading("pbx_cdr", |json| drop(black_box(read(json.as_bytes())))),
        reading("plain_cdr", |json| drop(black_box(read_plain(json.as_bytes())))),
        reading("plain_cdr_of_text", |json| drop(black_box(read_plain_text(json)))),
    ];
    contenders.iter_mut().for_each(|one| one.check());
    let allocations: Vec<f64> = contenders
        .iter_mut()
        .map(|one| {
            allocation::reset();
            one.turn(0..RECORDS, &mut Watch::allocations());
            allocation::count().allocations as f64 / RECORDS as f64
        })
        .collect();
    let times = race(&mut contenders, rounds, |_| {});
    let mut text = "| name | bytes/record | ns/record | x_plain | allocs/record |\n\
                    |---|--:|--:|--:|--:|\n"
        .to_owned();
    for (name, allocations) in times.names().zip(allocations) {
        let bytes = times.work(name).map_or(0, |work| work.bytes);
        let nanoseconds = times.nanoseconds(name).unwrap_or_default();
        let ratio = times.ratio(name, "plain_cdr").unwrap_or_default();
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "| `{name}` | {bytes} | {nanoseconds:.0} | {ratio:.2} | {allocations:.1} |"
        );
    }
    text.push_str("\n| records of the day | KiB held | seconds |\n|--:|--:|--:|\n");
    for (records, live, seconds) in day() {
        let _ = writeln!(text, "| {records} | {} | {seconds:.1} |", live / 1_024);
    }
    text
}
