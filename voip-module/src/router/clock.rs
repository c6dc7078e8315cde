//! Time, as an argument.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

/// A clock that never goes back.
pub trait Clock: Send + Sync {
    /// Returns the time since a fixed origin of this clock.
    fn now(&self) -> Duration;
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Duration {
        (**self).now()
    }
}

/// A timer, for deadlines. With the feature `tokio` there is `TokioTimer`.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Completes after this time.
    async fn sleep(&self, time: Duration);
}

#[async_trait]
impl<T: Timer + ?Sized> Timer for Arc<T> {
    async fn sleep(&self, time: Duration) {
        (**self).sleep(time).await;
    }
}

/// The operating system's monotonic clock: the router's default.
///
/// The journal takes time as an argument and reads no clock; the router is the adapter around it,
/// and std's clock needs no runtime, so a router has one by default.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock(Instant);

impl MonotonicClock {
    /// Creates a clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A [`Timer`] over tokio; needs a tokio runtime with its time driver enabled.
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "has no state")]
pub struct TokioTimer;

#[cfg(feature = "tokio")]
#[async_trait]
impl Timer for TokioTimer {
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
