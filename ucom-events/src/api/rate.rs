//! Requests per hour (§3.6, R21).

use std::collections::VecDeque;
use std::time::Duration;

use http::HeaderMap;

use crate::event::Timestamp;

/// An hour: the API counts requests by it, so no wait is longer.
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// What a reply tells of the requests that are left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests allowed per hour, `X-RateLimit-Limit`.
    pub limit: Option<u64>,
    /// Requests left, `X-RateLimit-Remaining`.
    pub remaining: Option<u64>,
    /// Time until the count starts anew, `X-RateLimit-Reset`: seconds, not a point in time.
    pub reset: Option<Duration>,
}

impl RateLimit {
    /// Reads a reply's headers; what is no number is `None`. A wait of more than an hour counts as one.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        Self {
            limit: number("x-ratelimit-limit"),
            remaining: number("x-ratelimit-remaining"),
            reset: number("x-ratelimit-reset")
                .map(|seconds| Duration::from_secs(seconds).min(HOUR)),
        }
    }

    /// How long to wait when the limit is spent; an hour if the reply does not tell.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.reset.unwrap_or(HOUR)
    }
}

/// Keeps requests within what an hour allows, by own count and by what replies tell.
///
/// ```
/// use std::time::Duration;
/// use ucom_events::{Timestamp, api::HourlyBudget};
///
/// let mut budget = HourlyBudget::new(1);
/// let now = Timestamp::from_micros(0);
/// assert_eq!(budget.take(now), Ok(()));
/// assert_eq!(budget.take(now), Err(Duration::from_secs(3600)));
/// assert_eq!(budget.take(now + Duration::from_secs(3600)), Ok(()));
/// ```
#[derive(Clone, Debug)]
pub struct HourlyBudget {
    most: usize,
    /// When each request of the last hour was sent.
    sent: VecDeque<Timestamp>,
    /// Before this the API refuses.
    closed_until: Option<Timestamp>,
}

impl HourlyBudget {
    /// At most so many requests in any hour.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self { most, sent: VecDeque::new(), closed_until: None }
    }

    /// Spends one request, or tells how long to wait.
    ///
    /// # Errors
    ///
    /// The time until the next request is allowed.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Duration> {
        if let Some(wait) = self.closed_until.and_then(|until| until.since(now)) {
            if !wait.is_zero() {
                return Err(wait);
            }
        }
        while self.sent.front().is_some_and(|&sent| now.since(sent).is_some_and(|age| age >= HOUR))
        {
            self.sent.pop_front();
        }
        if self.sent.len() >= self.most {
            let free = self.sent.front().and_then(|&sent| (sent + HOUR).since(now));
            return Err(free.unwrap_or(HOUR));
        }
        self.sent.push_back(now);
        Ok(())
    }

    /// Takes in what a reply tells: with no requests left, none is allowed before the reset.
    pub fn observe(&mut self, now: Timestamp, rate: &RateLimit) {
        if rate.remaining == Some(0) {
            self.closed_until = Some(now + rate.wait());
        }
    }
}
