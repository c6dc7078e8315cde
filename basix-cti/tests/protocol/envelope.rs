//! Envelopes of messages: kinds, names, field specs, payloads.

use basix_cti::message::SystemMessage;
use basix_cti::record::EventName;
use basix_cti::{ElementKind, Message};
use serde_json::json;

use crate::connection::{
    Connection, field_spec, info_event, initial_info, printed_field, usual_fields, with_event,
};
use crate::wire::{
    Value, atom, bert, binary, charlist, int, list, nil, string, text_forms, tuple, undefined,
};

// B16, B37, Q1, Q2, Q3
#[test]
fn names_may_come_in_any_form_of_text() {
    let wanted = json!({
        "kind": "info_event",
        "element_name": "channel",
        "event_name": "removed",
        "data": {"uuid": "c-1", "tags": ["a", "b"]},
    });
    let field_specs = text_forms("field_spec");
    let elements = text_forms("channel");
    let uuids = text_forms("uuid");
    let tags = text_forms("tags");
    let kinds = text_forms("info_event");
    let events = text_forms("removed");
    for spec_form in 0..6 {
        for event_form in 0..6 {
            let mut connection = Connection::new();
            connection.print(&tuple([
                field_specs[spec_form].clone(),
                elements[spec_form].clone(),
                list([uuids[spec_form].clone(), tags[event_form].clone()]),
            ]));
            let event = tuple([
                kinds[event_form].clone(),
                elements[event_form].clone(),
                tuple([string("c-1"), string("a;b")]),
                events[event_form].clone(),
            ]);
            assert_eq!(connection.print(&event), wanted);
            with_event(&mut connection.parser, &event.message(), |event| {
                assert_eq!(event.kind(), ElementKind::Channel);
                assert_eq!(event.event_name(), Some(EventName::Removed));
            });
        }
    }
}

// B37, Q1
#[test]
fn snapshots_of_elements_named_in_any_form_are_keyed_alike() {
    for element in text_forms("user") {
        let mut connection = Connection::with_usual_fields();
        let info = tuple([atom("initial_info"), element, list([tuple([int(7)]), tuple([int(8)])])]);
        assert_eq!(
            connection.print(&info),
            json!({"kind": "initial_info", "element_name": "user", "data": {"7": {"id": 7}, "8": {"id": 8}}})
        );
    }
}

// B120
#[test]
fn a_field_spec_is_printed_with_its_names_in_their_order() {
    assert_eq!(
        Connection::new().print(&field_spec("terminal", &["name", "id", "x"])),
        json!({"kind": "field_spec", "element_name": "terminal", "data": ["name", "id", "x"]})
    );
}

// B30
#[test]
fn the_announced_order_decides_and_a_later_one_replaces_it() {
    let mut connection = Connection::new();
    let event = info_event("group", tuple([int(1), int(2)]), "updated");
    connection.announce("group", &["id", "type"]);
    assert_eq!(connection.print(&event)["data"], json!({"id": 1, "type": 2}));
    connection.announce("group", &["type", "id"]);
    assert_eq!(connection.print(&event)["data"], json!({"type": 1, "id": 2}));
    // The order of another element is its own.
    connection.announce("user", &["presence", "role"]);
    assert_eq!(connection.print(&event)["data"], json!({"type": 1, "id": 2}));
}

// B30
#[test]
fn whoever_holds_the_former_order_keeps_it() {
    let mut connection = Connection::new();
    connection.announce("group", &["id"]);
    let former = connection.parser.schema("group").unwrap().clone();
    connection.announce("group", &["name", "id"]);
    assert_eq!(former.names().collect::<Vec<_>>(), ["id"]);
    let present = connection.parser.schema("group").unwrap();
    assert_eq!(present.names().collect::<Vec<_>>(), ["name", "id"]);
    assert_eq!((present.position("id"), present.position("type")), (Some(1), None));
}

// B30
#[test]
fn fields_nobody_knows_are_printed_and_known_ones_not_announced_are_absent() {
    let fields = [("uuid", string("c-1")), ("hold_music", tuple([atom("song"), int(3)]))];
    assert_eq!(
        Connection::new().print_record("channel", &fields),
        json!({"uuid": "c-1", "hold_music": ["song", 3]})
    );
}

// B31, Q16
#[test]
fn a_field_list_may_be_nothing_or_a_tuple() {
    for (names, wanted) in [
        (nil(), json!([])),
        (bert("nil"), json!([])),
        (tuple([]), json!([])),
        (tuple([atom("id"), string("name")]), json!(["id", "name"])),
        (list([binary("id"), string("name"), atom("type")]), json!(["id", "name", "type"])),
    ] {
        let spec = tuple([atom("field_spec"), string("group"), names]);
        assert_eq!(Connection::new().print(&spec)["data"], wanted);
    }
}

// B31
#[test]
fn a_tuple_of_two_names_is_nothing_only_if_it_is_bert_nil() {
    for names in [["bert", "id"], ["id", "nil"], ["bert", "bert"]] {
        let spec = tuple([atom("field_spec"), string("group"), tuple(names.map(atom))]);
        assert_eq!(Connection::new().print(&spec)["data"], json!(names));
    }
}

// B31
#[test]
fn of_two_fields_with_one_name_the_later_counts() {
    let fields = [("uuid", string("first")), ("user_id", int(5)), ("uuid", string("last"))];
    let mut connection = Connection::new();
    let record = connection.print_record("channel", &fields);
    assert_eq!(record, json!({"uuid": "last", "user_id": 5}));

    let short = info_event("channel", tuple([string("first"), int(5)]), "updated").message();
    with_event(&mut connection.parser, &short, |event| {
        // The later one is missing; the former does not take its place.
        assert!(event.record().get("uuid").is_none());
        assert_eq!(event.record().key(), None);
    });
}

// B32
#[test]
fn snapshots_may_be_empty_in_three_ways_and_need_no_field_spec_then() {
    for records in [nil(), bert("nil"), list([])] {
        for element in ["user", "x_unseen"] {
            let info = tuple([atom("initial_info"), string(element), records.clone()]);
            let printed = json!({"kind": "initial_info", "element_name": element, "data": {}});
            assert_eq!(Connection::new().print(&info), printed);
        }
    }
    // LIST may have no elements as well.
    let info =
        tuple([atom("initial_info"), string("user"), Value::Wire(vec![108, 0, 0, 0, 0, 106])]);
    assert_eq!(Connection::new().print(&info)["data"], json!({}));
}

// B33
#[test]
fn an_event_without_a_name_has_none() {
    let mut connection = Connection::with_usual_fields();
    let event = tuple([atom("info_event"), string("group"), tuple([int(1)])]);
    assert_eq!(
        connection.print(&event),
        json!({"kind": "info_event", "element_name": "group", "data": {"id": 1}})
    );
    with_event(&mut connection.parser, &event.message(), |event| {
        assert_eq!(event.event_name(), None);
        assert!(event.event_term().is_none());
    });
}

// B33
#[test]
fn event_names_are_open() {
    let mut connection = Connection::with_usual_fields();
    let named = |event: Value| tuple([atom("info_event"), string("group"), tuple([int(1)]), event]);
    for (term, printed) in [
        (atom("added"), json!("added")),
        (binary("moved"), json!("moved")),
        (undefined(), json!(null)),
        (tuple([atom("added"), int(2)]), json!(["added", 2])),
    ] {
        assert_eq!(connection.print(&named(term))["event_name"], printed);
    }
    with_event(&mut connection.parser, &named(binary("moved")).message(), |event| {
        let name = event.event_name().unwrap();
        assert!(matches!(name, EventName::Unknown(_)), "{name:?}");
        assert_eq!(name.to_str(), "moved");
    });
}

// B34, B112
#[test]
fn notices_for_this_connection_carry_any_term() {
    for (payload, printed, known) in [
        (
            atom("connection_limit_reached"),
            json!("connection_limit_reached"),
            Some(SystemMessage::ConnectionLimitReached),
        ),
        (
            binary("connection_replaced"),
            json!("connection_replaced"),
            Some(SystemMessage::ConnectionReplaced),
        ),
        (string("logout"), json!("logout"), Some(SystemMessage::Logout)),
        (atom("auto_answer"), json!("auto_answer"), None),
        (tuple([atom("auto_answer"), int(5)]), json!(["auto_answer", 5]), None),
        // A payload is no field: code points stay numbers (B25).
        (charlist("ab"), json!([97, 98]), None),
        (undefined(), json!(null), None),
    ] {
        let message = tuple([atom("system_msg"), payload]);
        let mut connection = Connection::new();
        let mut wanted = json!({"kind": "system_msg"});
        if !printed.is_null() {
            wanted["data"] = printed;
        }
        assert_eq!(connection.print(&message), wanted);
        let bytes = message.message();
        match connection.parser.parse(&bytes).unwrap() {
            Message::SystemMsg(payload) => assert_eq!(payload.system_message(), known),
            other => panic!("{other:?}"),
        };
    }
    assert_eq!(
        Connection::new().print(&tuple([atom("system_msg")])),
        json!({"kind": "system_msg"})
    );
}

// B35, B112
#[test]
fn messages_from_people_carry_any_term() {
    let message = tuple([atom("msg"), tuple([string("hello"), int(5), bert("true")])]);
    let mut connection = Connection::new();
    assert_eq!(connection.print(&message), json!({"kind": "msg", "data": ["hello", 5, true]}));
    assert_eq!(connection.print(&tuple([atom("msg")])), json!({"kind": "msg"}));
}

// B36
#[test]
fn whatever_has_no_known_kind_is_unknown() {
    let mut connection = Connection::with_usual_fields();
    for message in [
        tuple([atom("call_quality"), string("channel"), int(4)]),
        tuple([atom("Info_event"), string("channel")]),
        tuple([int(5), string("channel")]),
        tuple([undefined(), int(1)]),
        tuple([bert("nil"), int(1)]),
        // A list of code points is no kind (B16).
        tuple([charlist("msg"), int(1)]),
        tuple([nil(), int(1)]),
        tuple([tuple([atom("msg")]), int(1)]),
        tuple([]),
        list([atom("msg"), int(1)]),
        atom("msg"),
        string("msg"),
        int(5),
        nil(),
        Value::Float(0.5),
        bert("nil"),
    ] {
        let bytes = message.message();
        assert_eq!(connection.print(&message), json!({"kind": "unknown"}), "{message:?}");
        assert!(matches!(connection.parser.parse(&bytes), Ok(Message::Unknown(_))));
    }
}

// B36
#[test]
fn a_kind_that_is_not_utf8_is_unknown_and_kept() {
    let mut connection = Connection::new();
    let bytes = tuple([binary(b"m\xe9g"), int(1)]).message();
    let Ok(Message::Unknown(term)) = connection.parser.parse(&bytes) else { panic!("not unknown") };
    assert_eq!(term.as_tuple().unwrap().get(0).unwrap().as_text().unwrap(), "még");
}

// B11
#[test]
fn messages_may_be_large_tuples() {
    let mut connection = Connection::with_usual_fields();
    let payload = |tuple: &[u8]| {
        let mut bytes = vec![131];
        bytes.extend(tuple);
        bytes.extend([100, 0, 3, b'm', b's', b'g', 97, 7]);
        bytes
    };
    let wanted = json!({"kind": "msg", "data": 7});
    assert_eq!(connection.print_bytes(&payload(&[104, 2])), wanted);
    assert_eq!(connection.print_bytes(&payload(&[105, 0, 0, 0, 2])), wanted);
}

// B38
#[test]
fn a_record_may_be_a_list() {
    let mut connection = Connection::with_usual_fields();
    let fields = [int(3), string("sales")];
    let as_list = connection.print(&info_event("group", list(fields.clone()), "added"));
    assert_eq!(as_list, connection.print(&info_event("group", tuple(fields), "added")));
    assert_eq!(as_list["data"], json!({"id": 3, "name": "sales"}));

    let info = initial_info("group", [list([int(3)]), tuple([int(4)])]);
    let printed = connection.print(&info);
    assert_eq!(printed["data"], json!({"3": {"id": 3}, "4": {"id": 4}}));
}

// B38
#[test]
fn short_records_lack_fields_and_long_ones_have_a_surplus_that_is_ignored() {
    let mut connection = Connection::new();
    connection.announce("group", &["id", "name"]);
    for (values, printed) in [
        (vec![], json!({})),
        (vec![int(1)], json!({"id": 1})),
        (vec![int(1), string("a"), int(9), nil()], json!({"id": 1, "name": "a"})),
    ] {
        let event = info_event("group", tuple(values), "added");
        assert_eq!(connection.print(&event)["data"], printed);
    }
    // With more than 255 elements the tuple has another tag (Q12).
    let long = [int(1), string("a")].into_iter().chain((0..300).map(int));
    let event = info_event("group", tuple(long), "added");
    assert_eq!(connection.print(&event)["data"], json!({"id": 1, "name": "a"}));
}

// B38
#[test]
fn a_record_in_the_usual_order_with_another_length_is_read_the_same() {
    let mut connection = Connection::new();
    let names = usual_fields("group_member");
    connection.announce("group_member", names);
    for len in 0..10 {
        let record = tuple((1..=len).map(int));
        let bytes = info_event("group_member", record, "added").message();
        with_event(&mut connection.parser, &bytes, |event| {
            let value = |at: i64| (len >= at).then_some(at);
            for (at, name) in (1..).zip(names) {
                let sent = event.record().get(name).and_then(|value| value.as_i64());
                assert_eq!(sent, value(at), "{name} of {len}");
            }
            match event.element() {
                basix_cti::Element::GroupMember(member) => {
                    assert_eq!(member.id(), value(1));
                    assert_eq!((member.group_id().0, member.user_id().0), (2, 3));
                    assert_eq!(member.priority(), value(4));
                    assert_eq!(member.is_logged_in(), value(5).map(|_| true));
                    assert_eq!(member.role(), value(6));
                }
                // Nobody's membership, or in no group.
                other => assert!(len < 3 && matches!(other, basix_cti::Element::Unknown(_))),
            }
            assert_eq!(event.record().fields().count(), names.len().min(len as usize));
        });
    }
}

// B42
#[test]
fn elements_nobody_knows_have_generic_values() {
    let fields = [
        ("state", tuple([int(5), atom("bridged")])),
        ("tags", string("a;b")),
        ("end_user", string("7*Ann")),
        ("name", charlist("ab")),
        ("avatar", undefined()),
    ];
    let printed = json!({
        "state": [5, "bridged"], "tags": "a;b", "end_user": "7*Ann", "name": [97, 98],
    });
    let mut connection = Connection::new();
    connection.base_url = Some(basix_cti::element::BaseUrl::new("https://pbx.example"));
    assert_eq!(connection.print_record("call_flow", &fields), printed);
}

// B42
#[test]
fn elements_nobody_knows_keep_their_name_and_values() {
    let mut connection = Connection::new();
    connection.announce("call_flow", &["id", "step"]);
    let bytes = info_event("call_flow", tuple([int(3), atom("menu")]), "added").message();
    with_event(&mut connection.parser, &bytes, |event| {
        assert_eq!(event.element_name(), "call_flow");
        assert!(matches!(event.element(), basix_cti::Element::Unknown(_)));
        assert_eq!(event.record().get("step").unwrap().as_text().unwrap(), "menu");
        assert_eq!(event.record().schema().element_name(), "call_flow");
        assert_eq!(event.kind(), basix_cti::ElementKind::Unknown);
    });
}

// Q35
#[test]
fn names_with_a_meaning_in_javascript_are_names_like_others() {
    let mut connection = Connection::new();
    for element in ["__proto__", "constructor"] {
        let record = connection.print_record(element, &[("id", int(1)), ("__proto__", int(2))]);
        assert_eq!(record, json!({"id": 1, "__proto__": 2}));
    }
    assert_eq!(printed_field("constructor", int(1)), json!(1));
}

// Q34, B86
#[test]
fn each_connection_has_its_own_field_specs() {
    let mut former = Connection::with_usual_fields();
    let event = info_event("group", tuple([int(1)]), "added");
    assert_eq!(former.print(&event)["data"], json!({"id": 1}));
    assert_eq!(Connection::new().print(&event)["error"], "no_field_spec");
}
