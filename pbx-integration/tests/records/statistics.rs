//! Figures over many calls: P126 to P134; activity of agents.

use std::time::Duration;

use pbx_integration::{
    AgentId, Cdr, QueueFigures, QueueId, QueueOptions, QueueStatistics, Ratio, Timesheet, Timestamp,
};
use proptest::prelude::*;

use crate::support::cdr;

fn queue(statistics: &QueueStatistics) -> &QueueFigures {
    statistics.queue(&QueueId::new("t.example", "300")).unwrap()
}

fn shown(ratio: Option<Ratio>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |ratio| ratio.to_string())
}

/// A queue state: wait, talk, hold, idle in milliseconds, and reason.
fn state([ivr, ring, talk, hold, idle]: [u64; 5], reason: &str) -> String {
    format!(
        r#"{{"start":1000,"type":"acd","account":"300","durationivr":{ivr},"durationring":{ring},
        "durationtalk":{talk},"durationhold":{hold},"durationidle":{idle},"reason":"{reason}"}}"#
    )
}

fn with_states(states: &[String]) -> Cdr {
    cdr(&format!(r#""states":[{}]"#, states.join(",")))
}

#[test]
fn figures_of_a_queue_p126_p127_p128_p129_p130_p131_p133_p134() {
    let options = QueueOptions::default()
        .with_target(Duration::from_secs(20))
        .with_short_abandon(Duration::from_secs(5));
    let mut statistics = QueueStatistics::new(options);
    for states in [
        vec![state([15_000, 5_000, 60_000, 10_000, 40_000], "hc")],
        vec![state([15_000, 5_001, 30_000, 0, 20_000], "")],
        vec![state([4_999, 0, 0, 0, 0], "hw")],
        vec![state([5_000, 0, 0, 0, 0], "hr")],
        // The same queue twice: two states, one call (P133).
        vec![
            state([1_000, 0, 0, 0, 0], "rw"),
            state([2_000, 0, 0, 0, 0], "ra"),
            state([0, 10_000, 9_000, 0, 0], ""),
        ],
    ] {
        statistics.add(&with_states(&states));
    }
    statistics.add(&cdr(r#""states":[{"start":1000,"type":"hunt","account":"300"}]"#));
    let queue = queue(&statistics);
    assert_eq!(
        (statistics.calls(), queue.calls(), queue.offered(), queue.answered()),
        (5, 5, 7, 3)
    );
    assert_eq!((queue.abandoned(), queue.short_abandons(), queue.transferred()), (2, 1, 2));
    assert_eq!(queue.answered_in_time(), 2);
    assert_eq!(queue.abandon_rate(), Ratio::new(2, 7));
    assert_eq!(shown(queue.transfer_rate()), "28.6%");
    // (20,000 + 20,001 + 10,000) / 3
    assert_eq!(queue.average_speed_of_answer(), Some(Duration::from_millis(16_667)));
    assert_eq!(queue.average_handling_time(), Some(Duration::from_secs(33)));
    assert_eq!(shown(queue.service_level()), "33.3%"); // 2 of 7 - 1
    assert_eq!(shown(queue.service_level_of_offered()), "28.6%");
    assert_eq!(shown(queue.service_level_of_answered()), "66.7%");
    assert_eq!(shown(queue.occupancy()), "62.3%"); // 99 of 99 + 60
    assert_eq!(shown(queue.occupancy_vendor_compatible()), "64.5%"); // 109 of 109 + 60
    let waits = [0, 33, 34, 50, 66, 67, 90, 100]
        .map(|percent| queue.wait_percentile(percent).unwrap().as_millis());
    assert_eq!(waits, [10_000, 10_000, 20_000, 20_000, 20_000, 20_001, 20_001, 20_001]);
    assert_eq!(queue.wait_resolution(), Duration::from_millis(1));
}

#[test]
fn of_nothing_there_is_no_rate_p132() {
    let mut statistics = QueueStatistics::new(QueueOptions::default());
    assert_eq!(statistics.iter().len(), 0);
    statistics.add(&with_states(&[state([1, 0, 0, 0, 0], "hw")]));
    let queue = queue(&statistics);
    // Everything offered was a short abandon.
    assert_eq!(
        (queue.service_level(), queue.service_level_of_answered(), queue.occupancy()),
        (None, None, None)
    );
    assert_eq!((queue.average_speed_of_answer(), queue.average_handling_time()), (None, None));
    assert_eq!(queue.wait_percentile(50), None);
    assert_eq!(shown(queue.service_level_of_offered()), "0.0%");
}

#[test]
fn only_states_in_the_window_are_offered() {
    let window = Timestamp::from_millis(1_000_000)..Timestamp::from_millis(1_001_000);
    let mut statistics = QueueStatistics::new(QueueOptions::default().with_window(window));
    for start in ["999.999", "1000", "1000.999", "1001"] {
        statistics
            .add(&cdr(&format!(r#""states":[{{"start":{start},"type":"acd","account":"300"}}]"#)));
    }
    assert_eq!((statistics.calls(), queue(&statistics).offered()), (2, 2));
}

#[test]
fn queues_and_agents_beyond_the_limit_are_counted_and_not_kept() {
    let mut statistics = QueueStatistics::new(QueueOptions::default().with_max_queues(1));
    statistics.add(&cdr(r#""states":[{"start":1000,"type":"acd","account":"300"},{"start":1000,"type":"acd","account":"301"}]"#));
    assert_eq!((statistics.iter().len(), statistics.left_out()), (1, 1));
    let mut timesheet = Timesheet::of_all_time().with_max_agents(1);
    timesheet.add(&cdr(r#""extensionlegs":[{"extension":"41","start":1000,"end":1001},{"extension":"42","start":1000,"end":1001}]"#));
    assert_eq!((timesheet.iter().len(), timesheet.left_out()), (1, 1));
}

#[test]
fn activity_of_agents_in_a_window() {
    let window = Timestamp::from_millis(1_000_000)..Timestamp::from_millis(1_060_000);
    let mut timesheet = Timesheet::new(window);
    timesheet.add(&cdr(r#""extensionlegs":[
        {"extension":"41","direction":"O","start":990,"connect":1010,"end":1030,"idle":7000},
        {"extension":"41","direction":"I","start":1040,"connect":1050,"end":1090,"idle":1},
        {"extension":"42","direction":"O","start":1000,"end":1020,"deleted":true},
        {"extension":"43","direction":"O","start":900,"connect":910,"end":950,"idle":5}],
        "states":[{"start":1000,"type":"acd","extension":"41","durationtalk":99000},
        {"start":1005,"type":"acd","extension":"44","durationtalk":8000,"durationidle":3000},
        {"start":1070,"type":"acd","extension":"45","durationtalk":8000},
        {"start":1010,"type":"acd","extension":"46","durationtalk":0}]"#));
    let rows: Vec<_> = timesheet
        .iter()
        .map(|(id, agent)| {
            let millis = [agent.talking, agent.ringing, agent.idle].map(|time| time.as_millis());
            let ends = [agent.first, agent.last].map(|time| time.unwrap().as_millis() / 1_000);
            (id.extension.as_str(), agent.answered, agent.missed, millis, ends)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("41", 2, 0, [30_000, 10_000, 7_001], [1_000, 1_060]),
            ("42", 0, 1, [0, 20_000, 0], [1_000, 1_020]),
            ("44", 1, 0, [8_000, 0, 3_000], [1_005, 1_005]),
        ]
    );
    assert_eq!(timesheet.agent(&AgentId::new("t.example", "43")), None);
}

/// One queue state of a random day.
type Random = (u8, [u64; 5], usize);

const REASONS: [&str; 7] = ["", "hc", "hw", "hr", "rw", "rr", "ra"];

fn random_day() -> impl Strategy<Value = Vec<Vec<Random>>> {
    let time = || prop_oneof![Just(0_u64), 0..9_u64, 0..60_000_u64];
    let state = (0..3_u8, [time(), time(), time(), time(), time()], 0..REASONS.len());
    proptest::collection::vec(proptest::collection::vec(state, 0..4), 0..40)
}

proptest! {
    /// The naive count keeps every state and looks at all of them for each figure.
    #[test]
    fn figures_of_a_random_day_equal_a_naive_count(day in random_day(), target in 0..60_000_u64, short in 0..60_000_u64) {
        let options = QueueOptions::default()
            .with_target(Duration::from_millis(target))
            .with_short_abandon(Duration::from_millis(short));
        let mut statistics = QueueStatistics::new(options);
        for call in &day {
            let states: Vec<String> = call
                .iter()
                .map(|(number, [ivr, ring, talk, hold, idle], reason)| format!(
                    r#"{{"start":1000,"type":"acd","account":"30{number}","durationivr":{ivr},"durationring":{ring},"durationtalk":{talk},"durationhold":{hold},"durationidle":{idle},"reason":"{}"}}"#,
                    REASONS[*reason]
                ))
                .collect();
            statistics.add(&with_states(&states));
        }
        prop_assert_eq!(statistics.calls() as usize, day.iter().filter(|call| !call.is_empty()).count());
        for number in 0..3_u8 {
            let of_queue: Vec<&Random> = day.iter().flatten().filter(|state| state.0 == number).collect();
            let Some(figures) = statistics.queue(&QueueId::new("t.example", format!("30{number}"))) else {
                prop_assert!(of_queue.is_empty());
                continue;
            };
            let count = |keep: &dyn Fn(&Random) -> bool| of_queue.iter().filter(|state| keep(state)).count() as u128;
            let total = |keep: &dyn Fn(&Random) -> bool, of: &dyn Fn(&Random) -> u64| -> u128 {
                of_queue.iter().filter(|state| keep(state)).map(|state| u128::from(of(state))).sum()
            };
            let wait = |state: &Random| state.1[0] + state.1[1];
            let talks = |state: &Random| state.1[2] > 0;
            let all = |_: &Random| true;
            let says = |state: &Random, words: &[&str]| words.contains(&REASONS[state.2]);
            let (offered, answered) = (count(&all), count(&talks));
            prop_assert_eq!(u128::from(figures.offered()), offered);
            prop_assert_eq!(figures.abandon_rate(), Ratio::new(count(&|state| says(state, &["hw", "hr"])), offered));
            prop_assert_eq!(figures.transfer_rate(), Ratio::new(count(&|state| says(state, &["rw", "rr", "ra"])), offered));
            let in_time = count(&|state| talks(state) && wait(state) <= target);
            let shorts = count(&|state| !talks(state) && says(state, &["hw", "hr"]) && wait(state) < short);
            prop_assert_eq!(figures.service_level_of_offered(), Ratio::new(in_time, offered));
            prop_assert_eq!(figures.service_level_of_answered(), Ratio::new(in_time, answered));
            prop_assert_eq!(figures.service_level(), Ratio::new(in_time, offered - shorts));
            let (talk, idle) = (total(&all, &|state| state.1[2]), total(&all, &|state| state.1[4]));
            let hold = total(&all, &|state| state.1[3]);
            prop_assert_eq!(figures.occupancy(), Ratio::new(talk, talk + idle));
            prop_assert_eq!(figures.occupancy_vendor_compatible(), Ratio::new(talk + hold, talk + hold + idle));
            let mean = |sum: u128| (answered > 0).then(|| (2 * sum + answered) / (2 * answered));
            prop_assert_eq!(figures.average_speed_of_answer().map(|time| time.as_millis()), mean(total(&talks, &wait)));
            prop_assert_eq!(figures.average_handling_time().map(|time| time.as_millis()), mean(talk));
            let mut waits: Vec<u64> = of_queue.iter().filter(|state| talks(state)).map(|state| wait(state)).collect();
            waits.sort_unstable();
            for percent in [1, 50, 90, 95, 100] {
                // The first wait that so many percent do not exceed (P134).
                let naive = waits.iter().enumerate().find(|(at, _)| (at + 1) * 100 >= percent * waits.len()).map(|(_, wait)| *wait);
                prop_assert_eq!(figures.wait_percentile(percent as u8).map(|time| time.as_millis() as u64), naive);
            }
            let calls = day.iter().filter(|call| call.iter().any(|state| state.0 == number)).count();
            prop_assert_eq!(figures.calls() as usize, calls);
        }
    }

    #[test]
    fn activity_of_a_random_day_equals_a_naive_count(
        legs in proptest::collection::vec((0..3_u8, any::<bool>(), 0..50_u64, proptest::option::of(0..50_u64), proptest::option::of(0..50_u64), 0..9_u64), 0..30),
        window in (0..120_u64, 0..120_u64),
    ) {
        let (from, to) = (1_000 + window.0, 1_000 + window.0 + window.1);
        let at = |seconds: u64| Timestamp::from_millis(seconds as i64 * 1_000);
        let mut timesheet = Timesheet::new(at(from)..at(to));
        let mut naive = [[0_u64; 5]; 3];
        for (agent, is_from, start, ring, talk, idle) in &legs {
            let start = 1_000 + start;
            let connect = ring.map(|ring| start + ring);
            let end = talk.map(|talk| connect.unwrap_or(start) + talk);
            let mut json = format!(r#"{{"extension":"4{agent}","direction":"{}","start":{start},"idle":{idle}"#, if *is_from { "I" } else { "O" });
            for (name, time) in [("connect", connect), ("end", end)] {
                if let Some(time) = time {
                    json.push_str(&format!(r#","{name}":{time}"#));
                }
            }
            timesheet.add(&cdr(&format!(r#""extensionlegs":[{json}}}]"#)));
            // Second by second.
            let inside = |second: &u64| (from..to).contains(second);
            let row = &mut naive[usize::from(*agent)];
            if let (Some(connect), Some(end)) = (connect, end) {
                row[0] += (connect..end).filter(inside).count() as u64;
            }
            if let (false, Some(until)) = (is_from, connect.or(end)) {
                row[1] += (start..until).filter(inside).count() as u64;
            }
            if let Some(connect) = connect.filter(inside) {
                let _ = connect;
                row[2] += idle;
                row[3] += 1;
            }
            if !is_from && connect.is_none() && end.as_ref().is_some_and(inside) {
                row[4] += 1;
            }
        }
        for (agent, row) in naive.iter().enumerate() {
            let read = timesheet.agent(&AgentId::new("t.example", format!("4{agent}"))).cloned().unwrap_or_default();
            let read = [read.talking.as_secs(), read.ringing.as_secs(), read.idle.as_millis() as u64, read.answered, read.missed];
            prop_assert_eq!(&read, row);
        }
    }
}
