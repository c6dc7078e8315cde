//! A clock that runs through a replay at the pace of its requests, and then with the machine's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use voip_module::router::Clock;

use crate::timeline::Micros;

tokio::task_local! {
    /// Arrival of the request in progress.
    static ARRIVED: Micros;
}

/// Runs work for a request that came at a time.
pub(super) async fn arrived_at<T>(at: Micros, work: impl Future<Output = T>) -> T {
    ARRIVED.scope(at, work).await
}

/// Arrival of the request in progress; `None` outside of one.
pub(super) fn arrival() -> Option<Micros> {
    ARRIVED.try_with(|at| *at).ok()
}

/// A clock that never goes back, shared by its clones.
#[derive(Clone, Debug, Default)]
pub(super) struct ReplayClock(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The first arrival.
    first: OnceLock<Micros>,
    /// Microseconds since then, up to the end of the replay.
    reading: AtomicU64,
    /// The end of the replay.
    started: OnceLock<Instant>,
}

impl ReplayClock {
    /// A request came at this time; changes the reading only during a replay.
    pub(super) fn replay(&self, at: Micros) {
        if self.0.started.get().is_none() {
            let first = *self.0.first.get_or_init(|| at);
            let reading = u64::try_from(at.saturating_sub(first)).unwrap_or(0);
            self.0.reading.fetch_max(reading, Ordering::Relaxed);
        }
    }

    /// Ends the replay: the time from its last request to `now` has passed.
    pub(super) fn start(&self, now: Micros) {
        self.replay(now);
        self.0.started.get_or_init(Instant::now);
    }
}

impl Clock for ReplayClock {
    fn now(&self) -> Duration {
        let reading = Duration::from_micros(self.0.reading.load(Ordering::Relaxed));
        reading + self.0.started.get().map(Instant::elapsed).unwrap_or_default()
    }
}
