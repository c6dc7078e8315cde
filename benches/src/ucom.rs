//! `ucom-events`: events of extensions, from bytes to their scope, beside a reader of forms that only
//! collects the same pairs; the tracker with few and with many open calls; and tables of tokens.

use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::Range;
use std::time::Duration;

use ucom_events::classify::Classified;
use ucom_events::{
    Directory, Event, EventToken, Policy, Timestamp, TokenTable, Tracker, TrackerOptions, classify,
    parse_body,
};

use crate::allocation;

use crate::forms::{self, Forms, form};
use crate::measure::{Contender, Watch, Work, processor_time, race};
use crate::random::Random;

/// Number of calls.
const CALLS: usize = 2_000;

/// Time when the first event comes, in microseconds.
const START: u64 = 1_766_736_711_480_097;

/// Events in the life of a call: it rings, is answered and ends.
const STAGES: [(&str, &str); 3] =
    [("dial-in", "CALLING"), ("answer", "ANSWER"), ("hangup", "ANSWER")];

/// One event of an incoming call with every usual field, as a form.
fn event(random: &mut Random, call: usize, (kind, status): (&str, &str), time: u64) -> String {
    let extension = 100 + call % 40;
    let mut fields = vec![
        ("EventType", kind.to_owned()),
        ("CallID", format!("{call:08x}{:024x}", 7 * call)),
        ("SubCallID", format!("33335-{call:016x}")),
        ("CallAPIID", format!("{}-3849618a-cd61-11e9-b297-bd083c9cfa95", 3_584_709_139 + call)),
        ("CallerIDNum", format!("+7921{:07}", random.below(10_000_000))),
        ("CallerIDName", "Иван Петров".to_owned()),
        ("CalledDID", "78125550100".to_owned()),
        ("CalledExtension", format!("453*{extension}@sip.example.com")),
        ("CalledExtensionID", (33_300 + extension).to_string()),
        ("CalledNumber", format!("453*{extension}")),
        ("CallStatus", status.to_owned()),
        ("CallFlow", "IN".to_owned()),
        ("EventTime", time.to_string()),
    ];
    if kind == "hangup" {
        fields.push(("Duration", random.below(600_000_000).to_string()));
    }
    form(&fields)
}

/// The events of call after call.
fn lives(random: &mut Random, calls: Range<usize>) -> Vec<String> {
    calls
        .flat_map(|call| STAGES.iter().enumerate().map(move |stage| (call, stage)))
        .map(|(call, (at, stage))| {
            event(random, call, *stage, START + 1_000 * (3 * call + at) as u64)
        })
        .collect()
}

/// Hands on an event and its scope.
fn scope<T>(body: &str, then: impl FnOnce(Classified<'_>) -> T) -> T {
    match parse_body(body.as_bytes()).expect("an event of the corpus") {
        Event::Extension(event) => then(classify(&event, &Directory::new(), Policy::Default)),
        other => panic!("no event of an extension: {other:?}"),
    }
}

fn check(body: &str, pairs: &[(String, String)]) {
    let caller = pairs.iter().find(|(name, _)| name == "CallerIDNum").map(|(_, number)| number);
    let party = scope(body, |scope| scope.party.map(str::to_owned));
    assert_eq!(party.as_ref(), caller, "the call is from outside");
}

/// A tracker with many calls that ring for ever, among which other calls come and go.
struct Tracking {
    name: &'static str,
    tracker: Tracker,
    /// The events of the calls that come and go.
    lives: Vec<Event>,
    now: u64,
    records: usize,
}

fn parse(body: &String) -> Event {
    parse_body(body.as_bytes()).expect("an event of the corpus")
}

/// A tracker with open calls.
fn tracker(open: usize) -> Tracker {
    let mut random = Random::new(6);
    let options = TrackerOptions::default()
        .with_budget(1 << 30)
        .with_ring_limit(Duration::from_secs(1 << 30));
    let mut tracker = Tracker::new(options, Directory::new(), [6; 16]);
    for call in 0..open {
        let event = parse(&event(&mut random, CALLS + call, STAGES[0], START));
        tracker.handle_event(Duration::from_micros(START), Timestamp::from_micros(START), &event);
        while tracker.poll().is_some() {}
    }
    tracker
}

impl Tracking {
    fn new(name: &'static str, open: usize) -> Self {
        let lives = lives(&mut Random::new(7), 0..CALLS).iter().map(parse).collect();
        Self { name, tracker: tracker(open), lives, now: START, records: 0 }
    }

    fn events(&mut self, frames: Range<usize>) {
        for event in self.lives.get(frames).unwrap_or_default() {
            // Ended calls are decided and forgotten in the time of the next events.
            self.now += 60_000_000;
            let (now, arrived) =
                (Duration::from_micros(self.now), Timestamp::from_micros(self.now));
            self.tracker.handle_event(now, arrived, black_box(event));
            while let Some(output) = self.tracker.poll() {
                self.records += 1;
                black_box(&output);
            }
        }
    }
}

impl Contender for Tracking {
    fn name(&self) -> &'static str {
        self.name
    }

    fn work(&self) -> Work {
        Work::new(self.lives.len(), 0, "tracker_1000", "tracker_1000")
    }

    fn check(&mut self) {
        self.events(0..self.lives.len());
        assert!(self.records > CALLS, "calls are decided");
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        watch.run(|| self.events(frames));
    }
}

/// A million events while 100,000 calls are open: time for each, and bytes for a call.
fn load(text: &mut String) {
    const OPEN: usize = 100_000;
    const EVENTS: usize = 1_000_000;
    allocation::reset();
    let tracker = allocation::counted(|| tracker(OPEN));
    let live = allocation::count().live;
    let counted = tracker.statistics().bytes;
    let mut tracking = Tracking::new("load", 0);
    tracking.tracker = tracker;
    let mut random = Random::new(8);
    let mut spent = Duration::ZERO;
    let mut done = 0;
    for start in (0..).step_by(CALLS) {
        if done >= EVENTS {
            break;
        }
        // New calls each time, made outside the measurement.
        let calls = OPEN + 2 * CALLS + start..OPEN + 3 * CALLS + start;
        tracking.lives = lives(&mut random, calls).iter().map(parse).collect();
        let begin = processor_time();
        tracking.events(0..tracking.lives.len());
        spent += processor_time() - begin;
        done += tracking.lives.len();
    }
    let each = spent.as_nanos() / done as u128;
    let (real, counted) = (live / OPEN as u64, counted / OPEN);
    let open = tracking.tracker.statistics().open;
    text.push_str("\n| load | open calls | events | ns/event | bytes/call, allocated | bytes/call, counted |\n");
    text.push_str("|---|--:|--:|--:|--:|--:|\n");
    // Writing to a text does not fail.
    let _ = writeln!(text, "| `tracker` | {open} | {done} | {each} | {real} | {counted} |");
}

/// Look-ups in tables of tokens, of tokens that are there and of such as are not.
fn tokens(text: &mut String) {
    const TURNS: u32 = 100_000;
    text.push_str("\n| tokens | loading, ms | hit, ns | miss, ns |\n|--:|--:|--:|--:|\n");
    for rows in [100_u32, 10_000] {
        let token = |number: u32| {
            let mut random = [0x3c; 16];
            random[..4].copy_from_slice(&number.to_be_bytes());
            EventToken::from_random(random)
        };
        let begin = processor_time();
        let mut table = TokenTable::new();
        for row in 0..rows {
            table.insert(token(row), row);
        }
        let loading = (processor_time() - begin).as_secs_f64() * 1e3;
        let time = |first: u32| {
            let asked: Vec<_> = (0..rows).map(|row| token(first + row)).collect();
            let begin = processor_time();
            for turn in 0..TURNS {
                let candidate = asked[(turn % rows) as usize].expose();
                black_box(table.find(black_box(candidate)));
            }
            (processor_time() - begin).as_nanos() / u128::from(TURNS)
        };
        let (hit, miss) = (time(0), time(rows));
        let _ = writeln!(text, "| {rows} | {loading:.2} | {hit} | {miss} |");
    }
}

/// Measures, and gives the report as Markdown.
#[must_use]
pub fn report(rounds: usize) -> String {
    let bodies = lives(&mut Random::new(5), 0..CALLS);
    let kind = Forms {
        rows: ["ucom_event", "form_event"],
        forms: &bodies,
        read: |body| {
            scope(body, |scope| {
                black_box(&scope);
            });
        },
        check,
    };
    let mut text = forms::compare(&[kind], rounds);
    let mut trackers: Vec<Box<dyn Contender>> = vec![
        Box::new(Tracking::new("tracker_1000", 1_000)),
        Box::new(Tracking::new("tracker_100000", 100_000)),
    ];
    trackers.iter_mut().for_each(|one| one.check());
    let times = race(&mut trackers, rounds, |_| {});
    text.push_str("\n| name | open calls | ns/event | x_1000 |\n|---|--:|--:|--:|\n");
    for name in times.names() {
        let nanoseconds = times.nanoseconds(name).unwrap_or_default();
        let ratio = times.ratio(name, "tracker_1000").unwrap_or_default();
        let open = name.trim_start_matches("tracker_");
        // Writing to a text does not fail.
        let _ = writeln!(text, "| `{name}` | {open} | {nanoseconds:.0} | {ratio:.2} |");
    }
    load(&mut text);
    tokens(&mut text);
    text
}
