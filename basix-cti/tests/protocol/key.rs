//! Keys of records.

use serde_json::json;

use crate::connection::{Connection, field_spec, info_event, initial_info};
use crate::wire::{Value, atom, bert, binary, charlist, int, nil, string, tuple, undefined};

/// The key that a record with these fields has, in a printed snapshot and in the mirror.
#[track_caller]
fn key(element: &str, fields: &[(&str, Value)]) -> Option<String> {
    let (names, values): (Vec<_>, Vec<_>) = fields.iter().cloned().unzip();
    let mut connection = Connection::new();
    connection.announce(element, &names);
    let info = initial_info(element, [tuple(values.clone())]);
    let printed = connection.print(&info);
    let printed: Vec<_> = printed["data"].as_object().unwrap().keys().cloned().collect();
    let known = connection.store.tables().any(|table| table.kind().as_str() == element);
    connection.apply(&info);
    if known {
        let kept = connection.keys(element);
        // An event finds the record under the same key.
        connection.apply(&info_event(element, tuple(values), "updated"));
        assert_eq!(connection.keys(element), kept);
        match kept.as_slice() {
            [] => assert_eq!(printed, ["#0"]),
            kept => assert_eq!(printed, kept),
        }
    }
    printed.into_iter().find(|key| key != "#0")
}

// B40
#[test]
fn channels_of_all_kinds_are_known_by_uuid() {
    for element in ["channel", "channel_waiting", "queued_channel", "parked_channel"] {
        let fields = [("id", int(5)), ("name", string("n")), ("uuid", string("c-1"))];
        assert_eq!(key(element, &fields).unwrap(), "c-1");
        assert_eq!(key(element, &fields[..2]).unwrap(), "5");
        assert_eq!(key(element, &[("name", string("n"))]).unwrap(), "n");
    }
}

// B40, B41, Q23
#[test]
fn other_elements_are_known_by_id_then_uuid_then_name() {
    for element in ["user", "group", "group_member", "terminal", "domain", "call_flow"] {
        let fields = [("name", string("n")), ("uuid", string("u")), ("id", int(5))];
        assert_eq!(key(element, &fields).unwrap(), "5", "{element}");
        assert_eq!(key(element, &fields[..2]).unwrap(), "u", "{element}");
        assert_eq!(key(element, &fields[..1]).unwrap(), "n", "{element}");
    }
}

// B40, Q23
#[test]
fn memberships_without_id_are_known_by_user_and_group() {
    let fields = [("group_id", int(20)), ("user_id", int(10)), ("name", string("n"))];
    assert_eq!(key("group_member", &fields).unwrap(), "10:20");
    assert_eq!(key("group_member", &fields[..1]), None);
    assert_eq!(key("group_member", &[fields[0].clone(), fields[2].clone()]).unwrap(), "n");
    let half = [("user_id", int(10)), ("group_id", undefined()), ("name", string("n"))];
    assert_eq!(key("group_member", &half).unwrap(), "n");
    // Only memberships have such a key.
    assert_eq!(key("user", &fields).unwrap(), "n");
}

// B40
#[test]
fn a_field_without_value_gives_no_key() {
    for nothing in [undefined(), bert("nil"), string(""), binary(""), atom(""), nil()] {
        let fields = [("uuid", nothing.clone()), ("id", nothing.clone()), ("name", string("n"))];
        assert_eq!(key("channel", &fields).unwrap(), "n", "{nothing:?}");
        assert_eq!(key("user", &fields).unwrap(), "n", "{nothing:?}");
        assert_eq!(key("user", &[("id", nothing)]), None);
    }
}

// B40, Q37
#[test]
fn zero_and_negative_numbers_are_keys() {
    assert_eq!(key("user", &[("id", int(0)), ("name", string("n"))]).unwrap(), "0");
    assert_eq!(key("user", &[("id", int(-7))]).unwrap(), "-7");
    assert_eq!(key("user", &[("id", int(i64::MIN))]).unwrap(), "-9223372036854775808");
    assert_eq!(key("channel", &[("uuid", int(12))]).unwrap(), "12");
}

// B16, B40
#[test]
fn a_key_is_the_same_in_every_form_of_text() {
    for form in [atom("k"), binary("k"), string("k"), charlist("k")] {
        assert_eq!(key("channel", &[("uuid", form.clone())]).unwrap(), "k");
        assert_eq!(key("terminal", &[("id", form)]).unwrap(), "k");
    }
    assert_eq!(key("channel", &[("uuid", binary(b"caf\xe9"))]).unwrap(), "café");
}

// Q35
#[test]
fn any_text_is_a_key() {
    for name in ["__proto__", "constructor", "#0#", "1:2", " "] {
        assert_eq!(key("channel", &[("uuid", string(name))]).unwrap(), name);
    }
}

// B40
#[test]
fn records_without_a_key_are_printed_by_their_place_and_not_kept() {
    let mut connection = Connection::new();
    connection.announce("group", &["id", "type"]);
    let info = initial_info(
        "group",
        [
            tuple([undefined(), int(1)]),
            tuple([int(5), int(2)]),
            tuple([string(""), int(3)]),
            tuple([]),
        ],
    );
    assert_eq!(
        connection.print(&info)["data"],
        json!({"#0": {"type": 1}, "5": {"id": 5, "type": 2}, "#2": {"id": "", "type": 3}, "#3": {}})
    );
    connection.apply(&info);
    assert_eq!(connection.keys("group"), ["5"]);
    assert!(connection.changes(&info_event("group", tuple([]), "added")).is_empty());
}

#[test]
fn of_two_records_with_one_key_the_later_counts() {
    let mut connection = Connection::new();
    connection.announce("group", &["id", "type"]);
    let info = initial_info("group", [tuple([int(5), int(1)]), tuple([string("5"), int(2)])]);
    assert_eq!(connection.print(&info)["data"], json!({"5": {"id": "5", "type": 2}}));
    let changes = connection.apply(&info);
    assert_eq!(changes.len(), 1);
    let kept = changes[0].after().unwrap().as_record();
    assert_eq!(kept.get("type").unwrap().as_i64(), Some(2));
}

// B40
#[test]
fn a_record_reads_its_own_key() {
    let mut connection = Connection::new();
    connection.print(&field_spec("user", &["name", "id"]));
    let bytes = info_event("user", tuple([string("n"), int(4)]), "added").message();
    crate::connection::with_event(&mut connection.parser, &bytes, |event| {
        assert_eq!(event.record().key().unwrap(), "4");
        assert_eq!(event.record().to_owned().as_record().key().unwrap(), "4");
    });
}
