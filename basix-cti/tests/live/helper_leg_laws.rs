//! The helper leg under any order of inputs.
// B96, Q33

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use basix_cti::Command;
use basix_cti::element::UserId;
use basix_cti::helper_leg::{
    CallUserAnswer, CallUserError, HelperLeg, HelperLegOutput as Output, HelperLegState as State,
};
use proptest::prelude::*;

use crate::cases;
use crate::helper_leg::{offered, show};

const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
enum Input {
    Eavesdrop,
    /// The answer to the call of this number, counted from the latest.
    Answer(u64, Answer),
    /// A channel with this number, and its event.
    Channel(usize, bool, &'static str),
    Disconnect,
    End,
    /// This many seconds pass.
    Wait(u64),
}

#[derive(Clone, Debug)]
enum Answer {
    Offered(Vec<usize>),
    AuthenticationRequired,
    Refused,
    Failed,
}

const EVENTS: [&str; 4] =
    ["CHANNEL_ANSWER", "CHANNEL_ANSWER", "CHANNEL_HANGUP", "CHANNEL_ORIGINATE"];

const LEGS: [&str; 4] = ["leg-0", "leg-1", "leg-2", "leg-3"];

fn any_input() -> impl Strategy<Value = Input> {
    let answer = prop_oneof![
        6 => prop::collection::vec(0..LEGS.len(), 1..4).prop_map(Answer::Offered),
        1 => Just(Answer::AuthenticationRequired),
        1 => Just(Answer::Refused),
        1 => Just(Answer::Failed),
    ];
    prop_oneof![
        4 => Just(Input::Eavesdrop),
        4 => (prop_oneof![4 => Just(0), 1 => 0_u64..3], answer)
            .prop_map(|(ago, answer)| Input::Answer(ago, answer)),
        6 => (0..LEGS.len(), prop::bool::weighted(0.9), prop::sample::select(&EVENTS))
            .prop_map(|(leg, is_plug, event)| Input::Channel(leg, is_plug, event)),
        1 => Just(Input::Disconnect),
        1 => Just(Input::End),
        2 => (0_u64..70).prop_map(Input::Wait),
    ]
}

/// Laws of all outputs of a leg.
#[derive(Default)]
struct Observer {
    given: u64,
    waiting: BTreeSet<u64>,
    calls: u64,
}

impl Observer {
    fn look(&mut self, leg: &mut HelperLeg) {
        while let Some(output) = leg.poll_output() {
            match output {
                Output::CallUser { request, call } => {
                    self.calls += 1;
                    assert_eq!((request, call.user_id), (self.calls, Some(UserId(7))));
                }
                Output::Send { id: Some(id), command } => {
                    assert!(self.waiting.remove(&id), "{id} has a second outcome");
                    assert_eq!(Some(command.uuid()), leg.uuid());
                    assert_eq!(command, Command::eavesdrop(id.to_string()).via(command.uuid()));
                }
                Output::Send { id: None, command } => {
                    assert_eq!(command.verb(), "hangup");
                    assert!(LEGS.contains(&command.uuid()));
                }
                Output::Failed { id, .. } => {
                    assert!(self.waiting.remove(&id), "{id} has a second outcome");
                }
                Output::AuthenticationRequired => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(leg.state() == State::Up, leg.uuid().is_some());
        let waits = matches!(leg.state(), State::Requested | State::Offered);
        // Exactly one command waits while there is something to wait for, and it has a deadline.
        assert_eq!(self.waiting.len(), usize::from(waits));
        assert_eq!(leg.poll_timeout().is_some(), waits);
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    // B96, Q33
    #[test]
    fn every_command_has_exactly_one_outcome_and_none_waits_for_ever(
        inputs in prop::collection::vec(any_input(), 0..40),
    ) {
        let mut leg = HelperLeg::new(UserId(7)).with_timeout(TIMEOUT);
        let mut now = Instant::now();
        let mut observer = Observer::default();
        for input in inputs {
            match input {
                Input::Eavesdrop => {
                    observer.given += 1;
                    observer.waiting.insert(observer.given);
                    let command = Command::eavesdrop(observer.given.to_string());
                    leg.handle_eavesdrop(now, observer.given, command);
                }
                Input::Answer(ago, answer) => {
                    let Some(request @ 1..) = observer.calls.checked_sub(ago) else { continue };
                    leg.handle_answer(request, match answer {
                        Answer::Offered(legs) => {
                            offered(&legs.into_iter().map(|leg| LEGS[leg]).collect::<Vec<_>>())
                        }
                        Answer::AuthenticationRequired => {
                            Ok(CallUserAnswer::AuthenticationRequired)
                        }
                        Answer::Refused => {
                            CallUserAnswer::parse(200, br#"{"result_code":1,"error":{"id":"no"}}"#)
                        }
                        Answer::Failed => Err(CallUserError::Unanswered { reason: "cut".into() }),
                    });
                }
                Input::Channel(at, is_plug, event) => {
                    show(&mut leg, LEGS[at], if is_plug { "media_plug" } else { "201" }, event);
                }
                Input::Disconnect => leg.handle_disconnect(),
                Input::End => leg.handle_end(),
                Input::Wait(seconds) => {
                    now += Duration::from_secs(seconds);
                    leg.handle_timeout(now);
                }
            }
            observer.look(&mut leg);
        }
        leg.handle_timeout(now + TIMEOUT);
        observer.look(&mut leg);
        prop_assert!(observer.waiting.is_empty());
    }

    #[test]
    fn the_order_of_http_answer_and_events_does_not_matter(
        channels in prop::sample::subsequence(LEGS.to_vec(), 0..=4).prop_shuffle(),
        answered in any::<[bool; 4]>(),
        place in 0_usize..5,
        listed in prop::sample::subsequence(LEGS.to_vec(), 1..4),
    ) {
        let events: Vec<_> = channels.into_iter().zip(answered).collect();
        // The result of the leg with the answer first, and with it at another place.
        let outcome = |place: usize| {
            let mut leg = HelperLeg::new(UserId(7));
            leg.handle_eavesdrop(Instant::now(), 1, Command::eavesdrop("target"));
            for at in 0..=events.len() {
                if at == place.min(events.len()) {
                    leg.handle_answer(1, offered(&listed));
                }
                if let Some((channel, is_answered)) = events.get(at) {
                    let event = if *is_answered { "CHANNEL_ANSWER" } else { "CHANNEL_HANGUP" };
                    show(&mut leg, channel, "media_plug", event);
                }
            }
            let sent: Vec<_> = std::iter::from_fn(|| leg.poll_output())
                .map(|output| format!("{output:?}"))
                .collect();
            (leg.state(), sent)
        };
        prop_assert_eq!(outcome(0), outcome(place));
    }
}
