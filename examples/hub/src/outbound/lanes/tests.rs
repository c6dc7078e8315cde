use std::time::Duration;

use super::{Delivery, Lanes, pause};
use crate::store::OutboxRow;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn message(sequence: i64, call: &str) -> OutboxRow {
    OutboxRow {
        sequence,
        source: "north".into(),
        call_id: call.into(),
        message_id: format!("{call}/{sequence}"),
        kind: "call.changed".into(),
        at_us: 0,
        body: "{}".into(),
    }
}

fn lanes(calls: &[&str]) -> Lanes {
    let mut lanes = Lanes::default();
    for (sequence, call) in (1..).zip(calls) {
        lanes.push(message(sequence, call));
    }
    lanes
}

fn away(retry_after: Option<Duration>) -> Delivery {
    Delivery::Unavailable { retry_after, reason: "away".into() }
}

fn taken(lanes: &mut Lanes, now: Duration) -> Vec<i64> {
    std::iter::from_fn(|| lanes.take(now)).map(|message| message.sequence).collect()
}

#[test]
fn change_of_a_call_waits_for_the_change_before_it() {
    let mut lanes = lanes(&["a", "a", "b", "a"]);
    let empty = Lanes::default().room();
    assert_eq!(taken(&mut lanes, at(0)), [1, 3]);
    assert!(lanes.settle(&message(1, "a"), &Delivery::Accepted, at(0), 0));
    assert_eq!(taken(&mut lanes, at(0)), [2]);
    assert!(lanes.settle(&message(2, "a"), &Delivery::Accepted, at(0), 0));
    assert!(lanes.settle(&message(3, "b"), &Delivery::Accepted, at(0), 0));
    assert_eq!(taken(&mut lanes, at(0)), [4]);
    assert_eq!(lanes.room(), empty - 1);
    assert!(lanes.settle(&message(4, "a"), &Delivery::Accepted, at(0), 0));
    assert_eq!(lanes.room(), empty);
}

#[test]
fn deliveries_at_a_time_are_limited() {
    let names: Vec<String> = (0..20).map(|call| call.to_string()).collect();
    let mut lanes = lanes(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(taken(&mut lanes, at(0)), (1..=8).collect::<Vec<i64>>());
}

#[test]
fn absent_target_is_tried_by_one_message_after_a_growing_pause() {
    let mut lanes = lanes(&["a", "b", "c"]);
    assert_eq!(taken(&mut lanes, at(0)), [1, 2, 3]);
    for (sequence, call) in (1..).zip(["a", "b", "c"]) {
        assert!(!lanes.settle(&message(sequence, call), &away(None), at(0), 0));
    }
    // 125, 250 and 500 ms: the pauses run from the same moment, so that the longest counts.
    assert_eq!(lanes.wake_at(at(0)), Some(Duration::from_millis(500)));
    assert_eq!(taken(&mut lanes, Duration::from_millis(499)), [0; 0]);
    assert_eq!(taken(&mut lanes, Duration::from_millis(500)), [1]);
    assert!(lanes.settle(&message(1, "a"), &Delivery::Accepted, at(1), 0));
    assert_eq!(taken(&mut lanes, at(1)), [2, 3]);
}

#[test]
fn retry_after_is_respected_up_to_an_hour() {
    let mut lanes = lanes(&["a"]);
    assert_eq!(taken(&mut lanes, at(0)), [1]);
    lanes.settle(&message(1, "a"), &away(Some(at(90))), at(0), 0);
    assert_eq!(lanes.wake_at(at(0)), Some(at(90)));
    assert_eq!(taken(&mut lanes, at(90)), [1]);
    lanes.settle(&message(1, "a"), &away(Some(at(1_000_000))), at(90), 0);
    assert_eq!(lanes.wake_at(at(90)), Some(at(90 + 3_600)));
}

#[test]
fn refused_message_holds_back_its_own_call_only() {
    let mut lanes = lanes(&["a", "a", "b"]);
    assert_eq!(taken(&mut lanes, at(0)), [1, 3]);
    lanes.settle(&message(1, "a"), &Delivery::Refused("422".into()), at(0), 0);
    lanes.settle(&message(3, "b"), &Delivery::Accepted, at(0), 0);
    lanes.push(message(4, "b"));
    assert_eq!(taken(&mut lanes, at(0)), [4]);
    assert_eq!(lanes.wake_at(at(0)), Some(Duration::from_millis(125)));
    assert_eq!(taken(&mut lanes, at(1)), [1]);
}

#[test]
fn pauses_grow_to_a_minute_and_are_spread() {
    assert_eq!(pause(0, 0), Duration::from_millis(125));
    assert_eq!(pause(3, 0), at(1));
    assert_eq!(pause(3, u64::MAX), at(2));
    assert_eq!(pause(40, 0), at(30));
    assert_eq!(pause(40, u64::MAX), at(60));
}
