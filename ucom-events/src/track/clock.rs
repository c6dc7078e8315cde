//! The tracker's time: the time that passed by the driver's monotonic readings.

use std::time::Duration;

// D39.
/// A clock that never goes back: a reading below the last one counts as no time passed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    /// Microseconds.
    elapsed: u64,
    last: Option<Duration>,
}

impl Clock {
    pub(super) const fn new(elapsed: u64, now: Duration) -> Self {
        Self { elapsed, last: Some(now) }
    }

    pub(super) fn advance(&mut self, now: Duration) -> u64 {
        let passed = self.last.map_or(Duration::ZERO, |last| now.saturating_sub(last));
        let micros = u64::try_from(passed.as_micros()).unwrap_or(u64::MAX);
        self.elapsed = self.elapsed.saturating_add(micros);
        self.last = Some(now);
        self.elapsed
    }

    pub(super) const fn elapsed(&self) -> u64 {
        self.elapsed
    }

    /// Converts a time of this clock to the driver's reading.
    pub(super) fn reading_at(&self, time: u64) -> Duration {
        let wait = Duration::from_micros(time.saturating_sub(self.elapsed));
        self.last.unwrap_or_default().saturating_add(wait)
    }
}
