//! In which forms the PBX writes, and that each is read alike.

use basix_cti::bert::{AtomForm, FloatForm, decode};
use basix_cti::{ElementKind, Message, Parser};
use basix_cti_testing::{HangupNotice, Pbx, RecordForm, Sent, TextForm, Traffic, WireForm};

use crate::client::{Client, handshake};

/// Some traffic in this form, followed; gives the frames.
#[track_caller]
fn frames(form: WireForm) -> Vec<Vec<u8>> {
    let mut pbx = Pbx::new(3);
    pbx.set_hangup_notice(HangupNotice::Both);
    pbx.set_wire_form(form);
    let mut traffic = Traffic::new(3);
    (0..60).for_each(|_| traffic.step(&mut pbx));
    for label in ["田中", "Zoë", "Ã©"] {
        let user = pbx.add_user("user");
        pbx.update_user(user, |user| label.clone_into(&mut user.label)).unwrap();
    }
    let mut client = Client::open(&mut pbx);
    let mut frames = Vec::new();
    for _ in 0..60 {
        while let Some(Sent::Frame(frame)) = pbx.poll_frame(client.connection) {
            client.read(&frame);
            frames.push(frame.to_vec());
        }
        pbx.compare(&client.store).unwrap();
        traffic.step(&mut pbx);
    }
    frames
}

fn contains(frames: &[Vec<u8>], bytes: &[u8]) -> bool {
    frames.iter().any(|frame| frame.windows(bytes.len()).any(|window| window == bytes))
}

// B11
#[test]
fn both_generations_of_atoms_and_floats_are_written() {
    let utf8 = frames(WireForm::default().with_atoms(AtomForm::Utf8));
    assert!(contains(&utf8, b"w\x09undefined") && !contains(&utf8, b"d\x00\x09undefined"));
    let latin1 = frames(WireForm::default().with_extra_fields(2));
    assert!(contains(&latin1, b"d\x00\x09undefined") && !contains(&latin1, b"w\x09undefined"));
    assert!(contains(&latin1, b"c5.0"));
    let ieee = WireForm::default().with_extra_fields(2).with_floats(FloatForm::Ieee);
    assert!(contains(&frames(ieee), b"F\x3f\xe0\0\0\0\0\0\0"));
}

// B37
#[test]
fn names_of_elements_are_strings_by_default() {
    for (form, bytes) in [
        (WireForm::default(), &b"k\0\x07channel"[..]),
        (WireForm::default().with_names(TextForm::Atom), b"d\0\x07channel"),
        (WireForm::default().with_names(TextForm::Binary), b"m\0\0\0\x07channel"),
    ] {
        assert!(contains(&frames(form), bytes));
    }
}

// B15, B16, B17
#[test]
fn text_is_written_in_every_form() {
    // The label of some user, as each form has it.
    for (text, bytes) in [
        (TextForm::Binary, "m\0\0\0\x06田中".as_bytes()),
        (TextForm::String, "k\0\x06田中".as_bytes()),
        (TextForm::Atom, "w\x06田中".as_bytes()),
        (TextForm::CharList, b"l\0\0\0\x02b\0\0\x75\x30b\0\0\x4e\x2dj"),
    ] {
        let form = WireForm::default().with_text(text);
        let frames = frames(form);
        assert!(contains(&frames, bytes), "{text:?}");
    }
    // Characters of Latin-1 alone make a STRING that is not UTF-8.
    assert!(contains(&frames(WireForm::default().with_text(TextForm::CharList)), b"k\0\x03Zo\xEB"));
    assert!(contains(
        &frames(WireForm::default().with_words(TextForm::Binary)),
        b"m\0\0\0\x07inbound"
    ));
}

// B38, B42
#[test]
fn records_are_lists_and_have_unknown_fields_and_elements_on_demand() {
    let form = WireForm::default().with_records(RecordForm::List).with_extra_fields(3);
    let frames = frames(form.with_unknown_elements());
    let mut parser = Parser::new();
    let (mut lists, mut unknown) = (0, 0);
    for frame in &frames {
        match parser.parse(frame).unwrap() {
            Message::InfoEvent(event) if event.element_name() == "call_flow" => unknown += 1,
            Message::InfoEvent(event) => {
                lists += usize::from(event.record().term().as_list().is_some());
                let integer = event.record().get("x_extra_2").and_then(|term| term.as_i64());
                assert_eq!(integer, Some(i64::MIN + 2));
            }
            _ => {}
        }
    }
    assert!(lists > 50 && unknown > 5, "{lists} lists, {unknown} unknown");
}

// B30
#[test]
fn the_order_of_the_fields_is_shuffled_and_changes_with_every_connection_on_demand() {
    let orders = |pbx: &mut Pbx| {
        let connection = pbx.open(&handshake()).unwrap();
        let mut parser = Parser::new();
        while let Some(Sent::Frame(frame)) = pbx.poll_frame(connection) {
            parser.parse(&frame).unwrap();
        }
        let names = parser.schema("channel").unwrap().names().map(str::to_owned);
        names.filter(|name| !name.starts_with("x_")).collect::<Vec<_>>()
    };
    let mut pbx = Pbx::new(1);
    let habit = orders(&mut pbx);
    assert_eq!((habit.len(), habit[0].as_str()), (22, "uuid"));
    assert_eq!(orders(&mut pbx), habit);
    pbx.set_wire_form(WireForm::default().with_order(7));
    let shuffled = orders(&mut pbx);
    assert_ne!(shuffled, habit);
    assert_eq!(orders(&mut pbx), shuffled);
    pbx.vary_wire_form();
    let [one, other] = [orders(&mut pbx), orders(&mut pbx)];
    assert!(one != other && one != habit);
    for order in [shuffled, one, other] {
        let mut sorted = [order, habit.clone()];
        sorted.iter_mut().for_each(|names| names.sort());
        assert_eq!(sorted[0], sorted[1]);
    }
}

// B30
#[test]
fn the_order_may_change_in_the_middle_of_a_connection() {
    let mut pbx = Pbx::new(1);
    let mut traffic = Traffic::new(1);
    let mut client = Client::open(&mut pbx);
    let mut other = Client::open(&mut pbx);
    for step in 0..200 {
        let kind = ElementKind::KNOWN[step % 9];
        pbx.reorder_fields(client.connection, kind);
        traffic.step(&mut pbx);
        if step % 50 == 0 {
            pbx.send_initial_info(client.connection, kind);
        }
        client.follow(&mut pbx);
        other.follow(&mut pbx);
    }
    client.catch_up(&mut pbx);
    other.catch_up(&mut pbx);
}

#[test]
fn what_connections_read_alike_is_written_once() {
    let mut pbx = Pbx::new(1);
    let connections: Vec<_> = (0..3).map(|_| pbx.open(&handshake()).unwrap()).collect();
    pbx.set_wire_form(WireForm::default().with_order(1));
    let other = pbx.open(&handshake()).unwrap();
    let drain = |pbx: &mut Pbx, connection| {
        let mut last = None;
        while let Some(Sent::Frame(frame)) = pbx.poll_frame(connection) {
            last = Some(frame);
        }
        last.unwrap()
    };
    for connection in connections.iter().chain([&other]) {
        drain(&mut pbx, *connection);
    }
    let anna = pbx.add_user("anna");
    let frames: Vec<_> = connections.iter().map(|it| drain(&mut pbx, *it)).collect();
    assert!(frames.iter().all(|frame| std::sync::Arc::ptr_eq(frame, &frames[0])));
    assert!(!std::sync::Arc::ptr_eq(&drain(&mut pbx, other), &frames[0]));

    // A ready message is the one that would be sent.
    let uuid = pbx.offer("0312345678", anna).unwrap();
    drain(&mut pbx, connections[0]);
    let ready = pbx.event_frame(connections[0], &uuid).unwrap();
    let message = decode(&ready).unwrap().to_string();
    assert!(
        message.starts_with("{info_event,\"channel\",{") && message.contains(&uuid),
        "{message}"
    );
    assert!(message.ends_with("\"updated\"}"), "{message}");
    assert!(pbx.event_frame(connections[0], "no-such-channel").is_none());
}
