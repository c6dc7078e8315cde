//! Laws of delivery under random faults, restarts included.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;
use voip_module::VoipWebhookEvent;
use voip_module::module_script::push::PushPolicy;

use crate::world::{Memory, Mode, Seen, URL, World};
use crate::{event, of_event, of_record, record};

#[derive(Clone, Copy, Debug)]
enum Step {
    Deliver { call: u8, stage: u8 },
    Advance(u64),
    Mode(Mode),
    NewUrl,
    Kill,
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        4 => Just(Mode::Confirms),
        2 => Just(Mode::TakesAndBreaks),
        1 => Just(Mode::Breaks),
        1 => Just(Mode::Hangs),
        2 => prop_oneof![Just(408), Just(425), Just(500), Just(503)].prop_map(Mode::Status),
        2 => prop_oneof![Just(401), Just(403), Just(404), Just(302)].prop_map(Mode::Status),
        2 => (0..200_u64).prop_map(Mode::TooMany),
        1 => Just(Mode::Html),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (0..5_u8, 0..4_u8).prop_map(|(call, stage)| Step::Deliver { call, stage }),
        4 => prop_oneof![0..3_000_u64, 3_000..150_000_u64].prop_map(Step::Advance),
        2 => mode().prop_map(Step::Mode),
        1 => Just(Step::NewUrl),
        1 => Just(Step::Kill),
    ]
}

/// A message that the queue took.
struct Message {
    at: Duration,
    call: u8,
    is_live: bool,
}

/// The numbers of the messages in a request; each stands in the extension.
fn numbers(seen: &Seen) -> Vec<usize> {
    let number = |part: &Value| part["srcPhoneExt"].as_str().map(|text| text.parse().unwrap());
    [&seen.body["event"], &seen.body["callRecord"]].into_iter().filter_map(number).collect()
}

struct Story {
    world: World,
    sent: Vec<Message>,
    /// Requests seen before each start of the process.
    lives: Vec<usize>,
    lost: u64,
}

impl Story {
    fn play(steps: &[Step], policy: PushPolicy) -> Self {
        let world = World::new(policy, Some(Memory::default()));
        let mut story = Self { world, sent: Vec::new(), lives: vec![0], lost: 0 };
        steps.iter().for_each(|step| story.step(*step));
        story.world.receiver.set(Mode::Confirms);
        story.step(Step::NewUrl);
        // A 429 lasts two minutes, a retry waits for one, and 50 a minute take their time.
        story.world.advance_s(180 + 2 * 60 * (1 + story.sent.len() as u64 / 50));
        story
    }

    fn step(&mut self, step: Step) {
        let world = &mut self.world;
        match step {
            Step::Deliver { call, stage } => {
                let (id, number) = (format!("C-{call}"), self.sent.len().to_string());
                let stages = [
                    VoipWebhookEvent::NotifyStart,
                    VoipWebhookEvent::NotifyAnswer,
                    VoipWebhookEvent::NotifyEnd,
                ];
                let delivery = match stages.get(usize::from(stage)) {
                    Some(stage) => of_event(event(*stage, &id).src_phone_ext(number)),
                    None => of_record(record(&id).src_phone_ext(number)),
                };
                if world.deliver(&delivery) {
                    let at = voip_module::router::Clock::now(&world.time);
                    self.sent.push(Message { at, call, is_live: stage < 2 });
                }
            }
            Step::Advance(time) => world.advance(Duration::from_millis(time)),
            Step::Mode(mode) => world.receiver.set(mode),
            Step::NewUrl => world.handle.set_target(URL.parse().unwrap()).unwrap(),
            Step::Kill => {
                self.lost += world.handle.status().dropped;
                world.kill();
                self.lives.push(world.receiver.seen().len());
            }
        }
        world.settle();
    }

    fn check(mut self, per_minute: usize) -> Result<(), TestCaseError> {
        let seen = self.world.receiver.seen();
        let now = voip_module::router::Clock::now(&self.world.time);
        let taken: Vec<Vec<usize>> =
            seen.iter().filter(|seen| seen.was_taken).map(numbers).collect();

        // The order within a call: a request begins where the one before it did, or later. An end
        // and its record are one request, and are repeated together.
        let mut last: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
        for request in &taken {
            let call = self.sent[request[0]].call;
            prop_assert!(request.windows(2).all(|pair| pair[0] < pair[1]));
            let before = last.insert(call, request.clone()).unwrap_or_default();
            prop_assert!(before <= *request, "{request:?} after {before:?}");
        }

        // Each is taken at least once, unless it is a start or answer that grew too old.
        let once: HashSet<usize> = taken.iter().flatten().copied().collect();
        self.lost += self.world.handle.status().dropped;
        let missing: Vec<_> =
            (0..self.sent.len()).filter(|number| !once.contains(number)).collect();
        let may_be_missing = |number: &usize| {
            let message = &self.sent[*number];
            message.is_live && (self.lost > 0 || now - message.at >= Duration::from_secs(120))
        };
        prop_assert!(missing.iter().all(may_be_missing), "missing: {missing:?}");
        prop_assert_eq!(self.world.handle.status().queued, 0);
        prop_assert!(self.world.spool.unwrap().kept.lock().unwrap().is_empty());

        // The rate, and the rest after a 429, of each process.
        self.lives.push(seen.len());
        for life in self.lives.windows(2) {
            let times: Vec<_> = seen[life[0]..life[1]].iter().map(|seen| seen.at).collect();
            for window in times.windows(per_minute + 1) {
                let length = window[per_minute] - window[0];
                prop_assert!(length >= Duration::from_secs(60), "{} in {length:?}", per_minute + 1);
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    // W144, W145, W147, W149, W150, W154, W176
    #[test]
    fn calls_keep_their_order_nothing_is_lost_and_the_rate_holds(
        steps in prop::collection::vec(step(), 1..150),
    ) {
        Story::play(&steps, PushPolicy::default()).check(50)?;
    }

    // W144, W151
    #[test]
    fn the_same_holds_with_a_low_rate_little_room_and_no_wait_for_records(
        steps in prop::collection::vec(step(), 1..150),
    ) {
        let mut policy = PushPolicy::default();
        (policy.per_minute, policy.burst, policy.messages) = (20, 25, 12);
        policy.merge_wait = Duration::ZERO;
        Story::play(&steps, policy).check(20)?;
    }

    /// With a process killed after each step.
    // W157, W176
    #[test]
    fn nothing_is_lost_when_the_process_is_killed_after_every_step(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let killed: Vec<_> = steps.iter().flat_map(|step| [*step, Step::Kill]).collect();
        Story::play(&killed, PushPolicy::default()).check(50)?;
    }
}
