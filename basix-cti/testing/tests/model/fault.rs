//! Every fault does what it says, and only that.

use std::time::Duration;

use basix_cti::message::ErrorClass;
use basix_cti::{ElementKind, Parser, Store};
use basix_cti_testing::{ConnectionId, Fault, Faults, Pbx, Refusal, Sent, Traffic};
use http::StatusCode;

use crate::client::{Client, handshake};

/// A client that has caught up, and one more user whose record is not sent yet.
fn waiting() -> (Pbx, Client) {
    let mut pbx = Pbx::new(1);
    let mut client = Client::open(&mut pbx);
    client.catch_up(&mut pbx);
    pbx.add_user("anna");
    (pbx, client)
}

/// Sends everything with this fault before the next message.
fn sent_with(fault: Fault) -> (Pbx, Client, Vec<Sent>) {
    let (mut pbx, client) = waiting();
    pbx.inject(client.connection, fault);
    let sent = std::iter::from_fn(|| pbx.poll_frame(client.connection)).collect();
    (pbx, client, sent)
}

/// The message of [`waiting`], without faults.
fn message() -> Sent {
    let (mut pbx, client) = waiting();
    pbx.poll_frame(client.connection).unwrap()
}

fn class(frame: &[u8]) -> ErrorClass {
    Parser::new().parse(frame).unwrap_err().class()
}

#[test]
fn a_connection_is_cut_between_messages_or_in_the_middle_of_one() {
    let (pbx, client, sent) = sent_with(Fault::Cut);
    assert_eq!(sent, [Sent::Cut(None)]);
    assert!(!pbx.is_open(client.connection));
    let (pbx, client, sent) = sent_with(Fault::CutMidMessage);
    let Sent::Frame(frame) = message() else { panic!() };
    assert_eq!(sent, [Sent::Cut(Some(frame))]);
    assert!(!pbx.is_open(client.connection));
}

#[test]
fn half_a_message_is_refused_and_lost() {
    let (pbx, mut client, sent) = sent_with(Fault::HalfFrame);
    let Sent::Frame(whole) = message() else { panic!() };
    let [Sent::Frame(half)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(half[..], whole[..whole.len() / 2]);
    assert_eq!(class(half), ErrorClass::Decode);
    pbx.compare_delivered(client.connection, &client.store).unwrap();
    assert!(pbx.compare(&client.store).is_err());
    client.read(&whole);
    pbx.compare(&client.store).unwrap();
}

#[test]
fn garbage_comes_before_a_message_or_in_its_place() {
    let (_, _, sent) = sent_with(Fault::Garbage);
    let [Sent::Frame(garbage), after] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(class(garbage), ErrorClass::Decode);
    assert_eq!(*after, message());
    let (pbx, client, sent) = sent_with(Fault::GarbageInstead);
    let [Sent::Frame(garbage)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(class(garbage), ErrorClass::Decode);
    pbx.compare_delivered(client.connection, &client.store).unwrap();
}

#[test]
fn other_messages_come_before_a_message() {
    let (_, _, sent) = sent_with(Fault::TextMessage);
    assert_eq!(sent, [Sent::Text("a text message".to_owned()), message()]);
    for bytes in [100, 70_000] {
        let (_, mut client, sent) = sent_with(Fault::Oversize(bytes));
        let [Sent::Frame(large), after] = &sent[..] else { panic!("{} messages", sent.len()) };
        assert_eq!(large.len(), bytes);
        client.read(large);
        assert_eq!(*after, message());
    }
    for (fault, heard) in [
        (Fault::Logout, r#"{"kind":"system_msg","data":"logout"}"#),
        (Fault::UnknownSystemMessage, r#"{"kind":"system_msg","data":"webphone_auto_answer"}"#),
        (Fault::Message, r#"{"kind":"msg","data":"meeting at noon"}"#),
        (Fault::UnknownKind, r#"{"kind":"unknown"}"#),
    ] {
        let (pbx, mut client, sent) = sent_with(fault);
        for sent in &sent {
            let Sent::Frame(frame) = sent else { panic!("{sent:?}") };
            client.read(frame);
        }
        assert_eq!(client.heard, [heard]);
        pbx.compare(&client.store).unwrap();
    }
}

#[test]
fn silence_and_delay_end_when_they_should() {
    let time = Duration::from_secs(40);
    for (fault, silent) in [(Fault::Silence(Some(time)), true), (Fault::Delay(time), false)] {
        let (mut pbx, mut client, sent) = sent_with(fault);
        assert_eq!(sent, []);
        assert_eq!(pbx.is_silent(client.connection), silent);
        assert!(pbx.is_open(client.connection) && !pbx.is_drained(client.connection));
        let due = pbx.poll_due(client.connection).unwrap();
        assert_eq!(pbx.now().elapsed_at(due), time);
        pbx.advance(time - Duration::from_micros(1));
        assert_eq!(pbx.poll_frame(client.connection), None);
        pbx.advance_to(due);
        client.catch_up(&mut pbx);
        assert!(!pbx.is_silent(client.connection));
        assert_eq!(pbx.poll_due(client.connection), None);
    }
    let (mut pbx, client, sent) = sent_with(Fault::Silence(None));
    assert_eq!(sent, []);
    assert_eq!(pbx.poll_due(client.connection), None);
    pbx.advance(Duration::from_secs(1_000_000));
    assert_eq!(pbx.poll_frame(client.connection), None);
    assert!(pbx.is_silent(client.connection));
}

#[test]
fn a_slow_message_is_the_message() {
    let (_, _, sent) = sent_with(Fault::SlowWrite);
    let Sent::Frame(frame) = message() else { panic!() };
    assert_eq!(sent, [Sent::SlowFrame(frame)]);
}

#[test]
fn a_connection_is_closed_with_a_code() {
    let (pbx, client, sent) = sent_with(Fault::Close(1012));
    assert_eq!(sent, [Sent::Close(1012)]);
    assert!(!pbx.is_open(client.connection));
}

#[test]
fn a_connection_is_refused_at_opening() {
    let mut pbx = Pbx::new(1);
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    pbx.set_faults(
        Faults::none().with(0, 0, Fault::Refuse(unavailable)).with(1, 0, Fault::WebPage).with(
            2,
            0,
            Fault::Unreachable,
        ),
    );
    for refusal in [Refusal::Status(unavailable), Refusal::WebPage, Refusal::Unreachable] {
        assert!(!pbx.faults().is_over(pbx.asked()));
        assert_eq!(pbx.open(&handshake()), Err(refusal));
    }
    assert!(pbx.faults().is_over(pbx.asked()));
    let connection = pbx.open(&handshake()).unwrap();
    assert_eq!(connection.number(), 3);
}

/// The elements of the lists that the first connection gets with this fault, and its store.
fn lists(fault: Fault, later: Duration) -> (Pbx, ConnectionId, Vec<String>, Store) {
    let mut pbx = Pbx::new(1);
    pbx.add_user("anna");
    pbx.set_faults(Faults::none().with(0, 0, fault));
    let mut client = Client::open(&mut pbx);
    let mut lists = Vec::new();
    for _ in 0..2 {
        while let Some(Sent::Frame(frame)) = pbx.poll_frame(client.connection) {
            let message = basix_cti::bert::decode(&frame).unwrap();
            let part = |at| message.as_tuple().unwrap().get(at).unwrap().as_text().unwrap();
            if part(0) == "initial_info" {
                lists.push(part(1).to_string());
            }
            client.read(&frame);
        }
        pbx.advance(later);
        pbx.add_user("bob");
    }
    while let Some(Sent::Frame(frame)) = pbx.poll_frame(client.connection) {
        client.read(&frame);
    }
    pbx.compare_delivered(client.connection, &client.store).unwrap();
    (pbx, client.connection, lists, client.store)
}

// B32
#[test]
fn a_list_is_sent_twice_or_not_at_all_or_late() {
    let user = ElementKind::User;
    let count = |lists: &[String]| lists.iter().filter(|name| *name == "user").count();
    let (pbx, _, lists_of_two, store) = lists(Fault::DuplicateInitialInfo(user), Duration::ZERO);
    assert_eq!((count(&lists_of_two), lists_of_two.len()), (2, 10));
    pbx.compare(&store).unwrap();

    let (pbx, _, none, store) = lists(Fault::MissingInitialInfo(user), Duration::from_secs(60));
    assert_eq!((count(&none), none.len()), (0, 8));
    assert!(!store.table(user).unwrap().is_current());
    assert!(pbx.compare_element(user, &store).is_err());
    pbx.compare_element(ElementKind::Domain, &store).unwrap();

    let late = Duration::from_secs(5);
    let fault = Fault::LateInitialInfo(user, late);
    let (pbx, _, late_lists, store) = lists(fault, late);
    assert_eq!((late_lists.last().unwrap().as_str(), late_lists.len()), ("user", 9));
    pbx.compare(&store).unwrap();
    let (_, _, too_early, _) = lists(fault, late - Duration::from_millis(1));
    assert_eq!(too_early.len(), 8);
}

// B30
#[test]
fn the_fields_come_in_another_order_on_a_later_connection() {
    let mut pbx = Pbx::new(1);
    pbx.set_faults(Faults::none().with(1, 0, Fault::OtherOrder).with(2, 0, Fault::OtherOrder));
    let orders: Vec<Sent> = (0..4)
        .map(|_| {
            let connection = pbx.open(&handshake()).unwrap();
            pbx.poll_frame(connection).unwrap()
        })
        .collect();
    assert_eq!(orders[0], orders[3]);
    assert!(orders[0] != orders[1] && orders[1] != orders[2] && orders[0] != orders[2]);
}

#[test]
fn a_plan_is_made_again_from_its_seed_and_fits_on_a_line() {
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..300 {
        let plan = Faults::from_seed(seed);
        assert_eq!(plan, Faults::from_seed(seed));
        assert_eq!(plan.seed(), Some(seed));
        let line = plan.to_string();
        assert!(line.starts_with(&format!("faults of seed {seed}: ")) && !line.contains('\n'));
        for planned in line.split([':', ';']).skip(1).filter(|planned| *planned != " none") {
            let (_, fault) = planned.split_once('@').unwrap();
            let (_, fault) = fault.split_once(' ').unwrap();
            kinds.insert(fault.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
        }
        assert!(plan.is_over(6));
    }
    for kind in [
        "refuse 401",
        "refuse 403",
        "refuse 503",
        "web page",
        "unreachable",
        "other field",
        "two initial_infos",
        "no initial_info",
        "initial_info of",
        "cut",
        "cut mid-message",
        "half frame",
        "garbage",
        "garbage instead",
        "text message",
        "1048576 bytes",
        "silence for",
        "delay of",
        "slow write",
        "close 1012",
        "logout",
        "unknown system_msg",
        "msg",
        "unknown kind",
    ] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
    assert_ne!(Faults::from_seed(1), Faults::from_seed(2));
    assert_eq!(Faults::none().to_string(), "faults: none");
}

/// A client that opens a new connection whenever it loses one, or hears nothing, or is refused a
/// message.
#[test]
fn a_client_that_reconnects_outlives_every_plan() {
    for seed in 0..100 {
        let mut pbx = Pbx::new(seed);
        pbx.set_faults(Faults::from_seed(seed));
        let plan = pbx.faults().to_string();
        let mut traffic = Traffic::new(seed);
        let mut client: Option<(ConnectionId, Parser, Store)> = None;
        let mut idle = 0;
        for step in 0..600 {
            traffic.step(&mut pbx);
            if client.is_none() {
                idle = 0;
                let opened = pbx.open(&handshake()).ok();
                client = opened.map(|id| (id, Parser::new(), Store::new()));
            }
            let Some((connection, parser, store)) = &mut client else { continue };
            idle += 1;
            let (mut lost, mut refused) = (false, false);
            while let Some(sent) = pbx.poll_frame(*connection) {
                idle = 0;
                match sent {
                    Sent::Frame(frame) | Sent::SlowFrame(frame) => {
                        let read = parser.parse(&frame);
                        refused |= read.and_then(|message| store.apply(&message)).is_err();
                    }
                    _ => lost = true,
                }
            }
            // Of a record in a refused message this client keeps an old version.
            if !refused && (lost || step % 20 == 0) {
                pbx.compare_delivered(*connection, store)
                    .unwrap_or_else(|it| panic!("{plan}: {it}"));
            }
            // A list that has not come in a while will not.
            lost |=
                refused || idle > 20 || store.tables().any(|table| !table.is_current()) && idle > 5;
            if lost {
                pbx.close(*connection);
                client = None;
            }
        }
        let (_, _, store) = client.unwrap_or_else(|| panic!("{plan}: no connection in the end"));
        assert!(pbx.faults().is_over(pbx.asked()) || pbx.asked() < 7);
        if store.tables().all(basix_cti::store::Table::is_current)
            && pbx.faults().is_over(pbx.asked() - 1)
        {
            pbx.compare(&store).unwrap_or_else(|it| panic!("{plan}: {it}"));
        }
    }
}
