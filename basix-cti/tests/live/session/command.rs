//! Commands, and what comes of them.

use basix_cti::Command;
use basix_cti::bert::Encoder;
use basix_cti::element::UserId;
use basix_cti::helper_leg::CallUserAnswer;
use basix_cti::session::{CommandError, CommandOutcome, SessionOptions, Transmit};

use super::{Run, SECOND, lost};

#[test]
fn b90_to_b92_commands_are_sent_and_their_effect_is_seen() {
    let mut run = Run::current(SessionOptions::default());
    run.session.command(run.now, Command::park("c-1").timeout(30)).unwrap();
    run.session.command(run.now, Command::hangup("c-2")).unwrap();
    assert_eq!(
        run.transmits(),
        [
            Transmit::Text(r#"{"cmd":"park","uuid":"c-1","timeout":30}"#.into()),
            Transmit::Text(r#"{"cmd":"hangup","uuid":"c-2"}"#.into()),
        ]
    );
    run.event("channel", "c-1", "ivr", "updated");
    assert_eq!(run.outcomes(), []);
    run.event("channel", "c-1", "park", "updated");
    run.event("channel", "c-2", "bridged", "removed");
    assert_eq!(run.outcomes(), [CommandOutcome::Done, CommandOutcome::Done]);
    let transfer = Command::transfer("c-1").user_id(UserId(7));
    run.session.command(run.now, transfer).unwrap();
    run.event("channel", "c-1", "calling", "updated");
    assert_eq!(run.outcomes(), [CommandOutcome::Done]);
}

#[test]
fn a_command_without_effect_is_known_to_have_none() {
    let mut run = Run::current(SessionOptions::default());
    run.session.command(run.now, Command::park("c-1")).unwrap();
    run.session.command(run.now, Command::park("c-2")).unwrap();
    run.event("channel", "c-2", "bridged", "removed");
    run.wait(10 * SECOND);
    assert_eq!(run.outcomes(), [CommandOutcome::ChannelEnded, CommandOutcome::Unanswered]);
    run.session.command(run.now, Command::park("c-1")).unwrap();
    run.closed(lost());
    assert_eq!(run.outcomes(), [CommandOutcome::ConnectionLost]);
    assert_eq!(run.transmits(), [], "what was not sent is not sent on the next connection");
}

#[test]
fn b95_a_command_that_cannot_be_sent_says_why() {
    let options = SessionOptions::default().with_commands(3).with_unsent(2);
    let mut run = Run::current(options);
    let hangup = |run: &mut Run, uuid: &str| run.session.command(run.now, Command::hangup(uuid));
    assert_eq!(hangup(&mut run, "c-9"), Err(CommandError::NoSuchChannel));
    assert!(hangup(&mut run, "c-1").is_ok() && hangup(&mut run, "c-1").is_ok());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::WriteBufferFull { limit: 2 }));
    run.transmits();
    assert!(hangup(&mut run, "c-1").is_ok());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::TooMany { limit: 3 }));
    let listen = Command::eavesdrop("c-1");
    run.transmits();
    assert_eq!(run.session.eavesdrop(run.now, listen.clone()), Err(CommandError::NoSupervisor));
    run.closed(lost());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::NotConnected));
    assert_eq!(run.session.eavesdrop(run.now, listen), Err(CommandError::NotConnected));
}

/// Announces channels with what the helper leg is known by.
fn helper_event(uuid: &str, last_event: &str, event: &str) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(4).atom("info_event").string("channel").tuple(4);
    encoder.binary(uuid).binary("media_plug").binary(last_event);
    encoder.tuple(2).integer(1).atom("system_operation").atom(event).finish().unwrap()
}

#[test]
fn b96_eavesdropping_gets_a_leg_first() {
    let options = SessionOptions::default().with_supervisor(Some(UserId(7)));
    let mut run = Run::open(options);
    let mut spec = Encoder::new();
    spec.tuple(3).atom("field_spec").string("channel").list(4);
    spec.atom("uuid").atom("calling_number").atom("last_event").atom("state");
    run.frame(&spec.finish().unwrap());
    let mut list = Encoder::new();
    list.tuple(3).atom("initial_info").string("channel").list(1).tuple(1).binary("c-1");
    run.frame(&list.finish().unwrap());
    run.said();

    run.session.eavesdrop(run.now, Command::eavesdrop("c-1").subcommand("listen")).unwrap();
    let [Transmit::CallUser { request, call }] = &run.transmits()[..] else { panic!() };
    assert_eq!(call.user_id, Some(UserId(7)));
    let answer = CallUserAnswer::parse(200, br#"{"result_code":0,"uuids":["h-1"]}"#);
    run.session.handle_call_user(run.now, *request, answer);
    assert_eq!(run.transmits(), []);
    run.frame(&helper_event("h-1", "CHANNEL_ANSWER", "added"));
    let text = r#"{"cmd":"eavesdrop","uuid":"h-1","target_uuid":"c-1","subcommand":"listen"}"#;
    assert_eq!(run.transmits(), [Transmit::Text(text.into())]);
    assert_eq!(run.said(), ["helper leg h-1", "added channel h-1"]);
    run.session.end_helper_leg(run.now);
    assert_eq!(run.transmits(), [Transmit::Text(r#"{"cmd":"hangup","uuid":"h-1"}"#.into())]);
    assert_eq!(run.said(), ["no helper leg"]);
}

#[test]
fn b96_a_login_that_is_gone_is_renewed_by_a_new_connection() {
    let options = SessionOptions::default().with_supervisor(Some(UserId(7)));
    let mut run = Run::current(options);
    run.session.eavesdrop(run.now, Command::eavesdrop("c-1")).unwrap();
    let [Transmit::CallUser { request, .. }] = run.transmits()[..] else { panic!() };
    let answer = br#"{"result_code":1,"error":{"id":"authentication_required"}}"#;
    let answer = CallUserAnswer::parse(200, answer);
    run.session.handle_call_user(run.now, request, answer);
    assert_eq!(run.transmits(), [Transmit::Close]);
    assert_eq!(
        run.said(),
        [
            "the login has ended; log in again; next attempt in 20.0 s",
            "lost: removed channel c-1",
            "lost: removed channel c-2",
            "Stale"
        ]
    );
    let [CommandOutcome::NotSent(error)] = &run.outcomes()[..] else { panic!() };
    assert_eq!(
        error.to_string(),
        "eavesdrop has no leg of the listener: the login has ended, connect again"
    );
}
