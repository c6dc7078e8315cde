//! Reconnects, late facts and limits.

use basix_cti::calls::{Call, CallsOptions, Outcome};
use basix_cti::element::UserId;

use crate::story::{GIVES_UP, HANGS_UP, PBX_HANGS_UP, Story, at, seconds};

#[test]
fn a_call_survives_a_reconnect() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.ring("b", "a", 1);
    story.now += 5;
    story.bridge("a", "b");
    story.now += 10;
    story.disconnect();
    assert_eq!(story.records(), [], "the end of a connection is no end of a call");
    assert_eq!(story.calls.open().count(), 1);
    story.now += 18;
    story.reconnect();
    story.now += 5;
    story.end("a", HANGS_UP);
    story.end("b", PBX_HANGS_UP);
    let call = story.record();
    assert_eq!((call.wait(), call.talk()), (seconds(5), seconds(35)));
    assert_eq!((call.answered_by(), call.outcome()), (Some(UserId(1)), Some(&Outcome::Answered)));
    assert!(call.has_gap());
}

#[test]
fn a_call_that_is_gone_after_a_reconnect_ended_meanwhile() {
    for resynced in [true, false] {
        let mut story = Story::new();
        story.offer("a", "0312345678", 20);
        story.now += 10;
        story.disconnect();
        story.now += 20;
        story.legs.clear();
        if resynced {
            story.reconnect();
        } else {
            // Without `Resynced`, a change of the new connection arms a timer.
            story.announce();
            story.offer("z", "0355555555", 20);
            assert_eq!(story.records(), []);
            story.now += 10;
            assert_eq!(story.records(), []);
        }
        let call = story.record();
        assert_eq!((call.id(), call.outcome()), ("a", Some(&Outcome::Unknown)));
        assert_eq!((call.ended(), call.has_gap()), (Some(at(110)), true));
    }
}

#[test]
fn a_call_whose_caller_was_never_seen_has_a_gap() {
    let mut story = Story::new();
    story.ring_out("b", "a", "09011112222");
    story.now += 2;
    story.end("b", "send_cancel,ORIGINATOR_CANCEL");
    let call = story.record();
    assert_eq!((call.id(), call.has_gap()), ("b", true));
    // The caller comes late: only then is its end awaited.
    let mut story = Story::new();
    story.ring("b", "a", 1);
    story.offer("a", "0312345678", 20);
    story.end("b", "send_cancel,NO_ANSWER");
    story.end("a", GIVES_UP);
    let call = story.record();
    assert_eq!((call.legs().len(), call.has_gap()), (2, false));
}

#[test]
fn a_leg_that_comes_back_revises_the_record() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.end("a", GIVES_UP);
    assert_eq!(story.record().revised(), 0);
    story.now += 3;
    story.ring("b", "a", 1);
    story.end("b", "send_cancel,ORIGINATOR_CANCEL");
    let call = story.record();
    assert_eq!((call.id(), call.revised(), call.rang()), ("a", 1, &[UserId(1)][..]));
    assert_eq!(story.records(), []);
}

#[test]
fn what_exceeds_the_limits_is_left_out_and_counted() {
    let mut options = CallsOptions::default();
    (options.calls, options.legs) = (2, 3);
    let mut story = Story::with_options(options);
    story.offer("a", "0312345678", 20);
    for (leg, user) in [("b", 1), ("c", 2), ("d", 3)] {
        story.ring(leg, "a", user);
    }
    assert_eq!(story.calls.open().next().unwrap().legs().len(), 3);
    assert_eq!(story.calls.dropped(), 1);
    story.offer("e", "0312345678", 20);
    story.offer("f", "0312345678", 20);
    assert_eq!((story.calls.open().count(), story.calls.dropped()), (2, 2));
    options.bytes = 1;
    let mut story = Story::with_options(options);
    story.offer("a", "0312345678", 20);
    story.offer("b", "0312345678", 20);
    assert_eq!((story.calls.open().count(), story.calls.dropped()), (1, 1));
}

#[test]
fn a_new_call_takes_the_place_of_one_that_has_ended() {
    let mut options = CallsOptions::default();
    options.calls = 2;
    let mut story = Story::with_options(options);
    let mut records = Vec::new();
    for uuid in ["a", "b", "c", "d"] {
        story.offer(uuid, "0312345678", 20);
        story.end(uuid, GIVES_UP);
        records.extend(story.calls.poll_call());
    }
    records.extend(story.records());
    let ids: Vec<_> = records.iter().map(Call::id).collect();
    assert_eq!((ids, story.calls.dropped()), (vec!["a", "b", "c", "d"], 0));
}

#[test]
fn two_emitted_calls_that_turn_out_to_be_one_replace_each_other() {
    let mut story = Story::new();
    for uuid in ["a", "b"] {
        story.offer(uuid, "0312345678", 20);
        story.end(uuid, GIVES_UP);
    }
    assert!(story.records().iter().all(|call| call.replaces().is_empty()));
    story.ring("x", "a", 1);
    story.change("x", |leg| leg.other = "b");
    story.send("x", "updated");
    story.end("x", PBX_HANGS_UP);
    let call = story.record();
    assert_eq!((call.id(), call.revised(), call.replaces()), ("a", 1, &["b".to_owned()][..]));
    assert_eq!(story.records(), []);
}
