//! Rounding of billed time.

use std::time::Duration;

/// Rounding of connected time: a first block, then steps, in seconds, such as (60, 60),
/// (30, 6), (1, 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RoundingPlan {
    first: u32,
    step: u32,
}

impl RoundingPlan {
    /// Creates a plan; `None` if the step is zero.
    #[must_use]
    pub const fn new(first: u32, step: u32) -> Option<Self> {
        if step == 0 { None } else { Some(Self { first, step }) }
    }

    /// Returns the billed time; zero stays zero.
    ///
    /// ```
    /// use pbx_integration::report::RoundingPlan;
    /// use std::time::Duration;
    ///
    /// let plan = RoundingPlan::new(30, 6).ok_or("a step of zero")?;
    /// assert_eq!(plan.round(Duration::from_millis(1)), Duration::from_secs(30));
    /// assert_eq!(plan.round(Duration::from_millis(30_001)), Duration::from_secs(36));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn round(self, time: Duration) -> Duration {
        let millis = time.as_millis();
        if millis == 0 {
            return Duration::ZERO;
        }
        let (first, step) = (u128::from(self.first) * 1_000, u128::from(self.step) * 1_000);
        let steps = millis.saturating_sub(first).div_ceil(step);
        let seconds = (first + steps * step) / 1_000;
        Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))
    }
}
