//! Laws of the tracker, for random calls.

use std::collections::HashMap;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use ucom_events::track::{CallLeg, NoticeKind, Outcome};
use ucom_events::{CallRecord, Event, Output, Timestamp, Tracker, TrackerOptions};

use crate::scenario::{BASE, SECOND, Scenario, Sent, directory, scenario};

fn tracker() -> Tracker {
    Tracker::new(TrackerOptions::default(), directory(), [3; 16])
}

fn poll_all(tracker: &mut Tracker) -> Vec<Output> {
    std::iter::from_fn(|| tracker.poll()).collect()
}

/// Runs the clock until every call is decided.
fn run_out(tracker: &mut Tracker, outputs: &mut Vec<Output>) {
    while tracker.has_open_calls() {
        let due = tracker.poll_timeout().unwrap();
        tracker.handle_timeout(due);
        outputs.extend(poll_all(tracker));
    }
}

/// Delivers events, each at a reading of the clock, then runs the clock until every call is
/// decided.
fn deliver<'e>(events: impl IntoIterator<Item = (u64, &'e Event)>) -> Vec<Output> {
    let mut tracker = tracker();
    let mut outputs = Vec::new();
    for (at, event) in events {
        while let Some(due) = tracker.poll_timeout().filter(|due| due.as_micros() as u64 <= at) {
            tracker.handle_timeout(due);
            outputs.extend(poll_all(&mut tracker));
        }
        tracker.handle_event(Duration::from_micros(at), Timestamp::from_micros(at), event);
        outputs.extend(poll_all(&mut tracker));
    }
    run_out(&mut tracker, &mut outputs);
    outputs
}

fn in_time(events: &[Sent]) -> Vec<Output> {
    let parsed: Vec<_> = events.iter().map(|sent| (sent.time, sent.event())).collect();
    deliver(parsed.iter().map(|(at, event)| (*at, event)))
}

fn records(outputs: &[Output]) -> Vec<&CallRecord> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Call(record) | Output::Revised(record) => Some(&**record),
            _ => None,
        })
        .collect()
}

/// Returns the last record of the only call, and checks that its revisions count up and differ.
#[track_caller]
fn last_record(outputs: &[Output]) -> CallRecord {
    let records = records(outputs);
    for (count, record) in records.iter().enumerate() {
        assert_eq!(record.revised as usize, count);
    }
    for pair in records.windows(2) {
        let (mut before, after) = (pair[0].clone(), pair[1]);
        before.revised = after.revised;
        assert_ne!(&before, after, "a revision that changes nothing");
    }
    (*records.last().unwrap()).clone()
}

fn unrevised(record: &CallRecord) -> CallRecord {
    let mut record = record.clone();
    record.revised = 0;
    record
}

#[track_caller]
fn each_notice_closes_once(outputs: &[Output]) {
    let mut open = HashMap::new();
    for output in outputs {
        let Output::Notice(notice) = output else { continue };
        let key = (notice.call_id.clone(), notice.sub_call_id.clone());
        let count = open.entry(key).or_insert(0_i32);
        match notice.kind {
            NoticeKind::Ringing | NoticeKind::Dialing => *count += 1,
            NoticeKind::Taken if *count == 0 => *count += 1,
            NoticeKind::Taken => {}
            NoticeKind::Closed => *count -= 1,
        }
        assert!((0..=1).contains(count), "{notice:?}");
    }
    assert!(open.values().all(|count| *count == 0), "{open:?}");
}

#[track_caller]
fn is_true(record: &CallRecord, scenario: &Scenario) {
    let truth = &scenario.truth;
    assert_eq!(record.call_id.as_str(), scenario.call);
    assert_eq!(record.outcome.as_str(), truth.outcome, "{record:#?}");
    assert_eq!(record.answered_by, truth.answered_by, "{record:#?}");
    assert_eq!(record.rang, truth.rang, "{record:#?}");
    assert_eq!(record.talk, truth.talk.map(|tenths| Duration::from_millis(100 * tenths)));
    assert!(record.complete, "{record:#?}");
}

/// Positions of events in a random order, some of them several times.
fn order() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    vec(any::<prop::sample::Index>(), 0..60)
}

fn shuffled(scenario: &Scenario, order: &[prop::sample::Index]) -> Vec<Event> {
    let mut events: Vec<_> = scenario.events.iter().map(Sent::event).collect();
    let copies: Vec<_> = order.iter().map(|index| index.get(&events).clone()).collect();
    for (at, index) in order.iter().enumerate() {
        let other = index.index(events.len());
        let at = at % events.len();
        events.swap(at, other);
    }
    // Copies among the originals.
    for (copy, index) in copies.into_iter().zip(order) {
        events.insert(index.index(events.len() + 1), copy);
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_call_gives_what_really_happened(scenario in scenario()) {
        let outputs = in_time(&scenario.events);
        is_true(&last_record(&outputs), &scenario);
        prop_assert_eq!(records(&outputs).len(), 1);
        each_notice_closes_once(&outputs);
    }

    #[test]
    fn any_order_and_repetition_gives_the_same_record(scenario in scenario(), order in order()) {
        let expected = last_record(&in_time(&scenario.events));
        let events = shuffled(&scenario, &order);
        let outputs = deliver(events.iter().map(|event| (BASE, event)));
        let record = last_record(&outputs);
        prop_assert_eq!(records(&outputs).len(), 1);
        prop_assert_eq!(&record, &expected);
        each_notice_closes_once(&outputs);
    }

    #[test]
    fn a_lost_event_costs_no_call_and_no_answer(
        scenario in scenario(),
        lost in any::<prop::sample::Index>(),
    ) {
        let mut left = scenario.clone();
        let lost = left.events.remove(lost.index(scenario.events.len()));
        if left.events.is_empty() {
            return Ok(());
        }
        let outputs = in_time(&left.events);
        let record = last_record(&outputs);
        each_notice_closes_once(&outputs);
        let truth = &scenario.truth;
        // A ringing phone whose hangup is lost leaves no evidence, unless an IVR or queue has some; nor
        // does the lost hangup of a call to outside.
        let was_lost = lost.body.contains("EventType=hangup");
        if truth.outcome == "answered" || truth.has_service || !was_lost {
            prop_assert_eq!(record.outcome.as_str(), truth.outcome, "{:?} {:#?}", lost, record);
            prop_assert_eq!(&record.answered_by, &truth.answered_by, "{:?}", lost);
        } else {
            prop_assert_eq!(record.outcome, Outcome::Unknown);
        }
        let mut names = record.rang.clone();
        names.dedup();
        prop_assert_eq!(&names, &record.rang, "nothing twice");
        prop_assert!(record.rang.iter().all(|name| truth.rang.contains(name)));
        if let (Some(talk), Some(real)) = (record.talk, truth.talk) {
            // A lost hangup can only be inferred to the moment of the IVR's.
            prop_assert!(talk <= Duration::from_millis(100 * real + 1_000), "{:?} {:?}", talk, lost);
        }
    }

    #[test]
    fn a_snapshot_between_any_two_events_changes_nothing(
        scenario in scenario(),
        cuts in vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let expected = in_time(&scenario.events);
        let cuts: Vec<_> = cuts.iter().map(|cut| cut.index(scenario.events.len())).collect();
        let mut tracker = tracker();
        let mut outputs = Vec::new();
        for (number, sent) in scenario.events.iter().enumerate() {
            while let Some(due) =
                tracker.poll_timeout().filter(|due| due.as_micros() as u64 <= sent.time)
            {
                tracker.handle_timeout(due);
                outputs.extend(poll_all(&mut tracker));
            }
            let now = Duration::from_micros(sent.time);
            tracker.handle_event(now, Timestamp::from_micros(sent.time), &sent.event());
            if cuts.contains(&number) {
                // With output that was not polled.
                let json = serde_json::to_string(&tracker.snapshot()).unwrap();
                let snapshot = serde_json::from_str(&json).unwrap();
                tracker =
                    Tracker::restore(TrackerOptions::default(), directory(), snapshot, now).unwrap();
            }
            outputs.extend(poll_all(&mut tracker));
        }
        run_out(&mut tracker, &mut outputs);
        prop_assert_eq!(outputs, expected);
    }

    /// The wall clock only replaces the missing times of events.
    #[test]
    fn a_wall_clock_that_jumps_changes_nothing(
        scenario in scenario(),
        jumps in vec(-30_i64..30, 40),
    ) {
        let expected = last_record(&in_time(&scenario.events));
        let mut tracker = tracker();
        let mut outputs = Vec::new();
        for (sent, days) in scenario.events.iter().zip(jumps.iter().cycle()) {
            let wall = sent.time.saturating_add_signed(days * 86_400 * SECOND as i64);
            let now = Duration::from_micros(sent.time);
            tracker.handle_event(now, Timestamp::from_micros(wall), &sent.event());
            outputs.extend(poll_all(&mut tracker));
        }
        run_out(&mut tracker, &mut outputs);
        prop_assert_eq!(unrevised(&last_record(&outputs)), unrevised(&expected));
    }

    /// A monotonic reading that falls counts as no time passed, and delays nothing beyond its
    /// limit.
    #[test]
    fn a_reading_that_falls_delays_nothing(scenario in scenario(), days in 0..30_u64) {
        let expected = last_record(&in_time(&scenario.events));
        let mut tracker = tracker();
        let mut outputs = Vec::new();
        let ahead = days * 86_400 * SECOND;
        let half = scenario.events.len() / 2;
        for (number, sent) in scenario.events.iter().enumerate() {
            let reading = if number < half { sent.time + ahead } else { sent.time };
            let arrived = Timestamp::from_micros(sent.time);
            tracker.handle_event(Duration::from_micros(reading), arrived, &sent.event());
            outputs.extend(poll_all(&mut tracker));
        }
        let last = Duration::from_micros(scenario.events.last().unwrap().time);
        // Every wait of a call that is over is at most one hour.
        tracker.handle_timeout(last + Duration::from_secs(3_600));
        outputs.extend(poll_all(&mut tracker));
        prop_assert!(!tracker.has_open_calls());
        prop_assert_eq!(unrevised(&last_record(&outputs)), unrevised(&expected));
    }

    #[test]
    fn parallel_calls_do_not_mix(scenarios in vec(scenario(), 2..5), order in order()) {
        let mut events = Vec::new();
        let mut expected = Vec::new();
        for (number, scenario) in scenarios.iter().enumerate() {
            let rename = |body: &str| body.replace("CallID=", &format!("CallID={number}-"));
            let renamed: Vec<_> = scenario
                .events
                .iter()
                .map(|sent| Sent { time: sent.time, body: rename(&sent.body) })
                .collect();
            expected.push(last_record(&in_time(&renamed)));
            events.extend(renamed.iter().map(Sent::event));
        }
        for (at, index) in order.iter().enumerate() {
            let (at, other) = (at % events.len(), index.index(events.len()));
            events.swap(at, other);
        }
        let outputs = deliver(events.iter().map(|event| (BASE, event)));
        let mut found: Vec<_> = records(&outputs).into_iter().cloned().collect();
        found.sort_by(|a, b| a.call_id.cmp(&b.call_id));
        prop_assert_eq!(found, expected);
    }

    /// Each attempt is one leg of the record.
    #[test]
    fn legs_are_in_order_of_start(scenario in scenario()) {
        let record = last_record(&in_time(&scenario.events));
        let starts: Vec<_> = record.legs.iter().map(|leg: &CallLeg| leg.started_at).collect();
        prop_assert!(starts.is_sorted());
        let is_hangup = |sent: &&Sent| sent.body.contains("EventType=hangup");
        prop_assert_eq!(record.legs.len(), scenario.events.iter().filter(is_hangup).count());
    }
}
