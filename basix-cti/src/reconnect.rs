//! When to connect again (section 10 of the protocol).

use std::time::{Duration, Instant};

/// When to connect again after a connection ended or could not be made.
///
/// The default does as the vendor's client: 20 s later, for ever (B100). A policy is pure: the
/// random number is an argument, and the counting is in [`Attempts`].
///
/// ```
/// use std::time::Duration;
/// use basix_cti::{Ending, Reconnect};
///
/// let vendor = Reconnect::default();
/// assert_eq!(vendor.delay(0, Ending::Lost, 0), Some(Duration::from_secs(20)));
///
/// let seconds = Duration::from_secs;
/// let policy = Reconnect::exponential(Duration::from_millis(500), seconds(60))
///     .stop_when_replaced();
/// assert!(policy.delay(3, Ending::Lost, u64::MAX).is_some_and(|delay| delay <= seconds(4)));
/// assert_eq!(policy.delay(0, Ending::Replaced, 0), None);
/// ```
///
/// Ask for the [`Endpoint`](crate::Endpoint) anew each time: the token may have changed (B100).
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

/// How a connection ended, or why there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// It was closed by the PBX or broke, without a word why.
    Lost,
    /// It could not be made: name, network, TLS, or an answer that is no websocket.
    ConnectFailed,
    /// The PBX said `connection_limit_reached`.
    LimitReached,
    /// The PBX said `connection_replaced`: another connection was forced in.
    Replaced,
    /// The PBX said `logout`, or answered `authentication_required`: the login session is over.
    Logout,
    /// The PBX refused the credentials, with HTTP status 401 or 403.
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
    /// What the vendor's client waits (B100), and the least that is waited after
    /// [`Ending::LimitReached`] and [`Ending::Replaced`] (B101).
    pub const VENDOR: Duration = Duration::from_secs(20);

    /// Always waits the same time.
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

    /// Waits a random time up to `base` after the first failure, and up to twice as long after
    /// each further one, but no longer than `cap`.
    ///
    /// The whole time is random ("full jitter"), so that the clients of a PBX that was restarted
    /// do not come back all at once. 0.5 s and 60 s suit a wallboard.
    #[must_use]
    pub const fn exponential(base: Duration, cap: Duration) -> Self {
        Self { pace: Pace::Exponential { base, cap }, ..Self::fixed(Self::VENDOR) }
    }

    /// Gives up after so many attempts in a row that did not bring a stable connection. Without
    /// it, never.
    #[must_use]
    pub const fn with_max_attempts(self, attempts: u32) -> Self {
        Self { max_attempts: Some(attempts), ..self }
    }

    /// How long a connection has to hold before failures are counted from 0 again; 30 s by
    /// default.
    #[must_use]
    pub const fn with_stable_after(self, stable_after: Duration) -> Self {
        Self { stable_after, ..self }
    }

    /// Stays away when another connection was forced in. Without it, two clients that both
    /// [`force`](crate::Endpoint::force) replace each other for ever, every 20 s.
    #[must_use]
    pub const fn stop_when_replaced(self) -> Self {
        Self { stop_when_replaced: true, ..self }
    }

    /// Gives up when the credentials are refused. Without it the endpoint is asked for again by
    /// the policy, which is right where tokens are renewed, and where an administrator may repair
    /// the rights of a user while a wallboard hangs on the wall.
    #[must_use]
    pub const fn stop_when_refused(self) -> Self {
        Self { stop_when_refused: true, ..self }
    }

    /// How long a connection has to hold before failures are counted from 0 again.
    #[must_use]
    pub const fn stable_after(&self) -> Duration {
        self.stable_after
    }

    /// How long to wait before the next attempt; `None` to give up.
    ///
    /// `failures` is how many attempts have failed in a row before this ending, `random` any
    /// number, all of them equally likely.
    #[must_use]
    pub fn delay(&self, failures: u32, ending: Ending, random: u64) -> Option<Duration> {
        if self.max_attempts.is_some_and(|most| failures >= most) {
            return None;
        }
        let delay = match self.pace {
            Pace::Fixed(delay) => delay,
            Pace::Exponential { base, cap } => fraction(doubled(base, failures, cap), random),
        };
        match ending {
            Ending::Closed => None,
            Ending::Replaced if self.stop_when_replaced => None,
            Ending::CredentialsRefused if self.stop_when_refused => None,
            Ending::LimitReached | Ending::Replaced => Some(delay.max(Self::VENDOR)),
            _ => Some(delay),
        }
    }
}

/// `base` doubled so many times, but no longer than `cap`.
fn doubled(base: Duration, times: u32, cap: Duration) -> Duration {
    // No `Duration` has more than 94 bits of nanoseconds, so 2^127 of them exceed every cap.
    let nanos = base.as_nanos().saturating_mul(1 << times.min(127)).min(cap.as_nanos());
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// The part `random` / 2^64 of a time below 584 years.
fn fraction(of: Duration, random: u64) -> Duration {
    let nanos = (of.as_nanos().min(u64::MAX.into()) * u128::from(random)) >> 64;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Counts the attempts that a [`Reconnect`] asks for. One for each client.
///
/// ```
/// use std::time::{Duration, Instant};
/// use basix_cti::{Attempts, Ending, Reconnect};
///
/// let policy = Reconnect::exponential(Duration::from_secs(1), Duration::from_secs(60));
/// let mut attempts = Attempts::new();
/// let start = Instant::now();
///
/// let first = attempts.ended(start, Ending::ConnectFailed, &policy, u64::MAX);
/// assert!(first < Some(Duration::from_secs(1)));
/// let second = attempts.ended(start, Ending::ConnectFailed, &policy, u64::MAX);
/// assert!(second > first);
///
/// attempts.connected(start);
/// let a_day_later = start + Duration::from_secs(86_400);
/// let third = attempts.ended(a_day_later, Ending::Lost, &policy, u64::MAX);
/// assert_eq!(third, first);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Attempts {
    failures: u32,
    connected: Option<Instant>,
}

impl Attempts {
    /// None so far.
    #[must_use]
    pub const fn new() -> Self {
        Self { failures: 0, connected: None }
    }

    /// Attempts in a row that did not bring a stable connection.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Says that a connection is up.
    pub const fn connected(&mut self, now: Instant) {
        self.connected = Some(now);
    }

    /// Says that a connection ended or could not be made; gives how long to wait before the next
    /// attempt, or `None` to give up.
    pub fn ended(
        &mut self,
        now: Instant,
        ending: Ending,
        policy: &Reconnect,
        random: u64,
    ) -> Option<Duration> {
        let held = self.connected.take().map(|since| now.saturating_duration_since(since));
        if held.is_some_and(|held| held >= policy.stable_after) {
            self.failures = 0;
        }
        let delay = policy.delay(self.failures, ending, random);
        self.failures = self.failures.saturating_add(1);
        delay
    }
}
