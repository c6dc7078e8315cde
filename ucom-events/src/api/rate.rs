//! Requests per hour.

use std::collections::VecDeque;
use std::time::Duration;

use http::HeaderMap;

/// The period of the API's limit, and so the longest wait.
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// The rate limit in the headers of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests allowed per hour, `X-RateLimit-Limit`.
    pub limit: Option<u64>,
    /// Remaining requests, `X-RateLimit-Remaining`.
    pub remaining: Option<u64>,
    /// Time until the count restarts, `X-RateLimit-Reset`: seconds, not a point in time.
    pub reset: Option<Duration>,
}

impl RateLimit {
    /// Reads a reply's headers; an invalid number is `None`. A wait of more than an hour is cut to
    /// one hour.
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

    /// Returns the time to wait when the limit is spent; an hour if the reply has none.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.reset.unwrap_or(HOUR)
    }
}

/// A limiter of requests per hour, by its own count and by the limits in replies.
///
/// ```
/// use std::time::Duration;
/// use ucom_events::api::HourlyBudget;
///
/// let mut budget = HourlyBudget::new(1);
/// let now = Duration::ZERO; // a monotonic reading
/// assert_eq!(budget.take(now), Ok(()));
/// assert_eq!(budget.take(now), Err(Duration::from_secs(3600)));
/// assert_eq!(budget.take(now + Duration::from_secs(3600)), Ok(()));
/// ```
#[derive(Clone, Debug)]
pub struct HourlyBudget {
    most: usize,
    /// Time when each request of the last hour was sent.
    sent: VecDeque<Duration>,
    /// The API refuses requests before this time.
    closed_until: Option<Duration>,
}

impl HourlyBudget {
    /// Creates a limiter of `most` requests in any hour.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self { most, sent: VecDeque::new(), closed_until: None }
    }

    /// Spends one request, or returns the time to wait.
    ///
    /// # Errors
    ///
    /// The time until the next request is allowed.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        if let Some(until) = self.closed_until.filter(|&until| until > now) {
            return Err(until - now);
        }
        while self.sent.front().is_some_and(|&sent| sent.saturating_add(HOUR) <= now) {
            self.sent.pop_front();
        }
        if self.sent.len() >= self.most {
            let free = self.sent.front().map(|&sent| sent.saturating_add(HOUR).saturating_sub(now));
            return Err(free.unwrap_or(HOUR));
        }
        self.sent.push_back(now);
        Ok(())
    }

    /// Applies the rate limit of a reply: without remaining requests, none is allowed before the
    /// reset.
    pub fn observe(&mut self, now: Duration, rate: &RateLimit) {
        if rate.remaining == Some(0) {
            self.closed_until = Some(now.saturating_add(rate.wait()));
        }
    }
}
