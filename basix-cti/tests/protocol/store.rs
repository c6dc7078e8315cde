//! The mirror of the PBX: what each message does to it, and the changes it returns.

use basix_cti::store::{ChangeKind, StoreLimits};
use basix_cti::{ElementKind, Store};
use serde_json::json;

use crate::connection::{Connection, info_event, initial_info};
use crate::wire::{Value, atom, bert, binary, charlist, int, string, text_forms, tuple, undefined};

/// A mirror of groups that have an `id` and a `name`, and of channels that have a `uuid`, a
/// `last_event` and a `last_event_data`.
fn connection() -> Connection {
    let mut connection = Connection::with_usual_fields();
    connection.announce("group", &["id", "name"]);
    connection.announce("channel", &["uuid", "last_event", "last_event_data"]);
    connection
}

fn group(id: i64, name: &str) -> Value {
    tuple([int(id), string(name)])
}

fn channel(uuid: &str, last_event: &str) -> Value {
    tuple([string(uuid), string(last_event), string("recv_bye,NORMAL_CLEARING")])
}

/// The names of the groups in the mirror.
fn names(connection: &Connection) -> Vec<String> {
    connection.store.groups().map(|group| group.name().to_string()).collect()
}

// B80
#[test]
fn a_mirror_starts_empty_with_a_table_for_every_element() {
    let store = Store::new();
    let kinds: Vec<_> = store.tables().map(|table| table.kind()).collect();
    assert_eq!(kinds, ElementKind::KNOWN);
    for table in store.tables() {
        assert_eq!((table.len(), table.is_empty(), table.is_current()), (0, true, false));
    }
    assert_eq!((store.bytes(), store.dropped()), (0, 0));
    assert!(store.table(ElementKind::Group).unwrap().get("1").is_none());
}

// B80
#[test]
fn elements_nobody_knows_are_not_mirrored() {
    let mut connection = connection();
    connection.announce("call_flow", &["id"]);
    assert!(connection.apply(&info_event("call_flow", tuple([int(1)]), "added")).is_empty());
    assert!(connection.apply(&initial_info("call_flow", [tuple([int(1)])])).is_empty());
    assert_eq!(connection.store.bytes(), 0);
}

// B88
#[test]
fn messages_without_records_change_nothing() {
    let mut connection = connection();
    connection.apply(&info_event("group", group(1, "a"), "added"));
    for message in [
        tuple([atom("system_msg"), atom("logout")]),
        tuple([atom("msg"), int(1)]),
        tuple([atom("call_quality")]),
        crate::connection::field_spec("group", &["name", "id"]),
    ] {
        assert!(connection.apply(&message).is_empty());
        assert_eq!(connection.keys("group"), ["1"]);
        // Rows keep the order of the fields that they came in.
        assert_eq!(names(&connection), ["a"]);
    }
}

// B82
#[test]
fn an_event_adds_changes_and_removes_a_record() {
    let mut connection = connection();
    let added = connection.apply(&info_event("group", group(1, "a"), "added"));
    assert_eq!(added.len(), 1);
    assert_eq!(added[0].kind(), ChangeKind::Added);
    assert_eq!((added[0].element(), &*added[0].key()), (ElementKind::Group, "1"));
    assert!(added[0].before().is_none() && added[0].last().is_none());
    assert_eq!(added[0].to_string(), "added group 1");

    let updated = connection.apply(&info_event("group", group(1, "b"), "updated"));
    assert_eq!(updated[0].kind(), ChangeKind::Updated);
    assert_eq!(updated[0].before(), added[0].after());
    let after = updated[0].after().unwrap().element();
    assert!(matches!(after, basix_cti::Element::Group(group) if group.name() == "b"));
    assert_eq!(updated[0].to_string(), "updated group 1");

    let removed = connection.apply(&info_event("group", group(1, "c"), "removed"));
    assert_eq!(removed[0].kind(), ChangeKind::Removed);
    assert_eq!(removed[0].before(), updated[0].after());
    assert!(removed[0].after().is_none());
    let last = removed[0].last().unwrap().as_record();
    assert_eq!(last.get("name").unwrap().as_text().unwrap(), "c");
    assert_eq!((removed[0].to_string().as_str(), &*removed[0].key()), ("removed group 1", "1"));
    assert!(connection.keys("group").is_empty());
    // What came before stays as it was.
    assert_eq!(added[0].after().unwrap().as_record().key().unwrap(), "1");
}

// B82, Q27
#[test]
fn removed_may_come_in_any_form_of_text() {
    for event in text_forms("removed") {
        let mut connection = connection();
        connection.apply(&info_event("group", group(1, "a"), "added"));
        let event = tuple([atom("info_event"), string("group"), group(1, "a"), event]);
        assert_eq!(connection.changes(&event), ["removed group 1"]);
    }
}

// B82
#[test]
fn any_other_event_name_sets_the_record() {
    for event in [atom("added"), atom("moved"), undefined(), int(5), charlist("removed")] {
        let mut connection = connection();
        let event = tuple([atom("info_event"), string("group"), group(1, "a"), event]);
        assert_eq!(connection.changes(&event), ["added group 1"]);
    }
    let mut connection = connection();
    let unnamed = tuple([atom("info_event"), string("group"), group(1, "a")]);
    assert_eq!(connection.changes(&unnamed), ["added group 1"]);
}

// B82
#[test]
fn removing_what_is_not_there_changes_nothing() {
    let mut connection = connection();
    assert!(connection.apply(&info_event("group", group(1, "a"), "removed")).is_empty());
    assert!(
        connection.apply(&info_event("channel", channel("c", "CHANNEL_HANGUP"), "x")).is_empty()
    );
}

#[test]
fn an_equal_record_is_not_a_change() {
    let mut connection = connection();
    connection.apply(&info_event("group", group(1, "a"), "added"));
    assert!(connection.apply(&info_event("group", group(1, "a"), "updated")).is_empty());
    assert!(connection.apply(&initial_info("group", [group(1, "a")])).is_empty());
    // Neither is one whose fields come in another order.
    connection.announce("group", &["name", "id"]);
    let reordered = tuple([string("a"), int(1)]);
    assert!(connection.apply(&info_event("group", reordered, "updated")).is_empty());
    // One with another field, even one without value, is.
    connection.announce("group", &["id", "name", "type"]);
    let wider = tuple([int(1), string("a"), undefined()]);
    assert_eq!(connection.changes(&info_event("group", wider, "updated")), ["updated group 1"]);
}

// B40
#[test]
fn records_without_a_key_are_not_kept() {
    let mut connection = connection();
    let nameless = tuple([undefined(), undefined()]);
    for event in ["added", "removed"] {
        assert!(connection.apply(&info_event("group", nameless.clone(), event)).is_empty());
    }
    assert!(connection.keys("group").is_empty());
}

// B81
#[test]
fn a_snapshot_replaces_the_records_of_its_element_and_returns_the_difference() {
    let mut connection = connection();
    connection.apply(&info_event("user", tuple([int(1)]), "added"));
    let first = initial_info("group", [group(1, "a"), group(2, "b"), group(3, "c")]);
    assert_eq!(connection.changes(&first), ["added group 1", "added group 2", "added group 3"]);

    let second = initial_info("group", [group(2, "b"), group(3, "C"), group(4, "d")]);
    let changes = connection.apply(&second);
    let mut reported: Vec<_> = changes.iter().map(ToString::to_string).collect();
    reported.sort();
    assert_eq!(reported, ["added group 4", "removed group 1", "updated group 3"]);
    let updated = changes.iter().find(|change| change.kind() == ChangeKind::Updated).unwrap();
    let name = |record: &basix_cti::record::OwnedRecord| {
        record.as_record().get("name").unwrap().as_text().unwrap().to_string()
    };
    assert_eq!(name(updated.before().unwrap()), "c");
    assert_eq!(name(updated.after().unwrap()), "C");
    let removed = changes.iter().find(|change| change.kind() == ChangeKind::Removed).unwrap();
    assert!(removed.last().is_none(), "no event removed it");
    assert_eq!(name(removed.before().unwrap()), "a");
    assert_eq!(names(&connection), ["b", "C", "d"]);
    assert_eq!(connection.keys("user"), ["1"]);

    for nothing in
        [initial_info("group", []), { tuple([atom("initial_info"), binary("group"), bert("nil")]) }]
    {
        connection.apply(&second);
        assert_eq!(connection.changes(&nothing).len(), 3);
        assert!(connection.keys("group").is_empty());
    }
}

// B83
#[test]
fn a_hangup_ends_a_channel_whatever_the_event_is_called() {
    for event in ["updated", "added", "removed", "moved"] {
        let mut connection = connection();
        for element in ["channel_waiting", "queued_channel", "parked_channel"] {
            connection.apply(&info_event(element, tuple([string("c-1")]), "added"));
        }
        connection.apply(&info_event("channel", channel("c-1", "CHANNEL_ANSWER"), "added"));
        connection.apply(&info_event("channel", channel("c-2", "CHANNEL_ANSWER"), "added"));
        let ended = info_event("channel", channel("c-1", "CHANNEL_HANGUP"), event);
        let changes = connection.apply(&ended);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].to_string(), "removed channel c-1");
        let basix_cti::Element::Channel(last) = changes[0].last().unwrap().element() else {
            panic!("no channel")
        };
        assert_eq!(last.hangup().unwrap().cause.unwrap().as_str(), "NORMAL_CLEARING");
        assert_eq!(connection.keys("channel"), ["c-2"]);
        // The channel's place in a queue or on a slot has its own events.
        for element in ["channel_waiting", "queued_channel", "parked_channel"] {
            assert_eq!(connection.keys(element), ["c-1"]);
        }
    }
}

// B83
#[test]
fn a_hangup_ends_channels_only() {
    let mut connection = connection();
    connection.announce("parked_channel", &["uuid", "last_event"]);
    let event = info_event("parked_channel", channel("c-1", "CHANNEL_HANGUP"), "updated");
    assert_eq!(connection.changes(&event), ["added parked_channel c-1"]);
}

// B30, B83
#[test]
fn a_hangup_in_any_order_of_fields_ends_the_channel() {
    let mut connection = connection();
    connection.apply(&info_event("channel", channel("c-1", "CHANNEL_ANSWER"), "added"));
    connection.announce("channel", &["x_field", "last_event", "uuid"]);
    let ended = tuple([int(0), binary("CHANNEL_HANGUP"), binary("c-1")]);
    assert_eq!(
        connection.changes(&info_event("channel", ended, "updated")),
        ["removed channel c-1"]
    );
}

// B84, Q28
#[test]
fn the_domain_is_one_record_that_stays() {
    let mut connection = connection();
    connection.announce("domain", &["id", "name"]);
    let domain = |id: i64, name: &str| tuple([int(id), string(name)]);
    let event = |record, event| info_event("domain", record, event);
    assert_eq!(connection.changes(&event(domain(1, "a"), "added")), ["added domain 1"]);
    assert_eq!(connection.changes(&event(domain(1, "b"), "updated")), ["updated domain 1"]);
    assert!(connection.changes(&event(domain(1, "c"), "removed")).is_empty());
    assert_eq!(connection.store.domain().unwrap().name(), "b");
    // Another one takes its place.
    connection.apply(&event(domain(2, "d"), "updated"));
    assert_eq!(connection.keys("domain"), ["2"]);
    connection.apply(&initial_info("domain", [domain(3, "e"), domain(4, "f")]));
    assert_eq!(connection.keys("domain").len(), 1);
    connection.apply(&initial_info("domain", []));
    assert!(connection.store.domain().is_none());
}

// B85, Q30
#[test]
fn losing_the_connection_ends_channels_and_makes_the_rest_old() {
    let mut connection = connection();
    let elements = [
        "channel",
        "channel_waiting",
        "queued_channel",
        "parked_channel",
        "user",
        "group",
        "group_member",
        "terminal",
        "domain",
    ];
    for element in elements {
        connection.apply(&initial_info(element, [tuple([string("1")])]));
    }
    assert!(connection.store.tables().all(|table| table.is_current()));
    let reported: Vec<_> =
        connection.store.disconnect().map(|change| (change.kind(), change.to_string())).collect();
    let removed = |element: &str| (ChangeKind::Removed, format!("removed {element} 1"));
    assert_eq!(reported, elements[..4].iter().map(|element| removed(element)).collect::<Vec<_>>());
    for (element, table) in elements.iter().zip(connection.store.tables()) {
        assert_eq!(table.len(), usize::from(!element.contains("channel")), "{element}");
        assert!(!table.is_current());
    }
    assert_eq!(connection.store.disconnect().count(), 0);

    // A list makes its element current, an event does not.
    connection.apply(&initial_info("user", []));
    connection.apply(&info_event("group", group(2, "b"), "added"));
    let current = |kind| connection.store.table(kind).unwrap().is_current();
    assert!(current(ElementKind::User) && !current(ElementKind::Group));
    assert_eq!(connection.keys("group"), ["1", "2"]);
}

// B87
#[test]
fn a_refused_message_changes_nothing() {
    let mut connection = connection();
    connection.apply(&initial_info("group", [group(1, "a")]));
    let before = format!("{:?}", connection.store);
    for message in [
        info_event("group", int(1), "removed"),
        info_event("call_flow", tuple([]), "added"),
        initial_info("group", [group(2, "b"), int(1)]),
        initial_info("group", [group(2, "b"), tuple([Value::Wire(vec![0])])]),
        initial_info("group", [group(2, "b"), bert("nil")]),
    ] {
        let bytes = message.message();
        if let Ok(message) = connection.parser.parse(&bytes) {
            assert!(connection.store.apply(&message).is_err(), "{message:?}");
        }
        assert_eq!(format!("{:?}", connection.store), before);
    }
}

#[test]
fn rows_beyond_the_limit_are_left_out_and_counted() {
    let mut connection = connection();
    connection.store = Store::with_limits(StoreLimits::default().with_rows(2));
    let event = |id, name| info_event("group", group(id, name), "updated");
    assert_eq!(connection.changes(&event(1, "a")), ["added group 1"]);
    assert_eq!(connection.changes(&event(2, "b")), ["added group 2"]);
    assert!(connection.changes(&event(3, "c")).is_empty());
    assert!(connection.changes(&event(3, "c")).is_empty());
    assert_eq!(connection.store.dropped(), 2);
    assert_eq!(connection.store.table(ElementKind::Group).unwrap().dropped(), 2);
    // Those that are there go on, and every element has its own room.
    assert_eq!(connection.changes(&event(2, "B")), ["updated group 2"]);
    assert_eq!(connection.changes(&info_event("user", tuple([int(1)]), "added")), ["added user 1"]);
    // Room that is given back is used.
    connection.changes(&info_event("group", group(1, "a"), "removed"));
    assert_eq!(connection.changes(&event(3, "c")), ["added group 3"]);

    let info = initial_info("group", [group(5, "e"), group(6, "f"), group(7, "g")]);
    connection.apply(&info);
    assert_eq!(connection.keys("group").len(), 2);
    assert_eq!(connection.store.dropped(), 3);
}

#[test]
fn bytes_beyond_the_limit_are_left_out_and_no_old_record_stays() {
    let mut connection = connection();
    connection.store = Store::with_limits(StoreLimits::default().with_bytes(4_000));
    let event = |id, name: &str| info_event("group", group(id, name), "updated");
    connection.apply(&event(1, "a"));
    assert!(connection.changes(&event(2, &"b".repeat(8_000))).is_empty());
    assert_eq!(connection.store.dropped(), 1);
    // A record whose new version does not fit is removed.
    assert_eq!(connection.changes(&event(1, &"a".repeat(8_000))), ["removed group 1"]);
    assert!(connection.store.bytes() <= 4_000);
    assert!(connection.keys("group").is_empty());
    assert_eq!(connection.store.bytes(), 0);
    let long = |letter: &str| letter.repeat(2_500);
    connection.apply(&initial_info("group", [group(1, &long("a")), group(2, &long("b"))]));
    assert_eq!(connection.keys("group"), ["1"]);
    assert!(connection.store.bytes() <= 4_000);
}

#[test]
fn another_domain_that_does_not_fit_removes_the_one_before() {
    let mut connection = connection();
    connection.announce("domain", &["id", "name"]);
    connection.store = Store::with_limits(StoreLimits::default().with_bytes(4_000));
    let event = |id, name: &str| info_event("domain", tuple([int(id), string(name)]), "updated");
    connection.apply(&event(1, "a"));
    assert_eq!(connection.changes(&event(2, &"b".repeat(8_000))), ["removed domain 1"]);
    assert!(connection.store.domain().is_none());
    assert_eq!(connection.changes(&event(3, "c")), ["added domain 3"]);
}

// B86, B102
#[test]
fn a_mirror_can_be_kept_over_connections() {
    let mut connection = connection();
    connection.apply(&initial_info("group", [group(1, "a")]));
    let former = std::mem::replace(&mut connection.parser, basix_cti::Parser::new());
    drop(former);
    assert_eq!(connection.store.disconnect().count(), 0);
    // Rows of the former connection are still read by its order of fields.
    connection.announce("group", &["name", "id"]);
    assert_eq!(names(&connection), ["a"]);
    let changes = connection.changes(&initial_info("group", [tuple([string("b"), int(1)])]));
    assert_eq!(changes, ["updated group 1"]);
    assert_eq!(names(&connection), ["b"]);
}

// B80
#[test]
fn a_row_is_the_record_as_it_was_sent() {
    let mut connection = connection();
    connection.announce("group", &["id", "x_field"]);
    connection.apply(&info_event("group", tuple([int(1), tuple([atom("x")])]), "added"));
    let row = connection.store.table(ElementKind::Group).unwrap().get("1").unwrap();
    let fields: Vec<_> = row.as_record().fields().map(|(name, _)| name).collect();
    assert_eq!(fields, ["id", "x_field"]);
    let x_field = serde_json::to_value(row.as_record().get("x_field").unwrap()).unwrap();
    assert_eq!(x_field, json!(["x"]));
}
