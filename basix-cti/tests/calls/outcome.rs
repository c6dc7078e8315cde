//! The outcome of a call, and its parties.

use basix_cti::calls::{Call, CallDirection, Outcome};
use basix_cti::element::{GroupId, UserId};

use crate::story::State::{Ivr, Number, User, Voicemail};
use crate::story::{BUSY, GIVES_UP, HANGS_UP, LOSES, PBX_HANGS_UP, Story, at, seconds};

#[test]
fn a_ring_group_call_that_one_of_three_answers() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.now += 5;
    for (leg, user) in [("b", 1), ("c", 2), ("d", 3)] {
        story.ring(leg, "a", user);
    }
    story.now += 7;
    story.end("b", LOSES);
    story.end("d", LOSES);
    story.bridge("a", "c");
    let open: Vec<Call> = story.calls.open().collect();
    assert_eq!((open.len(), open[0].outcome(), open[0].answered()), (1, None, Some(at(112))));
    story.now += 60;
    story.end("a", HANGS_UP);
    story.end("c", PBX_HANGS_UP);
    assert_eq!(story.calls.open().count(), 0);
    assert!(story.calls.poll_call().is_none(), "it settles first");
    let call = story.record();
    assert_eq!((call.id(), call.direction()), ("a", CallDirection::Inbound));
    assert_eq!((call.customer(), call.called_number()), ("0312345678", "0503136"));
    assert_eq!((call.group_id(), call.caller()), (Some(GroupId(20)), None));
    assert_eq!(call.rang(), [UserId(1), UserId(2), UserId(3)]);
    assert_eq!(call.answered_by(), Some(UserId(2)));
    assert_eq!(call.outcome(), Some(&Outcome::Answered));
    assert_eq!((call.wait(), call.talk()), (seconds(12), seconds(60)));
    assert_eq!((call.started(), call.ended()), (at(100), Some(at(172))));
    assert_eq!(call.legs().len(), 4);
    assert_eq!((call.has_gap(), call.revised()), (false, 0));
}

#[test]
fn a_caller_who_gives_up_in_the_queue_abandons_the_call() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.ring("b", "a", 1);
    story.now += 30;
    let waiting: Vec<Call> = story.calls.open().collect();
    assert_eq!(waiting[0].waiting_for(at(130)), Some(seconds(30)));
    story.end("a", GIVES_UP);
    story.end("b", "send_cancel,ORIGINATOR_CANCEL");
    let call = story.record();
    assert_eq!(call.outcome(), Some(&Outcome::Abandoned));
    assert_eq!((call.wait(), call.talk()), (seconds(30), seconds(0)));
    assert_eq!((call.rang(), call.answered_by()), (&[UserId(1)][..], None));
}

#[test]
fn a_call_that_ends_in_voicemail_waited_until_then() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.enter("a", Ivr);
    story.now += 4;
    story.enter("a", User(1));
    story.ring("b", "a", 1);
    story.now += 20;
    story.end("b", "send_cancel,NO_ANSWER");
    story.enter("a", Voicemail);
    story.now += 30;
    story.end("a", HANGS_UP);
    let call = story.record();
    assert_eq!(call.outcome(), Some(&Outcome::Voicemail));
    assert_eq!((call.wait(), call.talk()), (seconds(24), seconds(0)));
    assert!(call.visited_ivr() && call.visited_voicemail());
}

#[test]
fn an_outbound_call_to_a_busy_number() {
    let mut story = Story::new();
    story.dial("a", 1, Number("0399999999"));
    story.ring_out("b", "a", "0399999999");
    story.now += 3;
    story.end("b", BUSY);
    story.end("a", "send_bye,NORMAL_CLEARING");
    let call = story.record();
    assert_eq!((call.direction(), call.outcome()), (CallDirection::Outbound, Some(&Outcome::Busy)));
    assert_eq!((call.customer(), call.called_number()), ("0399999999", "0399999999"));
    assert_eq!((call.caller(), call.answered_by()), (Some(UserId(1)), None));
    assert_eq!(call.rang(), []);
}

#[test]
fn an_internal_call_nobody_answers() {
    let mut story = Story::new();
    story.dial("a", 1, User(2));
    story.ring("b", "a", 2);
    story.now += 25;
    story.end("b", "send_cancel,NO_ANSWER");
    story.end("a", "send_refuse,NO_ANSWER");
    let call = story.record();
    assert_eq!(call.direction(), CallDirection::Internal);
    assert_eq!(call.outcome(), Some(&Outcome::NoAnswer));
    assert_eq!((call.customer(), call.called_number()), ("1001", "1002"));
    assert_eq!(call.rang(), [UserId(2)]);
}

#[test]
fn two_parallel_calls_between_the_same_parties_are_two_calls() {
    let mut story = Story::new();
    for (leg, ringing) in [("a", "b"), ("c", "d")] {
        story.offer(leg, "0312345678", 20);
        story.ring(ringing, leg, 1);
    }
    story.bridge("a", "b");
    story.now += 10;
    story.end("c", GIVES_UP);
    story.end("d", "send_cancel,ORIGINATOR_CANCEL");
    story.end("a", HANGS_UP);
    story.end("b", PBX_HANGS_UP);
    let records = story.records();
    let outcomes: Vec<_> =
        records.iter().map(|call| (call.id(), call.outcome().unwrap())).collect();
    assert_eq!(outcomes, [("a", &Outcome::Answered), ("c", &Outcome::Abandoned)]);
}

#[test]
fn a_record_serializes_with_the_words_of_its_accessors() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.now += 3;
    story.end("a", GIVES_UP);
    let json = serde_json::to_value(story.record()).unwrap();
    assert_eq!(json["outcome"], "abandoned");
    assert_eq!(json["direction"], "inbound");
    assert_eq!((&json["wait"], &json["group_id"]), (&3_000_000.into(), &20.into()));
}
