//! Transfers, parks, pickups and listening supervisors.

use basix_cti::calls::TransferTarget;
use basix_cti::element::UserId;

use crate::story::State::{Eavesdrop, Park, Ringing, User};
use crate::story::{HANGS_UP, PBX_HANGS_UP, Story, at, seconds};

#[test]
fn a_blind_transfer_names_who_left_and_who_was_called() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.ring("b", "a", 1);
    story.now += 3;
    story.bridge("a", "b");
    story.now += 10;
    story.change("a", |leg| leg.other = "");
    story.enter("a", User(2));
    story.end("b", PBX_HANGS_UP);
    story.ring("c", "a", 2);
    story.now += 5;
    story.bridge("a", "c");
    story.now += 20;
    story.end("a", HANGS_UP);
    story.end("c", PBX_HANGS_UP);
    let call = story.record();
    assert_eq!((call.answered_by(), call.talk()), (Some(UserId(1)), seconds(30)));
    assert_eq!(call.rang(), [UserId(1), UserId(2)]);
    let [transfer] = call.transfers() else { panic!("{:?}", call.transfers()) };
    assert_eq!((transfer.at, transfer.from), (at(113), Some(UserId(1))));
    assert_eq!(transfer.to, TransferTarget::User(UserId(2)));
}

#[test]
fn two_transfers_of_the_same_moment_are_both_there() {
    let mut story = Story::new();
    for (outside, inside, user) in [("a", "b", 1), ("c", "d", 2)] {
        story.offer(outside, "0312345678", 20);
        story.ring(inside, outside, user);
        story.bridge(outside, inside);
    }
    story.ring("x", "a", 3);
    story.change("x", |leg| leg.other = "c");
    story.send("x", "updated");
    story.now += 10;
    for (outside, inside, user) in [("a", "b", 4), ("c", "d", 5)] {
        story.enter(outside, User(user));
        story.end(inside, PBX_HANGS_UP);
        story.end(outside, HANGS_UP);
    }
    story.end("x", PBX_HANGS_UP);
    let call = story.record();
    let transfers: Vec<_> = call.transfers().iter().map(|it| (it.from, it.to.clone())).collect();
    let to = |user| TransferTarget::User(UserId(user));
    assert_eq!(transfers, [(Some(UserId(1)), to(4)), (Some(UserId(2)), to(5))]);
}

#[test]
fn an_attended_transfer_and_its_consultation_are_one_call() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.ring("b", "a", 1);
    story.bridge("a", "b");
    story.now += 10;
    // User 1 asks user 2 in a call of their own.
    story.dial("d", 1, User(2));
    story.ring("e", "d", 2);
    story.now += 2;
    story.bridge("d", "e");
    assert_eq!(story.calls.open().count(), 2);
    story.now += 8;
    story.bridge("a", "e");
    story.end("b", PBX_HANGS_UP);
    story.end("d", PBX_HANGS_UP);
    assert_eq!(story.calls.open().count(), 1);
    story.now += 30;
    story.end("a", HANGS_UP);
    story.end("e", PBX_HANGS_UP);
    let call = story.record();
    assert_eq!((call.id(), call.legs().len()), ("a", 4));
    assert_eq!((call.answered_by(), call.talk()), (Some(UserId(1)), seconds(50)));
    let [transfer] = call.transfers() else { panic!("{:?}", call.transfers()) };
    assert_eq!((transfer.from, &transfer.to), (Some(UserId(1)), &TransferTarget::User(UserId(2))));
}

#[test]
fn a_parked_call_is_retrieved_by_another_user() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.ring("b", "a", 1);
    story.bridge("a", "b");
    story.now += 10;
    story.change("a", |leg| leg.other = "");
    story.enter("a", Park(901, 1));
    story.end("b", PBX_HANGS_UP);
    story.now += 40;
    story.ring("c", "a", 2);
    story.bridge("a", "c");
    story.now += 5;
    story.end("c", HANGS_UP);
    story.end("a", PBX_HANGS_UP);
    let call = story.record();
    let [park] = call.parks() else { panic!("{:?}", call.parks()) };
    assert_eq!(
        (park.slot, park.parker, park.retrieved_by),
        (Some(901), Some(UserId(1)), Some(UserId(2)))
    );
    assert_eq!((park.from, park.to), (at(110), Some(at(150))));
    assert_eq!((call.talk(), call.transfers().len()), (seconds(15), 0));
}

#[test]
fn a_listening_supervisor_belongs_to_the_call_and_does_not_keep_it_open() {
    let mut story = Story::new();
    story.leg("h", "media_plug", "1009", User(9));
    story.change("h", |leg| leg.outbound = true);
    story.send("h", "added");
    for (leg, ringing) in [("a", "b"), ("c", "d")] {
        story.offer(leg, "0312345678", 20);
        story.ring(ringing, leg, 1);
        story.bridge(leg, ringing);
        story.enter("h", Eavesdrop(leg));
        story.now += 10;
        story.end(leg, HANGS_UP);
        story.end(ringing, PBX_HANGS_UP);
        let call = story.record();
        assert_eq!((call.id(), call.rang()), (leg, &[UserId(1)][..]));
        assert!(call.legs().iter().any(|leg| leg.uuid == "h" && leg.is_helper));
    }
    story.end("h", HANGS_UP);
    assert_eq!(story.records(), []);
}

#[test]
fn a_web_phone_that_picks_a_call_up_belongs_to_it() {
    let mut story = Story::new();
    story.offer("a", "0312345678", 20);
    story.leg("w", "0312345678", "RINGING_PARK.77", Ringing);
    story.change("w", |leg| (leg.outbound, leg.other, leg.user) = (true, "a", 4));
    story.send("w", "updated");
    // The phone's own call takes it.
    story.leg("p", "1004", "pickup_uuid.a", Ringing);
    story.change("p", |leg| leg.user = 4);
    story.send("p", "added");
    story.now += 2;
    story.bridge("a", "p");
    story.end("w", "send_cancel,PICKED_OFF");
    story.now += 8;
    story.end("a", HANGS_UP);
    story.end("p", PBX_HANGS_UP);
    let call = story.record();
    assert_eq!((call.id(), call.legs().len()), ("a", 3));
    assert_eq!((call.rang(), call.answered_by()), (&[UserId(4)][..], Some(UserId(4))));
    assert_eq!(call.talk(), seconds(8));
}
