//! Time, as an argument.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

/// Tells how much time has passed since some fixed moment. Never goes back.
pub trait Clock: Send + Sync {
    /// The time since a moment that stays the same for this clock.
    fn now(&self) -> Duration;
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Duration {
        (**self).now()
    }
}

/// Waits, so that something can be given up in time. With the feature `tokio` there is
/// `TokioTimer`.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Returns when the time has passed.
    async fn sleep(&self, time: Duration);
}

#[async_trait]
impl<T: Timer + ?Sized> Timer for Arc<T> {
    async fn sleep(&self, time: Duration) {
        (**self).sleep(time).await;
    }
}

/// The operating system's monotonic clock.
#[cfg(feature = "clock")]
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock(std::time::Instant);

#[cfg(feature = "clock")]
impl MonotonicClock {
    /// A clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self(std::time::Instant::now())
    }
}

#[cfg(feature = "clock")]
impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(feature = "clock")]
impl Clock for MonotonicClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A [`Timer`] over tokio; needs a tokio runtime whose time driver is on.
#[cfg(feature = "tokio")]
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
