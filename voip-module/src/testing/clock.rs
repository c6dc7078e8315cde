//! A clock and a timer that tests control.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;

use crate::router::{Clock, Timer};

/// A clock that moves only with [`advance`](Self::advance). Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// Creates a clock at zero.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Advances the clock.
    pub fn advance(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_add(nanoseconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

/// A timer that a test ends. Clones are one timer.
#[derive(Clone, Debug, Default)]
pub struct ManualTimer(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    is_over: bool,
    asked: Vec<Duration>,
    wakers: Vec<Waker>,
}

impl ManualTimer {
    /// Creates a timer that waits until [`finish`](Self::finish).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every wait, present and future.
    pub fn finish(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_over = true;
        state.wakers.drain(..).for_each(Waker::wake);
    }

    /// Returns the durations of all waits.
    #[must_use]
    pub fn asked(&self) -> Vec<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }
}

#[async_trait]
impl Timer for ManualTimer {
    async fn sleep(&self, time: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).asked.push(time);
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.is_over {
                return Poll::Ready(());
            }
            state.wakers.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
