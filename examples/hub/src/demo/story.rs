//! Calls as people make them: by seed, at a human pace.

use std::time::Duration;

/// A step in the course of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The call begins: it enters the queue, or an agent dials.
    Start,
    /// An agent's phone rings.
    Ring(usize),
    /// It stops ringing.
    Stop(usize),
    /// The agent answers, or the customer whom the agent has called.
    Answer(usize),
    /// The call ends.
    End,
}

/// The course of a call.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) id: String,
    pub(super) customer: (String, &'static str),
    /// The agent who makes the call; `None` for an inbound one.
    pub(super) placed_by: Option<usize>,
    /// Each after a pause.
    pub(super) acts: Vec<(Duration, Act)>,
}

/// The present point in the course of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    pub(super) started_us: i64,
    /// Agents whose phones ring, and since when.
    pub(super) ringing: Vec<(usize, i64)>,
    pub(super) stopped: Vec<(usize, i64, i64)>,
    pub(super) answered: Option<(usize, i64)>,
}

/// The agents of every pretend PBX.
pub(super) const AGENTS: [&str; 5] =
    ["Anna Berg", "Boris Novak", "Chiara Ricci", "Dana Okoye", "Emil Lind"];

const CUSTOMERS: [&str; 8] = [
    "Ruth Adler",
    "Sergei Orlov",
    "Taro Ito",
    "Uma Rao",
    "Vera Holm",
    "Will Hart",
    "Xenia Poe",
    "Yusuf Demir",
];

impl Progress {
    /// Takes an act in.
    pub(super) fn apply(&mut self, act: Act, at: i64) {
        let stop = |ringing: &mut Vec<(usize, i64)>, agent| {
            let place = ringing.iter().position(|(ringing, _)| *ringing == agent)?;
            Some(ringing.remove(place))
        };
        match act {
            Act::Start => self.started_us = at,
            Act::Ring(agent) => self.ringing.push((agent, at)),
            Act::Stop(agent) => {
                let stopped = stop(&mut self.ringing, agent);
                self.stopped.extend(stopped.map(|(agent, since)| (agent, since, at)));
            }
            Act::Answer(agent) => {
                stop(&mut self.ringing, agent);
                self.answered = Some((agent, at));
            }
            Act::End => {}
        }
    }
}

/// Random numbers from a seed.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below a limit. SplitMix64.
    pub(super) const fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % if limit == 0 { 1 } else { limit }
    }

    fn agent(&mut self) -> usize {
        usize::try_from(self.below(AGENTS.len() as u64)).unwrap_or_default()
    }

    pub(super) const fn pause(&mut self, from_ms: u64, to_ms: u64) -> Duration {
        Duration::from_millis(from_ms + self.below(to_ms - from_ms))
    }
}

impl Plan {
    /// A random call.
    pub(super) fn random(id: String, random: &mut Random) -> Self {
        let customer = random.below(CUSTOMERS.len() as u64);
        let name = CUSTOMERS[usize::try_from(customer).unwrap_or_default()];
        let number = format!("+4930{}", 2_000_000 + customer * 1_111 + random.below(9) * 100_003);
        let customer = (number, name);
        let first = random.agent();
        if random.below(6) == 0 {
            return Self::outbound(id, customer, first, random);
        }
        let mut acts = vec![(Duration::ZERO, Act::Start)];
        let mut ringing = first;
        acts.push((random.pause(500, 4_000), Act::Ring(first)));
        if random.below(3) == 0 {
            // The first agent does not answer, and the next one is rung.
            acts.push((random.pause(4_000, 9_000), Act::Stop(first)));
            ringing = (first + 1) % AGENTS.len();
            acts.push((random.pause(100, 1_500), Act::Ring(ringing)));
        }
        if random.below(5) == 0 {
            acts.push((random.pause(5_000, 12_000), Act::Stop(ringing)));
            acts.push((random.pause(100, 800), Act::End));
        } else {
            acts.push((random.pause(1_500, 7_000), Act::Answer(ringing)));
            acts.push((random.pause(8_000, 45_000), Act::End));
        }
        Self { id, customer, placed_by: None, acts }
    }

    /// A call that an agent makes.
    pub(super) fn outbound(
        id: String,
        customer: (String, &'static str),
        agent: usize,
        random: &mut Random,
    ) -> Self {
        let mut acts = vec![(Duration::ZERO, Act::Start)];
        if random.below(5) > 0 {
            acts.push((random.pause(2_000, 7_000), Act::Answer(agent)));
        }
        acts.push((random.pause(8_000, 40_000), Act::End));
        Self { id, customer, placed_by: Some(agent), acts }
    }
}
