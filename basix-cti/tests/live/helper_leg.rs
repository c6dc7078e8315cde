//! The helper leg, state by state.
// B96

use std::time::{Duration, Instant};

use basix_cti::Command;
use basix_cti::element::UserId;
use basix_cti::helper_leg::{
    CallUser, CallUserAnswer, CallUserError, EavesdropError, HelperLeg, HelperLegOutput as Output,
    HelperLegState as State,
};

use crate::channel::channel;

/// A supervisor's leg, and its clock.
struct Desk {
    leg: HelperLeg,
    now: Instant,
}

/// Passes a channel to the leg, as an event of the PBX has it.
pub(crate) fn show(leg: &mut HelperLeg, uuid: &str, calling_number: &str, last_event: &str) {
    channel(uuid, calling_number, last_event, |channel| leg.handle_channel(channel));
}

/// The answer to `call_user` when the PBX calls the supervisor.
pub(crate) fn offered(uuids: &[&str]) -> Result<CallUserAnswer, CallUserError> {
    Ok(CallUserAnswer::Offered { uuids: uuids.iter().map(|uuid| (*uuid).into()).collect() })
}

impl Desk {
    fn new() -> Self {
        Self { leg: HelperLeg::new(UserId(10001001)), now: Instant::now() }
    }

    fn eavesdrop(&mut self, id: u64) {
        self.leg.handle_eavesdrop(self.now, id, Command::eavesdrop(format!("target-{id}")));
    }

    fn answer(&mut self, request: u64, answer: Result<CallUserAnswer, CallUserError>) {
        self.leg.handle_answer(request, answer);
    }

    fn answered(&mut self, uuid: &str) {
        show(&mut self.leg, uuid, "media_plug", "CHANNEL_ANSWER");
    }

    fn hung_up(&mut self, uuid: &str) {
        show(&mut self.leg, uuid, "media_plug", "CHANNEL_HANGUP");
    }

    /// Returns all outputs since the last call.
    fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.leg.poll_output()).collect()
    }

    /// Creates a leg that is up as `leg-1`.
    fn up() -> Self {
        let mut desk = Self::new();
        desk.eavesdrop(1);
        desk.answer(1, offered(&["leg-1"]));
        desk.answered("leg-1");
        assert_eq!(desk.leg.state(), State::Up);
        desk.outputs();
        desk
    }
}

fn call_user(request: u64) -> Output {
    Output::CallUser { request, call: CallUser::new(UserId(10001001), "media_plug") }
}

/// Expects the command with this number through the leg.
fn sent(id: u64, uuid: &str) -> Output {
    Output::Send { id: Some(id), command: Command::eavesdrop(format!("target-{id}")).via(uuid) }
}

fn hung_up(uuid: &str) -> Output {
    Output::Send { id: None, command: Command::hangup(uuid) }
}

fn failed(id: u64, error: EavesdropError) -> Output {
    Output::Failed { id, error }
}

// B96
#[test]
fn the_first_command_asks_for_a_leg_and_goes_out_when_it_is_answered() {
    let mut desk = Desk::new();
    assert_eq!(desk.leg.state(), State::None);
    desk.eavesdrop(1);
    assert_eq!((desk.leg.state(), desk.outputs()), (State::Requested, vec![call_user(1)]));
    desk.answer(1, offered(&["leg-1", "leg-2"]));
    assert_eq!((desk.leg.state(), desk.outputs()), (State::Offered, vec![]));
    desk.answered("leg-2");
    assert_eq!((desk.leg.state(), desk.leg.uuid()), (State::Up, Some("leg-2")));
    assert_eq!(desk.outputs(), [sent(1, "leg-2")]);
}

// B96
#[test]
fn while_the_leg_is_up_commands_go_out_at_once() {
    let mut desk = Desk::up();
    desk.eavesdrop(2);
    desk.eavesdrop(3);
    assert_eq!(desk.outputs(), [sent(2, "leg-1"), sent(3, "leg-1")]);
}

// B96
#[test]
fn a_newer_command_replaces_the_waiting_one() {
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.outputs();
    desk.eavesdrop(2);
    assert_eq!(desk.outputs(), [failed(1, EavesdropError::Replaced)]);
    desk.answer(1, offered(&["leg-1"]));
    desk.eavesdrop(3);
    assert_eq!(desk.outputs(), [failed(2, EavesdropError::Replaced)]);
    desk.answered("leg-1");
    assert_eq!(desk.outputs(), [sent(3, "leg-1")]);
}

#[test]
fn the_leg_may_be_answered_before_the_http_answer_is_there() {
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.answered("leg-of-another");
    desk.answered("leg-1");
    assert_eq!(desk.outputs(), [call_user(1)]);
    desk.answer(1, offered(&["leg-1", "leg-2"]));
    assert_eq!(desk.outputs(), [sent(1, "leg-1")]);
}

#[test]
fn the_leg_may_be_answered_and_have_ended_before_the_http_answer_is_there() {
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.answered("leg-1");
    desk.hung_up("leg-1");
    desk.outputs();
    desk.answer(1, offered(&["leg-1"]));
    assert_eq!(desk.leg.state(), State::None);
    assert_eq!(desk.outputs(), [failed(1, EavesdropError::NotAnswered)]);
}

// B96
#[test]
fn channels_that_are_not_the_leg_change_nothing() {
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.answer(1, offered(&["leg-1"]));
    desk.outputs();
    for (uuid, number, event) in [
        ("leg-9", "media_plug", "CHANNEL_ANSWER"),
        ("leg-1", "09056161879", "CHANNEL_ANSWER"),
        ("leg-1", "media_plug", "CHANNEL_ORIGINATE"),
        ("leg-9", "media_plug", "CHANNEL_HANGUP"),
    ] {
        show(&mut desk.leg, uuid, number, event);
        assert_eq!((desk.leg.state(), desk.outputs()), (State::Offered, vec![]), "{uuid} {event}");
    }
    desk.answered("leg-1");
    desk.outputs();
    desk.hung_up("leg-9");
    show(&mut desk.leg, "leg-1", "media_plug", "STATE_CHANGE");
    assert_eq!((desk.leg.state(), desk.outputs()), (State::Up, vec![]));
}

// B96
#[test]
fn the_leg_is_down_when_it_is_hung_up_and_the_next_command_asks_anew() {
    let mut desk = Desk::up();
    desk.hung_up("leg-1");
    assert_eq!((desk.leg.state(), desk.outputs()), (State::None, vec![]));
    desk.eavesdrop(2);
    assert_eq!(desk.outputs(), [call_user(2)]);
}

#[test]
fn when_every_telephone_of_the_supervisor_has_stopped_ringing_the_command_fails() {
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.answer(1, offered(&["leg-1", "leg-2"]));
    desk.hung_up("leg-2");
    assert_eq!(desk.leg.state(), State::Offered);
    desk.outputs();
    desk.hung_up("leg-1");
    assert_eq!(desk.leg.state(), State::None);
    assert_eq!(desk.outputs(), [failed(1, EavesdropError::NotAnswered)]);
}

// B96, Q33
#[test]
fn a_refused_or_failed_call_fails_the_waiting_command() {
    let refused = CallUserAnswer::Refused { result_code: 7, error_id: "no_such_user".into() };
    let unanswered = CallUserError::Unanswered { reason: "connection refused".into() };
    for (answer, error, text) in [
        (
            Ok(refused),
            EavesdropError::Refused { result_code: 7, error_id: "no_such_user".into() },
            "eavesdrop has no leg of the listener: call_user was refused with code 7, \
             \"no_such_user\"",
        ),
        (
            Err(unanswered.clone()),
            EavesdropError::CallUser(unanswered),
            "eavesdrop has no leg of the listener: call_user was not answered: connection refused",
        ),
    ] {
        let mut desk = Desk::new();
        desk.eavesdrop(1);
        desk.outputs();
        desk.answer(1, answer);
        assert_eq!(error.to_string(), text);
        assert_eq!((desk.leg.state(), desk.outputs()), (State::None, vec![failed(1, error)]));
        assert_eq!(desk.leg.poll_timeout(), None);
    }
}

// B96
#[test]
fn authentication_required_asks_for_a_new_connection() {
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.outputs();
    desk.answer(1, Ok(CallUserAnswer::AuthenticationRequired));
    assert_eq!(desk.leg.state(), State::None);
    assert_eq!(
        desk.outputs(),
        [failed(1, EavesdropError::AuthenticationRequired), Output::AuthenticationRequired]
    );
}

#[test]
fn nothing_waits_for_ever_q33() {
    // Without an answer.
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.outputs();
    let deadline = desk.now + Duration::from_secs(60);
    assert_eq!(desk.leg.poll_timeout(), Some(deadline));
    desk.leg.handle_timeout(deadline - Duration::from_nanos(1));
    assert_eq!((desk.leg.state(), desk.outputs()), (State::Requested, vec![]));
    desk.leg.handle_timeout(deadline);
    assert_eq!(desk.leg.state(), State::None);
    assert_eq!(desk.outputs(), [failed(1, EavesdropError::TimedOut)]);

    // With legs that nobody answers, which stop ringing.
    let mut desk = Desk::new();
    desk.leg = desk.leg.with_timeout(Duration::from_secs(5));
    desk.eavesdrop(1);
    desk.answer(1, offered(&["leg-1", "leg-2"]));
    desk.outputs();
    desk.leg.handle_timeout(desk.now + Duration::from_secs(5));
    assert_eq!(desk.leg.state(), State::None);
    assert_eq!(
        desk.outputs(),
        [failed(1, EavesdropError::TimedOut), hung_up("leg-1"), hung_up("leg-2")]
    );
}

#[test]
fn newer_commands_do_not_put_the_deadline_off() {
    let mut desk = Desk::new();
    let deadline = desk.now + HelperLeg::TIMEOUT;
    desk.eavesdrop(1);
    desk.now += Duration::from_secs(30);
    desk.eavesdrop(2);
    assert_eq!(desk.leg.poll_timeout(), Some(deadline));
}

#[test]
fn a_deadline_beyond_the_clock_never_comes_and_does_not_overflow() {
    let mut desk = Desk::new();
    desk.leg = desk.leg.with_timeout(Duration::MAX);
    desk.eavesdrop(1);
    assert_eq!(desk.leg.poll_timeout(), None);
    desk.leg.handle_timeout(desk.now);
    assert_eq!(desk.leg.state(), State::Requested);
}

#[test]
fn an_answer_that_nobody_waits_for_any_more_has_its_legs_hung_up() {
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.leg.handle_timeout(desk.now + HelperLeg::TIMEOUT);
    desk.eavesdrop(2);
    desk.outputs();
    desk.answer(1, offered(&["leg-1"]));
    assert_eq!((desk.leg.state(), desk.outputs()), (State::Requested, vec![hung_up("leg-1")]));
    // The answer to the call that counts still does.
    desk.answer(2, offered(&["leg-2"]));
    desk.answered("leg-2");
    assert_eq!(desk.outputs(), [sent(2, "leg-2")]);
}

#[test]
fn an_answer_that_comes_twice_does_not_end_the_leg_that_is_up() {
    let mut desk = Desk::up();
    desk.answer(1, offered(&["leg-1"]));
    assert_eq!((desk.leg.state(), desk.outputs()), (State::Up, vec![]));
}

// B95
#[test]
fn a_lost_connection_fails_the_waiting_command() {
    for answer in [None, Some(offered(&["leg-1"]))] {
        let mut desk = Desk::new();
        desk.eavesdrop(1);
        if let Some(answer) = answer {
            desk.answer(1, answer);
        }
        desk.outputs();
        desk.leg.handle_disconnect();
        assert_eq!(desk.leg.state(), State::None);
        assert_eq!(desk.outputs(), [failed(1, EavesdropError::ConnectionLost)]);
    }
}

#[test]
fn a_leg_that_outlives_the_connection_is_used_again() {
    let mut desk = Desk::up();
    desk.leg.handle_disconnect();
    assert_eq!((desk.leg.state(), desk.outputs()), (State::None, vec![]));
    show(&mut desk.leg, "leg-9", "media_plug", "CHANNEL_ANSWER");
    assert_eq!(desk.leg.state(), State::None);
    show(&mut desk.leg, "leg-1", "media_plug", "STATE_CHANGE");
    assert_eq!(desk.leg.uuid(), Some("leg-1"));
    assert_eq!(desk.outputs(), []);
}

#[test]
fn a_leg_that_outlives_the_connection_is_used_instead_of_one_on_its_way() {
    for (answer, hung) in [(None, vec![]), (Some(offered(&["leg-2"])), vec![hung_up("leg-2")])] {
        let mut desk = Desk::up();
        desk.leg.handle_disconnect();
        desk.eavesdrop(2);
        if let Some(answer) = answer {
            desk.answer(2, answer);
        }
        desk.outputs();
        show(&mut desk.leg, "leg-1", "media_plug", "CHANNEL_ANSWER");
        assert_eq!(desk.leg.uuid(), Some("leg-1"));
        assert_eq!(desk.outputs(), [vec![sent(2, "leg-1")], hung].concat());
        // And the answer that comes now brings no second one.
        desk.answer(2, offered(&["leg-2"]));
        assert_eq!(desk.outputs(), [hung_up("leg-2")]);
    }
}

#[test]
fn a_leg_that_ended_with_the_connection_is_not_used_again() {
    let mut desk = Desk::up();
    desk.leg.handle_disconnect();
    desk.hung_up("leg-1");
    desk.outputs();
    show(&mut desk.leg, "leg-1", "media_plug", "CHANNEL_ANSWER");
    assert_eq!((desk.leg.state(), desk.outputs()), (State::None, vec![]));
}

#[test]
fn ending_hangs_up_a_leg_that_may_have_outlived_the_connection() {
    let mut desk = Desk::up();
    desk.leg.handle_disconnect();
    desk.outputs();
    desk.leg.handle_end();
    assert_eq!(desk.outputs(), [hung_up("leg-1")]);
}

// B96
#[test]
fn ending_hangs_the_leg_up_and_fails_what_waits() {
    let mut desk = Desk::up();
    desk.leg.handle_end();
    assert_eq!(desk.leg.state(), State::None);
    assert_eq!(desk.outputs(), [hung_up("leg-1")]);

    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.outputs();
    desk.leg.handle_end();
    assert_eq!(desk.outputs(), [failed(1, EavesdropError::Ended)]);
    desk.answer(1, offered(&["leg-1"]));
    assert_eq!(desk.outputs(), [hung_up("leg-1")]);

    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.answer(1, offered(&["leg-1"]));
    desk.outputs();
    desk.leg.handle_end();
    assert_eq!(desk.outputs(), [failed(1, EavesdropError::Ended), hung_up("leg-1")]);
}

#[test]
fn the_login_of_an_earlier_connection_does_not_end_this_one() {
    let mut desk = Desk::new();
    desk.eavesdrop(1);
    desk.leg.handle_disconnect();
    desk.outputs();
    desk.answer(1, Ok(CallUserAnswer::AuthenticationRequired));
    assert_eq!(desk.outputs(), []);

    // One that was given up on the same connection does.
    desk.eavesdrop(2);
    desk.leg.handle_end();
    desk.outputs();
    desk.answer(2, Ok(CallUserAnswer::AuthenticationRequired));
    assert_eq!(desk.outputs(), [Output::AuthenticationRequired]);
}
