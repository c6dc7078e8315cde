//! Stories of calls, as the channels of a PBX show them, and the record of each.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::time::Duration;

use basix_cti::bert::Encoder;
use basix_cti::calls::{Call, CallDirection, CallsOptions, Outcome, TransferTarget};
use basix_cti::element::{GroupId, UserId};
use basix_cti::store::Origin;
use basix_cti::{Calls, Parser, Store, Timestamp};

/// A second on the PBX's clock.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A channel, as far as a story needs it.
#[derive(Clone)]
struct Leg {
    uuid: &'static str,
    outbound: bool,
    external: bool,
    calling: &'static str,
    called: &'static str,
    offered: i64,
    other: &'static str,
    user: i64,
    group: i64,
    state: State,
    since: i64,
    hangup: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    User(i64),
    Group(i64),
    Number(&'static str),
    Bridged,
    Ringing,
    Park(i64, i64),
    Voicemail,
    Ivr,
    Eavesdrop(&'static str),
}

use State::{Bridged, Eavesdrop, Group, Ivr, Number, Park, Ringing, User, Voicemail};

const FIELDS: [&str; 14] = [
    "uuid",
    "direction",
    "peer_location",
    "calling_number",
    "called_number",
    "offer_timestamp",
    "other_uuid",
    "user_id",
    "group_id",
    "state",
    "last_event",
    "last_event_data",
    "hangup_timestamp",
    "target",
];

/// A PBX, a mirror of it, and the calls.
struct Story {
    now: i64,
    parser: Parser,
    store: Store,
    calls: Calls,
    legs: Vec<Leg>,
}

impl Story {
    fn new() -> Self {
        Self::with_options(CallsOptions::default())
    }

    fn with_options(options: CallsOptions) -> Self {
        let calls = Calls::with_options(options);
        let (parser, store) = (Parser::new(), Store::new());
        let mut story = Self { now: 100, parser, store, calls, legs: Vec::new() };
        story.announce();
        story
    }

    fn announce(&mut self) {
        let mut spec = Encoder::new();
        spec.tuple(3).atom("field_spec").string("channel").list(FIELDS.len());
        for name in FIELDS {
            spec.atom(name);
        }
        self.take(spec.finish().unwrap());
    }

    fn take(&mut self, frame: Vec<u8>) {
        let message = self.parser.parse(&frame).unwrap();
        for change in self.store.apply(&message).unwrap() {
            self.calls.handle_change(at(self.now), &change);
        }
    }

    /// A leg comes.
    fn leg(&mut self, uuid: &'static str, from: &'static str, to: &'static str, state: State) {
        let user = if let User(user) = state { user } else { 0 };
        self.legs.push(Leg {
            uuid,
            outbound: false,
            external: false,
            calling: from,
            called: to,
            offered: self.now,
            other: "",
            user,
            group: 0,
            state,
            since: self.now,
            hangup: "",
        });
    }

    /// A caller from outside calls a group.
    fn offer(&mut self, uuid: &'static str, from: &'static str, group: i64) {
        self.leg(uuid, from, "0503136", Group(group));
        self.change(uuid, |leg| (leg.external, leg.group) = (true, group));
        self.send(uuid, "added");
    }

    /// A user's telephone rings for another leg.
    fn ring(&mut self, uuid: &'static str, caller: &'static str, user: i64) {
        self.leg(uuid, "", "", User(user));
        self.change(uuid, |leg| (leg.outbound, leg.other) = (true, caller));
        self.send(uuid, "added");
    }

    /// A number outside is called for another leg.
    fn ring_out(&mut self, uuid: &'static str, caller: &'static str, number: &'static str) {
        self.leg(uuid, "", number, Number(number));
        self.change(uuid, |leg| (leg.outbound, leg.external, leg.other) = (true, true, caller));
        self.send(uuid, "added");
    }

    /// A user calls.
    fn dial(&mut self, uuid: &'static str, user: i64, state: State) {
        self.leg(uuid, "1001", "1002", state);
        self.change(uuid, |leg| leg.user = user);
        self.send(uuid, "added");
    }

    fn change(&mut self, uuid: &str, change: impl FnOnce(&mut Leg)) {
        change(self.legs.iter_mut().find(|leg| leg.uuid == uuid).unwrap());
    }

    fn enter(&mut self, uuid: &str, state: State) {
        let now = self.now;
        self.change(uuid, |leg| (leg.state, leg.since) = (state, now));
        self.send(uuid, "updated");
    }

    fn bridge(&mut self, one: &'static str, other: &'static str) {
        for (uuid, partner) in [(one, other), (other, one)] {
            self.change(uuid, |leg| leg.other = partner);
            self.enter(uuid, Bridged);
        }
    }

    fn end(&mut self, uuid: &str, how: &'static str) {
        self.change(uuid, |leg| leg.hangup = how);
        self.send(uuid, "updated");
        self.legs.retain(|leg| leg.uuid != uuid);
    }

    fn send(&mut self, uuid: &str, event: &str) {
        let leg = self.legs.iter().find(|leg| leg.uuid == uuid).unwrap().clone();
        let mut encoder = Encoder::new();
        encoder.tuple(4).atom("info_event").string("channel");
        encode(&mut encoder, &leg, self.now);
        self.take(encoder.atom(event).finish().unwrap());
    }

    /// The connection is lost, and another lists what is there then.
    fn disconnect(&mut self) {
        for change in self.store.disconnect() {
            assert_eq!(change.origin(), Origin::Disconnect);
            self.calls.handle_change(at(self.now), &change);
        }
    }

    fn reconnect(&mut self) {
        self.parser.reconnected();
        self.announce();
        let mut encoder = Encoder::new();
        encoder.tuple(3).atom("initial_info").string("channel").list(self.legs.len());
        for leg in &self.legs {
            encode(&mut encoder, leg, self.now);
        }
        self.take(encoder.finish().unwrap());
        self.calls.handle_resynced(at(self.now));
    }

    /// Lets calls settle and returns their records.
    fn records(&mut self) -> Vec<Call> {
        self.now += 2;
        self.calls.handle_timeout(at(self.now));
        let mut records = Vec::new();
        while let Some(call) = self.calls.poll_call() {
            records.push(call);
        }
        records
    }

    #[track_caller]
    fn record(&mut self) -> Call {
        let mut records = self.records();
        assert_eq!(records.len(), 1, "{records:#?}");
        records.remove(0)
    }
}

fn encode(encoder: &mut Encoder, leg: &Leg, now: i64) {
    let micros = 1_000_000;
    encoder.tuple(FIELDS.len());
    encoder.binary(leg.uuid);
    encoder.atom(if leg.outbound { "outbound" } else { "inbound" });
    encoder.atom(if leg.external { "external" } else { "internal" });
    encoder.binary(leg.calling).binary(leg.called).integer(leg.offered * micros);
    optional(encoder, leg.other);
    for id in [leg.user, leg.group] {
        if id == 0 {
            encoder.atom("undefined")
        } else {
            encoder.integer(id)
        };
    }
    state(encoder, leg.state, leg.since * micros);
    if leg.hangup.is_empty() {
        encoder.atom("STATE_CHANGE").atom("undefined").atom("undefined");
    } else {
        encoder.atom("CHANNEL_HANGUP").binary(leg.hangup).integer(now * micros);
    }
    match (leg.external && !leg.outbound, leg.group) {
        (true, group @ 1..) => {
            encoder.tuple(4).atom("group").integer(group).binary("sales").binary(leg.called)
        }
        _ => encoder.atom("undefined"),
    };
}

fn optional(encoder: &mut Encoder, text: &str) {
    if text.is_empty() {
        encoder.atom("undefined")
    } else {
        encoder.binary(text)
    };
}

fn state(encoder: &mut Encoder, state: State, since: i64) {
    let mut named = |parts: usize, name: &str| {
        encoder.tuple(parts).integer(since).atom(name);
    };
    match state {
        Bridged => named(2, "bridged"),
        Ringing => named(2, "ringing"),
        User(user) => {
            named(5, "calling");
            encoder.atom("int").atom("user").tuple(1).integer(user);
        }
        Group(group) => {
            named(5, "calling");
            encoder.atom("int").atom("group").tuple(2).atom("ring").integer(group);
        }
        Number(number) => {
            named(5, "calling");
            encoder.atom("ext").atom("pstn").tuple(1).binary(number);
        }
        Park(slot, parker) => {
            named(6, "park");
            encoder.integer(slot).binary("phone").integer(parker).binary("anna");
        }
        Voicemail => {
            named(5, "voicemail");
            encoder.atom("user").integer(7).binary("anna");
        }
        Ivr => {
            named(3, "ivr");
            encoder.integer(3);
        }
        Eavesdrop(uuid) => {
            named(4, "eavesdrop");
            encoder.binary(uuid).binary("listen");
        }
    }
}

const GIVES_UP: &str = "recv_cancel,ORIGINATOR_CANCEL";
const HANGS_UP: &str = "recv_bye,NORMAL_CLEARING";
const PBX_HANGS_UP: &str = "send_bye,NORMAL_CLEARING";
const LOSES: &str = "send_cancel,LOSE_RACE";
const BUSY: &str = "recv_refuse,USER_BUSY";

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
            // Nobody says that everything is listed: a change of the new connection arms a timer.
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
