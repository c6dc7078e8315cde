//! `ucom-events`: events of extensions, from bytes to their scope, beside a reader of forms that only
//! collects the same pairs; and the tracker with few and with many open legs.

use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::Range;
use std::time::Duration;

use ucom_events::{Event, Policy, Scope, Timestamp, Tracker, TrackerOptions, classify, parse_body};

use crate::forms::{self, Forms, form};
use crate::measure::{Contender, Watch, Work, race};
use crate::random::Random;

/// How many calls there are.
const CALLS: usize = 2_000;

/// When the first event comes, in microseconds.
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
fn scope<T>(body: &str, then: impl FnOnce(Scope<'_>) -> T) -> T {
    match parse_body(body.as_bytes()).expect("an event of the corpus") {
        Event::Extension(event) => then(classify(&event, &Policy::default(), None)),
        other => panic!("no event of an extension: {other:?}"),
    }
}

fn check(body: &str, pairs: &[(String, String)]) {
    let caller = pairs.iter().find(|(name, _)| name == "CallerIDNum").map(|(_, number)| number);
    let party = scope(body, |scope| match scope {
        Scope::External { party } => Some(party.to_string()),
        _ => None,
    });
    assert_eq!(party.as_ref(), caller, "the call is from outside");
}

/// A tracker with so many legs that ring for ever, which other legs come to and go from.
struct Tracking {
    name: &'static str,
    tracker: Tracker,
    /// The events of the legs that come and go.
    lives: Vec<Event>,
    now: u64,
    logged: usize,
}

impl Tracking {
    fn new(name: &'static str, open: usize) -> Self {
        let mut random = Random::new(6);
        let options = TrackerOptions::default()
            .with_max_legs(open + 10 * CALLS)
            .with_lost_after(Duration::from_secs(1 << 30))
            .with_remember(Duration::from_secs(60));
        let mut tracker = Tracker::new(options);
        let parse = |body: &String| parse_body(body.as_bytes()).expect("an event of the corpus");
        for call in 0..open {
            let body = event(&mut random, CALLS + call, STAGES[0], START);
            tracker.handle_event(Timestamp::from_micros(START), &parse(&body));
            while tracker.poll_event().is_some() {}
        }
        let lives = lives(&mut random, 0..CALLS).iter().map(parse).collect();
        Self { name, tracker, lives, now: START, logged: 0 }
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
        self.turn(0..self.lives.len(), &mut Watch::timing());
        assert!(self.logged > CALLS, "legs are logged");
    }

    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch) {
        let events = self.lives.get(frames).unwrap_or_default();
        let Self { tracker, now, logged, .. } = self;
        watch.run(|| {
            for event in events {
                // What has ended is logged and forgotten in the time of the next events.
                *now += 1_000_000;
                let time = Timestamp::from_micros(*now);
                tracker.handle_timeout(time);
                tracker.handle_event(time, black_box(event));
                while let Some(outcome) = tracker.poll_event() {
                    *logged += 1;
                    black_box(&outcome);
                }
            }
        });
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
    text.push_str("\n| name | open legs | ns/event | x_1000 |\n|---|--:|--:|--:|\n");
    for name in times.names() {
        let nanoseconds = times.nanoseconds(name).unwrap_or_default();
        let ratio = times.ratio(name, "tracker_1000").unwrap_or_default();
        let open = name.trim_start_matches("tracker_");
        // Writing to a text does not fail.
        let _ = writeln!(text, "| `{name}` | {open} | {nanoseconds:.0} | {ratio:.2} |");
    }
    text
}
