//! Laws of all messages, checked on random ones.

use std::collections::BTreeMap;

use basix_cti::bert::{Term, decode_cti};
use basix_cti::element::BaseUrl;
use basix_cti::message::ErrorClass;
use basix_cti::{Message, Parser};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed};
use serde_json::Value as Json;

use crate::connection::{
    Connection, USUAL_FIELDS, info_event, initial_info, usual_fields, with_event,
};
use crate::element::typed;
use crate::recorded::{FORMS, frames};
use crate::wire::{Value, atom, bert, binary, charlist, int, list, nil, string, tuple, undefined};

/// The same cases every time.
pub(crate) fn config(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(20_260_421),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Words that mean something somewhere.
const WORDS: [&str; 22] = [
    "",
    "undefined",
    "true",
    "***",
    "user",
    "group",
    "ring",
    "pstn",
    "bridged_endpoint",
    "end_user",
    "calling",
    "bridged",
    "park",
    "voicemail",
    "eavesdrop",
    "inbound",
    "CHANNEL_HANGUP",
    "recv_bye,NORMAL_CLEARING",
    "_MANY_:3|7*Ann+Lee|8*%E7%94%B0",
    "call_user*%41*%zz",
    "vip;x",
    "田中",
];

/// Any value that a CTI message may hold, often one that means something.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => select(&WORDS[..]).prop_map(string),
        2 => select(&WORDS[..]).prop_map(binary),
        2 => select(&WORDS[..]).prop_map(atom),
        1 => select(&WORDS[..]).prop_map(charlist),
        1 => prop::collection::vec(any::<u8>(), 0..6).prop_map(binary),
        2 => (-2_i64..3).prop_map(int),
        1 => any::<i64>().prop_map(int),
        2 => Just(int(1_546_839_040_024_071)),
        2 => Just(undefined()),
        1 => select(vec!["nil", "true", "false"]).prop_map(bert),
        1 => Just(nil()),
        1 => (-1e9_f64..1e9).prop_map(Value::Float),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 0..7).prop_map(tuple),
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(list),
            2 => (select(&WORDS[..]), prop::collection::vec(inner, 0..5)).prop_map(|(name, rest)| {
                tuple([int(1_546_839_040_024_071), atom(name)].into_iter().chain(rest))
            }),
        ]
    })
}

/// The fields of one element with values, in the usual order; and the same in another order, with
/// some left out and others added, which begin with `x_`.
type Shuffled = (&'static str, Vec<(String, Value)>, Vec<(String, Value)>);

fn shuffled() -> impl Strategy<Value = Shuffled> {
    let more = prop::collection::vec(value(), 0..4);
    (select(&USUAL_FIELDS[..]), prop::collection::vec(value(), 22), more).prop_flat_map(
        |((element, names), values, more)| {
            let fields: Vec<_> = names.iter().map(|name| (*name).to_owned()).zip(values).collect();
            let extra = more.into_iter().enumerate().map(|(at, value)| (format!("x_{at}"), value));
            let all: Vec<_> = fields.iter().cloned().chain(extra).collect();
            let kept = 0..=all.len();
            let other = prop::sample::subsequence(all, kept).prop_shuffle();
            (Just(element), Just(fields), other)
        },
    )
}

/// The printed and the typed fields of a record.
fn seen(element: &str, fields: &[(String, Value)]) -> (Json, BTreeMap<&'static str, String>) {
    let mut connection = Connection::new();
    connection.base_url = Some(BaseUrl::new("https://pbx.example"));
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let printed = connection.print_record(element, &fields);
    let record = tuple(fields.into_iter().map(|(_, value)| value));
    let event = info_event(element, record, "updated").message();
    let typed = with_event(&mut connection.parser, &event, |event| typed(&event.element()));
    (printed, typed.into_iter().collect())
}

proptest! {
    #![proptest_config(config(200))]

    // B30
    #[test]
    fn the_order_and_company_of_fields_does_not_matter((element, usual, other) in shuffled()) {
        let (mut usual_printed, mut usual_typed) = seen(element, &usual);
        let (mut printed, typed) = seen(element, &other);
        let (_, nothing) = seen(element, &[]);
        for (name, _) in &usual {
            if other.iter().all(|(kept, _)| kept != name) {
                usual_printed.as_object_mut().unwrap().remove(name);
                if let Some(value) = nothing.get(name.as_str()) {
                    usual_typed.insert(nothing.get_key_value(name.as_str()).unwrap().0, value.clone());
                }
            }
        }
        // A user has a picture in any case (B65).
        if element == "user" && other.iter().all(|(kept, _)| kept != "avatar") {
            let icon = printed.as_object_mut().unwrap().remove("avatar").unwrap();
            prop_assert_eq!(icon, "https://pbx.example/static/icons/user.png");
        }
        for (name, _) in other.iter().filter(|(name, _)| name.starts_with("x_")) {
            printed.as_object_mut().unwrap().remove(name);
        }
        prop_assert_eq!(printed, usual_printed);
        // Without its identity a record has no type.
        if !typed.is_empty() {
            prop_assert_eq!(typed, usual_typed);
        }
    }

    // B32
    #[test]
    fn a_record_in_a_snapshot_prints_as_in_an_event((element, usual, other) in shuffled()) {
        for fields in [usual, other] {
            let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
            let record = tuple(fields.iter().map(|(_, value)| value.clone()));
            let mut connection = Connection::new();
            connection.announce(element, &names);
            let event = connection.print(&info_event(element, record.clone(), "added"));
            let info = connection.print(&initial_info(element, [record]));
            let records: Vec<_> = info["data"].as_object().unwrap().values().collect();
            prop_assert_eq!(records, [&event["data"]]);
        }
    }
}

/// Changes to bytes: one replaced, one taken out, one put in.
fn mutations() -> impl Strategy<Value = Vec<(Index, u8, u8)>> {
    // Bytes that mean something, mostly tags.
    let byte = prop_oneof![
        3 => select(vec![97_u8, 98, 99, 70, 100, 104, 105, 106, 107, 108, 109, 110, 111, 115, 118, 119]),
        2 => 0_u8..10,
        1 => any::<u8>(),
    ];
    prop::collection::vec((any::<Index>(), byte, 0_u8..3), 1..4)
}

fn mutate(bytes: &mut Vec<u8>, mutations: &[(Index, u8, u8)]) {
    for (at, byte, how) in mutations {
        if bytes.is_empty() {
            return;
        }
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = *byte,
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, *byte),
        }
    }
}

// Whether a term can stand where a record is expected: a tuple that is not `{bert,nil}` or the
// like, LIST or NIL (B38, B110).
fn is_record(term: Term<'_>) -> bool {
    let bert = term.is_none() || term.as_bool().is_some();
    let is_string = term.wire().is_some_and(|wire| wire.first() == Some(&107));
    term.as_tuple().is_some() && !bert || term.as_list().is_some() && !is_string
}

proptest! {
    #![proptest_config(config(150))]

    // B10, B110
    #[test]
    fn reading_a_record_accepts_what_decoding_accepts(
        (element, usual, other) in shuffled(),
        mutations in prop::collection::vec(mutations(), 10),
        in_usual_order: bool,
    ) {
        let fields = if in_usual_order { usual } else { other };
        let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
        let whole = tuple(fields.iter().map(|(_, value)| value.clone())).message().split_off(1);
        let mut connection = Connection::new();
        connection.announce(element, &names);
        for mutations in mutations {
            let mut record = whole.clone();
            mutate(&mut record, &mutations);
            accepts_the_same(&mut connection, element, Value::Wire(record))?;
        }
    }
}

/// Returns whether a record is read exactly when it can be decoded and is one.
fn accepts_the_same(
    connection: &mut Connection,
    element: &str,
    record: Value,
) -> Result<(), TestCaseError> {
    let event = info_event(element, record.clone(), "updated").message();
    let parsed = connection.parser.parse(&event);
    match decode_cti(&event) {
        // Both tell the first mistake that they see, which need not be the same.
        Err(_) => prop_assert_eq!(parsed.unwrap_err().class(), ErrorClass::Decode),
        Ok(term) => {
            let term = term.as_tuple().unwrap().get(2).unwrap();
            let class = parsed.err().map(|error| error.class());
            let wanted = (!is_record(term)).then_some(ErrorClass::Shape);
            prop_assert_eq!(class, wanted);
        }
    }

    let info = initial_info(element, [tuple([]), record]).message();
    let message = connection.parser.parse(&info).unwrap();
    let Message::InitialInfo(records) = message else { panic!("{message:?}") };
    let class = records.check().err().map(|error| error.class());
    // Another way of reading comes to the same result.
    let read = records.elements().try_for_each(|element| element.map(drop));
    prop_assert_eq!(read.err().map(|error| error.class()), class);
    match decode_cti(&info) {
        Err(_) => prop_assert_eq!(class, Some(ErrorClass::Decode)),
        Ok(term) => {
            let records = term.as_tuple().unwrap().get(2).unwrap().as_list().unwrap();
            let wanted = (!records.iter().all(is_record)).then_some(ErrorClass::Shape);
            prop_assert_eq!(class, wanted);
        }
    }
    Ok(())
}

// B110
#[test]
fn every_message_of_the_session_is_read_when_it_is_decoded() {
    for session in FORMS {
        let mut parser = Parser::new();
        for frame in frames(session) {
            let parsed = parser.parse(&frame).and_then(|message| match message {
                Message::InitialInfo(info) => info.check(),
                _ => Ok(()),
            });
            match (parsed, decode_cti(&frame)) {
                (Err(error), Err(decode)) => assert_eq!(error, decode.into()),
                (Err(error), Ok(_)) => assert_ne!(error.class().as_str(), "decode"),
                (Ok(()), decoded) => assert!(decoded.is_ok()),
            }
        }
    }
}

// B20
#[test]
fn nesting_is_accepted_to_the_same_depth_everywhere() {
    let nested = |tag: &[u8], depth: usize| {
        let mut bytes = tag.repeat(depth);
        bytes.push(106);
        if tag[0] == 108 {
            bytes.extend(vec![106; depth]);
        }
        Value::Wire(bytes)
    };
    let mut accepted = 0;
    for tag in [&[104, 1][..], &[105, 0, 0, 0, 1], &[108, 0, 0, 0, 1]] {
        for depth in (0..8).chain(245..262) {
            let deep = nested(tag, depth);
            let state = tuple([int(5), atom("park"), deep.clone()]);
            let unknown_state = tuple([int(5), atom("x"), deep.clone()]);
            let data = tuple([int(5), atom("calling"), atom("ext"), atom("user"), deep.clone()]);
            let inner = tuple([
                int(5),
                atom("calling"),
                atom("ext"),
                atom("group"),
                tuple([atom("ring"), int(1), deep.clone(), int(2), deep.clone()]),
            ]);
            let target = tuple([deep.clone(), int(1), deep.clone()]);
            let info = tuple([atom("user"), deep.clone()]);
            let mut messages = vec![
                deep.clone(),
                tuple([atom("msg"), deep.clone()]),
                tuple([atom("system_msg"), int(1), deep.clone()]),
                tuple([atom("call_quality"), deep.clone()]),
                tuple([deep.clone(), int(1)]),
                tuple([atom("field_spec"), string("terminal"), nil(), deep.clone()]),
                tuple([atom("initial_info"), string("group"), nil(), deep.clone()]),
                tuple([atom("initial_info"), string("group"), list([tuple([])]), deep.clone()]),
                tuple([atom("info_event"), string("group"), tuple([int(1)]), deep.clone()]),
                tuple([atom("info_event"), string("group"), tuple([int(1)]), int(1), deep.clone()]),
            ];
            for (element, field, value) in [
                ("channel", "uuid", &deep),
                ("channel", "user_id", &deep),
                ("channel", "offer_timestamp", &deep),
                ("channel", "state", &state),
                ("channel", "state", &unknown_state),
                ("channel", "state", &data),
                ("channel", "state", &inner),
                ("channel", "target", &target),
                ("channel", "other_info", &info),
                ("channel", "tags", &deep),
                ("channel", "x_field", &deep),
                ("queued_channel", "state", &state),
                ("user", "followme", &deep),
                ("terminal", "id", &deep),
                ("call_flow", "id", &deep),
            ] {
                let names = if element == "call_flow" { &["id"] } else { usual_fields(element) };
                let at = names.iter().position(|name| *name == field).unwrap_or(names.len());
                let mut values = vec![undefined(); names.len()];
                values.insert(at, value.clone());
                messages.push(info_event(element, tuple(values.clone()), "added"));
                messages.push(info_event(element, list(values.clone()), "added"));
                messages.push(initial_info(element, [tuple([]), tuple(values)]));
            }
            for message in messages {
                let bytes = message.message();
                let mut connection = Connection::with_usual_fields();
                connection.announce("call_flow", &["id"]);
                let read = connection.parser.parse(&bytes).and_then(|message| {
                    if let Message::InitialInfo(info) = &message {
                        info.check()?;
                        info.elements().try_for_each(|element| element.map(drop))?;
                    }
                    Ok(())
                });
                match (read, decode_cti(&bytes)) {
                    (Err(error), Err(decode)) => assert_eq!(error, decode.into(), "{message:?}"),
                    // Every shape is right.
                    (read, decoded) => {
                        assert_eq!(read.is_ok(), decoded.is_ok(), "{depth}: {message:?}");
                        accepted += 1;
                    }
                }
            }
        }
    }
    assert!(accepted > 2000, "{accepted}");
}
