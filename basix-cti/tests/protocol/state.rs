//! States of channels.

use basix_cti::Timestamp;
use basix_cti::element::{
    CallTarget, Calling, GroupId, GroupType, State, StateKind, TargetLocation, TargetType, UserId,
};
use serde_json::{Value as Json, json};

use crate::connection::{printed_field, with_channel};
use crate::wire::{Value, atom, bert, binary, charlist, int, nil, string, tuple, undefined};

const SINCE: i64 = 1_546_839_040_024_071;

/// A state that lasts since [`SINCE`].
fn state(name: &str, data: impl IntoIterator<Item = Value>) -> Value {
    tuple([int(SINCE), atom(name)].into_iter().chain(data))
}

/// `{Ts, calling, Location, Type, Data}`.
fn calling(target_type: &str, data: Value) -> Value {
    state("calling", [atom("ext"), string(target_type), data])
}

/// Checks the printed form of a state, and looks at the typed one.
#[track_caller]
fn check(value: Value, name: &str, data: Json, look: impl FnOnce(StateKind<'_>)) {
    let data = crate::expected::without_nulls(data);
    let printed = json!({"ts": SINCE, "name": name, "data": data});
    assert_eq!(printed_field("state", value.clone()), printed);
    // The same in the other elements that have states.
    for element in ["channel_waiting", "queued_channel", "parked_channel"] {
        let fields = [("uuid", string("c")), ("state", value.clone())];
        let record = crate::connection::Connection::new().print_record(element, &fields);
        assert_eq!(record["state"], printed);
    }
    with_channel(&[("state", value)], |channel| {
        let state = channel.state().unwrap();
        assert_eq!(state.since, Some(Timestamp::from_micros(SINCE)));
        look(state.kind);
    });
}

#[track_caller]
fn check_calling(value: Value, data: Json, look: impl FnOnce(CallTarget<'_>)) {
    check(value, "calling", data, |kind| match kind {
        StateKind::Calling(calling) => look(calling.target),
        other => panic!("{other:?}"),
    });
}

// B50
#[test]
fn bridged_and_xml_ivr_have_no_data() {
    check(state("bridged", []), "bridged", json!({}), |kind| {
        assert_eq!(kind, StateKind::Bridged);
    });
    check(state("xml_ivr", [int(1)]), "xml_ivr", json!({}), |kind| {
        assert_eq!(kind, StateKind::XmlIvr);
    });
}

// B50
#[test]
fn voicemail_names_the_owner_of_the_mailbox() {
    check(
        state("voicemail", [atom("group"), int(1111), string("sales")]),
        "voicemail",
        json!({"target_type": "group", "target_id": 1111, "target_name": "sales"}),
        |kind| {
            let StateKind::Voicemail { target_type, target_id, target_name } = kind else {
                panic!("{kind:?}")
            };
            assert_eq!(target_type, Some(TargetType::Group));
            assert_eq!((target_id, target_name.to_str()), (Some(1111), "sales".into()));
        },
    );
}

// B50
#[test]
fn checking_voicemail_has_a_name() {
    check(
        state("checking_voicemail", [binary("ann")]),
        "checking_voicemail",
        json!({"target_name": "ann"}),
        |kind| {
            let StateKind::CheckingVoicemail { target_name } = kind else { panic!("{kind:?}") };
            assert_eq!(target_name, "ann");
        },
    );
}

// B50
#[test]
fn calling_siptermination_has_the_address() {
    check(
        state("calling_siptermination", [string("sip:a@example.test")]),
        "calling_siptermination",
        json!({"url": "sip:a@example.test"}),
        |kind| {
            let StateKind::CallingSipTermination { url } = kind else { panic!("{kind:?}") };
            assert_eq!(url, "sip:a@example.test");
        },
    );
}

// B50
#[test]
fn ivr_conference_and_system_operation_have_an_identity() {
    check(state("ivr", [int(12)]), "ivr", json!({"ivr_id": 12}), |kind| {
        let StateKind::Ivr { ivr_id } = kind else { panic!("{kind:?}") };
        assert_eq!(ivr_id.as_i64(), Some(12));
    });
    check(state("ivr", [string("main")]), "ivr", json!({"ivr_id": "main"}), |kind| {
        let StateKind::Ivr { ivr_id } = kind else { panic!("{kind:?}") };
        assert_eq!((ivr_id.as_i64(), ivr_id.as_text().unwrap().to_str()), (None, "main".into()));
    });
    check(state("conference", [int(801)]), "conference", json!({"room_id": 801}), |kind| {
        let StateKind::Conference { room_id } = kind else { panic!("{kind:?}") };
        assert_eq!(room_id.as_i64(), Some(801));
    });
    check(
        state("system_operation", [atom("login")]),
        "system_operation",
        json!({"operation": "login"}),
        |kind| {
            let StateKind::SystemOperation { operation } = kind else { panic!("{kind:?}") };
            assert_eq!(operation, "login");
        },
    );
}

#[test]
fn park_names_slot_terminal_and_parker() {
    check(
        state("park", [int(901), string("t7"), int(10_001_001), string("ann")]),
        "park",
        json!({
            "slot": 901, "terminal_name": "t7", "parker_id": 10_001_001, "parker_name": "ann",
        }),
        |kind| {
            let StateKind::Park { slot, terminal_name, parker_id, parker_name } = kind else {
                panic!("{kind:?}")
            };
            assert_eq!((slot, parker_id), (Some(901), Some(UserId(10_001_001))));
            assert_eq!(terminal_name, "t7");
            assert_eq!(parker_name, "ann");
        },
    );
}

// B50
#[test]
fn eavesdrop_names_the_channel() {
    check(
        state("eavesdrop", [string("c-9"), atom("whisper")]),
        "eavesdrop",
        json!({"uuid": "c-9", "eavesdrop_state": "whisper"}),
        |kind| {
            let StateKind::Eavesdrop { uuid, eavesdrop_state } = kind else { panic!("{kind:?}") };
            assert_eq!(uuid, "c-9");
            assert_eq!(eavesdrop_state.as_text().unwrap(), "whisper");
        },
    );
}

// B51
#[test]
fn calling_a_user_has_the_user() {
    check_calling(
        calling("user", tuple([int(10_001_001), string("more")])),
        json!({"target_location": "ext", "target_type": "user", "user_id": 10_001_001}),
        |target| {
            assert_eq!(target, CallTarget::User { user_id: Some(UserId(10_001_001)) });
            assert_eq!(target.address(), None);
        },
    );
}

// B51
#[test]
fn calling_a_ring_group_has_its_queue() {
    let data =
        |group_type: &str| tuple([atom(group_type), int(1111), string("x"), string("y"), int(77)]);
    check_calling(
        calling("group", data("ring")),
        json!({
            "target_location": "ext", "target_type": "group",
            "group_type": "ring", "group_id": 1111, "group_queue_id": 77,
        }),
        |target| {
            let CallTarget::Group { group_type, group_id, queue_id } = target else {
                panic!("{target:?}")
            };
            assert_eq!(group_type, Some(GroupType::Ring));
            assert_eq!((group_id, queue_id.as_i64()), (Some(GroupId(1111)), Some(77)));
        },
    );
    for (name, known) in [("hunt", true), ("random", false)] {
        check_calling(
            calling("group", data(name)),
            json!({
                "target_location": "ext", "target_type": "group",
                "group_type": name, "group_id": 1111,
            }),
            |target| {
                let CallTarget::Group { group_type, queue_id, .. } = target else {
                    panic!("{target:?}")
                };
                assert_eq!(group_type == Some(GroupType::Hunt), known);
                assert_eq!(group_type.unwrap().to_str(), name);
                assert!(queue_id.is_none());
            },
        );
    }
}

// B51, B52, Q18
#[test]
fn calling_outside_has_the_number() {
    let printed = |address: Json| json!({"target_location": "ext", "target_type": "pstn", "address": address});
    for data in [tuple([string("+81312345678"), int(1)]), string("+81312345678")] {
        check_calling(calling("pstn", data), printed(json!("+81312345678")), |target| {
            assert!(matches!(target, CallTarget::Pstn { .. }));
            assert_eq!(target.address().unwrap(), "+81312345678");
        });
    }
}

// B51, B52, Q18
#[test]
fn calling_an_endpoint_has_user_and_host_or_one_of_them() {
    for (data, address) in [
        (tuple([string("ann"), string("10.0.0.9")]), Some("ann@10.0.0.9")),
        (tuple([string("ann")]), Some("ann")),
        (tuple([string("ann"), undefined()]), Some("ann")),
        (tuple([undefined(), string("10.0.0.9")]), Some("10.0.0.9")),
        (tuple([]), None),
        (tuple([undefined(), bert("nil")]), None),
        (string("ann@10.0.0.9"), Some("ann@10.0.0.9")),
        (binary("ann"), Some("ann")),
    ] {
        check_calling(
            calling("bridged_endpoint", data),
            json!({
                "target_location": "ext", "target_type": "bridged_endpoint", "address": address,
            }),
            |target| {
                assert!(matches!(target, CallTarget::BridgedEndpoint { .. }));
                assert_eq!(target.address().as_deref(), address);
            },
        );
    }
}

// B51
#[test]
fn calling_another_kind_of_target_has_no_data() {
    check_calling(
        calling("fax_machine", tuple([int(5)])),
        json!({"target_location": "ext", "target_type": "fax_machine"}),
        |target| {
            let CallTarget::Unknown { target_type } = target else { panic!("{target:?}") };
            assert_eq!(target_type, "fax_machine");
            assert_eq!(target.address(), None);
        },
    );
}

// B52, Q18
#[test]
fn incomplete_calling_data_has_no_members() {
    for nothing in [undefined(), bert("nil"), tuple([])] {
        for target_type in ["user", "group", "pstn", "bridged_endpoint"] {
            check_calling(
                calling(target_type, nothing.clone()),
                json!({"target_location": "ext", "target_type": target_type}),
                |target| match target {
                    CallTarget::User { user_id } => assert_eq!(user_id, None),
                    CallTarget::Group { group_type, group_id, queue_id } => {
                        assert_eq!((group_type, group_id), (None, None));
                        assert!(queue_id.is_none());
                    }
                    target => assert_eq!(target.address(), None),
                },
            );
        }
    }
    // Not even a target's type, and not even a place.
    for (data, printed) in [
        (vec![atom("int"), atom("user")], json!({"target_location": "int", "target_type": "user"})),
        (vec![atom("int")], json!({"target_location": "int"})),
        (vec![], json!({})),
    ] {
        check(state("calling", data.clone()), "calling", printed, |kind| {
            let StateKind::Calling(Calling { target_location, target, .. }) = kind else {
                panic!("{kind:?}")
            };
            assert_eq!(target_location, data.first().map(|_| TargetLocation::Internal));
            assert_eq!(target.address(), None);
        });
    }
}

// B52
#[test]
fn users_and_groups_called_by_plain_text_are_not_known() {
    for target_type in ["user", "group"] {
        check_calling(
            calling(target_type, string("10001001")),
            json!({"target_location": "ext", "target_type": target_type}),
            |target| match target {
                CallTarget::User { user_id } => assert_eq!(user_id, None),
                CallTarget::Group { group_id, .. } => assert_eq!(group_id, None),
                other => panic!("{other:?}"),
            },
        );
    }
}

// B53, B54
#[test]
fn states_nobody_knows_keep_their_name_and_their_data_stays_in_the_record() {
    for name in ["plivo", "calling_external", "fax_tone"] {
        let value = state(name, [int(1), string("x")]);
        check(value.clone(), name, json!({}), |kind| {
            let StateKind::Unknown { name: given } = kind else { panic!("{kind:?}") };
            assert_eq!(given, name);
        });
        with_channel(&[("state", value)], |channel| {
            let raw = channel.record().get("state").unwrap().as_tuple().unwrap();
            assert_eq!(raw.get(3).unwrap().as_text().unwrap(), "x");
        });
    }
}

// B53
#[test]
fn short_states_lack_members() {
    for (name, printed) in [
        ("voicemail", json!({})),
        ("park", json!({})),
        ("eavesdrop", json!({})),
        ("ivr", json!({})),
        ("conference", json!({})),
        ("system_operation", json!({})),
        ("checking_voicemail", json!({})),
        ("calling_siptermination", json!({})),
    ] {
        check(state(name, []), name, printed, |kind| {
            assert!(!matches!(kind, StateKind::Unknown { .. }), "{kind:?}");
        });
    }
    check(state("park", [int(901)]), "park", json!({"slot": 901}), |kind| {
        let StateKind::Park { slot, terminal_name, parker_id, parker_name } = kind else {
            panic!("{kind:?}")
        };
        assert_eq!((slot, parker_id), (Some(901), None));
        assert!(terminal_name.is_empty() && parker_name.is_empty());
    });
}

// B53
#[test]
fn states_may_lack_their_name_and_their_time() {
    for (value, printed) in [
        (tuple([]), json!({"data": {}})),
        (tuple([int(5)]), json!({"ts": 5, "data": {}})),
        (tuple([undefined(), atom("bridged")]), json!({"name": "bridged", "data": {}})),
        (tuple([int(5), undefined(), int(6)]), json!({"ts": 5, "data": {}})),
        // A name that is no text is reported unparsed (B27).
        (tuple([int(5), int(6)]), json!({"ts": 5, "name": 6, "data": {}})),
    ] {
        assert_eq!(printed_field("state", value), printed);
    }
    with_channel(&[("state", tuple([]))], |channel| {
        let State { since, kind, .. } = channel.state().unwrap();
        assert_eq!(since, None);
        let StateKind::Unknown { name } = kind else { panic!("{kind:?}") };
        assert!(name.is_empty());
    });
}

// B27
#[test]
fn values_of_another_type_inside_a_state_are_printed_as_they_are() {
    check(
        state("park", [tuple([int(1)]), int(0), string("ann"), int(5)]),
        "park",
        json!({"slot": [1], "terminal_name": 0, "parker_id": "ann", "parker_name": 5}),
        |kind| {
            let StateKind::Park { slot, terminal_name, parker_id, parker_name } = kind else {
                panic!("{kind:?}")
            };
            assert_eq!((slot, parker_id), (None, None));
            // A number where text is expected.
            assert_eq!((terminal_name.to_str(), parker_name.to_str()), ("0".into(), "5".into()));
        },
    );
    check_calling(
        calling("user", tuple([tuple([atom("x")])])),
        json!({"target_location": "ext", "target_type": "user", "user_id": ["x"]}),
        |target| assert_eq!(target, CallTarget::User { user_id: None }),
    );
}

// B16, B26
#[test]
fn every_word_of_a_state_may_be_text_of_any_form() {
    let forms: [fn(&str) -> Value; 4] =
        [|text| atom(text), |text| binary(text), |text| string(text), charlist];
    for form in forms {
        let value = |name: &str, data: &[Value]| tuple([&[int(SINCE), form(name)], data].concat());
        check(value("bridged", &[]), "bridged", json!({}), |kind| {
            assert_eq!(kind, StateKind::Bridged);
        });
        check(
            value("voicemail", &[form("user"), int(7), form("ann")]),
            "voicemail",
            json!({"target_type": "user", "target_id": 7, "target_name": "ann"}),
            |kind| {
                let StateKind::Voicemail { target_type, target_name, .. } = kind else {
                    panic!("{kind:?}")
                };
                assert_eq!(target_type, Some(TargetType::User));
                assert_eq!(target_name, "ann");
            },
        );
        let group = tuple([form("ring"), int(3), nil(), nil(), int(4)]);
        check(
            value("calling", &[form("int"), form("group"), group]),
            "calling",
            json!({
                "target_location": "int", "target_type": "group",
                "group_type": "ring", "group_id": 3, "group_queue_id": 4,
            }),
            |kind| {
                let StateKind::Calling(calling) = kind else { panic!("{kind:?}") };
                assert_eq!(calling.target_location, Some(TargetLocation::Internal));
                let CallTarget::Group { group_type, queue_id, .. } = calling.target else {
                    panic!("{calling:?}")
                };
                assert_eq!((group_type, queue_id.as_i64()), (Some(GroupType::Ring), Some(4)));
            },
        );
        check(
            value("calling", &[form("ext"), form("pstn"), tuple([form("0312345678")])]),
            "calling",
            json!({"target_location": "ext", "target_type": "pstn", "address": "0312345678"}),
            |kind| {
                let StateKind::Calling(calling) = kind else { panic!("{kind:?}") };
                assert_eq!(calling.target.address().unwrap(), "0312345678");
            },
        );
    }
}

// B11
#[test]
fn a_state_may_be_a_large_tuple() {
    let mut bytes = vec![105, 0, 0, 0, 3, 97, 9];
    bytes.extend([119, 3, b'i', b'v', b'r', 97, 12]);
    let value = Value::Wire(bytes);
    let printed = json!({"ts": 9, "name": "ivr", "data": {"ivr_id": 12}});
    assert_eq!(printed_field("state", value.clone()), printed);
    with_channel(&[("state", value)], |channel| {
        let StateKind::Ivr { ivr_id } = channel.state().unwrap().kind else { panic!("no ivr") };
        assert_eq!(ivr_id.as_i64(), Some(12));
    });
}
