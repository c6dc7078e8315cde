//! Terms outside BERT: kept where a value may stand, refused where the protocol has a name or a list.

use basix_cti::Parser;
use basix_cti::bert::{Decoder, decode_cti};
use basix_cti::message::ErrorClass;
use serde_json::{Value as Json, json};

use crate::connection::{Connection, info_event, initial_info};
use crate::wire::{Value, atom, int, list, string, tuple};

/// A term of every kind outside BERT, and its printed form if that is fixed.
fn foreign() -> Vec<(&'static str, Vec<u8>, Option<Json>)> {
    let pid = b"Xw\x01a\0\0\0\x01\0\0\0\x02\0\0\0\x03".to_vec();
    let fun =
        [b"p\0\0\0\x33\0".as_slice(), &[7; 16], b"\0\0\0\0\0\0\0\x01w\x01ma\0a\0", &pid, b"a\x05"];
    vec![
        ("map", b"t\0\0\0\x01m\0\0\0\x01aa\x01".to_vec(), Some(json!({"a": 1}))),
        ("empty map", b"t\0\0\0\0".to_vec(), Some(json!({}))),
        ("map of numbers", b"t\0\0\0\x01a\x01a\x02".to_vec(), Some(json!([[1, 2]]))),
        ("bit string", b"M\0\0\0\x01\x03\xa0".to_vec(), None),
        ("pid", pid.clone(), None),
        ("port", b"Yw\x01a\0\0\0\x01\0\0\0\x01".to_vec(), None),
        ("reference", b"Z\0\x01w\x01a\0\0\0\x01\0\0\0\x07".to_vec(), None),
        ("export", b"qw\x01mw\x01fa\x01".to_vec(), None),
        ("fun", fun.concat(), None),
    ]
}

// B155.
#[test]
fn a_foreign_value_is_kept_wherever_a_value_may_stand() {
    for (name, wire, printed) in foreign() {
        let value = || Value::Wire(wire.clone());
        assert!(decode_cti(&[b"\x83", wire.as_slice()].concat()).is_err(), "{name} is not BERT");
        let places = [
            ("uuid", value()),
            ("state", tuple([int(5), atom("park"), value()])),
            ("x_new", list([value(), int(1)])),
            ("end_user", value()),
        ];
        for (field, sent) in places {
            let names = ["id", field];
            let mut connection = Connection::new();
            connection.announce("channel", &names);
            let record = tuple([string("c-1"), sent.clone()]);
            let line = connection.print(&info_event("channel", record.clone(), "added"));
            assert_eq!(line["kind"], "info_event", "{name} in {field}: {line}");
            if let (Some(printed), "end_user") = (&printed, field) {
                assert_eq!(line["data"]["end_user"], *printed);
            }
            assert_eq!(connection.apply(&info_event("channel", record.clone(), "added")).len(), 1);
            let list = initial_info("channel", [record]);
            assert_eq!(connection.print(&list)["kind"], "initial_info");
            assert!(connection.apply(&list).is_empty(), "{name} in {field} is as it was");
        }
        for kind in ["msg", "system_msg", "call_flow"] {
            let message = tuple([atom(kind), list([value()])]).message();
            assert!(Parser::new().parse(&message).is_ok(), "{name} in {kind}");
        }
        // Surplus values and parts, too.
        let mut connection = Connection::new();
        connection.announce("group", &["id"]);
        let record = tuple([int(1), value()]);
        let event = tuple([atom("info_event"), string("group"), record, atom("added"), value()]);
        assert_eq!(connection.changes(&event), ["added group 1"]);
    }
}

// B155, B110.
#[test]
fn a_foreign_term_is_neither_a_name_nor_a_list() {
    let map = || Value::Wire(b"t\0\0\0\0".to_vec());
    let spec = |element: Value, names: Value| tuple([atom("field_spec"), element, names]);
    for message in [
        spec(map(), list([atom("id")])),
        spec(string("group"), map()),
        spec(string("group"), list([map()])),
        tuple([atom("info_event"), string("group"), map(), atom("added")]),
        tuple([atom("info_event"), map(), tuple([int(1)]), atom("added")]),
        tuple([atom("initial_info"), string("group"), map()]),
        tuple([atom("initial_info"), string("group"), list([map()])]),
        tuple([atom("initial_info"), map(), list([])]),
    ] {
        let mut connection = Connection::with_usual_fields();
        assert_eq!(connection.refusal(&message).class(), ErrorClass::Shape, "{message:?}");
    }
    // A name of what happened may be anything.
    let mut connection = Connection::with_usual_fields();
    let event = tuple([atom("info_event"), string("group"), tuple([int(1)]), map()]);
    assert_eq!(connection.changes(&event), ["added group 1"]);
}

// B155: what is damaged stays refused, and so do improper lists and compressed terms.
#[test]
fn what_is_damaged_is_refused_inside_foreign_values_as_well() {
    for wire in [
        b"t\0\0\0\x01a\x01".as_slice(),
        b"t\0\0\0\x01a\x01l\0\0\0\x01a\x01a\x02",
        b"t\0\0\0\x01a\x01n\x01\x02\x05",
        b"t\0\0\0\x01a\x01P\0\0\0\0",
        b"Xw\x01a\0\0\0\x01\0\0\0",
        b"y",
    ] {
        let message = tuple([atom("msg"), Value::Wire(wire.to_vec())]).message();
        let error = Parser::new().parse(&message).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Decode, "{wire:?}");
    }
}

/// Whatever strict reading accepts, a message may hold, and then both end at the same byte.
#[test]
fn strict_reading_accepts_less() {
    for (name, wire, _) in foreign() {
        let message = tuple([atom("msg"), Value::Wire(wire)]).message();
        assert!(Decoder::cti().decode(&message).is_err(), "{name}");
        assert!(Decoder::new().decode(&message).is_ok(), "{name}");
        for end in 0..message.len() {
            assert!(Parser::new().parse(&message[..end]).is_err(), "{name} cut at {end}");
        }
    }
}
