//! Questions that a wallboard asks of the mirror.

use std::time::Duration;

use basix_cti::Timestamp;
use basix_cti::element::{GroupId, UserId};

use crate::connection::{Connection, initial_info, usual_fields};
use crate::wire::{Value, atom, int, string, tuple, undefined};

/// A record with these fields in the usual order.
fn record(element: &str, fields: &[(&str, Value)]) -> Value {
    let value = |name: &&str| {
        fields.iter().find(|(given, _)| given == name).map_or_else(undefined, |(_, v)| v.clone())
    };
    tuple(usual_fields(element).iter().map(value))
}

fn channel(uuid: &str, fields: &[(&str, Value)]) -> Value {
    record("channel", &[&[("uuid", string(uuid))], fields].concat())
}

fn state(since: i64, name: &str, data: &[Value]) -> (&'static str, Value) {
    ("state", tuple([&[int(since), atom(name)], data].concat()))
}

/// The state of a channel that calls a group.
fn calling_group(group: i64) -> (&'static str, Value) {
    let data = tuple([atom("ring"), int(group), undefined(), undefined(), int(1)]);
    state(0, "calling", &[atom("int"), atom("group"), data])
}

/// A mirror with these records.
fn mirror(records: &[(&str, Vec<Value>)]) -> Connection {
    let mut connection = Connection::with_usual_fields();
    for (element, records) in records {
        connection.apply(&initial_info(element, records.clone()));
    }
    connection
}

fn uuids<'a>(channels: impl Iterator<Item = basix_cti::Channel<'a>>) -> Vec<String> {
    channels.map(|channel| channel.uuid().to_string()).collect()
}

fn ids<'a>(users: impl Iterator<Item = basix_cti::User<'a>>) -> Vec<i64> {
    users.map(|user| user.id().0).collect()
}

#[test]
fn channels_of_a_user() {
    let mirror = mirror(&[(
        "channel",
        vec![
            channel("c-1", &[("user_id", int(7))]),
            channel("c-2", &[("user_id", int(8))]),
            channel("c-3", &[("user_id", int(7))]),
            channel("c-4", &[]),
            channel("c-5", &[("user_id", string("7"))]),
        ],
    )]);
    assert_eq!(uuids(mirror.store.channels()), ["c-1", "c-2", "c-3", "c-4", "c-5"]);
    assert_eq!(uuids(mirror.store.channels().of_user(UserId(7))), ["c-1", "c-3", "c-5"]);
    assert_eq!(uuids(mirror.store.channels().of_user(UserId(9))), Vec::<String>::new());
}

#[test]
fn channels_in_the_queue_of_a_group() {
    let of_group = ("group_id", int(3));
    let mirror = mirror(&[
        (
            "channel",
            vec![
                channel("calls", &[calling_group(3), of_group.clone()]),
                channel("calls another", &[calling_group(4), of_group.clone()]),
                channel("talks", &[state(0, "bridged", &[]), of_group.clone()]),
                channel("waits", &[state(0, "ivr", &[int(1)]), of_group.clone()]),
                channel("waits as of old", std::slice::from_ref(&of_group)),
                channel("waits elsewhere", &[("group_id", int(4))]),
                channel("idles", &[of_group]),
            ],
        ),
        (
            "channel_waiting",
            vec![
                tuple([string("waits")]),
                tuple([string("waits elsewhere")]),
                tuple([string("talks")]),
            ],
        ),
        ("queued_channel", vec![tuple([string("waits as of old")])]),
    ]);
    let waiting = |group| {
        let mut uuids = uuids(mirror.store.channels().in_queue_of(GroupId(group)));
        uuids.sort();
        uuids
    };
    assert_eq!(waiting(3), ["calls", "waits", "waits as of old"]);
    assert_eq!(waiting(4), ["calls another", "waits elsewhere"]);
    assert!(waiting(5).is_empty());
}

#[test]
fn both_legs_of_a_call() {
    let other = |uuid: &str| ("other_uuid", string(uuid));
    let mirror = mirror(&[(
        "channel",
        vec![
            channel("a", &[other("b")]),
            channel("b", &[other("a")]),
            // Only one leg names the other.
            channel("c", &[]),
            channel("d", &[other("c")]),
            channel("alone", &[]),
            channel("left", &[other("gone")]),
        ],
    )]);
    let legs = |uuid: &str| {
        let legs = mirror.store.legs(uuid)?;
        Some((legs.channel.uuid().to_string(), legs.other.map(|leg| leg.uuid().to_string())))
    };
    let pair = |uuid: &str, other: Option<&str>| Some((uuid.to_owned(), other.map(str::to_owned)));
    assert_eq!(legs("a"), pair("a", Some("b")));
    assert_eq!(legs("b"), pair("b", Some("a")));
    assert_eq!(legs("c"), pair("c", Some("d")));
    assert_eq!(legs("d"), pair("d", Some("c")));
    assert_eq!(legs("alone"), pair("alone", None));
    assert_eq!(legs("left"), pair("left", None));
    assert_eq!(legs("nobody"), None);
    assert_eq!(mirror.store.channel("a").unwrap().uuid(), "a");
    assert!(mirror.store.channel("nobody").is_none());
}

#[test]
fn how_long_a_channel_is_in_its_state_at_a_given_moment() {
    let now = Timestamp::from_micros(1_546_839_040_024_071);
    let mirror = mirror(&[
        (
            "channel",
            vec![
                channel("waits", &[state(1_546_839_030_024_071, "bridged", &[])]),
                channel("will", &[state(1_546_839_040_024_072, "bridged", &[])]),
                channel("timeless", &[("state", tuple([undefined(), atom("bridged")]))]),
                channel("stateless", &[]),
            ],
        ),
        (
            "parked_channel",
            vec![tuple([string("p"), tuple([int(1_546_839_039_024_071), atom("park"), int(901)])])],
        ),
    ]);
    let in_state = |uuid: &str| mirror.store.channel(uuid).unwrap().in_state_for(now);
    assert_eq!(in_state("waits"), Some(Duration::from_secs(10)));
    // Clocks differ.
    assert_eq!(in_state("will"), Some(Duration::ZERO));
    assert_eq!(in_state("timeless"), None);
    assert_eq!(in_state("stateless"), None);
    let parked = mirror.store.waiting().parked().next().unwrap();
    assert_eq!(parked.waiting_for(now), Some(Duration::from_secs(1)));
}

#[test]
fn who_is_free() {
    let user = |id: i64, do_not_disturb: Value| {
        let forwards = ("fwd_always_status", int(0));
        record("user", &[("id", int(id)), ("do_not_disturb_status", do_not_disturb), forwards])
    };
    let member = |id: i64, user: i64, login: i64| {
        record(
            "group_member",
            &[
                ("id", int(id)),
                ("group_id", int(3)),
                ("user_id", int(user)),
                ("login_status", int(login)),
            ],
        )
    };
    let group = |id: i64, check: i64| {
        record("group", &[("id", int(id)), ("check_login_status", int(check))])
    };
    let users = vec![
        user(1, int(0)),
        user(2, int(0)),
        user(3, int(1)),
        user(4, undefined()),
        user(5, int(0)),
    ];
    let members = vec![member(31, 1, 1), member(32, 2, 1), member(33, 3, 1), member(34, 4, 0)];
    let talks = vec![channel("c-1", &[("user_id", int(2))])];
    for (check, wanted) in [(0, vec![1]), (1, vec![1])] {
        let mirror = mirror(&[
            ("user", users.clone()),
            ("group", vec![group(3, check)]),
            ("group_member", members.clone()),
            ("channel", talks.clone()),
        ]);
        assert_eq!(ids(mirror.store.free_users()), [1, 5]);
        assert_eq!(ids(mirror.store.free_members_of(GroupId(3))), wanted);
        assert!(ids(mirror.store.free_members_of(GroupId(9))).is_empty());
        assert_eq!(mirror.store.members_of(GroupId(3)).count(), 4);
    }
    // The end of a call makes free again.
    let mut mirror = mirror(&[("user", users), ("channel", talks)]);
    let ended = channel("c-1", &[("user_id", int(2)), ("last_event", string("CHANNEL_HANGUP"))]);
    mirror.apply(&crate::connection::info_event("channel", ended, "updated"));
    assert_eq!(ids(mirror.store.free_users()), [1, 2, 5]);
}

#[test]
fn records_by_their_identity() {
    let mirror = mirror(&[
        ("user", vec![record("user", &[("id", int(0)), ("name", string("root"))])]),
        ("group", vec![record("group", &[("id", int(3)), ("name", string("sales"))])]),
        ("channel_waiting", vec![tuple([string("w-1")])]),
        ("queued_channel", vec![tuple([string("q-1")])]),
    ]);
    assert_eq!(mirror.store.user(UserId(0)).unwrap().name(), "root");
    assert!(mirror.store.user(UserId(3)).is_none());
    assert_eq!(mirror.store.group(GroupId(3)).unwrap().name(), "sales");
    assert!(mirror.store.group(GroupId(0)).is_none());
    // The getter of the vendor's library finds no waiting channels (Q29).
    let waiting: Vec<_> = mirror.store.waiting().map(|caller| caller.uuid().to_string()).collect();
    assert_eq!(waiting, ["w-1", "q-1"]);
    assert!(mirror.store.domain().is_none());
}
