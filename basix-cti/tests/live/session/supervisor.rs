//! A supervisor beside the session.

use basix_cti::Command;
use basix_cti::bert::Encoder;
use basix_cti::element::UserId;
use basix_cti::helper_leg::{
    CallUserAnswer, EavesdropError, HelperLeg, HelperLegState, Supervisor,
};
use basix_cti::session::{CommandError, CommandId, CommandOutcome, SessionOptions, Transmit};

use super::{Run, SECOND, lost};

/// A session with a supervisor, user 7.
struct Desk {
    run: Run,
    supervisor: Supervisor,
}

const ANSWERED: &str = "CHANNEL_ANSWER";
/// Lets the supervisor listen through `h-1`.
const LISTEN: &str =
    r#"{"cmd":"eavesdrop","uuid":"h-1","target_uuid":"c-1","subcommand":"listen"}"#;
const HANGUP: &str = r#"{"cmd":"hangup","uuid":"h-1"}"#;

/// A record of the helper leg.
fn record<'a>(encoder: &'a mut Encoder, uuid: &str, last_event: &str) -> &'a mut Encoder {
    encoder.tuple(4).binary(uuid).binary("media_plug").binary(last_event);
    encoder.tuple(2).integer(1).atom("system_operation")
}

fn list(legs: &[&str]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("initial_info").string("channel").list(1 + legs.len());
    encoder.tuple(1).binary("c-1");
    for leg in legs {
        record(&mut encoder, leg, ANSWERED);
    }
    encoder.finish().unwrap()
}

fn offered(uuid: &str) -> String {
    format!(r#"{{"result_code":0,"uuids":["{uuid}"]}}"#)
}

fn text(json: &str) -> Transmit {
    Transmit::Text(json.into())
}

impl Desk {
    /// A current session with the channel `c-1`.
    fn new(options: SessionOptions) -> Self {
        let run = Run::new(options);
        let mut desk = Self { run, supervisor: Supervisor::new(HelperLeg::new(UserId(7))) };
        desk.connect(&[]);
        desk
    }

    fn connect(&mut self, legs: &[&str]) {
        self.run.connect();
        let mut spec = Encoder::new();
        spec.tuple(3).atom("field_spec").string("channel").list(4);
        spec.atom("uuid").atom("calling_number").atom("last_event").atom("state");
        self.frame(&spec.finish().unwrap());
        self.frame(&list(legs));
        assert!(self.run.session.is_current());
    }

    fn frame(&mut self, frame: &[u8]) {
        self.supervisor.handle_frame(&mut self.run.session, self.run.now, frame);
    }

    fn event(&mut self, uuid: &str, last_event: &str) {
        let mut encoder = Encoder::new();
        encoder.tuple(4).atom("info_event").string("channel");
        self.frame(&record(&mut encoder, uuid, last_event).atom("updated").finish().unwrap());
    }

    fn eavesdrop(&mut self, uuid: &str) -> Result<CommandId, CommandError> {
        let command = Command::eavesdrop(uuid).subcommand("listen");
        self.supervisor.eavesdrop(&mut self.run.session, self.run.now, command)
    }

    fn answer(&mut self, request: u64, body: &str) {
        self.supervisor.handle_answer(request, CallUserAnswer::parse(200, body.as_bytes()));
    }

    /// Returns the number of the requested HTTP call, if any.
    fn call(&mut self) -> Option<u64> {
        let (request, call) = self.supervisor.poll_call(&mut self.run.session, self.run.now)?;
        assert_eq!(call.user_id, Some(UserId(7)));
        assert_eq!(self.supervisor.poll_call(&mut self.run.session, self.run.now), None);
        Some(request)
    }

    /// Requests a leg to listen to `c-1`. Returns the number of the HTTP call.
    fn ring(&mut self) -> u64 {
        self.eavesdrop("c-1").unwrap();
        self.call().unwrap()
    }

    #[track_caller]
    fn failed(&mut self, error: EavesdropError) {
        assert_eq!(self.call(), None);
        assert_eq!(self.run.outcomes(), [CommandOutcome::NotSent(error)]);
    }

    /// Creates a supervisor with the leg `h-1`.
    fn up() -> Self {
        let mut desk = Self::new(SessionOptions::default());
        let request = desk.ring();
        desk.answer(request, &offered("h-1"));
        desk.event("h-1", ANSWERED);
        assert_eq!(desk.call(), None);
        assert_eq!(desk.run.transmits(), [text(LISTEN)]);
        desk
    }
}

// B96
#[test]
fn eavesdropping_gets_a_leg_first() {
    let mut desk = Desk::new(SessionOptions::default());
    desk.run.said();
    let id = desk.eavesdrop("c-1").unwrap();
    let request = desk.call().unwrap();
    desk.answer(request, &offered("h-1"));
    assert_eq!((desk.call(), desk.run.transmits()), (None, vec![]));
    desk.event("h-1", ANSWERED);
    assert_eq!((desk.call(), desk.run.transmits()), (None, vec![text(LISTEN)]));
    assert_eq!(desk.run.said(), ["added channel h-1"]);
    assert_eq!(desk.supervisor.leg().uuid(), Some("h-1"));

    desk.run.wait(10 * SECOND);
    assert_eq!(desk.run.session.poll_outcome(), Some((id, CommandOutcome::Unanswered)));
    desk.supervisor.end_leg();
    assert_eq!((desk.call(), desk.run.transmits()), (None, vec![text(HANGUP)]));
    assert_eq!(desk.supervisor.leg().uuid(), None);
}

// B95
#[test]
fn an_eavesdrop_that_cannot_be_sent_says_why_and_rings_nobody() {
    let mut desk = Desk::new(SessionOptions::default().with_commands(1));
    assert_eq!(desk.eavesdrop("c-9"), Err(CommandError::NoSuchChannel));
    desk.run.session.command(desk.run.now, Command::park("c-1")).unwrap();
    assert_eq!(desk.eavesdrop("c-1"), Err(CommandError::TooMany { limit: 1 }));
    desk.run.closed(lost());
    assert_eq!(desk.eavesdrop("c-1"), Err(CommandError::NotConnected));
    assert_eq!(desk.call(), None);
}

// Q33
#[test]
fn a_leg_that_is_not_there_in_time_fails_the_command_and_stops_ringing() {
    let mut desk = Desk::new(SessionOptions::default());
    let request = desk.ring();
    // The store has not seen this leg.
    desk.answer(request, &offered("h-1"));
    let deadline = desk.run.now + HelperLeg::TIMEOUT;
    assert_eq!(desk.supervisor.poll_timeout(), Some(deadline));
    desk.run.now = deadline;
    desk.failed(EavesdropError::TimedOut);
    assert_eq!(desk.run.transmits(), [text(HANGUP)]);
}

// B95
#[test]
fn a_lost_connection_fails_the_waiting_command() {
    let mut desk = Desk::new(SessionOptions::default());
    let request = desk.ring();
    desk.run.closed(lost());
    desk.failed(EavesdropError::ConnectionLost);

    // The leg was answered, and the connection lost before the command could be sent.
    desk.run.wait(20 * SECOND);
    desk.connect(&[]);
    let newer = desk.ring();
    desk.answer(newer, &offered("h-2"));
    desk.event("h-2", ANSWERED);
    desk.run.closed(lost());
    assert_eq!((desk.call(), desk.run.transmits()), (None, vec![]));
    assert_eq!(desk.run.outcomes(), [CommandOutcome::ConnectionLost]);

    // The late answer has its leg hung up on the next connection.
    desk.run.wait(20 * SECOND);
    desk.connect(&[]);
    desk.answer(request, &offered("h-1"));
    assert_eq!((desk.call(), desk.run.transmits()), (None, vec![text(HANGUP)]));
}

#[test]
fn a_leg_that_outlives_the_connection_is_found_again_in_the_list() {
    for (legs, uuid) in [(&["h-1"][..], Some("h-1")), (&[], None)] {
        let mut desk = Desk::up();
        desk.run.closed(lost());
        assert_eq!(desk.call(), None);
        assert_eq!(desk.supervisor.leg().uuid(), None);
        desk.run.wait(20 * SECOND);
        desk.connect(legs);
        assert_eq!(desk.call(), None);
        assert_eq!(desk.supervisor.leg().uuid(), uuid);
        // A leg that is not listed has ended: nothing is left to hang up.
        desk.supervisor.end_leg();
        assert_eq!(desk.call(), None);
        assert_eq!(desk.run.transmits().len(), legs.len());
    }
}

#[test]
fn a_new_connection_in_place_of_a_working_one_loses_no_waiting_command() {
    let options = SessionOptions::default().with_resync_every(Some(30 * SECOND));
    let mut desk = Desk::new(options);
    let request = desk.ring();
    desk.answer(request, &offered("h-1"));
    desk.event("h-1", "CHANNEL_ORIGINATE");
    desk.run.wait(30 * SECOND);
    assert_eq!((desk.call(), desk.run.session.is_connected()), (None, false));
    assert_eq!(desk.run.session.poll_transmit(), Some(Transmit::Close));
    desk.connect(&["h-1"]);
    assert_eq!((desk.call(), desk.run.transmits()), (None, vec![text(LISTEN)]));
}

#[test]
fn a_list_without_the_leg_ends_it_unless_it_was_never_seen() {
    let mut desk = Desk::up();
    desk.frame(&list(&[]));
    assert_eq!(desk.supervisor.leg().state(), HelperLegState::None);

    let mut desk = Desk::new(SessionOptions::default());
    let request = desk.ring();
    desk.answer(request, &offered("h-1"));
    desk.frame(&list(&[]));
    assert_eq!((desk.call(), desk.run.outcomes()), (None, vec![]));
    desk.event("h-1", "CHANNEL_ORIGINATE");
    desk.frame(&list(&[]));
    desk.failed(EavesdropError::NotAnswered);
}

// B96
#[test]
fn a_login_that_is_gone_is_renewed_by_a_new_connection() {
    let mut desk = Desk::new(SessionOptions::default());
    desk.run.said();
    let request = desk.ring();
    desk.answer(request, r#"{"result_code":1,"error":{"id":"authentication_required"}}"#);
    desk.failed(EavesdropError::AuthenticationRequired);
    assert_eq!(desk.run.transmits(), [Transmit::Close]);
    assert_eq!(
        desk.run.said(),
        [
            "the login has ended; log in again; next attempt in 20.0 s",
            "lost: removed channel c-1",
            "Stale"
        ]
    );
    assert_eq!(
        EavesdropError::AuthenticationRequired.to_string(),
        "eavesdrop has no leg of the listener: the login has ended, connect again"
    );
}
