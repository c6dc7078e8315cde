//! `voip-module`: Gravitel's pushes, from bytes to the result for the platform, beside a reader of
//! forms that only collects the same pairs.

use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::Range;

use url::form_urlencoded;
use voip_module::VoipWebhookParseResult;
use voip_module::gravitel::{GravitelOptions, GravitelPush};
use voip_module::router::Limits;

use crate::allocation;
use crate::measure::{Contender, Times, Watch, Work, race, touch};
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

fn form(fields: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What is done with a push.
type Read = fn(&str);

struct Reader<'a> {
    name: &'static str,
    floor: &'static str,
    pushes: &'a [String],
    read: Read,
}

impl Contender for Reader<'_> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        let bytes = self.pushes.iter().map(String::len).sum::<usize>();
        Work::new(self.pushes.len(), bytes / self.pushes.len().max(1), self.floor, self.floor)
    }

    fn check(&mut self) {
        for push in self.pushes {
            let result = result(push);
            let pairs = pairs(push);
            let phone = pairs.iter().find(|(name, _)| name == "phone").map(|(_, phone)| phone);
            let numbers = match (&result.event, &result.call_record) {
                (Some(event), None) => [&event.src_phone, &event.dst_phone],
                (None, Some(record)) => [&record.src_phone, &record.dst_phone],
                _ => panic!("a push has one result"),
            };
            assert!(phone.is_some_and(|phone| numbers.contains(&phone)), "the phone is lost");
        }
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        let pushes = self.pushes.get(frames).unwrap_or_default();
        touch(pushes.iter().map(String::as_bytes));
        watch.run(|| pushes.iter().for_each(|push| (self.read)(black_box(push))));
    }
}

fn result(push: &str) -> VoipWebhookParseResult {
    let (options, limits) = (GravitelOptions::default(), Limits::default());
    GravitelPush::parse_form(push, &options, &limits)
        .and_then(|push| push.to_result(&options))
        .expect("a push of the corpus")
}

fn pairs(push: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(push.as_bytes()).into_owned().collect()
}

const ROWS: [(&str, &str); 2] =
    [("gravitel_event", "form_event"), ("gravitel_history", "form_history")];

/// Measures, and gives the report as Markdown.
#[must_use]
pub fn report(rounds: usize) -> String {
    let pushes = Pushes::new();
    let mut contenders: Vec<Box<dyn Contender + '_>> = Vec::new();
    for ((ours, floor), pushes) in ROWS.into_iter().zip([&pushes.events, &pushes.histories]) {
        let read: [(&'static str, Read); 2] = [
            (ours, |push| drop(black_box(result(push)))),
            (floor, |push| drop(black_box(pairs(push)))),
        ];
        contenders
            .extend(read.map(|(name, read)| Box::new(Reader { name, floor, pushes, read }) as _));
    }
    contenders.iter_mut().for_each(|one| one.check());
    let allocations: Vec<f64> = contenders.iter_mut().map(|one| allocations(&mut **one)).collect();
    let times = race(&mut contenders, rounds, |_| {});
    table(&times, &allocations)
}

/// Allocations per push.
fn allocations(one: &mut (dyn Contender + '_)) -> f64 {
    let frames = one.work().frames;
    allocation::reset();
    one.turn(0..frames, &mut Watch::allocations());
    allocation::count().allocations as f64 / frames as f64
}

fn table(times: &Times, allocations: &[f64]) -> String {
    let mut text = "| name | bytes/push | ns/push | x_form | allocs/push |\n\
                    |---|--:|--:|--:|--:|\n"
        .to_owned();
    for (name, allocations) in times.names().zip(allocations) {
        let work = times.work(name).expect("a row");
        let nanoseconds = times.nanoseconds(name).unwrap_or_default();
        let ratio = times.ratio(name, work.floor).unwrap_or_default();
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "| `{name}` | {} | {nanoseconds:.0} | {ratio:.2} | {allocations:.1} |",
            work.bytes
        );
    }
    text
}
