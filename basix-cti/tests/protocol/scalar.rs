//! Values: what a term becomes, and that no value is refused for its type.

use basix_cti::{Element, Timestamp};
use serde_json::{Value as Json, json};

use crate::connection::{Connection, printed_field, with_channel, with_element};
use crate::wire::{
    Value, atom, bert, big, binary, charlist, int, list, nil, string, tuple, undefined,
};

/// A field that this protocol does not know.
fn generic(value: Value) -> Json {
    printed_field("x_field", value)
}

/// A field that this protocol knows.
fn scalar(value: Value) -> Json {
    printed_field("calling_name", value)
}

// B25, B12, B13, B18, Q5, Q9
#[test]
fn every_term_has_a_generic_value() {
    let table = [
        (undefined(), Json::Null),
        (bert("nil"), Json::Null),
        (atom("true"), json!(true)),
        (atom("false"), json!(false)),
        (bert("true"), json!(true)),
        (bert("false"), json!(false)),
        (atom("ringing"), json!("ringing")),
        (atom(""), json!("")),
        (binary("ringing"), json!("ringing")),
        (binary(""), json!("")),
        (string("ringing"), json!("ringing")),
        (string([1, 2]), json!("\u{1}\u{2}")),
        (int(0), json!(0)),
        (int(255), json!(255)),
        (int(-1), json!(-1)),
        (int(i32::MIN.into()), json!(-2147483648_i64)),
        (int(-2130706433), json!(-2130706433_i64)),
        (int((1 << 53) + 1), json!(9007199254740993_i64)),
        (int(i64::MIN), json!(i64::MIN)),
        (int(i64::MAX), json!(i64::MAX)),
        (big(false, &[255; 8]), json!(u64::MAX)),
        (big(false, &[0, 0, 0, 0, 0, 0, 0, 0, 1]), json!("18446744073709551616")),
        (big(true, &[1, 0, 0, 0, 0, 0, 0, 128]), json!("-9223372036854775809")),
        (big(true, &[]), json!(0)),
        (big(false, &[7, 0, 0, 0, 0, 0, 0, 0, 0, 0]), json!(7)),
        (Value::Wire([&[111, 0, 0, 0, 2, 0][..], &[1, 1]].concat()), json!(257)),
        (Value::Float(0.5), json!(0.5)),
        (Value::Float(-1e300), json!(-1e300)),
        (tuple([]), json!([])),
        (tuple([int(1), tuple([binary("a"), bert("true")])]), json!([1, ["a", true]])),
        (list([atom("a"), int(1)]), json!(["a", 1])),
        (tuple([atom("bert"), atom("other")]), json!(["bert", "other"])),
        (tuple([atom("bert"), atom("nil"), int(1)]), json!(["bert", "nil", 1])),
    ];
    for (term, printed) in table {
        assert_eq!(generic(term.clone()), printed, "{term:?}");
        assert_eq!(scalar(term.clone()), printed, "{term:?}");
    }
}

// B13, Q10
#[test]
fn floats_are_read_in_both_forms() {
    let text = |digits: &str| {
        let mut bytes = [0; 32];
        bytes[0] = 99;
        bytes[1..=digits.len()].copy_from_slice(digits.as_bytes());
        Value::Wire(bytes.into())
    };
    assert_eq!(generic(text("-1.25000000000000000000e+01")), json!(-12.5));
    assert_eq!(generic(Value::Float(-12.5)), json!(-12.5));
}

// B26, Q4
#[test]
fn lists_of_code_points_are_text_in_known_fields_only() {
    for (term, text, values) in [
        (charlist("Ann"), "Ann", json!([65, 110, 110])),
        (charlist("田中"), "田中", json!([30000, 20013])),
        (charlist("😀"), "😀", json!([128512])),
        (nil(), "", json!([])),
    ] {
        assert_eq!(scalar(term.clone()), json!(text));
        assert_eq!(generic(term.clone()), values);
        with_channel(&[("calling_name", term)], |channel| assert_eq!(channel.calling_name(), text));
    }
}

// B26
#[test]
fn lists_of_other_terms_are_no_text() {
    for (term, printed) in [
        (list([int(65), int(0xd800)]), json!([65, 0xd800])),
        (list([int(0x11_0000)]), json!([0x11_0000])),
        (list([int(-1)]), json!([-1])),
        (list([int(65), atom("b")]), json!([65, "b"])),
        (list([int(65), nil()]), json!([65, []])),
        (list([Value::Float(65.0)]), json!([65.0])),
    ] {
        assert_eq!(scalar(term.clone()), printed);
        with_channel(&[("calling_name", term)], |channel| {
            assert!(channel.calling_name().is_empty());
            assert!(channel.record().get("calling_name").unwrap().as_list().is_some());
        });
    }
}

// B26
#[test]
fn a_field_is_known_in_every_documented_element() {
    for (element, field) in [
        ("channel", "email"),
        ("channel_waiting", "calling_name"),
        ("user", "call_id"),
        ("group", "registered"),
        ("group_member", "label"),
        ("terminal", "user_agent"),
        ("domain", "main_extension"),
    ] {
        let printed = Connection::new().print_record(element, &[(field, charlist("ab"))]);
        assert_eq!(printed[field], json!("ab"), "{field} of {element}");
        let printed = Connection::new().print_record(element, &[("x_field", charlist("ab"))]);
        assert_eq!(printed["x_field"], json!([97, 98]), "x_field of {element}");
    }
}

// B17, Q6, Q7
#[test]
fn bytes_are_utf8_or_else_latin1_for_the_whole_value() {
    for (bytes, text) in [
        (&b"caf\xc3\xa9"[..], "café"),
        (b"caf\xe9", "café"),
        (b"\xe7\x94\xb0\xe4\xb8\xad", "田中"),
        // One byte that is not UTF-8, and none is.
        (b"\xc3\xa9\xe9", "Ã©é"),
        (b"\xe7\x94", "ç\u{94}"),
        (b"\xff", "ÿ"),
    ] {
        for term in [binary(bytes), string(bytes)] {
            assert_eq!(scalar(term.clone()), json!(text));
            assert_eq!(generic(term.clone()), json!(text));
            with_channel(&[("calling_name", term)], |channel| {
                assert_eq!(channel.calling_name(), text);
                assert_eq!(channel.calling_name().to_str(), text);
            });
        }
    }
    // In the two tags for Latin-1 atoms bytes are never UTF-8, in the others always.
    let atom = |head: &[u8], name: &[u8]| Value::Wire([head, name].concat());
    assert_eq!(generic(atom(&[100, 0, 2], b"\xc3\xa9")), json!("Ã©"));
    assert_eq!(generic(atom(&[115, 2], b"\xc3\xa9")), json!("Ã©"));
    assert_eq!(generic(atom(&[118, 0, 2], b"\xc3\xa9")), json!("é"));
    assert_eq!(generic(atom(&[119, 2], b"\xc3\xa9")), json!("é"));
}

// B17, Q6, Q7
#[test]
fn labels_of_users_and_groups_are_text_like_any_other() {
    for element in ["user", "group"] {
        for (bytes, text) in [(&b"\xe7\x94\xb0"[..], "田"), (b"Jos\xe9", "José")] {
            let fields = [("label", binary(bytes)), ("name", binary(bytes))];
            let printed = Connection::new().print_record(element, &fields);
            assert_eq!(printed["label"], json!(text));
            assert_eq!(printed["name"], json!(text));
        }
    }
}

// Q13
#[test]
fn long_strings_keep_their_length() {
    let text = "x".repeat(65_535);
    assert_eq!(scalar(string(&text)), json!(text));
}

// B19
#[test]
fn timestamps_are_exact() {
    let micros = 1_546_839_040_024_071;
    assert_eq!(int(micros).message()[1..4], [110, 7, 0], "as the PBX sends them");
    assert_eq!(printed_field("offer_timestamp", int(micros)), json!(micros));
    for micros in [micros, 0, 5, -1, -micros, i64::MAX, i64::MIN, 1 << 55, -(1 << 55)] {
        with_channel(&[("offer_timestamp", int(micros))], |channel| {
            assert_eq!(channel.offer_timestamp(), Some(Timestamp::from_micros(micros)));
        });
    }
}

// B27, Q21, Q22
#[test]
fn a_value_of_another_type_is_printed_as_it_is() {
    for field in ["state", "target", "other_info"] {
        for (value, printed) in [
            (string("bridged"), json!("bridged")),
            (atom("bridged"), json!("bridged")),
            (int(5), json!(5)),
            (list([int(1), atom("bridged")]), json!([1, "bridged"])),
            (nil(), json!([])),
            (bert("true"), json!(true)),
            (Value::Float(2.5), json!(2.5)),
        ] {
            assert_eq!(printed_field(field, value), printed, "{field}");
        }
    }
    for field in ["end_user", "origination", "tags"] {
        for (value, printed) in [
            (int(5), json!(5)),
            (tuple([string("a"), int(1)]), json!(["a", 1])),
            (list([atom("a"), int(1)]), json!(["a", 1])),
            (atom("true"), json!(true)),
            (bert("false"), json!(false)),
            (Value::Float(2.5), json!(2.5)),
        ] {
            assert_eq!(printed_field(field, value), printed, "{field}");
        }
    }
}

// B27
#[test]
fn a_value_of_another_type_has_no_typed_value_and_stays_reachable() {
    let fields = [
        ("uuid", tuple([int(7)])),
        ("direction", tuple([int(1)])),
        ("calling_name", tuple([int(1)])),
        ("offer_timestamp", string("soon")),
        ("other_uuid", list([undefined()])),
        ("user_id", string("seven")),
        ("state", string("bridged")),
        ("group_id", Value::Float(3.0)),
        ("target", int(4)),
        ("origination", tuple([int(5)])),
        ("end_user", tuple([int(5)])),
        ("tags", tuple([int(6)])),
        ("last_event", tuple([int(7)])),
        ("other_info", atom("none")),
    ];
    with_channel(&fields, |channel| {
        assert!(channel.uuid().is_empty());
        assert_eq!(channel.direction(), None);
        assert!(channel.calling_name().is_empty());
        assert_eq!(channel.offer_timestamp(), None);
        assert_eq!(channel.other_uuid(), None);
        assert_eq!(channel.user_id(), None);
        assert_eq!(channel.state(), None);
        assert_eq!(channel.group_id(), None);
        assert_eq!(channel.target(), None);
        assert_eq!(channel.origination().parts().count(), 0);
        assert_eq!(channel.end_user(), None);
        assert_eq!(channel.tags().iter().count(), 0);
        assert_eq!(channel.last_event(), None);
        assert_eq!(channel.other_info(), None);
        let raw = |name: &str| channel.record().get(name).unwrap();
        assert_eq!(raw("uuid").as_tuple().unwrap().arity(), 1);
        assert_eq!(raw("offer_timestamp").as_text().unwrap(), "soon");
        assert_eq!(raw("user_id").as_text().unwrap(), "seven");
        assert_eq!(raw("group_id").as_f64(), Some(3.0));
        assert_eq!(raw("state").as_text().unwrap(), "bridged");
        assert_eq!(raw("end_user").as_tuple().unwrap().arity(), 1);
    });
}

// B27
#[test]
fn numbers_beyond_a_typed_field_stay_in_the_record() {
    let fields = [
        ("id", big(false, &[0, 0, 0, 0, 0, 0, 0, 128])),
        ("presence", int(1 << 31)),
        ("role", int(-(1 << 31))),
    ];
    with_element("user", &fields, |element| {
        // Without an identity it is nobody.
        let Element::Unknown(record) = element else { panic!("{element:?}") };
        assert_eq!(record.get("presence").unwrap().as_i64(), Some(1 << 31));
        let id = record.get("id").unwrap().as_integer().unwrap();
        assert_eq!(id.to_string(), "9223372036854775808");
    });
}

// B69
#[test]
fn nothing_in_a_composite_field_is_nothing() {
    for field in ["state", "target", "other_info", "end_user", "origination", "tags"] {
        for nothing in [undefined(), bert("nil")] {
            assert_eq!(printed_field(field, nothing), Json::Null, "{field}");
        }
    }
    let nothing = ["state", "target", "other_info", "end_user"].map(|field| (field, bert("nil")));
    with_channel(&nothing, |channel| {
        assert_eq!((channel.state(), channel.target()), (None, None));
        assert_eq!((channel.end_user(), channel.other_info()), (None, None));
    });
}

// Q37
#[test]
fn zero_is_a_value() {
    let fields = [("user_id", int(0)), ("group_id", int(0)), ("offer_timestamp", int(0))];
    with_channel(&fields, |channel| {
        assert_eq!(channel.user_id().unwrap().0, 0);
        assert_eq!(channel.group_id().unwrap().0, 0);
        assert_eq!(channel.offer_timestamp().unwrap().as_micros(), 0);
    });
}
