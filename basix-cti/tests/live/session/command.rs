//! Commands and their outcomes.

use basix_cti::Command;
use basix_cti::element::UserId;
use basix_cti::session::{CommandError, CommandOutcome, SessionOptions, Transmit};

use super::{Run, SECOND, lost};

// B90, B92
#[test]
fn to_commands_are_sent_and_their_effect_is_seen() {
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

// B95
#[test]
fn a_command_that_cannot_be_sent_says_why() {
    let options = SessionOptions::default().with_commands(3).with_unsent(2);
    let mut run = Run::current(options);
    let hangup = |run: &mut Run, uuid: &str| run.session.command(run.now, Command::hangup(uuid));
    assert_eq!(hangup(&mut run, "c-9"), Err(CommandError::NoSuchChannel));
    assert!(hangup(&mut run, "c-1").is_ok() && hangup(&mut run, "c-1").is_ok());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::WriteBufferFull { limit: 2 }));
    run.transmits();
    assert!(hangup(&mut run, "c-1").is_ok());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::TooMany { limit: 3 }));
    run.closed(lost());
    assert_eq!(hangup(&mut run, "c-1"), Err(CommandError::NotConnected));
}
