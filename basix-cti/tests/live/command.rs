//! Commands as text messages.
// B90 to B94

use basix_cti::Command;
use basix_cti::element::UserId;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::cases;
use crate::channel::channel;

fn json_of(command: impl Into<Command>) -> Json {
    serde_json::from_str(&command.into().to_text()).unwrap()
}

// B90, B94
#[test]
fn park_passes_its_timeout_through() {
    assert_eq!(json_of(Command::park("u-1")), json!({"cmd": "park", "uuid": "u-1"}));
    for timeout in [30, 0, -1, i64::MAX] {
        assert_eq!(
            json_of(Command::park("u-1").timeout(timeout)),
            json!({"cmd": "park", "uuid": "u-1", "timeout": timeout})
        );
    }
}

// B91
#[test]
fn hangup_names_the_channel() {
    assert_eq!(json_of(Command::hangup("u-1")), json!({"cmd": "hangup", "uuid": "u-1"}));
}

// B92
#[test]
fn transfer_leaves_out_what_is_not_known() {
    assert_eq!(json_of(Command::transfer("u-1")), json!({"cmd": "transfer", "uuid": "u-1"}));
    assert_eq!(
        json_of(Command::transfer("u-1").user_id(UserId(0))),
        json!({"cmd": "transfer", "uuid": "u-1", "user_id": 0})
    );
    let transfer =
        Command::transfer("u-1").user_id(UserId(7)).user_name("田中").destination("+81 3");
    assert_eq!(
        Command::from(transfer).to_text(),
        r#"{"cmd":"transfer","uuid":"u-1","user_id":7,"user_name":"田中","destination":"+81 3"}"#
    );
}

// B93, B94
#[test]
fn eavesdrop_names_the_leg_that_listens_and_passes_its_subcommand_through() {
    assert_eq!(
        json_of(Command::eavesdrop("u-1").via("h-1")),
        json!({"cmd": "eavesdrop", "uuid": "h-1", "target_uuid": "u-1"})
    );
    assert_eq!(
        json_of(Command::eavesdrop("u-1").subcommand("whisper").via("h-1")),
        json!({"cmd": "eavesdrop", "uuid": "h-1", "target_uuid": "u-1", "subcommand": "whisper"})
    );
}

#[test]
fn a_command_takes_the_channel_of_an_event() {
    channel("8ec56efc", "09056161879", "CHANNEL_ANSWER", |channel| {
        assert_eq!(Command::hangup(channel.uuid()), Command::hangup("8ec56efc"));
    });
}

#[test]
fn display_and_debug_show_the_channel_and_nothing_of_people() {
    let transfer = Command::transfer("u-1")
        .user_id(UserId(10001001))
        .user_name("Tanaka")
        .destination("0905616");
    let transfer = Command::from(transfer);
    assert_eq!(transfer.to_string(), "transfer u-1");
    assert_eq!(format!("{transfer:?}"), "Transfer(Transfer { uuid: \"u-1\", .. })");
    for shown in [format!("{transfer}"), format!("{transfer:?}"), format!("{transfer:#?}")] {
        for personal in ["10001001", "Tanaka", "0905616"] {
            assert!(!shown.contains(personal), "{shown}");
        }
    }
    assert_eq!(Command::from(Command::park("u-1").timeout(3)).to_string(), "park u-1");
    assert_eq!(Command::hangup("u-1").to_string(), "hangup u-1");
    assert_eq!(Command::eavesdrop("u-1").via("h-1").to_string(), "eavesdrop h-1");
}

#[test]
fn display_of_any_channel_is_one_line() {
    assert_eq!(Command::hangup("a\nb\u{1b}[31m").to_string(), "hangup a\\nb\\u{1b}[31m");
}

#[test]
fn text_that_is_not_a_command_does_not_read_as_one() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"cmd":"dance","uuid":"u"}"#,
        r#"{"cmd":"park"}"#,
        r#"{"cmd":"park","uuid":5}"#,
        r#"{"cmd":"eavesdrop","uuid":"h"}"#,
        r#"{"cmd":"park","uuid":"u","timeout":"x"}"#,
    ] {
        assert!(serde_json::from_str::<Command>(text).is_err(), "{text}");
    }
}

/// A command and the members that it must have.
fn any_command() -> impl Strategy<Value = (Command, Map<String, Json>)> {
    let text = || prop_oneof!["\\PC{0,12}", ".{0,6}"];
    let maybe = move || prop::option::of(text());
    let kind = 0_usize..4;
    (kind, text(), any::<Option<i64>>(), maybe(), maybe(), text()).prop_map(
        |(kind, uuid, number, first, second, other)| {
            let mut wanted = Map::new();
            wanted.insert("uuid".into(), uuid.clone().into());
            let verb = ["park", "hangup", "transfer", "eavesdrop"][kind];
            wanted.insert("cmd".into(), verb.into());
            let mut put = |name: &str, value: Option<Json>| {
                wanted.extend(value.map(|value| (name.to_owned(), value)));
            };
            let command = match kind {
                0 => {
                    put("timeout", number.map(Json::from));
                    let park = Command::park(uuid);
                    match number {
                        Some(number) => park.timeout(number).into(),
                        None => park.into(),
                    }
                }
                1 => Command::hangup(uuid),
                2 => {
                    put("user_id", number.map(Json::from));
                    put("user_name", first.clone().map(Json::from));
                    put("destination", second.clone().map(Json::from));
                    let mut transfer = Command::transfer(uuid);
                    if let Some(number) = number {
                        transfer = transfer.user_id(UserId(number));
                    }
                    if let Some(name) = first {
                        transfer = transfer.user_name(name);
                    }
                    if let Some(destination) = second {
                        transfer = transfer.destination(destination);
                    }
                    transfer.into()
                }
                _ => {
                    put("target_uuid", Some(other.clone().into()));
                    put("subcommand", first.clone().map(Json::from));
                    let eavesdrop = Command::eavesdrop(other);
                    match first {
                        Some(subcommand) => eavesdrop.subcommand(subcommand).via(uuid),
                        None => eavesdrop.via(uuid),
                    }
                }
            };
            (command, wanted)
        },
    )
}

proptest! {
    #![proptest_config(cases(1000))]

    // B90, B93
    #[test]
    fn any_command_is_one_json_object_with_its_members_and_reads_back(
        (command, wanted) in any_command(),
    ) {
        let text = command.to_text();
        prop_assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), Json::Object(wanted.clone()));
        let again: Command = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(again.to_text(), text);
        prop_assert_eq!(command.uuid(), wanted["uuid"].as_str().unwrap());
        prop_assert_eq!(command.verb(), wanted["cmd"].as_str().unwrap());
        prop_assert_eq!(again, command);
    }
}
