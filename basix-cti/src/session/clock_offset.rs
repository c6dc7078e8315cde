//! The difference between the PBX's clock and the local one.

use std::time::{Duration, Instant};

use crate::element::Timestamp;

/// Estimates the offset of the PBX's clock from timestamps of events and their times of arrival.
///
/// An event arrives after its timestamp: the network takes time, and many timestamps are old when
/// they are sent. So the local time of arrival minus the timestamp is the clocks' difference plus a
/// delay that is never negative, and the smallest such value is the best estimate. Its error is the
/// shortest delay seen, usually some milliseconds.
///
/// Clocks drift and are set, so a value is forgotten after [`WINDOW`](Self::WINDOW) at the earliest
/// and twice that at the latest.
///
/// ```
/// use std::time::{Duration, Instant};
/// use basix_cti::session::ClockOffset;
/// use basix_cti::Timestamp;
///
/// let mut clock = ClockOffset::new();
/// let (now, local) = (Instant::now(), Timestamp::from_micros(1_000_000_000));
///
/// // The PBX's clock is 5 s ahead; the events took 20 ms and 3 ms to arrive.
/// clock.observe(now, local, Timestamp::from_micros(1_004_980_000));
/// clock.observe(now, local, Timestamp::from_micros(1_004_997_000));
/// assert_eq!(clock.offset_micros(), Some(4_997_000));
/// assert_eq!(clock.pbx_time(local), Timestamp::from_micros(1_004_997_000));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ClockOffset {
    current: Option<Window>,
    previous: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    start: Instant,
    /// The largest difference, PBX minus local: that of the shortest delay.
    offset: i64,
}

impl ClockOffset {
    /// Minimum time for which an observation counts.
    pub const WINDOW: Duration = Duration::from_secs(600);

    /// Creates an estimator without observations.
    #[must_use]
    pub const fn new() -> Self {
        Self { current: None, previous: None }
    }

    /// Observes a timestamp of the PBX that arrived at the time `local` of the local clock.
    ///
    /// `now` is the monotonic time of the same moment. Old timestamps are harmless. Timestamps at
    /// or before the epoch are ignored: they mean "never".
    pub fn observe(&mut self, now: Instant, local: Timestamp, pbx: Timestamp) {
        if pbx.as_micros() <= 0 {
            return;
        }
        let offset = pbx.as_micros().saturating_sub(local.as_micros());
        match &mut self.current {
            Some(window) if now.saturating_duration_since(window.start) < Self::WINDOW => {
                window.offset = window.offset.max(offset);
            }
            window => {
                let is_recent = |window: &Window| {
                    now.saturating_duration_since(window.start) < Self::WINDOW.saturating_mul(2)
                };
                self.previous = window.filter(is_recent).map(|window| window.offset);
                *window = Some(Window { start: now, offset });
            }
        }
    }

    /// Returns the microseconds by which the PBX's clock is ahead of the local one; negative if it
    /// is behind, `None` before the first observation.
    #[must_use]
    pub fn offset_micros(&self) -> Option<i64> {
        self.current.map(|window| window.offset).max(self.previous)
    }

    /// Converts a time of the local clock to the PBX's. Without observations the clocks count as
    /// equal.
    #[must_use]
    pub fn pbx_time(&self, local: Timestamp) -> Timestamp {
        let offset = self.offset_micros().unwrap_or_default();
        Timestamp::from_micros(local.as_micros().saturating_add(offset))
    }
}
