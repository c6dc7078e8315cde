//! Turns, rounds and medians of paired ratios.
//!
//! All contenders of a group take turns at the same frames, some hundred at a time and in an order
//! that changes, so that a noisy neighbour, a warm cache or a slow clock meets all of them alike. A
//! round is one pass over all frames. What counts is the ratio of two contenders within one round,
//! and of all rounds the median.

use std::ops::Range;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::allocation;
use crate::random::Random;

/// Frames in one turn.
pub const TURN: usize = 500;

/// Watches the work of a contender: either its processor time or its allocations.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    elapsed: Duration,
    allocations: bool,
}

impl Watch {
    /// Measures time.
    #[must_use]
    pub fn timing() -> Self {
        Self::default()
    }

    /// Counts allocations, see [`allocation::count`].
    #[must_use]
    pub fn allocations() -> Self {
        Self { elapsed: Duration::ZERO, allocations: true }
    }

    /// Does the work that is to be measured.
    #[inline(always)]
    pub fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        if self.allocations {
            return allocation::counted(work);
        }
        let start = processor_time();
        let value = work();
        self.elapsed += processor_time() - start;
        value
    }

    /// The time that was measured.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// The time that this thread has had a processor. By the clock on the wall, who takes long turns
/// would also pay for every program that gets the processor in between, and who takes short ones
/// would not.
#[must_use]
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// Something that reads messages.
pub trait Contender {
    /// Its row in the report.
    fn name(&self) -> &'static str;

    /// The work that it measures.
    fn work(&self) -> Work;

    /// Panics unless the results are what they must be. Never measured.
    fn check(&mut self);

    /// Gets ready for a round. Never measured.
    fn prepare(&mut self) {}

    /// Reads these frames, and has only the reading and the dropping watched.
    fn turn(&mut self, frames: Range<usize>, watch: &mut Watch);
}

/// The input of a contender, and the baselines of its ratios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Work {
    /// The number of frames; a snapshot counts as one frame, though it is two messages.
    pub frames: usize,
    /// The bytes of a frame, in the mean.
    pub bytes: usize,
    /// The row that it is compared with, on the same bytes.
    pub base: &'static str,
    /// The row of `eetf` for them.
    pub eetf: &'static str,
    /// The bytes of the messages whose values it holds at one time.
    pub held: usize,
}

impl Work {
    /// Work on `frames` frames of `bytes` bytes each.
    #[must_use]
    pub const fn new(frames: usize, bytes: usize, base: &'static str, eetf: &'static str) -> Self {
        Self { frames, bytes, base, eetf, held: bytes }
    }

    /// The same work, with this many bytes of values held at one time.
    #[must_use]
    pub const fn holding(self, held: usize) -> Self {
        Self { held, ..self }
    }
}

/// The times of all rounds.
#[derive(Debug)]
pub struct Times {
    rows: Vec<(&'static str, Work, Vec<f64>)>,
}

/// Has all contenders take turns for `rounds` rounds. Calls `progress` after each round.
pub fn race(
    contenders: &mut [Box<dyn Contender + '_>],
    rounds: usize,
    mut progress: impl FnMut(usize),
) -> Times {
    let mut random = Random::new(rounds as u64);
    let mut rows: Vec<_> =
        contenders.iter().map(|one| (one.name(), one.work(), Vec::new())).collect();
    let frames = contenders.iter().map(|one| one.work().frames).max().unwrap_or(0);
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    // One round more than is kept: the first one warms up.
    for round in 0..=rounds {
        let mut watches = vec![Watch::timing(); contenders.len()];
        contenders.iter_mut().for_each(|one| one.prepare());
        for start in (0..frames).step_by(TURN) {
            random.shuffle(&mut order);
            for at in &order {
                let (Some(one), Some(watch)) = (contenders.get_mut(*at), watches.get_mut(*at))
                else {
                    continue;
                };
                let end = one.work().frames.min(start + TURN);
                if start < end {
                    one.turn(start..end, watch);
                }
            }
        }
        if round > 0 {
            for ((_, work, times), watch) in rows.iter_mut().zip(&watches) {
                times.push(watch.elapsed().as_secs_f64() * 1e9 / work.frames as f64);
            }
        }
        progress(round);
    }
    Times { rows }
}

impl Times {
    /// The contenders, in the order in which they came.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().map(|(name, ..)| *name)
    }

    /// Returns the input of a contender.
    #[must_use]
    pub fn work(&self, name: &str) -> Option<Work> {
        self.row(name).map(|(_, work, _)| *work)
    }

    /// The median of a contender's nanoseconds per frame.
    #[must_use]
    pub fn nanoseconds(&self, name: &str) -> Option<f64> {
        median(self.row(name)?.2.clone())
    }

    /// The median of the ratios of two contenders, round by round.
    #[must_use]
    pub fn ratio(&self, of: &str, to: &str) -> Option<f64> {
        let (of, to) = (&self.row(of)?.2, &self.row(to)?.2);
        median(of.iter().zip(to).map(|(of, to)| of / to).collect())
    }

    fn row(&self, name: &str) -> Option<&(&'static str, Work, Vec<f64>)> {
        self.rows.iter().find(|(row, ..)| *row == name)
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some((values.get(low)? + values.get(high)?) / 2.0)
}

/// Reads the bytes once, so that every contender finds them in the cache as a client finds a
/// message that has just come out of its socket.
pub fn touch<'a>(frames: impl Iterator<Item = &'a [u8]>) {
    for frame in frames {
        let sum = frame.chunks(64).fold(0u8, |sum, line| sum ^ line.first().unwrap_or(&0));
        std::hint::black_box(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
