//! A bounded histogram of waiting times.

use std::collections::BTreeMap;
use std::time::Duration;

/// Maximum number of distinct times before rounding.
const DISTINCT: usize = 1 << 13;

/// The count of each waiting time, for percentiles.
///
/// Exact to the millisecond up to 8,192 different times; beyond that, times are rounded up to 10 ms,
/// then to 100 ms and so on, so that memory stays bounded.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    /// By time in steps.
    counts: BTreeMap<u64, u64>,
    step: u64,
    total: u64,
    distinct: usize,
}

impl Default for Waits {
    fn default() -> Self {
        Self { counts: BTreeMap::new(), step: 1, total: 0, distinct: DISTINCT }
    }
}

impl Waits {
    pub(crate) fn add(&mut self, wait: Duration) {
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        *self.counts.entry(millis.div_ceil(self.step)).or_default() += 1;
        self.total += 1;
        while self.counts.len() > self.distinct {
            self.step *= 10;
            let mut counts = BTreeMap::new();
            for (time, count) in std::mem::take(&mut self.counts) {
                *counts.entry(time.div_ceil(10)).or_default() += count;
            }
            self.counts = counts;
        }
    }

    /// Returns the time that this percentage of the times does not exceed, by nearest rank.
    pub(crate) fn percentile(&self, percent: u8) -> Option<Duration> {
        let rank = (u128::from(self.total) * u128::from(percent.min(100))).div_ceil(100).max(1);
        let mut below = 0_u128;
        for (time, count) in &self.counts {
            below += u128::from(*count);
            if below >= rank {
                return Some(Duration::from_millis(time.saturating_mul(self.step)));
            }
        }
        None
    }

    /// Returns the step to which percentiles are exact.
    pub(crate) const fn resolution(&self) -> Duration {
        Duration::from_millis(self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::Waits;
    use std::time::Duration;

    #[test]
    fn percentiles_are_exact_until_there_are_too_many_different_times_p134() {
        let mut waits = Waits { distinct: 4, ..Waits::default() };
        assert_eq!(waits.percentile(50), None);
        for millis in [400, 100, 300, 200] {
            waits.add(Duration::from_millis(millis));
        }
        let percentiles = |waits: &Waits| {
            [0, 25, 26, 50, 75, 90, 100]
                .map(|percent| waits.percentile(percent).unwrap().as_millis())
        };
        assert_eq!(percentiles(&waits), [100, 100, 200, 200, 300, 400, 400]);
        assert_eq!(waits.resolution(), Duration::from_millis(1));
        waits.add(Duration::from_millis(101));
        assert_eq!(waits.resolution(), Duration::from_millis(100));
    }

    #[test]
    fn beyond_that_times_are_rounded_up_and_memory_stays_bounded() {
        let mut waits = Waits { distinct: 100, ..Waits::default() };
        for millis in 0..10_000 {
            waits.add(Duration::from_millis(millis));
            assert!(waits.counts.len() <= 100);
        }
        assert_eq!(waits.resolution(), Duration::from_millis(1_000));
        assert_eq!(waits.percentile(50), Some(Duration::from_secs(5)));
        assert_eq!(waits.percentile(100), Some(Duration::from_secs(10)));
    }
}
