use std::time::Duration;

use super::{Delivery, Fate, Lanes, MAX_ATTEMPTS, pause};
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

fn settle(
    lanes: &mut Lanes,
    (sequence, call): (i64, &str),
    delivery: Delivery,
    now: Duration,
) -> Fate {
    lanes.settle(&message(sequence, call), delivery, now, 0)
}

fn accept(lanes: &mut Lanes, sequence: i64, call: &str, now: Duration) {
    assert_eq!(settle(lanes, (sequence, call), Delivery::Accepted, now), Fate::Delivered);
}

#[test]
fn change_of_a_call_waits_for_the_change_before_it() {
    let mut lanes = lanes(&["a", "a", "b", "a"]);
    let empty = Lanes::default().room();
    assert_eq!(taken(&mut lanes, at(0)), [1, 3]);
    accept(&mut lanes, 1, "a", at(0));
    assert_eq!(taken(&mut lanes, at(0)), [2]);
    accept(&mut lanes, 2, "a", at(0));
    accept(&mut lanes, 3, "b", at(0));
    assert_eq!(taken(&mut lanes, at(0)), [4]);
    assert_eq!(lanes.room(), empty - 1);
    accept(&mut lanes, 4, "a", at(0));
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
        assert_eq!(settle(&mut lanes, (sequence, call), away(None), at(0)), Fate::Waits);
    }
    // The three failed together: one failure.
    let mut now = at(0);
    for pause in [125, 250, 500] {
        let next = now + Duration::from_millis(pause);
        assert_eq!(lanes.wake_at(now), Some(next));
        assert_eq!(taken(&mut lanes, next - Duration::from_millis(1)), [0; 0]);
        let [sequence] = taken(&mut lanes, next)[..] else { panic!("one message tries") };
        let call = ["a", "b", "c"][usize::try_from(sequence).unwrap() - 1];
        assert_eq!(settle(&mut lanes, (sequence, call), away(None), next), Fate::Waits);
        now = next;
    }
    let [sequence] = taken(&mut lanes, at(9))[..] else { panic!("one message tries") };
    let call = ["a", "b", "c"][usize::try_from(sequence).unwrap() - 1];
    accept(&mut lanes, sequence, call, at(9));
    assert_eq!(taken(&mut lanes, at(9)).len(), 2);
}

#[test]
fn retry_after_is_respected_up_to_an_hour() {
    let mut lanes = lanes(&["a"]);
    assert_eq!(taken(&mut lanes, at(0)), [1]);
    settle(&mut lanes, (1, "a"), away(Some(at(90))), at(0));
    assert_eq!(lanes.wake_at(at(0)), Some(at(90)));
    assert_eq!(taken(&mut lanes, at(90)), [1]);
    settle(&mut lanes, (1, "a"), away(Some(at(1_000_000))), at(90));
    assert_eq!(lanes.wake_at(at(90)), Some(at(90 + 3_600)));
}

#[test]
fn refused_message_is_left_out_and_its_call_goes_on() {
    let mut lanes = lanes(&["a", "a", "b"]);
    assert_eq!(taken(&mut lanes, at(0)), [1, 3]);
    let refused = settle(&mut lanes, (1, "a"), Delivery::Refused("422".into()), at(0));
    assert_eq!(refused, Fate::Refused("422".into()));
    assert_eq!(taken(&mut lanes, at(0)), [2]);
}

/// Without turns, a message that no attempt delivers would be the only one that is tried.
#[test]
fn messages_take_turns_at_an_absent_target() {
    let mut lanes = lanes(&["a", "b"]);
    assert_eq!(taken(&mut lanes, at(0)), [1, 2]);
    settle(&mut lanes, (1, "a"), away(None), at(0));
    settle(&mut lanes, (2, "b"), away(None), at(1));
    assert_eq!(taken(&mut lanes, at(10)), [1]);
    settle(&mut lanes, (1, "a"), away(None), at(10));
    assert_eq!(taken(&mut lanes, at(20)), [2]);
}

#[test]
fn message_that_alone_is_not_taken_is_refused_after_its_attempts() {
    let mut lanes = lanes(&["bad"]);
    let mut now = at(0);
    for attempt in 1..=i64::from(MAX_ATTEMPTS) {
        now += at(3_600);
        assert_eq!(taken(&mut lanes, now), [1]);
        let fate = settle(&mut lanes, (1, "bad"), away(None), now);
        if attempt < i64::from(MAX_ATTEMPTS) {
            assert_eq!(fate, Fate::Waits);
        } else {
            assert_eq!(fate, Fate::Refused("12 attempts; away".into()));
        }
        now += at(3_600);
        lanes.push(message(1 + attempt, "good"));
        assert_eq!(taken(&mut lanes, now), [1 + attempt]);
        accept(&mut lanes, 1 + attempt, "good", now);
    }
    assert_eq!(lanes.room(), Lanes::default().room());
}

#[test]
fn message_waits_for_an_absent_target_however_often_it_is_tried() {
    let mut lanes = lanes(&["a"]);
    for hour in 0..1_000 {
        let now = at(hour * 3_600);
        assert_eq!(taken(&mut lanes, now), [1]);
        assert_eq!(settle(&mut lanes, (1, "a"), away(None), now), Fate::Waits);
    }
}

#[test]
fn pauses_grow_to_a_minute_and_are_spread() {
    assert_eq!(pause(0, 0), Duration::from_millis(125));
    assert_eq!(pause(3, 0), at(1));
    assert_eq!(pause(3, u64::MAX), at(2));
    assert_eq!(pause(40, 0), at(30));
    assert_eq!(pause(40, u64::MAX), at(60));
}
