//! Typed elements: every field, in whatever order and company it comes.

use basix_cti::element::{ChannelUuid, TypedElement, UserId, WaitingChannel};
use basix_cti::record::OwnedRecord;
use basix_cti::{Element, ElementKind, Record, User};

use crate::connection::{
    Connection, USUAL_FIELDS, info_event, initial_info, usual_fields, with_event,
};
use crate::wire::{Value, atom, bert, int, list, string, tuple, undefined};

/// A typed field: its name on the wire and what the element holds for it.
type Field = (&'static str, String);

/// The typed fields of an element, by their names on the wire.
pub(crate) fn typed(element: &Element<'_>) -> Vec<Field> {
    macro_rules! fields {
        ($from:ident: $($wire:literal => $field:ident),+ $(,)?) => {
            vec![$(($wire, format!("{:?}", $from.$field()))),+]
        };
    }
    match element {
        Element::Channel(channel) => fields! { channel:
            "uuid" => uuid, "direction" => direction, "peer_location" => peer_location,
            "calling_name" => calling_name, "calling_number" => calling_number,
            "called_number" => called_number, "offer_timestamp" => offer_timestamp,
            "answer_timestamp" => answer_timestamp, "hangup_timestamp" => hangup_timestamp,
            "other_uuid" => other_uuid, "user_id" => user_id, "state" => state,
            "group_id" => group_id, "target" => target, "origination" => origination,
            "end_user" => end_user, "tags" => tags, "last_bridged_user_id" => last_bridged_user_id,
            "last_event" => last_event, "last_event_data" => last_event_data,
            "other_info" => other_info, "call_id" => call_id,
        },
        Element::Waiting(channel) => fields! { channel:
            "uuid" => uuid, "state" => state, "peer_number" => peer_number,
            "end_user" => end_user, "target" => target, "origination" => origination,
            "tags" => tags, "offer_timestamp" => offer_timestamp, "direction" => direction,
            "peer_location" => peer_location, "calling_number" => calling_number,
            "called_number" => called_number, "user_id" => user_id, "group_id" => group_id,
            "whoscall" => whoscall, "last_event" => last_event,
            "hangup_timestamp" => hangup_timestamp,
        },
        Element::User(user) => fields! { user:
            "id" => id, "name" => name, "fwd_always_status" => forwards_always,
            "do_not_disturb_status" => do_not_disturb, "language" => language,
            "main_extension" => main_extension, "presence" => presence, "role" => role,
            "park_group" => park_group, "mwi_target" => mwi_target, "flags" => flags,
            "followme" => followme, "email" => email, "avatar" => avatar, "label" => label,
            "mwi" => mwi,
        },
        Element::Group(group) => fields! { group:
            "id" => id, "name" => name, "type" => group_type, "language" => language,
            "main_extension" => main_extension, "queue" => has_queue, "label" => label,
            "flags" => flags, "check_login_status" => checks_login, "mwi" => mwi,
        },
        Element::GroupMember(member) => fields! { member:
            "id" => id, "group_id" => group_id, "user_id" => user_id, "priority" => priority,
            "login_status" => is_logged_in, "role" => role,
        },
        Element::Terminal(terminal) => fields! { terminal:
            "id" => id, "name" => name, "assoc_user_id" => assoc_user_id,
            "type" => terminal_type, "user_agent" => user_agent, "registered" => is_registered,
        },
        Element::Domain(domain) => fields! { domain:
            "id" => id, "name" => name, "label" => label,
        },
        // A record without the identity that its type has.
        other => {
            let record = other.record();
            let has = |name: &&str| record.get(name).is_some_and(|value| value.as_i64().is_some());
            assert!(!identities(record.kind().as_str()).iter().all(has), "{other:?}");
            Vec::new()
        }
    }
}

/// The fields without which a record is not seen as its type.
fn identities(element: &str) -> &'static [&'static str] {
    match element {
        "user" | "group" => &["id"],
        "group_member" => &["group_id", "user_id"],
        _ => &[],
    }
}

/// A value of the type that the protocol gives a field.
fn value(element: &str, field: &str) -> Value {
    match (element, field) {
        (_, "uuid") => string("c-1"),
        (_, "direction") => atom("inbound"),
        (_, "peer_location") => atom("external"),
        (_, "offer_timestamp") => int(1_546_839_040_024_071),
        (_, "answer_timestamp") => int(1_546_839_050_024_071),
        (_, "hangup_timestamp") => int(1_546_839_060_024_071),
        (_, "other_uuid") => string("c-2"),
        (_, "state") => tuple([int(1_546_839_040_024_071), atom("ivr"), int(12)]),
        (_, "target") => tuple([atom("group"), int(3), string("sales"), string("0312345678")]),
        (_, "origination") => string("call_user*10001001"),
        (_, "end_user") => string("7*Ann"),
        (_, "tags") => string("vip;monitoring_required"),
        (_, "last_event") => string("CHANNEL_HANGUP"),
        (_, "last_event_data") => string("recv_bye,NORMAL_CLEARING"),
        (_, "other_info") => tuple([atom("user"), int(10_001_001), atom("outbound")]),
        (
            _,
            "calling_name" | "calling_number" | "called_number" | "call_id" | "peer_number"
            | "name" | "main_extension" | "email" | "avatar" | "label" | "mwi" | "user_agent",
        ) => string(format!("the {field}")),
        _ => {
            let fields = usual_fields(element).iter().position(|name| *name == field).unwrap();
            int(100 + i64::try_from(fields).unwrap())
        }
    }
}

/// Fields that say whether something is on.
const FLAGS: [&str; 6] = [
    "fwd_always_status",
    "do_not_disturb_status",
    "queue",
    "check_login_status",
    "login_status",
    "registered",
];

/// The typed form of [`value`].
fn wanted(element: &str, field: &str) -> String {
    let text = match field {
        "uuid" => r#""c-1""#,
        "direction" => "Some(Inbound)",
        "peer_location" => "Some(External)",
        "offer_timestamp" => "Some(Timestamp(1546839040024071))",
        "answer_timestamp" => "Some(Timestamp(1546839050024071))",
        "hangup_timestamp" => "Some(Timestamp(1546839060024071))",
        "other_uuid" => r#"Some("c-2")"#,
        "state" => {
            "Some(State { since: Some(Timestamp(1546839040024071)), kind: Ivr { ivr_id: Some(12) } })"
        }
        "target" => {
            r#"Some(Target { target_type: Some(Group), id: Some(3), name: "sales", address: "0312345678" })"#
        }
        "origination" => r#"Origination("call_user*10001001")"#,
        "end_user" => r#"Some(EndUsers("7*Ann"))"#,
        "tags" => r#"Tags("vip;monitoring_required")"#,
        "last_event" => "Some(ChannelHangup)",
        "last_event_data" => r#""recv_bye,NORMAL_CLEARING""#,
        "other_info" => {
            "Some(OtherInfo { party: User { user_id: Some(UserId(10001001)), group_id: None }, \
             direction: Some(Outbound), peer_location: None, address: \"\", \
             offer_timestamp: None, whoscall: None })"
        }
        _ => "",
    };
    if !text.is_empty() {
        return text.to_owned();
    }
    match value(element, field) {
        Value::String(bytes) => format!("{:?}", String::from_utf8(bytes).unwrap()),
        Value::Integer(number) => {
            let id = match (element, field) {
                ("user", "id") | (_, "user_id" | "last_bridged_user_id" | "assoc_user_id") => {
                    "UserId"
                }
                ("group", "id") | (_, "group_id") => "GroupId",
                _ if FLAGS.contains(&field) => return "Some(true)".to_owned(),
                _ => return format!("Some({number})"),
            };
            match identities(element).contains(&field) {
                true => format!("{id}({number})"),
                false => format!("Some({id}({number}))"),
            }
        }
        other => panic!("{field}: {other:?}"),
    }
}

/// Checks that an element with these fields, announced in this order, holds what was sent, and
/// nothing for the rest. `record` makes the record from its values.
#[track_caller]
fn check(element: &str, names: &[&str], record: impl Fn(Vec<Value>) -> Value, sent: usize) {
    let mut connection = Connection::new();
    connection.announce(element, names);
    let values: Vec<_> = names
        .iter()
        .map(|name| if name.starts_with("x_") { list([int(1)]) } else { value(element, name) })
        .collect();
    let record = record(values);
    let event = info_event(element, record.clone(), "updated").message();
    let names = &names[..sent.min(names.len())];
    let seen = with_event(&mut connection.parser, &event, |event| typed(&event.element()));
    assert_eq!(seen.is_empty(), !identities(element).iter().all(|name| names.contains(name)));
    for (field, seen) in &seen {
        if names.contains(field) {
            assert_eq!(*seen, wanted(element, field), "{field} of {element}, sent {names:?}");
        } else {
            let nothing = ["None", r#""""#, r#"Origination("")"#, r#"Tags("")"#];
            assert!(nothing.contains(&seen.as_str()), "{field} was not sent, but is {seen}");
        }
    }
    // The same in a snapshot.
    let info = initial_info(element, [record]).message();
    let basix_cti::Message::InitialInfo(info) = connection.parser.parse(&info).unwrap() else {
        panic!("no snapshot")
    };
    let elements: Vec<_> = info.elements().map(|element| typed(&element.unwrap())).collect();
    assert_eq!(elements, std::slice::from_ref(&seen));
    // And from a record that was kept.
    let records: Vec<OwnedRecord> =
        info.records().map(|record| record.unwrap().to_owned()).collect();
    assert_eq!(typed(&records[0].element()), seen);
}

#[test]
fn every_field_is_read_in_the_usual_order_5() {
    for (element, names) in USUAL_FIELDS {
        check(element, names, tuple, usize::MAX);
    }
}

// B30
#[test]
fn every_field_is_read_in_another_order() {
    for (element, names) in USUAL_FIELDS {
        let mut names = names.to_vec();
        names.reverse();
        check(element, &names, tuple, usize::MAX);
        // Every field comes at every place.
        for _ in 0..names.len() {
            names.rotate_left(1);
            check(element, &names, tuple, usize::MAX);
        }
    }
}

// B30
#[test]
fn a_field_that_is_not_announced_is_nothing_and_the_others_are_read() {
    for (element, names) in USUAL_FIELDS {
        for missing in 0..names.len() {
            let mut names = names.to_vec();
            names.remove(missing);
            check(element, &names, tuple, usize::MAX);
        }
    }
}

// B30
#[test]
fn fields_nobody_knows_are_passed_over() {
    for (element, names) in USUAL_FIELDS {
        for at in 0..=names.len() {
            let mut names = names.to_vec();
            names.insert(at, "x_field");
            check(element, &names, tuple, usize::MAX);
        }
    }
}

#[test]
fn more_fields_than_usual_are_read_where_the_pbx_announces_them() {
    for element in ["channel_waiting", "queued_channel", "parked_channel"] {
        let more = ["target", "origination", "tags", "offer_timestamp"];
        let mut names = [usual_fields(element), &more].concat();
        check(element, &names, tuple, usize::MAX);
        names.reverse();
        check(element, &names, tuple, usize::MAX);
    }
}

// B38
#[test]
fn short_long_and_list_records_give_the_same_values() {
    for (element, names) in USUAL_FIELDS {
        for sent in 0..=names.len() {
            check(
                element,
                names,
                |mut values| {
                    values.truncate(sent);
                    tuple(values)
                },
                sent,
            );
        }
        check(element, names, |values| tuple([values, vec![int(1), atom("x")]].concat()), 99);
        check(element, names, list, usize::MAX);
    }
}

// B27
#[test]
fn a_value_of_another_type_is_nothing_and_the_fields_around_it_are_read() {
    let wrong = |field: &str| match field {
        // These hold any value.
        "mwi_target" | "followme" => None,
        _ => Some(tuple([bert("nil"), list([undefined()]), Value::Float(1.0)])),
    };
    for (element, names) in USUAL_FIELDS {
        for (at, field) in names.iter().enumerate() {
            let scalar = element == "terminal" && field != &"name" || element == "domain";
            let Some(wrong) = wrong(field).filter(|_| !scalar) else { continue };
            let mut connection = Connection::new();
            connection.announce(element, names);
            let values = names.iter().enumerate().map(|(place, name)| {
                if place == at { wrong.clone() } else { value(element, name) }
            });
            let event = info_event(element, tuple(values), "updated").message();
            with_event(&mut connection.parser, &event, |event| {
                for (name, seen) in typed(&event.element()) {
                    match name == *field {
                        false if names.contains(&name) => assert_eq!(seen, wanted(element, name)),
                        false => {}
                        // A tuple is a state, a target or an other_info with nothing known in it.
                        true if ["state", "target", "other_info"].contains(&name) => {
                            assert!(seen.starts_with("Some"), "{seen}");
                        }
                        true => assert!(
                            ["None", r#""""#, r#"Origination("")"#, r#"Tags("")"#]
                                .contains(&seen.as_str()),
                            "{name} of {element} is {seen}"
                        ),
                    }
                }
                let raw = event.record().get(field).unwrap();
                assert_eq!(raw.as_tuple().is_some(), matches!(wrong, Value::Tuple(_)));
            });
        }
    }
}

// B27
#[test]
fn scalars_hold_any_value_and_say_what_it_is() {
    let id = ("id", int(1));
    let target = ("mwi_target", tuple([atom("user"), int(5)]));
    let fields = [id.clone(), target, ("followme", bert("true"))];
    crate::connection::with_element("user", &fields, |element| {
        let Element::User(user) = element else { panic!("{element:?}") };
        assert_eq!(user.mwi_target().to_string(), "{user,5}");
        assert_eq!(user.mwi_target().as_i64(), None);
        assert_eq!(user.followme().as_bool(), Some(true));
        assert!(!user.followme().is_none());
    });
    let fields = [id, ("mwi_target", undefined()), ("followme", string("0312345678"))];
    crate::connection::with_element("user", &fields, |element| {
        let Element::User(user) = element else { panic!("{element:?}") };
        assert!(user.mwi_target().is_none());
        assert_eq!(user.mwi_target().to_string(), "");
        assert_eq!(user.followme().to_string(), "0312345678");
    });
}

#[test]
fn words_nobody_knows_keep_their_text_5_1() {
    let fields = [("direction", string("sideways")), ("peer_location", atom("moon"))];
    crate::connection::with_channel(&fields, |channel| {
        let direction = channel.direction().unwrap();
        assert!(matches!(direction, basix_cti::element::Direction::Unknown(_)));
        assert_eq!(direction.to_string(), "sideways");
        assert_eq!(serde_json::to_string(&direction).unwrap(), r#""sideways""#);
        let location = channel.peer_location().unwrap();
        assert!(location == *"moon", "{location}");
    });
}

#[test]
fn an_empty_other_uuid_is_none_5_1() {
    crate::connection::with_channel(&[("other_uuid", string(""))], |channel| {
        assert_eq!(channel.other_uuid(), None);
    });
}

#[test]
fn a_record_is_read_only_as_its_own_type() {
    let mut connection = Connection::with_usual_fields();
    let event = info_event("user", tuple([int(1)]), "added").message();
    with_event(&mut connection.parser, &event, |event| {
        let record: &Record<'_> = event.record();
        assert_eq!(record.typed::<User<'_>>().unwrap().id(), UserId(1));
        assert!(record.typed::<WaitingChannel<'_>>().is_none());
        assert!(record.typed::<basix_cti::Group<'_>>().is_none());
        assert_eq!(User::KINDS, [ElementKind::User]);
    });
    for element in ["channel_waiting", "queued_channel", "parked_channel"] {
        let event = info_event(element, tuple([string("c-1")]), "added").message();
        with_event(&mut connection.parser, &event, |event| {
            let waiting = event.record().typed::<WaitingChannel<'_>>().unwrap();
            assert_eq!(waiting.uuid(), "c-1");
            assert_eq!(TypedElement::record(&waiting), event.record());
        });
    }
}

// B32
#[test]
fn a_snapshot_is_read_as_one_type_of_element() {
    let mut connection = Connection::with_usual_fields();
    let info = initial_info("group", [tuple([int(1)]), tuple([int(2), string("b")])]).message();
    let message = connection.parser.parse(&info).unwrap();
    let basix_cti::Message::InitialInfo(info) = message else { panic!("no snapshot") };
    assert_eq!((info.len(), info.is_empty(), info.kind()), (2, false, ElementKind::Group));
    let groups: Result<Vec<basix_cti::Group<'_>>, _> = info.typed().collect();
    let groups = groups.unwrap();
    assert_eq!(groups.iter().map(|group| group.id().0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(groups[1].name(), "b");
    assert_eq!(info.typed::<User<'_>>().count(), 0);
}

#[test]
fn elements_can_be_kept() {
    let kept: OwnedRecord = crate::connection::with_channel(
        &[("uuid", string("c-1")), ("state", value("channel", "state"))],
        |channel| channel.record().to_owned(),
    );
    let Element::Channel(channel) = kept.element() else { panic!("{kept:?}") };
    assert_eq!(channel.uuid(), "c-1");
    assert_eq!(format!("{:?}", channel.state()), wanted("channel", "state"));
    assert_eq!(kept.typed::<basix_cti::Channel<'_>>(), Some(channel));
    assert_eq!(ChannelUuid::from(channel.uuid().as_text()), channel.uuid());
}

#[test]
fn records_are_equal_when_their_fields_are() {
    let keep = |names: &[&str], values: Vec<Value>| {
        let mut connection = Connection::new();
        connection.announce("group", names);
        let event = info_event("group", tuple(values), "added").message();
        with_event(&mut connection.parser, &event, |event| event.record().to_owned())
    };
    let record = keep(&["id", "name"], vec![int(1), string("a")]);
    assert_eq!(record, keep(&["id", "name"], vec![int(1), string("a")]));
    assert_ne!(record, keep(&["id", "name"], vec![int(2), string("a")]));
    assert_ne!(record.as_record(), keep(&["id", "type"], vec![int(1), string("a")]).as_record());
    // Their order is not part of what was said.
    let reordered = keep(&["name", "id"], vec![string("a"), int(1)]);
    assert_eq!(record.as_record(), reordered.as_record());
    assert_eq!(record, reordered);
    let wider = keep(&["name", "id", "type"], vec![string("a"), int(1), undefined()]);
    assert_ne!(record, wider);
    assert_ne!(wider, record);
}
