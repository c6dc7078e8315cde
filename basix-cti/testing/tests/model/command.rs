//! Commands, and that what cannot be done is left undone without a word.

use basix_cti::ElementKind;
use basix_cti::element::StateKind;
use basix_cti_testing::record::ModelState;
use basix_cti_testing::{Handshake, Pbx, Traffic};
use serde_json::json;

use crate::call::Office;
use crate::client::Client;

fn command(office: &mut Office, command: &serde_json::Value) -> bool {
    let connection = office.client.connection;
    office.pbx.handle_text(connection, &command.to_string());
    office.pbx.commands().next_back().unwrap().obeyed
}

/// A call that bob has taken.
fn talk(office: &mut Office) -> (String, String) {
    let caller = office.pbx.offer("0312345678", office.sales).unwrap();
    let leg = office.pbx.ring(&caller, office.bob).unwrap();
    office.pbx.pick_up(&leg).unwrap();
    (caller, leg)
}

// B90
#[test]
fn park_really_parks() {
    let mut office = Office::open();
    let (caller, leg) = talk(&mut office);
    assert!(command(&mut office, &json!({"cmd": "park", "uuid": caller, "timeout": 60})));
    office.events();
    let state = office.client.store.channel(&caller).unwrap().state().unwrap().kind;
    let StateKind::Park { slot, parker_id, .. } = state else { panic!("{state:?}") };
    assert_eq!((slot, parker_id), (Some(901), Some(office.bob)));
    assert_eq!(office.client.store.waiting().parked().count(), 1);
    assert!(office.client.store.channel(&leg).is_none());
}

// B91, B70
#[test]
fn hangup_hangs_up_in_the_way_that_fits() {
    let mut office = Office::open();
    let answered = talk(&mut office).0;
    let offered = office.pbx.offer("0312345678", office.anna).unwrap();
    let ringing = office.pbx.originate(office.anna, "050", &[]).unwrap();
    for (uuid, data) in [
        (answered, "send_bye,NORMAL_CLEARING"),
        (offered, "send_refuse,NO_ANSWER"),
        (ringing, "send_cancel,ORIGINATOR_CANCEL"),
    ] {
        office.events();
        assert!(command(&mut office, &json!({"cmd": "hangup", "uuid": uuid})));
        let changes = office.client.catch_up(&mut office.pbx);
        let last = changes[0].last().unwrap().as_record();
        assert_eq!(last.get("last_event_data").unwrap().as_text().unwrap(), *data);
    }
    assert_eq!(office.pbx.count(ElementKind::Channel), 0);
}

// B92
#[test]
fn transfer_moves_a_call() {
    let mut office = Office::open();
    let anna = office.anna;
    let extension = office.pbx.user(anna).unwrap().main_extension.clone();
    for to in [
        json!({"destination": extension, "user_id": office.bob.0, "user_name": "bob"}),
        json!({"user_id": anna.0}),
    ] {
        let (caller, leg) = talk(&mut office);
        let mut transfer = json!({"cmd": "transfer", "uuid": caller});
        transfer.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
        assert!(command(&mut office, &transfer));
        office.events();
        assert_eq!(office.pbx.channel(&caller).unwrap().state, ModelState::CallingUser(anna));
        assert!(office.pbx.channel(&leg).is_none());
        assert!(command(&mut office, &json!({"cmd": "hangup", "uuid": caller})));
        office.events();
    }
}

// B93
#[test]
fn eavesdrop_connects_a_leg_that_is_up() {
    let mut office = Office::open();
    let (caller, _) = talk(&mut office);
    let leg = office.pbx.originate(office.anna, "media_plug", &[]).unwrap();
    let eavesdrop = json!({
        "cmd": "eavesdrop", "uuid": leg, "target_uuid": caller, "subcommand": "whisper"
    });
    assert!(!command(&mut office, &eavesdrop), "the leg only rings");
    office.pbx.answer(&leg).unwrap();
    assert!(command(&mut office, &eavesdrop));
    office.events();
    let state = office.client.store.channel(&leg).unwrap().state().unwrap().kind;
    let StateKind::Eavesdrop { uuid, eavesdrop_state } = state else { panic!("{state:?}") };
    assert_eq!(uuid, *caller);
    assert_eq!(eavesdrop_state.as_text().unwrap(), "whisper");
}

// B94
#[test]
fn what_cannot_be_done_is_left_undone_without_a_word() {
    let mut office = Office::open();
    let (caller, _) = talk(&mut office);
    office.events();
    let long = json!({"cmd": "hangup", "uuid": caller, "x": "y".repeat(70_000)}).to_string();
    let deep = "[".repeat(10_000);
    let strange = [
        "",
        "{",
        "null",
        "[1]",
        "\u{0}",
        &deep,
        &long,
        r#"{"cmd":"hangup"}"#,
        r#"{"cmd":"hangup","uuid":7}"#,
        r#"{"cmd":"hangup","uuid":"no-such-channel"}"#,
        r#"{"cmd":"transfer","uuid":"no-such-channel","destination":"1"}"#,
    ];
    let connection = office.client.connection;
    for text in strange {
        office.pbx.handle_text(connection, text);
    }
    for cmd in [
        json!({"cmd": "dance", "uuid": caller}),
        json!({"cmd": "transfer", "uuid": caller}),
        json!({"cmd": "transfer", "uuid": caller, "user_id": 7}),
        json!({"cmd": "eavesdrop", "uuid": caller, "target_uuid": "no-such-channel"}),
        json!({"cmd": "eavesdrop", "uuid": caller}),
    ] {
        assert!(!command(&mut office, &cmd), "{cmd}");
    }
    office.pbx.handle_binary(connection, &[131, 106]);
    assert_eq!(office.events(), [""; 0]);
    assert_eq!(office.pbx.commands_received(), strange.len() as u64 + 5);
    assert!(office.pbx.commands().all(|command| command.text.len() <= 64 << 10));
    // The log of them does not grow for ever.
    for _ in 0..2000 {
        office.pbx.handle_text(connection, "{}");
    }
    assert_eq!(office.pbx.commands().count(), 1024);
}

// B3
#[test]
fn a_login_commands_only_what_it_sees() {
    let mut pbx = Pbx::new(1);
    let (anna, bob) = (pbx.add_user("anna"), pbx.add_user("bob"));
    let session = pbx.log_in(anna);
    let client = Client::open_with(&mut pbx, &Handshake::new().with_session(&session));
    let hers = pbx.dial(anna, "0312345678").unwrap();
    let his = pbx.dial(bob, "0312345678").unwrap();
    for uuid in [&hers, &his] {
        let hangup = json!({"cmd": "hangup", "uuid": uuid}).to_string();
        pbx.handle_text(client.connection, &hangup);
    }
    assert!(pbx.channel(&hers).is_none());
    assert!(pbx.channel(&his).is_some());
}

#[test]
fn commands_for_any_channel_at_any_time_leave_the_mirror_true() {
    for seed in 0..20 {
        let mut pbx = Pbx::new(seed);
        let mut traffic = Traffic::new(seed).with_channels(12);
        let mut client = Client::open(&mut pbx);
        for step in 0..150 {
            traffic.step(&mut pbx);
            let uuids: Vec<String> = pbx.channels().map(|it| it.uuid.clone()).collect();
            for (at, uuid) in uuids.iter().enumerate() {
                let command = match (at + step) % 13 {
                    0 => json!({"cmd": "park", "uuid": uuid}),
                    1 => json!({"cmd": "hangup", "uuid": uuid}),
                    2 => json!({"cmd": "transfer", "uuid": uuid, "destination": "0399"}),
                    3 => json!({"cmd": "eavesdrop", "uuid": uuid, "target_uuid": uuids[0]}),
                    _ => continue,
                };
                pbx.handle_text(client.connection, &command.to_string());
            }
            client.follow(&mut pbx);
        }
        client.catch_up(&mut pbx);
        assert!(pbx.commands().any(|command| command.obeyed));
    }
}
