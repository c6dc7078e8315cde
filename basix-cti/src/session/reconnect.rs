//! The policy of reconnecting.

use std::time::{Duration, Instant};

/// The policy of reconnecting after a connection ended or could not be made.
///
/// The default is that of the vendor's client: 20 s later, without limit. A policy is pure: the
/// random number is an argument, and [`Attempts`] counts.
///
/// ```
/// use std::time::Duration;
/// use basix_cti::session::Reconnect;
/// use basix_cti::session::ConnectionEnd;
///
/// let vendor = Reconnect::default();
/// assert_eq!(vendor.delay(0, ConnectionEnd::Lost, 0), Some(Duration::from_secs(20)));
///
/// let seconds = Duration::from_secs;
/// let policy = Reconnect::exponential(Duration::from_millis(500), seconds(60))
///     .stop_when_replaced();
/// assert!(policy.delay(3, ConnectionEnd::Lost, u64::MAX).is_some_and(|delay| delay <= seconds(4)));
/// assert_eq!(policy.delay(0, ConnectionEnd::Replaced, 0), None);
/// ```
///
/// Get a new [`Endpoint`](crate::Endpoint) for each attempt: the token may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnect {
    pace: Pace,
    max_attempts: Option<u32>,
    stable_after: Duration,
    stop_when_replaced: bool,
    stop_when_refused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Fixed(Duration),
    Exponential { base: Duration, cap: Duration },
}

/// The end of a connection, or the reason for its failure, by its meaning for reconnecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionEnd {
    /// The PBX closed the connection, or it broke.
    Lost,
    /// The connection could not be made: name, network, TLS, or an answer other than a websocket.
    ConnectFailed,
    /// The PBX sent `connection_limit_reached`.
    LimitReached,
    /// The PBX sent `connection_replaced`: another connection took its place.
    Replaced,
    /// The PBX sent `logout`, or answered `authentication_required`: the login session is over.
    Logout,
    /// The PBX rejected the credentials, with HTTP status 401 or 403.
    CredentialsRefused,
    /// The application closed it.
    Closed,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self::fixed(Self::VENDOR)
    }
}

impl Reconnect {
    /// Delay of the vendor's client, and the minimum after [`ConnectionEnd::LimitReached`] and
    /// [`ConnectionEnd::Replaced`], where reconnecting sooner would fail again.
    // B100, B101
    pub const VENDOR: Duration = Duration::from_secs(20);

    /// Creates a policy with the same delay after each failure.
    #[must_use]
    pub const fn fixed(delay: Duration) -> Self {
        Self {
            pace: Pace::Fixed(delay),
            max_attempts: None,
            stable_after: Duration::from_secs(30),
            stop_when_replaced: false,
            stop_when_refused: false,
        }
    }

    /// Creates a policy of exponential backoff with full jitter: a random delay up to `base` after
    /// the first failure, and up to twice as long after each further one, at most `cap`.
    ///
    /// The whole time is random, so that the clients of a restarted PBX do not return all at once.
    /// 0.5 s and 60 s suit a wallboard.
    #[must_use]
    pub const fn exponential(base: Duration, cap: Duration) -> Self {
        Self { pace: Pace::Exponential { base, cap }, ..Self::fixed(Self::VENDOR) }
    }

    /// Sets the number of failed attempts in a row after which to give up; unlimited by default.
    #[must_use]
    pub const fn with_max_attempts(self, attempts: u32) -> Self {
        Self { max_attempts: Some(attempts), ..self }
    }

    /// Sets the duration after which a connection counts as stable and resets the failures; 30 s by
    /// default.
    #[must_use]
    pub const fn with_stable_after(self, stable_after: Duration) -> Self {
        Self { stable_after, ..self }
    }

    /// Gives up when another connection took the place of this one. Otherwise two clients that both
    /// [`force`](crate::Endpoint::force) their connection replace each other every 20 s.
    #[must_use]
    pub const fn stop_when_replaced(self) -> Self {
        Self { stop_when_replaced: true, ..self }
    }

    /// Gives up when the credentials are rejected. Otherwise the client retries with a new endpoint,
    /// which is right where tokens are renewed or an administrator may correct a user's rights.
    #[must_use]
    pub const fn stop_when_refused(self) -> Self {
        Self { stop_when_refused: true, ..self }
    }

    /// Returns the duration after which a connection counts as stable and resets the failures.
    #[must_use]
    pub const fn stable_after(&self) -> Duration {
        self.stable_after
    }

    /// Returns the delay before the next attempt; `None` to give up.
    ///
    /// `failures` is the number of attempts that have failed in a row before this one, `random` a
    /// uniformly distributed number.
    #[must_use]
    pub fn delay(&self, failures: u32, end: ConnectionEnd, random: u64) -> Option<Duration> {
        if self.max_attempts.is_some_and(|most| failures >= most) {
            return None;
        }
        let delay = match self.pace {
            Pace::Fixed(delay) => delay,
            Pace::Exponential { base, cap } => fraction(doubled(base, failures, cap), random),
        };
        match end {
            ConnectionEnd::Closed => None,
            ConnectionEnd::Replaced if self.stop_when_replaced => None,
            ConnectionEnd::CredentialsRefused if self.stop_when_refused => None,
            ConnectionEnd::LimitReached | ConnectionEnd::Replaced => Some(delay.max(Self::VENDOR)),
            _ => Some(delay),
        }
    }
}

/// Doubles `base` a number of times, up to `cap`.
fn doubled(base: Duration, times: u32, cap: Duration) -> Duration {
    // No `Duration` has more than 94 bits of nanoseconds, so 2^127 of them exceed every cap.
    let nanos = base.as_nanos().saturating_mul(1 << times.min(127)).min(cap.as_nanos());
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Returns the fraction `random` / 2^64 of a time below 584 years.
fn fraction(of: Duration, random: u64) -> Duration {
    let nanos = (of.as_nanos().min(u64::MAX.into()) * u128::from(random)) >> 64;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Counts failed attempts for a [`Reconnect`]. Use one for each client.
///
/// ```
/// use std::time::{Duration, Instant};
/// use basix_cti::session::Reconnect;
/// use basix_cti::session::{Attempts, ConnectionEnd};
///
/// let policy = Reconnect::exponential(Duration::from_secs(1), Duration::from_secs(60));
/// let mut attempts = Attempts::new();
/// let start = Instant::now();
///
/// let first = attempts.ended(start, ConnectionEnd::ConnectFailed, &policy, u64::MAX);
/// assert!(first < Some(Duration::from_secs(1)));
/// let second = attempts.ended(start, ConnectionEnd::ConnectFailed, &policy, u64::MAX);
/// assert!(second > first);
///
/// attempts.connected(start);
/// let a_day_later = start + Duration::from_secs(86_400);
/// let third = attempts.ended(a_day_later, ConnectionEnd::Lost, &policy, u64::MAX);
/// assert_eq!(third, first);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Attempts {
    failures: u32,
    connected: Option<Instant>,
}

impl Attempts {
    /// Creates a count of zero.
    #[must_use]
    pub const fn new() -> Self {
        Self { failures: 0, connected: None }
    }

    /// Returns the attempts in a row that did not lead to a stable connection.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Counts an open connection.
    pub const fn connected(&mut self, now: Instant) {
        self.connected = Some(now);
    }

    /// Counts a connection that ended or could not be made. Returns the delay before the next
    /// attempt; `None` to give up.
    pub fn ended(
        &mut self,
        now: Instant,
        end: ConnectionEnd,
        policy: &Reconnect,
        random: u64,
    ) -> Option<Duration> {
        let held = self.connected.take().map(|since| now.saturating_duration_since(since));
        if held.is_some_and(|held| held >= policy.stable_after) {
            self.failures = 0;
        }
        let delay = policy.delay(self.failures, end, random);
        self.failures = self.failures.saturating_add(1);
        delay
    }
}
