//! Whom a channel called, and who is at its other side.

use basix_cti::Timestamp;
use basix_cti::element::{BaseUrl, Direction, GroupId, Party, PeerLocation, TargetType, UserId};
use serde_json::json;

use crate::connection::{Connection, printed_field, with_channel};
use crate::wire::{Value, atom, bert, binary, charlist, int, string, tuple, undefined};

// B60
#[test]
fn a_target_is_the_user_or_group_that_was_called() {
    let value = tuple([atom("user"), int(10_001_001), string("ann"), string("0312345678")]);
    assert_eq!(
        printed_field("target", value.clone()),
        json!({"type": "user", "id": 10_001_001, "name": "ann", "address": "0312345678"})
    );
    with_channel(&[("target", value)], |channel| {
        let target = channel.target().unwrap();
        assert_eq!(target.target_type, Some(TargetType::User));
        assert_eq!(target.id, Some(10_001_001));
        assert_eq!(target.name, "ann");
        assert_eq!(target.address, "0312345678");
    });
}

// B27, B60
#[test]
fn a_target_may_lack_parts_and_have_others() {
    for (value, printed) in [
        (tuple([]), json!({})),
        (tuple([atom("fax")]), json!({"type": "fax"})),
        (tuple([undefined(), bert("nil"), string("x")]), json!({"name": "x"})),
        (
            tuple([charlist("group"), string("7"), charlist("営業"), int(5), int(6)]),
            json!({"type": "group", "id": "7", "name": "営業", "address": 5}),
        ),
    ] {
        assert_eq!(printed_field("target", value), printed);
    }
    with_channel(&[("target", tuple([atom("fax")]))], |channel| {
        let target = channel.target().unwrap();
        assert_eq!(target.target_type.unwrap().to_str(), "fax");
        assert_eq!((target.id, target.name.is_empty()), (None, true));
    });
    let value = tuple([charlist("group"), string("7"), charlist("営業"), int(5), int(6)]);
    with_channel(&[("target", value)], |channel| {
        let target = channel.target().unwrap();
        assert_eq!(target.target_type, Some(TargetType::Group));
        // Digits for a number, and a number for text.
        assert_eq!((target.id, target.name.to_str()), (Some(7), "営業".into()));
        assert_eq!(target.address, "5");
    });
}

/// An `other_info` with everything in it.
fn other_info(party_type: Value, who: Value) -> Value {
    tuple([
        party_type,
        who,
        atom("outbound"),
        atom("external"),
        string("0312345678"),
        int(1_546_839_040_024_071),
        int(1111),
        atom("caller"),
    ])
}

// B61
#[test]
fn the_other_side_may_be_a_user() {
    for user in [atom("user"), binary("user"), string("user"), charlist("user")] {
        let value = other_info(user, int(10_001_001));
        assert_eq!(
            printed_field("other_info", value.clone()),
            json!({
                "type": "user", "direction": "outbound", "peer_location": "external",
                "address": "0312345678", "offer_timestamp": 1_546_839_040_024_071_i64,
                "whoscall": "caller", "user_id": 10_001_001, "group_id": 1111,
            })
        );
        with_channel(&[("other_info", value)], |channel| {
            let info = channel.other_info().unwrap();
            let Party::User { user_id, group_id } = info.party else { panic!("{info:?}") };
            assert_eq!((user_id, group_id), (Some(UserId(10_001_001)), Some(GroupId(1111))));
            assert_eq!(info.party.end_user(), None);
            assert_eq!(info.direction, Some(Direction::Outbound));
            assert_eq!(info.peer_location, Some(PeerLocation::External));
            assert_eq!(info.address, "0312345678");
            assert_eq!(info.offer_timestamp, Some(Timestamp::from_micros(1_546_839_040_024_071)));
            assert_eq!(info.whoscall.as_text().unwrap(), "caller");
        });
    }
}

// B61, B62
#[test]
fn the_other_side_may_be_an_end_user() {
    let value = other_info(atom("end_user"), string("7*Ann+Lee"));
    assert_eq!(
        printed_field("other_info", value.clone()),
        json!({
            "type": "end_user", "direction": "outbound", "peer_location": "external",
            "address": "0312345678", "offer_timestamp": 1_546_839_040_024_071_i64,
            "whoscall": "caller",
            "end_user": {"count": 1, "items": [{"id": "7", "name": "Ann Lee"}]},
        })
    );
    with_channel(&[("other_info", value)], |channel| {
        let info = channel.other_info().unwrap();
        assert!(matches!(info.party, Party::EndUser(Some(_))), "{info:?}");
        let user = info.party.end_user().unwrap().iter().next().unwrap();
        assert_eq!(user.name.unwrap(), "Ann Lee");
    });
}

// B61, B62
#[test]
fn nobody_at_the_other_side_is_nothing() {
    for nobody in [string(""), string("****"), undefined(), bert("nil")] {
        let value = other_info(atom("end_user"), nobody);
        assert_eq!(printed_field("other_info", value.clone()).get("end_user"), None);
        with_channel(&[("other_info", value)], |channel| {
            assert_eq!(channel.other_info().unwrap().party, Party::EndUser(None));
        });
    }
}

// B61
#[test]
fn any_other_party_is_read_as_an_end_user() {
    for (party_type, name) in [(atom("robot"), "robot"), (undefined(), "")] {
        let value = other_info(party_type, string("7"));
        let printed = printed_field("other_info", value.clone());
        assert_eq!(printed["end_user"]["items"], json!([{"id": "7"}]));
        with_channel(&[("other_info", value)], |channel| {
            let party = channel.other_info().unwrap().party;
            let Party::Unknown { party_type, end_user } = party else { panic!("{party:?}") };
            assert_eq!(party_type, name);
            assert_eq!(end_user.unwrap().iter().next().unwrap().id.unwrap(), "7");
        });
    }
}

// B61
#[test]
fn the_last_parts_of_other_info_may_be_missing() {
    for (value, printed) in [
        (tuple([]), json!({})),
        (tuple([atom("user")]), json!({"type": "user"})),
        (
            tuple([atom("user"), int(5), undefined(), undefined(), string("t1"), undefined()]),
            json!({"type": "user", "user_id": 5, "address": "t1"}),
        ),
    ] {
        assert_eq!(printed_field("other_info", value.clone()), printed);
        with_channel(&[("other_info", value)], |channel| {
            let info = channel.other_info().unwrap();
            assert_eq!((info.direction, info.offer_timestamp), (None, None));
            assert!(info.whoscall.is_none());
        });
    }
}

// B27
#[test]
fn a_party_of_another_type_is_printed_as_it_is() {
    let printed = printed_field("other_info", other_info(atom("end_user"), int(5)));
    assert_eq!(printed["end_user"], json!(5));
    let printed = printed_field("other_info", other_info(atom("user"), string("ann")));
    assert_eq!(printed["user_id"], json!("ann"));
}

#[test]
fn other_info_has_parts_only_in_channels_5_2() {
    let value = other_info(atom("user"), int(5));
    let fields = [("uuid", string("c")), ("other_info", value)];
    for element in ["channel_waiting", "queued_channel", "parked_channel", "user"] {
        let printed = Connection::new().print_record(element, &fields);
        assert!(printed["other_info"].is_array(), "{printed}");
    }
}

// B42
#[test]
fn composite_fields_have_parts_only_in_channels_5_2() {
    let fields = [
        ("id", int(1)),
        ("state", tuple([int(5), atom("bridged")])),
        ("target", tuple([atom("user")])),
        ("tags", string("a;b")),
    ];
    let whole = json!({"id": 1, "state": [5, "bridged"], "target": ["user"], "tags": "a;b"});
    for element in ["user", "group", "group_member", "terminal", "domain", "call_flow"] {
        assert_eq!(Connection::new().print_record(element, &fields), whole);
    }
    for element in ["channel_waiting", "queued_channel", "parked_channel"] {
        assert_eq!(
            Connection::new().print_record(element, &fields),
            json!({
                "id": 1, "state": {"ts": 5, "name": "bridged", "data": {}},
                "target": {"type": "user"}, "tags": ["a", "b"],
            })
        );
    }
}

// B65
#[test]
fn pictures_of_end_users_at_the_other_side_have_addresses_too() {
    let mut connection = Connection::new();
    connection.base_url = Some(BaseUrl::new("https://pbx.example"));
    let value = other_info(atom("end_user"), string("7*Ann**a.png"));
    let printed = connection.print_record("channel", &[("other_info", value)]);
    assert_eq!(
        printed["other_info"]["end_user"]["items"][0]["avatar"],
        json!("https://pbx.example/basix/avatars/end_users/a.png")
    );
}
