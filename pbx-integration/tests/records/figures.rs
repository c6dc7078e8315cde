//! Figures over many calls: values and laws.

use std::time::Duration;

use pbx_integration::report::{
    AgentId, CallDirection, Delivery, Figures, Outcome, QueueId, Report, ReportOptions,
};
use pbx_integration::wire::Timestamp;
use pbx_integration::{Cdr, Reader};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{cdr, lenient};

fn figures_with(options: ReportOptions, records: &[Cdr]) -> Figures {
    let mut report = Report::new(options);
    for record in records {
        report.add(&record.clone().into());
    }
    report.figures()
}

fn figures(records: &[Cdr]) -> Figures {
    figures_with(ReportOptions::default(), records)
}

fn seconds(range: std::ops::Range<i64>) -> std::ops::Range<Timestamp> {
    Timestamp::from_millis(range.start * 1_000)..Timestamp::from_millis(range.end * 1_000)
}

// P126, P127, P128, P129, P131, P132, P133, P182
#[test]
fn a_queue_adds_up() {
    let call = cdr(r#""abandoned":true,"states":[
        {"start":1000,"type":"acd","account":"300","durationring":9000,"durationtalk":30000,"extension":"41","durationhold":5000,"durationidle":10000},
        {"start":1040,"type":"acd","account":"300","durationivr":3000,"durationring":1000,"reason":"rr"},
        {"start":1050,"type":"acd","account":"300","durationring":4999,"reason":"hw"},
        {"start":1060,"type":"acd","account":"300","durationring":25000,"durationtalk":10000,"extension":"42","reason":"hr"},
        {"start":1070,"type":"acd","account":"300","reason":"soap"},
        {"start":1080,"type":"acd","account":"300","durationring":15000}]"#);
    let figures = figures(&[call]);
    let queue = &figures.queues[&QueueId::new("t.example", "300")];
    let counts =
        [queue.offered(), queue.answered(), queue.abandoned(), queue.transferred(), queue.other()];
    assert_eq!((counts, figures.calls), ([6, 2, 2, 1, 1], 1));
    assert_eq!((queue.answered_in_time(), queue.short_abandons()), (1, 1));
    let millis = |time: Option<Duration>| time.map(|time| time.as_millis());
    assert_eq!(millis(queue.average_speed_of_answer()), Some(17_000));
    assert_eq!(millis(queue.average_abandoned_wait()), Some(10_000));
    assert_eq!(millis(queue.longest_wait()), Some(25_000));
    assert_eq!(millis(queue.average_handling_time()), Some(20_000));
    let shown = |ratio: Option<pbx_integration::report::Ratio>| ratio.unwrap().to_string();
    assert_eq!(shown(queue.abandon_rate()), "33.3%");
    assert_eq!(shown(queue.transfer_rate()), "16.7%");
    assert_eq!(shown(queue.service_level()), "20.0%");
    assert_eq!(shown(queue.service_level_of_offered()), "16.7%");
    assert_eq!(shown(queue.service_level_of_answered()), "50.0%");
    assert_eq!(shown(queue.occupancy()), "80.0%");
    assert_eq!(shown(queue.occupancy_vendor_compatible()), "81.8%");
    let talk = |agent: &str| {
        let key = (QueueId::new("t.example", "300"), AgentId::new("t.example", agent));
        let figures = &figures.queue_agents[&key];
        (figures.answered, figures.talk.as_secs())
    };
    assert_eq!((talk("41"), talk("42")), ((1, 30), (1, 10)));
    let empty = pbx_integration::report::QueueFigures::default();
    assert_eq!(
        (empty.abandon_rate(), empty.service_level(), empty.longest_wait()),
        (None, None, None)
    );
}

// P130, P134
#[test]
fn percentiles_use_the_nearest_rank() {
    let states: Vec<String> = [400, 100, 300, 200]
        .iter()
        .map(|wait| format!(r#"{{"start":1000,"type":"acd","account":"1","durationring":{wait},"durationtalk":1}}"#))
        .collect();
    let figures = figures(&[cdr(&format!(r#""states":[{}]"#, states.join(",")))]);
    let queue = figures.queues.values().next().unwrap();
    let percentiles = [0, 50, 75, 90, 95].map(|p| queue.wait_percentile(p).unwrap().as_millis());
    assert_eq!(percentiles, [100, 200, 300, 400, 400]);
    assert_eq!(queue.wait_resolution(), Duration::from_millis(1));
}

// P179, P181
#[test]
fn an_agents_times_are_united_and_cut_at_the_window() {
    let call = cdr(r#""extensionlegs":[
        {"extension":"33","direction":"I","start":1000,"connect":1000,"end":1090},
        {"extension":"41","direction":"O","start":1010,"connect":1020,"end":1060,"idle":7000},
        {"extension":"41","direction":"O","start":1012,"connect":1030,"end":1070,"idle":1000},
        {"extension":"42","direction":"O","start":1010,"end":1020}]"#);
    let row = |window: std::ops::Range<i64>, extension: &str| {
        let options = ReportOptions::default().with_window(seconds(window));
        let figures = figures_with(options, std::slice::from_ref(&call));
        let agent = figures.agents.get(&AgentId::new("t.example", extension)).copied();
        agent.map(|agent| {
            let counts = [agent.answered, agent.missed, agent.made];
            (counts, [agent.talking, agent.ringing, agent.idle].map(|time| time.as_secs()))
        })
    };
    assert_eq!(row(0..9_999, "41"), Some(([2, 0, 0], [50, 20, 8])));
    assert_eq!(row(0..9_999, "42"), Some(([0, 1, 0], [0, 10, 0])));
    // The originator talks while the other side is connected.
    assert_eq!(row(0..9_999, "33"), Some(([0, 0, 1], [50, 0, 0])));
    assert_eq!(row(1_025..1_040, "41"), Some(([1, 0, 0], [15, 5, 1])));
    assert_eq!(row(1_040..9_999, "33"), Some(([0, 0, 0], [30, 0, 0])));
    assert_eq!(row(2_000..3_000, "41"), None);
    let outbound = cdr(
        r#""trunklegs":[{"direction":"O","start":1000,"connect":1010,"end":1040,"extension":"35"}]"#,
    );
    let agent = figures(&[outbound]).agents[&AgentId::new("t.example", "35")];
    assert_eq!((agent.made, agent.answered, agent.talking.as_secs()), (1, 0, 30));
}

// P183
#[test]
fn a_later_version_replaces_and_an_evicted_call_can_no_longer_be_replaced() {
    let version = |callid: &str, talk: u32, end: u32| {
        let json = format!(
            r#"{{"domain":"t","callid":"{callid}","start":1000,"end":{end},"states":[{{"start":1000,"type":"acd","account":"1","durationtalk":{talk},"extension":"41"}}]}}"#
        );
        Reader::strict().read_cdr(json).unwrap()
    };
    let mut report = Report::new(ReportOptions::default().with_replaceable(1));
    assert_eq!(report.add(&version("a", 5, 1010)), Delivery::New);
    assert_eq!(report.add(&version("a", 7, 1011)), Delivery::Updated);
    assert_eq!(report.add(&version("a", 7, 1011)), Delivery::Duplicate);
    assert_eq!(report.add(&version("a", 6, 1010)), Delivery::Stale);
    assert_eq!(report.add(&version("b", 1, 1010)), Delivery::New);
    assert_eq!(report.add(&version("a", 9, 1012)), Delivery::Updated);
    let figures = report.figures();
    assert_eq!((figures.calls, figures.left_out), (2, 1));
    let talk = figures.queues.values().next().unwrap().talk();
    assert_eq!(talk.as_millis(), 8, "the version that could not replace is left out");
}

// P189, P193
#[test]
fn the_quality_of_current_versions_is_counted() {
    let record = |callid: &str, fields: &str| {
        lenient(&format!(r#"{{"domain":"t","callid":"{callid}","start":1000,{fields}}}"#))
    };
    let mut report = Report::new(ReportOptions::default());
    report.add(&record(
        "a",
        r#""states":[{"start":1000,"type":"fax","durationtalk":-1},{"start":999,"type":"fax"}]"#,
    ));
    report.add(&record("b", r#""states":[{"start":1000,"type":"fax","durationtalk":-1}]"#));
    report.add(&record("b", r#""end":1001"#));
    let figures = report.figures();
    let counts =
        |codes: &std::collections::BTreeMap<pbx_integration::wire::Code, u64>| -> Vec<String> {
            codes.iter().map(|(code, count)| format!("{code}:{count}")).collect()
        };
    assert_eq!(counts(&figures.warnings), ["bad_duration:1"]);
    assert_eq!(counts(&figures.findings), ["no_end:1", "state_order:1"]);
    assert_eq!(figures.unknown_types.into_iter().collect::<Vec<_>>(), [("fax".to_owned(), 2)]);
}

#[test]
fn rows_are_bounded() {
    let records: Vec<Cdr> = (0..5)
        .map(|at| {
            let json = format!(r#"{{"domain":"t","callid":"{at}","start":1000,"end":1001,"states":[{{"start":1000,"type":"acd","account":"{at}"}}]}}"#);
            lenient(&json).value
        })
        .collect();
    let figures = figures_with(ReportOptions::default().with_max_rows(3), &records);
    assert_eq!((figures.queues.len(), figures.left_out, figures.calls), (3, 2, 5));
    let states: Vec<_> = (0..5).map(|at| format!(r#"{{"start":1000,"type":"new{at}"}}"#)).collect();
    let json =
        format!(r#"{{"domain":"t","callid":"c","start":1000,"states":[{}]}}"#, states.join(","));
    let figures = figures_with(ReportOptions::default().with_max_rows(3), &[lenient(&json).value]);
    assert_eq!((figures.unknown_types.len(), figures.left_out), (3, 2));
}

/// One step of a call.
#[derive(Clone, Debug)]
enum Step {
    /// An agent answers in a group of this kind, after a wait.
    Answered { kind: &'static str, account: u8, agent: u8, wait: u32, talk: u32 },
    /// The call is not answered.
    Left { kind: &'static str, account: u8, wait: u32, reason: &'static str },
    /// A machine talks.
    Machine { kind: &'static str, talk: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let group = prop::sample::select(&["acd", "hunt"][..]);
    let reason = prop::sample::select(&["hw", "hr", "rw", "rr", "ra", "hc", "ui", "", "new"][..]);
    let machine =
        prop::sample::select(&["mailbox", "attendant", "ivrnode", "conference", "fax"][..]);
    prop_oneof![
        3 => (group.clone(), 0..3_u8, 0..4_u8, 0..40_000_u32, 1..90_000_u32)
            .prop_map(|(kind, account, agent, wait, talk)| Step::Answered { kind, account, agent, wait, talk }),
        3 => (group, 0..3_u8, 0..40_000_u32, reason)
            .prop_map(|(kind, account, wait, reason)| Step::Left { kind, account, wait, reason }),
        1 => (machine, 0..9_000_u32).prop_map(|(kind, talk)| Step::Machine { kind, talk }),
    ]
}

const DAY: i64 = 86_400_000;

/// A call as the PBX would record it: inbound through groups and machines, with transfers.
fn inbound() -> impl Strategy<Value = serde_json::Value> {
    (vec(step(), 0..5), 0..3 * DAY, any::<bool>()).prop_map(|(steps, start, abandoned)| {
        let seconds = |millis: i64| millis as f64 / 1_000.0;
        let mut now = 1_757_894_400_000 + start;
        let first = now;
        let (mut states, mut legs) = (Vec::new(), Vec::new());
        for step in steps {
            let from = now;
            match step {
                Step::Answered { kind, account, agent, wait, talk } => {
                    now += i64::from(wait);
                    let connect = now;
                    now += i64::from(talk);
                    let extension = format!("4{agent}");
                    states.push(serde_json::json!({"start": seconds(from), "type": kind, "account": format!("30{account}"),
                        "durationring": wait, "durationtalk": talk, "extension": extension, "reason": "hc"}));
                    legs.push(serde_json::json!({"extension": extension, "direction": "O", "start": seconds(from),
                        "connect": seconds(connect), "end": seconds(now)}));
                }
                Step::Left { kind, account, wait, reason } => {
                    now += i64::from(wait);
                    states.push(serde_json::json!({"start": seconds(from), "type": kind, "account": format!("30{account}"),
                        "durationring": wait, "reason": reason}));
                }
                Step::Machine { kind, talk } => {
                    now += i64::from(talk);
                    states.push(serde_json::json!({"start": seconds(from), "type": kind, "durationtalk": talk}));
                }
            }
        }
        serde_json::json!({"domain": "t.example", "start": seconds(first), "end": seconds(now),
            "abandoned": abandoned, "states": states, "extensionlegs": legs, "x": [1.50, null],
            "trunklegs": [{"direction": "I", "start": seconds(first), "connect": seconds(first), "end": seconds(now)}]})
    })
}

/// A call that an extension made, perhaps by a callback to its own phone first.
fn outbound() -> impl Strategy<Value = serde_json::Value> {
    (0..4_u8, 0..20_i64, 0..90_i64, any::<bool>(), 0..3 * DAY / 1_000).prop_map(
        |(agent, ring, talk, callback, start)| {
            let start = 1_757_894_400 + start;
            let (connect, end) = (start + ring, start + ring + talk);
            let extension = format!("4{agent}");
            let direction = if callback { "O" } else { "I" };
            serde_json::json!({"domain": "t.example", "start": start, "end": end,
                "extensionlegs": [{"extension": extension, "direction": direction, "start": start,
                    "connect": if callback { connect } else { start }, "end": end}],
                "trunklegs": [{"direction": "O", "start": start, "connect": connect, "end": end, "extension": extension}]})
        },
    )
}

fn calls() -> impl Strategy<Value = Vec<Cdr>> {
    vec(prop_oneof![3 => inbound(), 1 => outbound()], 1..12).prop_map(|records| {
        let read = |(at, mut json): (usize, serde_json::Value)| {
            json["callid"] = format!("{at}@pbx").into();
            Reader::strict().read_cdr(json.to_string()).unwrap().value
        };
        records.into_iter().enumerate().map(read).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    // P182
    #[test]
    fn every_queue_adds_up_in_all_and_over_any_days(calls in calls(), borders in vec(0..4 * DAY, 0..4)) {
        let all = figures(&calls);
        let outcomes = calls.iter().flat_map(|cdr| cdr.states.iter().zip(cdr.outcomes()));
        let queued: Vec<Outcome> =
            outcomes.filter(|(state, _)| state.is_queue()).map(|(_, outcome)| outcome).collect();
        let sum = |figures: &Figures| {
            figures.queues.values().fold([0; 5], |sums, queue| {
                let counts = [queue.offered(), queue.answered(), queue.abandoned(), queue.transferred(), queue.other()];
                assert_eq!(counts[0], counts[1..].iter().sum::<u64>());
                std::array::from_fn(|at| sums[at] + counts[at])
            })
        };
        let count = |is: fn(&Outcome) -> bool| queued.iter().filter(|outcome| is(outcome)).count() as u64;
        let total = sum(&all);
        prop_assert_eq!(total, [
            queued.len() as u64,
            count(|outcome| *outcome == Outcome::Answered),
            count(|outcome| outcome.is_abandoned()),
            count(|outcome| *outcome == Outcome::Transferred),
            count(|outcome| *outcome == Outcome::Other),
        ]);
        // Days of any length, as in time zones: each call and each second is in exactly one of
        // them.
        let mut borders: Vec<i64> = borders.iter().map(|border| 1_757_894_400_000 + border).collect();
        borders.extend([0, 9_000_000_000_000]);
        borders.sort_unstable();
        let days: Vec<Figures> = borders
            .windows(2)
            .map(|day| Timestamp::from_millis(day[0])..Timestamp::from_millis(day[1]))
            .map(|day| figures_with(ReportOptions::default().with_window(day), &calls))
            .collect();
        let summed = days.iter().map(&sum).fold([0; 5], |sums, day| std::array::from_fn(|at| sums[at] + day[at]));
        prop_assert_eq!(summed, total);
        prop_assert_eq!(days.iter().map(|day| day.calls).sum::<u64>(), all.calls);
        for (agent, figures) in &all.agents {
            let of_days = || days.iter().filter_map(|day| day.agents.get(agent));
            let talking: Duration = of_days().map(|agent| agent.talking).sum();
            let ringing: Duration = of_days().map(|agent| agent.ringing).sum();
            prop_assert_eq!((talking, ringing), (figures.talking, figures.ringing));
            prop_assert_eq!(of_days().map(|agent| agent.answered).sum::<u64>(), figures.answered);
        }
    }

    // P180, P181
    #[test]
    fn the_agents_talk_is_the_calls_talk(calls in calls()) {
        let figures = figures(&calls);
        let talk: Duration = calls.iter().map(|cdr| cdr.summary().talk).sum();
        let talking: Duration = figures.agents.values().map(|agent| agent.talking).sum();
        prop_assert_eq!(talking, talk);
        let in_queues: Duration = figures.queues.values().map(|queue| queue.talk()).sum();
        let by_agents: Duration = figures.queue_agents.values().map(|agent| agent.talk).sum();
        prop_assert_eq!(by_agents, in_queues);
        let made: u64 = figures.agents.values().map(|agent| agent.made).sum();
        let outbound = calls.iter().filter(|cdr| cdr.direction() == CallDirection::Outbound);
        prop_assert_eq!(made, outbound.count() as u64);
    }

    // P125, P183
    #[test]
    fn any_order_and_repetition_of_versions_gives_the_figures_of_the_current_ones(
        versions in vec(vec(inbound(), 1..4), 1..6),
        order in vec(any::<prop::sample::Index>(), 0..30),
        replaceable in 6..9_usize,
    ) {
        // Versions of one call end later and later.
        let versions: Vec<Vec<Cdr>> = versions
            .into_iter()
            .enumerate()
            .map(|(call, versions)| {
                let read = |(at, mut json): (usize, serde_json::Value)| {
                    json["callid"] = format!("{call}@pbx").into();
                    json["end"] = (1_800_000_000 + at).into();
                    Reader::strict().read_cdr(json.to_string()).unwrap().value
                };
                versions.into_iter().enumerate().map(read).collect()
            })
            .collect();
        let current: Vec<Cdr> = versions.iter().filter_map(|call| call.last().cloned()).collect();
        let all: Vec<Cdr> = versions.into_iter().flatten().collect();
        let mut delivered: Vec<Cdr> = order.iter().map(|at| all[at.index(all.len())].clone()).collect();
        delivered.extend(all.iter().rev().cloned());
        let options = ReportOptions::default().with_replaceable(replaceable);
        let expected = format!("{:?}", figures(&current));
        prop_assert_eq!(format!("{:?}", figures_with(options, &delivered)), expected.clone());
        // The limit of replaceable calls makes no difference to the sums.
        let settled = figures_with(ReportOptions::default().with_replaceable(1), &current);
        prop_assert_eq!(format!("{settled:?}"), expected);
    }

    // P4
    #[test]
    fn what_is_written_reads_the_same(calls in calls()) {
        for cdr in calls {
            let written = serde_json::to_string(&cdr).unwrap();
            prop_assert_eq!(&Reader::strict().read_cdr(&written).unwrap().value, &cdr);
            if let Some(kept) = cdr.extra.get("x") {
                let field = format!(r#""x":{kept}"#);
                prop_assert!(written.contains(&field));
            }
        }
    }
}
