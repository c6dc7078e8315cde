//! Who waits, what rings, and who is free: views over the mirror.

use std::time::Duration;

use basix_cti::Timestamp;
use basix_cti::element::{GroupId, UserId};
use basix_cti::store::{ParkPlace, WaitingCaller, WaitingKind};
use serde_json::json;

use crate::connection::{Connection, info_event};
use crate::wire::{Value, atom, bert, binary, int, string, tuple, undefined};

const NOW: i64 = 1_776_900_400_000_000;

/// Announces fields of an element and sends one record with these values.
fn send(connection: &mut Connection, element: &str, fields: &[(&str, Value)]) {
    let (names, values): (Vec<_>, Vec<_>) = fields.iter().cloned().unzip();
    connection.announce(element, &names);
    connection.apply(&info_event(element, tuple(values), "updated"));
}

fn state(name: &str, data: &[Value]) -> Value {
    tuple([int(NOW - 5_000_000), atom(name)].into_iter().chain(data.iter().cloned()))
}

/// Calling the group 7.
fn queued() -> Value {
    let group = tuple([atom("ring"), int(7), undefined(), undefined(), int(1)]);
    state("calling", &[atom("int"), atom("group"), group])
}

fn parked(slot: i64) -> Value {
    state("park", &[int(slot), string("t7"), int(3), string("ann")])
}

/// The one caller of a store.
#[track_caller]
fn only(connection: &Connection) -> WaitingCaller<'_> {
    let callers: Vec<_> = connection.store.waiting().collect();
    assert_eq!(callers.len(), 1, "{callers:?}");
    callers[0]
}

// B151: the state says how a channel waits; without one the element does.
#[test]
fn the_state_says_how_a_caller_waits_and_without_one_the_element_does() {
    use WaitingKind::{Other, Parked, Queued};
    let unread = || tuple([int(NOW)]);
    for (element, state, kind) in [
        ("channel_waiting", queued(), Queued),
        ("channel_waiting", parked(901), Parked),
        ("channel_waiting", state("bridged", &[]), Other),
        ("channel_waiting", undefined(), Other),
        ("channel_waiting", unread(), Other),
        ("parked_channel", undefined(), Parked),
        ("parked_channel", unread(), Parked),
        ("parked_channel", queued(), Queued),
        ("queued_channel", string("bridged"), Queued),
        ("queued_channel", parked(999), Parked),
        ("queued_channel", state("calling", &[atom("ext"), atom("pstn"), string("1")]), Other),
    ] {
        let mut connection = Connection::new();
        send(&mut connection, element, &[("uuid", string("c-1")), ("state", state.clone())]);
        assert_eq!(only(&connection).kind(), kind, "{element} {state:?}");
    }
}

// B151: channel_waiting counts, then parked_channel, then queued_channel.
#[test]
fn a_channel_that_several_elements_list_is_one_caller() {
    let mut connection = Connection::new();
    for (element, number) in
        [("queued_channel", "1111"), ("parked_channel", "2222"), ("channel_waiting", "3333")]
    {
        let fields = [("uuid", string("c-1")), ("peer_number", string(number))];
        send(&mut connection, element, &fields);
        assert_eq!(only(&connection).number(), number);
    }
    // Each element keeps its own record.
    assert!(["queued_channel", "parked_channel"].iter().all(|one| connection.keys(one) == ["c-1"]));
    // Once one of them says that it is over, nobody waits.
    let ended = [("uuid", string("c-1")), ("last_event", string("CHANNEL_HANGUP"))];
    send(&mut connection, "queued_channel", &ended);
    assert_eq!(connection.store.waiting().count(), 0);
    let going = [("uuid", string("c-1")), ("hangup_timestamp", int(0))];
    send(&mut connection, "queued_channel", &going);
    assert_eq!(only(&connection).number(), "3333");
}

// B133: a number of its own, by direction, else that of the live channel.
#[test]
fn the_number_of_a_caller_is_the_peers_by_direction() {
    let fields = |direction: &str, calling: &str, called: &str| {
        vec![
            ("uuid", string("c-1")),
            ("direction", string(direction)),
            ("calling_number", string(calling)),
            ("called_number", string(called)),
        ]
    };
    let peer = vec![("uuid", string("c-1")), ("peer_number", string("5555"))];
    for (waiting, live, number) in [
        (fields("inbound", "1111", "2222"), None, "1111"),
        (fields("outbound", "1111", "2222"), None, "2222"),
        (fields("sideways", "1111", "2222"), None, ""),
        (fields("sideways", "1111", "2222"), Some(fields("inbound", "3333", "4444")), "3333"),
        (fields("inbound", "", "2222"), Some(fields("outbound", "3333", "4444")), "4444"),
        (peer.clone(), Some(fields("inbound", "3333", "4444")), "5555"),
        (vec![("uuid", string("c-1"))], Some(fields("inbound", "3333", "4444")), "3333"),
        // Words that steer calls are nobody's number.
        (fields("outbound", "1111", "RINGING_PARK.x"), None, ""),
        (fields("inbound", "media_plug", "2222"), None, ""),
        (fields("outbound", "1111", "pickup_uuid.c-2"), None, ""),
        (fields("outbound", "1111", "assimilate.x"), None, ""),
        (fields("outbound", "1111", "LOCAL_PARK"), None, ""),
        // A number may be a number.
        (vec![("uuid", int(77)), ("peer_number", int(5_555))], None, "5555"),
    ] {
        let mut connection = Connection::new();
        send(&mut connection, "channel_waiting", &waiting);
        if let Some(live) = live {
            send(&mut connection, "channel", &live);
        }
        assert_eq!(only(&connection).number(), number, "{waiting:?}");
    }
}

// B152: a leg that goes out is in no queue, but may be parked.
#[test]
fn a_leg_that_goes_out_waits_in_no_queue() {
    for (state, kind, in_group) in
        [(queued(), WaitingKind::Other, 0), (parked(905), WaitingKind::Parked, 0)]
    {
        let mut connection = Connection::new();
        let fields = [
            ("uuid", string("c-1")),
            ("direction", string("outbound")),
            ("state", state),
            ("group_id", int(7)),
        ];
        send(&mut connection, "channel_waiting", &fields);
        assert_eq!(only(&connection).kind(), kind);
        assert_eq!(connection.store.waiting().in_group(GroupId(7)).count(), in_group);
        assert_eq!(connection.store.waiting().queued().count(), 0);
    }
}

#[test]
fn a_queued_caller_has_group_and_time_and_a_parked_one_slot_and_place() {
    let mut connection = Connection::new();
    let fields = [("uuid", string("c-1")), ("state", queued()), ("group_id", int(9))];
    send(&mut connection, "channel_waiting", &fields);
    let caller = only(&connection);
    assert_eq!(caller.group_id(), Some(GroupId(7)));
    assert_eq!((caller.slot(), caller.park_place()), (None, None));
    let now = Timestamp::from_micros(NOW);
    assert_eq!(caller.waiting_for(now), Some(Duration::from_secs(5)));
    assert_eq!(connection.store.waiting().in_group(GroupId(7)).count(), 1);
    assert_eq!(connection.store.waiting().in_group(GroupId(9)).count(), 0);

    let fields = [("uuid", string("c-1")), ("state", parked(904)), ("user_id", string("12"))];
    send(&mut connection, "channel_waiting", &fields);
    let caller = only(&connection);
    assert_eq!((caller.group_id(), caller.slot()), (None, Some(904)));
    let place = caller.park_place().unwrap();
    assert_eq!((place.park_group, place.place), (Some(1), 1));
    assert_eq!(caller.user_id(), Some(UserId(12)));
    assert_eq!(connection.store.waiting().parked().count(), 1);
}

// B135.
#[test]
fn slots_have_places_on_a_phone() {
    let place = |slot| ParkPlace::of_slot(slot).map(|place| (place.park_group, place.place));
    for (slot, wanted) in [
        (901, Some((Some(0), 1))),
        (903, Some((Some(0), 3))),
        (904, Some((Some(1), 1))),
        (996, Some((Some(31), 3))),
        (997, Some((None, 4))),
        (999, Some((None, 6))),
        (900, None),
        (1_000, None),
        (-1, None),
        (i64::MIN, None),
        (i64::MAX, None),
    ] {
        assert_eq!(place(slot), wanted, "{slot}");
    }
}

// B139.
#[test]
fn whoscall_is_percent_encoded_json_or_no_value() {
    for (sent, wanted) in [
        (string("%7B%22name%22%3A%22a+b%22%7D"), Some(json!({"name": "a+b"}))),
        (binary("[1,2]"), Some(json!([1, 2]))),
        (string("%E7%94%B0"), None),
        (string("%7B%2"), None),
        (string("%ff"), None),
        (string(r#"{"a":"100%"}"#), None),
        (string(""), None),
        (int(5), None),
        (tuple([int(1)]), None),
        (undefined(), None),
    ] {
        let mut connection = Connection::new();
        let fields = [("uuid", string("c-1")), ("whoscall", sent.clone())];
        send(&mut connection, "channel_waiting", &fields);
        assert_eq!(only(&connection).whoscall(), wanted, "{sent:?}");
    }
}

// B136, B137.
#[test]
fn a_leg_that_rings_at_a_web_phone_says_what_takes_it() {
    let leg = |called: &str, other: Value| {
        vec![
            ("uuid", string("c-1")),
            ("direction", string("outbound")),
            ("user_id", int(7)),
            ("state", state("ringing", &[])),
            ("called_number", string(called)),
            ("other_uuid", other),
            ("tags", string("")),
        ]
    };
    let with = |place: usize, value: Value| {
        let mut fields = leg("RINGING_PARK", string("c-2"));
        fields[place].1 = value;
        fields
    };
    for (fields, take) in [
        (leg("RINGING_PARK", string("c-2")), Some(Some("pickup_uuid.c-2"))),
        (leg("RINGING_PARK.a.b", string("c-2")), Some(Some("pickup_uuid.c-2"))),
        (leg("RINGING_PARK.a.b", undefined()), Some(Some("assimilate.a.b"))),
        (leg("LOCAL_PARK.9", string("")), Some(Some("assimilate.9"))),
        (leg("RINGING_PARK", undefined()), Some(None)),
        (leg("RINGING_PARK.", undefined()), Some(None)),
        (leg("RINGING_PARKING", undefined()), None),
        (leg("0312345678", string("c-2")), None),
        (with(1, string("inbound")), None),
        (with(2, undefined()), None),
        (with(3, state("bridged", &[])), None),
    ] {
        let mut connection = Connection::new();
        send(&mut connection, "channel", &fields);
        let ringing: Vec<_> = connection.store.ringing().collect();
        let seen = ringing.first().map(|leg| leg.take());
        assert_eq!(seen, take.map(|take| take.map(str::to_owned)), "{fields:?}");
        assert!(ringing.iter().all(|leg| leg.user_id() == UserId(7) && !leg.is_auto_answer()));
    }
    let mut connection = Connection::new();
    send(&mut connection, "channel", &with(6, string("vip;auto_answer")));
    assert!(connection.store.ringing().all(|leg| leg.is_auto_answer()));
    assert_eq!(connection.store.ringing().count(), 1);
}

// B154: what is not known counts against a user.
#[test]
fn a_user_is_free_when_known_to_be() {
    for (disturb, forward, free) in [
        (int(0), int(0), true),
        (string("0"), bert("false"), true),
        (atom("false"), string("false"), true),
        (int(1), int(0), false),
        (int(0), int(-3), false),
        (bert("true"), int(0), false),
        (string("true"), int(0), false),
        (string("1"), int(0), false),
        (undefined(), int(0), false),
        (int(0), undefined(), false),
        (string("perhaps"), int(0), false),
        (tuple([]), int(0), false),
    ] {
        let mut connection = Connection::new();
        let fields = [
            ("id", int(1)),
            ("do_not_disturb_status", disturb.clone()),
            ("fwd_always_status", forward.clone()),
        ];
        send(&mut connection, "user", &fields);
        assert_eq!(connection.store.free_users().count() == 1, free, "{disturb:?} {forward:?}");
        // Nobody is free while on a channel, however its user is written.
        let channel = [("uuid", string("c-1")), ("user_id", string("1"))];
        send(&mut connection, "channel", &channel);
        assert_eq!(connection.store.free_users().count(), 0);
    }
}

// B150: an ended channel is never in the mirror, however it comes.
#[test]
fn a_channel_that_has_ended_is_not_in_the_mirror() {
    let names = ["uuid", "last_event", "hangup_timestamp"];
    let channel =
        |uuid: &str, event: &str, hangup: Value| tuple([string(uuid), string(event), hangup]);
    let mut connection = Connection::new();
    connection.announce("channel", &names);
    let ended = channel("c-2", "STATE_CHANGE", int(NOW));
    let list = [
        channel("c-1", "NEW_CHANNEL", undefined()),
        ended.clone(),
        channel("c-3", "CHANNEL_HANGUP", undefined()),
        channel("c-4", "CHANNEL_ANSWER", int(0)),
        channel("c-5", "CHANNEL_ANSWER", string("soon")),
        channel("c-6", "CHANNEL_ANSWER", string("1776900400000000")),
    ];
    connection.apply(&crate::connection::initial_info("channel", list));
    assert_eq!(connection.keys("channel"), ["c-1", "c-4", "c-5"]);
    // A late event of an ended channel brings nothing back.
    assert!(connection.changes(&info_event("channel", ended, "updated")).is_empty());
    let ended = channel("c-1", "STATE_CHANGE", int(NOW));
    assert_eq!(connection.changes(&info_event("channel", ended, "added")), ["removed channel c-1"]);
    assert_eq!(connection.keys("channel"), ["c-4", "c-5"]);
}
