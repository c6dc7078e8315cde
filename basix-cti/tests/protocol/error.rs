//! Refused messages: their class and text, and that nothing else happens.

use basix_cti::bert::DecodeErrorKind;
use basix_cti::message::{ErrorClass, ShapeError};
use basix_cti::{Error, Message, Parser};
use serde_json::json;

use crate::connection::{Connection, info_event, initial_info, refused};
use crate::wire::{Value, atom, bert, binary, charlist, int, list, nil, string, tuple, undefined};

fn record() -> Value {
    tuple([int(1), string("a")])
}

/// A term whose bytes are wrong.
fn broken() -> Value {
    Value::Wire(vec![255])
}

// B110
#[test]
fn bytes_that_are_no_term_are_a_decode_error() {
    let mut connection = Connection::with_usual_fields();
    let whole = info_event("group", record(), "added").message();
    let with_version = |version: u8| [&[version], &whole[1..]].concat();
    let trailing = [whole.as_slice(), &[0]].concat();
    for (bytes, kind, offset, text) in [
        (vec![], DecodeErrorKind::Empty, 0, "message is refused: message is empty at byte 0"),
        (
            with_version(130),
            DecodeErrorKind::Version,
            0,
            "message is refused: message does not start with version byte 131 at byte 0",
        ),
        (
            tuple([atom("msg"), broken()]).message(),
            DecodeErrorKind::UnknownTag,
            9,
            "message is refused: unknown tag at byte 9",
        ),
        (
            tuple([atom("msg"), Value::Wire(vec![80, 0, 0, 0, 0])]).message(),
            DecodeErrorKind::Compressed,
            9,
            "message is refused: compressed terms are not accepted at byte 9",
        ),
        (
            trailing,
            DecodeErrorKind::Trailing,
            whole.len(),
            "message is refused: bytes follow the term at byte 40",
        ),
        (
            tuple([atom("msg"), Value::Wire(vec![108, 0, 0, 0, 1, 97, 1, 97, 2])]).message(),
            DecodeErrorKind::ImproperList,
            16,
            "message is refused: list does not end with the empty list at byte 16",
        ),
        (
            tuple([atom("msg"), Value::Wire(vec![119, 1, 0xff])]).message(),
            DecodeErrorKind::AtomNotUtf8,
            11,
            "message is refused: atom is not valid UTF-8 at byte 11",
        ),
        (
            tuple([atom("msg"), Value::Float(f64::NAN)]).message(),
            DecodeErrorKind::Float,
            10,
            "message is refused: float is not a finite number at byte 10",
        ),
        (
            tuple([atom("msg"), Value::Wire(vec![110, 1, 2, 1])]).message(),
            DecodeErrorKind::Sign,
            11,
            "message is refused: sign byte of an integer is neither 0 nor 1 at byte 11",
        ),
    ] {
        let error = connection.parser.parse(&bytes).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Decode);
        assert_eq!(error.decode_kind(), Some(kind));
        assert_eq!((error.offset(), error.to_string().as_str()), (offset, text));
        assert_eq!(connection.print_bytes(&bytes), refused("decode"));
    }
}

// B10, Q14
#[test]
fn a_message_cut_anywhere_is_a_decode_error() {
    let mut connection = Connection::with_usual_fields();
    for last in [string("added"), binary("added"), atom("added"), int(1 << 40), int(5)] {
        let whole = tuple([atom("info_event"), string("group"), record(), last]).message();
        for len in 0..whole.len() {
            assert_eq!(connection.print_bytes(&whole[..len]), refused("decode"), "first {len}");
        }
    }
}

// B110, Q40
#[test]
fn wrong_parts_of_a_known_kind_are_a_shape_error() {
    let element = "element name is missing or is not text";
    let fields = "field list is missing or is neither list nor tuple";
    let field = "field name is not text";
    let records = "record list is missing or is not a list";
    let one = "record is missing or is neither tuple nor list";
    let group = || string("group");
    for (message, part, text) in [
        // Element names.
        (tuple([atom("field_spec")]), ShapeError::ElementName, element),
        (tuple([atom("field_spec"), int(1), nil()]), ShapeError::ElementName, element),
        (tuple([atom("field_spec"), undefined(), nil()]), ShapeError::ElementName, element),
        (tuple([atom("field_spec"), nil(), nil()]), ShapeError::ElementName, element),
        (tuple([atom("field_spec"), charlist("user"), nil()]), ShapeError::ElementName, element),
        (tuple([atom("initial_info")]), ShapeError::ElementName, element),
        (tuple([atom("initial_info"), tuple([]), nil()]), ShapeError::ElementName, element),
        (tuple([atom("info_event")]), ShapeError::ElementName, element),
        (tuple([atom("info_event"), bert("nil"), record()]), ShapeError::ElementName, element),
        // Field lists.
        (tuple([atom("field_spec"), group()]), ShapeError::FieldList, fields),
        (tuple([atom("field_spec"), group(), atom("id")]), ShapeError::FieldList, fields),
        (tuple([atom("field_spec"), group(), binary("id")]), ShapeError::FieldList, fields),
        (tuple([atom("field_spec"), group(), undefined()]), ShapeError::FieldList, fields),
        (tuple([atom("field_spec"), group(), int(5)]), ShapeError::FieldList, fields),
        // Field names.
        (tuple([atom("field_spec"), group(), list([int(5)])]), ShapeError::FieldName, field),
        (tuple([atom("field_spec"), group(), list([undefined()])]), ShapeError::FieldName, field),
        (tuple([atom("field_spec"), group(), list([bert("nil")])]), ShapeError::FieldName, field),
        (
            tuple([atom("field_spec"), group(), list([atom("id"), nil()])]),
            ShapeError::FieldName,
            field,
        ),
        (
            tuple([atom("field_spec"), group(), tuple([atom("id"), int(2)])]),
            ShapeError::FieldName,
            field,
        ),
        // Record lists.
        (tuple([atom("initial_info"), group()]), ShapeError::RecordList, records),
        (tuple([atom("initial_info"), group(), undefined()]), ShapeError::RecordList, records),
        (tuple([atom("initial_info"), group(), bert("true")]), ShapeError::RecordList, records),
        (tuple([atom("initial_info"), group(), record()]), ShapeError::RecordList, records),
        (tuple([atom("initial_info"), group(), binary("")]), ShapeError::RecordList, records),
        // Records.
        (tuple([atom("info_event"), group()]), ShapeError::Record, one),
        (info_event("group", atom("id"), "added"), ShapeError::Record, one),
        (info_event("group", int(5), "added"), ShapeError::Record, one),
        (info_event("group", undefined(), "added"), ShapeError::Record, one),
        (info_event("group", binary("a"), "added"), ShapeError::Record, one),
        (info_event("group", bert("nil"), "added"), ShapeError::Record, one),
        (initial_info("group", [record(), int(5)]), ShapeError::Record, one),
        (initial_info("group", [bert("nil"), record()]), ShapeError::Record, one),
    ] {
        let mut connection = Connection::with_usual_fields();
        assert_eq!(connection.print(&message), refused("shape"), "{message:?}");
        let error = connection.refusal(&message);
        let Error::Shape { part: given, offset } = error else { panic!("{error:?}") };
        assert_eq!(given, part, "{message:?}");
        assert_eq!(error.to_string(), format!("message is refused: {text} at byte {offset}"));
        assert_eq!(error.offset(), offset);
        assert_eq!(error.decode_kind(), None);
    }
}

// B110
#[test]
fn a_shape_error_has_the_place_of_the_part() {
    let mut connection = Connection::with_usual_fields();
    // 131, tuple of 4 (2), atom (3 + 10), string (3 + 5).
    let error = connection.refusal(&info_event("group", int(5), "added"));
    assert_eq!(error.offset(), 24);
    // … atom (3 + 12), string (3 + 5), list (5), record of an integer and a string (2 + 2 + 4).
    let error = connection.refusal(&initial_info("group", [record(), int(5)]));
    assert_eq!(error.offset(), 39);
    // … atom (3 + 10), which is all there is.
    assert_eq!(connection.refusal(&tuple([atom("info_event")])).offset(), 16);
}

// B110, Q17
#[test]
fn a_record_before_its_field_spec_is_refused() {
    for message in [
        info_event("group", record(), "added"),
        info_event("call_flow", record(), "added"),
        initial_info("group", [record()]),
        initial_info("call_flow", [record(), list([int(1)])]),
        info_event("group", tuple([]), "removed"),
    ] {
        let mut connection = Connection::new();
        assert_eq!(connection.print(&message), refused("no_field_spec"));
        let error = connection.refusal(&message);
        let Error::NoFieldSpec { offset } = error else { panic!("{error:?}") };
        assert_eq!(
            error.to_string(),
            format!(
                "message is refused: no field_spec was seen for this element, at byte {offset}"
            )
        );
    }
}

// B110
#[test]
fn wrong_bytes_are_reported_before_wrong_parts() {
    for message in [
        tuple([atom("field_spec"), int(1), broken()]),
        tuple([atom("field_spec"), string("group"), atom("id"), broken()]),
        tuple([atom("field_spec"), string("group"), list([int(1), broken()])]),
        tuple([atom("info_event"), int(5), broken()]),
        tuple([atom("info_event"), string("group"), int(5), broken()]),
        tuple([atom("initial_info"), string("group"), int(5), broken()]),
        initial_info("group", [int(5), broken()]),
        initial_info("group", [record(), bert("nil"), tuple([broken()])]),
        tuple([atom("initial_info"), string("group"), list([int(5)]), broken()]),
    ] {
        for mut connection in [Connection::new(), Connection::with_usual_fields()] {
            let error = connection.refusal(&message);
            assert_eq!(error.decode_kind(), Some(DecodeErrorKind::UnknownTag), "{message:?}");
        }
    }
    let whole = tuple([atom("info_event"), string("group"), int(5)]).message();
    let trailing = [whole.as_slice(), &[106]].concat();
    for mut connection in [Connection::new(), Connection::with_usual_fields()] {
        assert_eq!(connection.print_bytes(&whole), refused("shape"));
        assert_eq!(connection.print_bytes(&whole[..whole.len() - 1]), refused("decode"));
        assert_eq!(connection.print_bytes(&trailing), refused("decode"));
    }
}

// B110
#[test]
fn wrong_bytes_are_reported_before_a_missing_field_spec() {
    for message in [
        info_event("group", tuple([int(1), broken()]), "added"),
        tuple([atom("info_event"), string("group"), record(), broken()]),
        initial_info("group", [record(), tuple([broken()])]),
        tuple([atom("initial_info"), string("group"), list([record()]), broken()]),
    ] {
        assert_eq!(Connection::new().print(&message), refused("decode"), "{message:?}");
    }
    let trailing = [initial_info("group", [record()]).message(), vec![0]].concat();
    assert_eq!(Connection::new().print_bytes(&trailing), refused("decode"));
}

// B110
#[test]
fn wrong_parts_are_reported_before_a_missing_field_spec() {
    for message in [
        info_event("group", int(5), "added"),
        tuple([atom("info_event"), string("group")]),
        tuple([atom("initial_info"), string("group"), int(5)]),
        initial_info("group", [int(5)]),
        initial_info("group", [record(), record(), atom("x")]),
        initial_info("group", [record(), bert("nil")]),
    ] {
        assert_eq!(Connection::new().print(&message), refused("shape"), "{message:?}");
    }
}

// B87, B110
#[test]
fn a_refused_field_spec_keeps_the_former_order() {
    let event = info_event("group", record(), "added");
    for refused_spec in [
        tuple([atom("field_spec"), string("group"), list([atom("type"), int(5)])]),
        tuple([atom("field_spec"), string("group"), atom("type")]),
        tuple([atom("field_spec"), string("group"), list([atom("type"), broken()])]),
        tuple([atom("field_spec"), string("group"), list([atom("type")]), broken()]),
    ] {
        let mut connection = Connection::new();
        assert_eq!(connection.print(&refused_spec)["kind"], "error");
        assert_eq!(connection.print(&event), refused("no_field_spec"));
        connection.announce("group", &["id", "name"]);
        assert_eq!(connection.print(&refused_spec)["kind"], "error");
        assert_eq!(connection.print(&event)["data"], json!({"id": 1, "name": "a"}));
    }
}

// B111
#[test]
fn one_wrong_record_refuses_the_whole_snapshot() {
    let mut connection = Connection::with_usual_fields();
    connection.apply(&initial_info("group", [tuple([int(9), string("kept")])]));
    for (wrong, class) in
        [(int(5), "shape"), (tuple([broken()]), "decode"), (bert("false"), "shape")]
    {
        for records in [
            [wrong.clone(), record(), record()],
            [record(), wrong.clone(), record()],
            [record(), record(), wrong.clone()],
        ] {
            let message = initial_info("group", records);
            assert_eq!(connection.print(&message), refused(class));
            let bytes = message.message();
            if let Ok(message) = connection.parser.parse(&bytes) {
                let error = connection.store.apply(&message).unwrap_err();
                assert_eq!(error.class().as_str(), class);
                let Message::InitialInfo(info) = message else { panic!("{message:?}") };
                // Each way of reading ends with the refusal.
                assert_eq!(info.check(), Err(error.clone()));
                assert_eq!(info.elements().last(), Some(Err(error.clone())));
                assert_eq!(info.records().last().unwrap().unwrap_err(), error);
                assert_eq!(info.typed::<basix_cti::Group<'_>>().last(), Some(Err(error)));
            }
            assert_eq!(connection.keys("group"), ["9"]);
        }
    }
}

// B111
#[test]
fn bytes_after_a_snapshot_refuse_it_when_its_records_are_read() {
    let mut connection = Connection::with_usual_fields();
    let message = initial_info("group", [record()]).message();
    let trailing = [message.as_slice(), &[97]].concat();
    let cut = &message[..message.len() - 1];
    for (bytes, kind) in
        [(trailing.as_slice(), DecodeErrorKind::Trailing), (cut, DecodeErrorKind::Truncated)]
    {
        let result = connection.parser.parse(bytes);
        let error = match result {
            Ok(message) => connection.store.apply(&message).unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.decode_kind(), Some(kind));
        assert!(connection.keys("group").is_empty());
    }
}

// B87
#[test]
fn the_session_goes_on_after_a_refusal() {
    let mut connection = Connection::with_usual_fields();
    let event = info_event("group", record(), "added");
    let before = connection.print(&event);
    for message in [
        info_event("group", int(5), "added"),
        info_event("call_flow", record(), "added"),
        tuple([atom("info_event"), broken()]),
    ] {
        assert_eq!(connection.print(&message)["kind"], "error");
        assert_eq!(connection.print(&event), before);
    }
}

#[test]
fn field_specs_cannot_grow_without_bound() {
    let mut parser = Parser::new();
    let name = "n".repeat(1 << 20);
    let spec = |element: &str| {
        tuple([atom("field_spec"), string(element), list([binary(&name)])]).message()
    };
    for element in ["a", "b", "c"] {
        parser.parse(&spec(element)).unwrap();
    }
    let error = parser.parse(&spec("d")).unwrap_err();
    assert_eq!(error, Error::TooManyFieldSpecs { limit: 4 << 20 });
    assert_eq!(error.class(), ErrorClass::Decode);
    assert_eq!(
        error.to_string(),
        "message is refused: the field specs of this connection exceed 4194304 bytes"
    );
    assert!(parser.schema("d").is_none());
    // One that takes the place of another needs no more room.
    parser.parse(&spec("c")).unwrap();
    let small = tuple([atom("field_spec"), string("c"), nil()]).message();
    parser.parse(&small).unwrap();
    parser.parse(&spec("d")).unwrap();
}
