//! Who may connect, how often, and which messages come first.

use basix_cti::{ElementKind, Message, Parser};
use basix_cti_testing::{Handshake, Pbx, Refusal, SESSION_COOKIE, SESSION_HEADER, Sent};
use http::StatusCode;

use crate::client::{Client, handshake};

const fn status(status: StatusCode) -> Refusal {
    Refusal::Status(status)
}

// B30, B32
#[test]
fn a_connection_gets_all_field_specs_and_then_all_lists() {
    let mut pbx = Pbx::new(1);
    pbx.add_user("anna");
    let connection = pbx.open(&handshake()).unwrap();
    let mut parser = Parser::new();
    let mut messages = Vec::new();
    while let Some(Sent::Frame(frame)) = pbx.poll_frame(connection) {
        messages.push(match parser.parse(&frame).unwrap() {
            Message::FieldSpec(spec) => format!("spec {}", spec.element_name()),
            Message::InitialInfo(info) => format!("list {} {}", info.kind(), info.len()),
            other => format!("{other:?}"),
        });
    }
    let kinds = ElementKind::KNOWN;
    let count = |kind| usize::from(matches!(kind, ElementKind::User | ElementKind::Domain));
    let specs = kinds.map(|kind| format!("spec {kind}"));
    let lists = kinds.map(|kind| format!("list {kind} {}", count(kind)));
    assert_eq!(messages, [specs, lists].concat());
    assert!(pbx.is_drained(connection));
}

// B1
#[test]
fn only_the_domain_with_its_token_is_let_in() {
    let mut pbx = Pbx::new(1);
    pbx.set_token("t0ken");
    for (handshake, allowed) in [
        (Handshake::new(), false),
        (Handshake::new().with_token("example.test", "t0ken"), true),
        (Handshake::new().with_token("example.test", "token"), false),
        (Handshake::new().with_token("example.test", ""), false),
        (Handshake::new().with_token("other.test", "t0ken"), false),
        (Handshake::new().with_session("00"), false),
    ] {
        let opened = pbx.open(&handshake);
        assert_eq!(opened.is_ok(), allowed, "{handshake:?}");
        if let Err(refusal) = opened {
            assert_eq!(refusal, status(StatusCode::UNAUTHORIZED));
        }
    }
    assert_eq!(
        status(StatusCode::UNAUTHORIZED).to_string(),
        "the PBX refuses the websocket with HTTP status 401"
    );
    assert_eq!(pbx.asked(), 6);
    assert_eq!(pbx.connections().count(), 1);
}

// B2
#[test]
fn a_request_is_read_with_its_options() {
    let request = |uri: &str| http::Request::get(uri.to_owned());
    let path = "/basix/api/ws_cti";
    let read = |uri: &str| {
        let request = request(uri).header("authorization", "basic YTpiOmM=").body(()).unwrap();
        Handshake::from_request(&request)
    };
    let token = Handshake::new().with_token("a", "b:c");
    assert_eq!(read(path), Ok(token.clone()));
    assert_eq!(
        read(&format!("{path}?app_name=wall%20board+%26&force=true&full_events=true&x=y")),
        Ok(token.clone().with_app_name("wall board &").with_force().with_full_events())
    );
    assert_eq!(read(&format!("{path}?force=1&full_event=true")), Ok(token));
    assert_eq!(read("/"), Err(status(StatusCode::NOT_FOUND)));
    let name = |length| format!("{path}?app_name={}", "n".repeat(length));
    assert!(read(&name(256)).is_ok());
    assert_eq!(read(&name(257)), Err(status(StatusCode::BAD_REQUEST)));
    assert_eq!(read(&name(9000)), Err(status(StatusCode::URI_TOO_LONG)));

    let session = Handshake::new().with_session("s1");
    let with = |name: &str, value: &str| {
        Handshake::from_request(&request(path).header(name, value).body(()).unwrap())
    };
    assert_eq!(with(SESSION_HEADER, "s1"), Ok(session.clone()));
    assert_eq!(with("cookie", &format!("a=b; {SESSION_COOKIE}=s1; c=d")), Ok(session));
    for strange in ["Basic", "Basic !", "Basic YQ==", "Bearer YTpi", "Basic /w=="] {
        assert_eq!(with("authorization", strange), Ok(Handshake::new()), "{strange}");
    }
}

#[test]
fn credentials_are_in_no_debug_output() {
    let mut pbx = Pbx::new(1);
    let anna = pbx.add_user("anna");
    pbx.set_token("t0psecret");
    let session = pbx.log_in(anna);
    let token = handshake().with_token("example.test", "t0psecret");
    pbx.open(&token).unwrap();
    let login = Handshake::new().with_session(&session);
    pbx.open(&login).unwrap();
    for shown in [format!("{pbx:?}"), format!("{token:?}"), format!("{login:?}")] {
        assert!(!shown.contains("t0psecret") && !shown.contains(&session), "{shown}");
    }
}

// B3
#[test]
fn a_login_sees_only_the_channels_of_its_user() {
    let mut pbx = Pbx::new(1);
    let (anna, bob) = (pbx.add_user("anna"), pbx.add_user("bob"));
    let session = pbx.log_in(anna);
    let mut all = Client::open(&mut pbx);
    let mut own = Client::open_with(&mut pbx, &Handshake::new().with_session(&session));
    let hers = pbx.dial(anna, "0312345678").unwrap();
    let his = pbx.dial(bob, "0312345678").unwrap();
    let caller = pbx.offer("0398765432", bob).unwrap();
    all.catch_up(&mut pbx);
    own.follow(&mut pbx);
    assert_eq!(all.store.channels().count(), 3);
    let seen: Vec<_> = own.store.channels().map(|it| it.uuid().to_string()).collect();
    assert_eq!(seen, [&*hers]);
    assert_eq!(own.store.users().count(), 2);
    assert!(pbx.compare(&own.store).is_err());
    pbx.compare_for(own.connection, &own.store).unwrap();
    pbx.compare_for(all.connection, &all.store).unwrap();

    // A channel that becomes hers comes, one that is no longer hers goes.
    let mine = |pbx: &mut Pbx, uuid: &str, user| {
        let event = basix_cti::element::LastEvent::StateChange;
        pbx.update_channel(uuid, event, |it| it.user_id = user).unwrap();
    };
    mine(&mut pbx, &caller, Some(anna));
    mine(&mut pbx, &hers, Some(bob));
    let messages: Vec<_> = own.follow(&mut pbx).iter().map(ToString::to_string).collect();
    assert_eq!(messages, [format!("added channel {caller}"), format!("removed channel {hers}")]);
    pbx.hangup(&his, basix_cti_testing::Ending::PEER_HANGS_UP).unwrap();
    assert!(own.follow(&mut pbx).is_empty());
    pbx.compare_for(own.connection, &own.store).unwrap();

    // A new connection of hers gets only her channels.
    let mut again = Client::open_with(&mut pbx, &Handshake::new().with_session(&session));
    again.follow(&mut pbx);
    pbx.compare_for(again.connection, &again.store).unwrap();
    assert_eq!(again.store.channels().count(), 1);
}

// B3
#[test]
fn only_administrators_have_full_events_of_a_login() {
    let mut pbx = Pbx::new(1);
    let (anna, root) = (pbx.add_user("anna"), pbx.add_administrator("root"));
    let full = |session: &str| Handshake::new().with_session(session).with_full_events();
    let session = pbx.log_in(anna);
    assert_eq!(pbx.open(&full(&session)), Err(status(StatusCode::FORBIDDEN)));
    let session = pbx.log_in(root);
    let mut client = Client::open_with(&mut pbx, &full(&session));
    pbx.dial(anna, "0312345678").unwrap();
    client.catch_up(&mut pbx);
    assert_eq!(client.store.channels().count(), 1);
}

// B34
#[test]
fn beyond_the_limit_a_connection_gets_a_notice_and_is_closed() {
    let mut pbx = Pbx::new(1);
    pbx.set_connection_limit(1);
    let mut first = Client::open_with(&mut pbx, &handshake().with_app_name("first"));
    assert_eq!(pbx.app_name(first.connection), Some("first"));
    first.catch_up(&mut pbx);
    let mut second = Client::open(&mut pbx);
    let Some(Sent::Frame(frame)) = pbx.poll_frame(second.connection) else { panic!("no notice") };
    second.read(&frame);
    assert_eq!(second.heard, [r#"{"kind":"system_msg","data":"connection_limit_reached"}"#]);
    assert_eq!(pbx.poll_frame(second.connection), Some(Sent::Close(1000)));
    assert_eq!(pbx.poll_frame(second.connection), None);
    assert!(!pbx.is_open(second.connection) && pbx.is_open(first.connection));

    // With force the older one goes; what it had to hear before it still hears.
    pbx.add_user("anna");
    let mut third = Client::open_with(&mut pbx, &handshake().with_force());
    for frame in 0..2 {
        let Some(Sent::Frame(frame)) = pbx.poll_frame(first.connection) else { panic!("{frame}") };
        first.read(&frame);
    }
    assert_eq!(first.heard, [r#"{"kind":"system_msg","data":"connection_replaced"}"#]);
    assert_eq!(pbx.poll_frame(first.connection), Some(Sent::Close(1000)));
    third.catch_up(&mut pbx);
    // What happens later is not for those that are closing.
    pbx.add_user("bob");
    assert_eq!(pbx.poll_frame(first.connection), None);
    third.catch_up(&mut pbx);
    assert_eq!(pbx.connections().collect::<Vec<_>>(), [third.connection]);

    // A place that is given up is free, and others' logins have places of their own.
    pbx.close(third.connection);
    let mut fourth = Client::open(&mut pbx);
    fourth.catch_up(&mut pbx);
    let anna = pbx.users().next().unwrap().id;
    let session = pbx.log_in(anna);
    let mut login = Client::open_with(&mut pbx, &Handshake::new().with_session(&session));
    login.follow(&mut pbx);
    assert!(login.heard.is_empty());
}

// B34
#[test]
fn a_login_that_ends_ends_its_connections() {
    let mut pbx = Pbx::new(1);
    let anna = pbx.add_user("anna");
    let session = pbx.log_in(anna);
    let with_session = Handshake::new().with_session(&session);
    let mut client = Client::open_with(&mut pbx, &with_session);
    let mut other = Client::open(&mut pbx);
    client.follow(&mut pbx);
    pbx.log_out(&session);
    let Some(Sent::Frame(frame)) = pbx.poll_frame(client.connection) else { panic!("no notice") };
    client.read(&frame);
    assert_eq!(client.heard, [r#"{"kind":"system_msg","data":"logout"}"#]);
    assert_eq!(pbx.poll_frame(client.connection), Some(Sent::Close(1000)));
    assert_eq!(pbx.open(&with_session), Err(status(StatusCode::UNAUTHORIZED)));
    other.catch_up(&mut pbx);
    assert!(other.heard.is_empty());
}

// B34, B35, B36
#[test]
fn notices_and_messages_are_sent_on_demand() {
    let mut pbx = Pbx::new(1);
    let mut client = Client::open(&mut pbx);
    client.catch_up(&mut pbx);
    let connection = client.connection;
    pbx.send_system_message(connection, "webphone_answer");
    pbx.send_message(connection, "meeting at noon");
    pbx.send_unknown_kind(connection, "statistics");
    client.catch_up(&mut pbx);
    assert_eq!(
        client.heard,
        [
            r#"{"kind":"system_msg","data":"webphone_answer"}"#,
            r#"{"kind":"msg","data":"meeting at noon"}"#,
            r#"{"kind":"unknown"}"#,
        ]
    );
    pbx.send_text(connection, "hello");
    assert_eq!(pbx.poll_frame(connection), Some(Sent::Text("hello".to_owned())));
    pbx.send_frame(connection, [131, 106].into());
    assert_eq!(pbx.poll_frame(connection), Some(Sent::Frame([131, 106].into())));
    pbx.send_close(connection, 1012);
    assert_eq!(pbx.poll_frame(connection), Some(Sent::Close(1012)));
    assert!(!pbx.is_open(connection));
    // Nobody is there any more.
    pbx.send_message(connection, "late");
    assert_eq!(pbx.poll_frame(connection), None);
}
