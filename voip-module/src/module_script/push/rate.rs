//! The rate of requests.

use std::collections::VecDeque;
use std::time::Duration;

const WINDOW: Duration = Duration::from_secs(60);

/// A token bucket with a hard limit for each window of 60 s.
///
/// The bucket alone allows its burst on top of a full minute's refill, which is more than the
/// platform's limit; so the times of the last requests are kept as well.
// W144
#[derive(Debug)]
pub(super) struct Rate {
    per_minute: u32,
    burst: f64,
    tokens: f64,
    /// Time of the last refill.
    filled: Duration,
    /// Times of the requests in the last 60 s.
    sent: VecDeque<Duration>,
}

impl Rate {
    pub(super) fn new(per_minute: u32, burst: u32) -> Self {
        let burst = f64::from(burst.max(1));
        Self { per_minute, burst, tokens: burst, filled: Duration::ZERO, sent: VecDeque::new() }
    }

    /// Returns the earliest time of the next request.
    pub(super) fn ready_at(&self, now: Duration) -> Duration {
        if self.per_minute == 0 {
            return now;
        }
        let per_second = f64::from(self.per_minute) / 60.0;
        let missing = (1.0 - self.tokens).max(0.0) / per_second;
        let by_bucket = self.filled.saturating_add(Duration::from_secs_f64(missing));
        let is_full = self.sent.len() >= self.per_minute as usize;
        let by_window =
            self.sent.front().filter(|_| is_full).map(|first| first.saturating_add(WINDOW));
        now.max(by_bucket).max(by_window.unwrap_or_default())
    }

    /// Counts a request at `now`, unless it is too early.
    pub(super) fn take(&mut self, now: Duration) -> bool {
        if self.per_minute == 0 {
            return true;
        }
        if self.ready_at(now) > now {
            return false;
        }
        let per_second = f64::from(self.per_minute) / 60.0;
        let refill = now.saturating_sub(self.filled).as_secs_f64() * per_second;
        // Rounding may leave the bucket a hair below one at the moment that `ready_at` named.
        self.tokens = ((self.tokens + refill).min(self.burst) - 1.0).max(0.0);
        self.filled = self.filled.max(now);
        while self.sent.front().is_some_and(|first| first.saturating_add(WINDOW) <= now) {
            self.sent.pop_front();
        }
        self.sent.push_back(now);
        true
    }
}
