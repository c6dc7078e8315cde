//! The service that answers the script.

mod answer;
mod ask;
mod dispatch;
mod endpoint;
mod gate;
mod handle;
mod json;
mod key;
mod log;
mod replies;
#[cfg(feature = "standard-webhooks")]
mod signed;
mod status;
mod webhook;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use event_listener::Event;

use self::gate::Gate;
pub use self::key::ServiceKeys;
use self::log::Log;
use self::replies::Replies;
#[cfg(feature = "standard-webhooks")]
use super::push::PushVerifier;
use super::push::{PushHandle, PushState};
use super::script::Language;
use crate::provider::VoipProvider;
use crate::router::journal::{CallJournal, Capacity, IdentityKey};
use crate::router::{Clock, MonotonicClock, Timer, WebhookRouter, WebhookVerifier};

/// Time after [`ModuleService::begin_shutdown`] in which asks are still taken: a container is
/// stopped and taken out of routing at the same time.
// W125
const GRACE: Duration = Duration::from_secs(5);

/// Answers the script of the module for a provider. Starts no runtime and opens no socket.
///
/// Also answers, without a key, `GET /healthz` and `GET /readyz`, and with the key
/// `GET /voip/v1/log` and `GET /voip/v1/status`.
///
/// Instances share nothing. The checks, in this order: path (404), method (405), key (401), size
/// (413), media type (415), JSON, protocol and request id (400), readiness (503), number of asks at
/// once (429), arguments (422). A panic of the provider is answered 500, and the service lives on.
///
/// It follows calls by their webhooks, so that the buttons get the ids of [`LiveCall`]. No webhook
/// is suppressed: if an answer is lost, the PBX's repetition gives the same result.
///
/// [`LiveCall`]: crate::LiveCall
pub struct ModuleService<P> {
    router: WebhookRouter<P>,
    keys: ServiceKeys,
    prefix: String,
    hosts: Vec<String>,
    allows_http: bool,
    calls_limit: Duration,
    webhooks_limit: Duration,
    timer: Option<Box<dyn Timer>>,
    clock: Arc<dyn Clock>,
    wall_clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    started: Duration,
    /// Time of [`begin_shutdown`](Self::begin_shutdown).
    stopping: OnceLock<Duration>,
    calls: Gate,
    webhooks: Gate,
    /// Notified when an ask ends.
    left: Event,
    replies: Replies,
    log: Mutex<Log>,
    has_warned_of_numbers: AtomicBool,
    push: Option<PushHandle>,
    #[cfg(feature = "standard-webhooks")]
    push_verifier: Option<PushVerifier>,
}

impl<P: VoipProvider> ModuleService<P> {
    /// Creates a service for a provider.
    #[must_use]
    pub fn new(provider: P, keys: ServiceKeys) -> Self {
        // Small, so that a container with little memory holds it beside another journal.
        let capacity = Capacity::default().with_legs(5_000).with_bytes(4 << 20);
        let journal = CallJournal::new(IdentityKey::random(), capacity);
        let clock: Arc<dyn Clock> = Arc::new(MonotonicClock::new());
        Self {
            router: WebhookRouter::without_token(provider).journal(journal).clock(clock.clone()),
            keys,
            prefix: String::new(),
            hosts: Vec::new(),
            allows_http: false,
            calls_limit: Duration::from_secs(10),
            webhooks_limit: Duration::from_secs(5),
            timer: None,
            started: clock.now(),
            clock,
            wall_clock: Box::new(SystemTime::now),
            stopping: OnceLock::new(),
            calls: Gate::new(64),
            webhooks: Gate::new(32),
            left: Event::new(),
            replies: Replies::new(),
            log: Mutex::default(),
            has_warned_of_numbers: AtomicBool::new(false),
            push: None,
            #[cfg(feature = "standard-webhooks")]
            push_verifier: None,
        }
    }

    /// Sets the path before `/voip`. None by default.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        self.prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        self
    }

    /// Sets the hosts that a new webhook URL may have. Any by default.
    #[must_use]
    pub fn webhook_hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// Takes webhook URLs with plain `http`, for a platform in the same cluster.
    #[must_use]
    pub const fn allow_http(mut self) -> Self {
        self.allows_http = true;
        self
    }

    /// Sets the pushes whose target a new webhook URL becomes, and whose state the connection test and
    /// `/voip/v1/status` show.
    // W114
    #[must_use]
    pub fn push(mut self, push: PushHandle) -> Self {
        self.push = Some(push);
        self
    }

    /// Checks the signatures of pushes, for scripts with
    /// [`PushCheck::Service`](super::PushCheck::Service). A push that is not signed by one of the keys
    /// gets 401.
    #[cfg(feature = "standard-webhooks")]
    #[cfg_attr(docsrs, doc(cfg(feature = "standard-webhooks")))]
    #[must_use]
    pub fn check_pushes(mut self) -> Self {
        self.push_verifier = Some(self.keys.push_verifier());
        self
    }

    /// Sets the verifier of signed webhooks. A signature over the body holds through the script only
    /// if the body was valid UTF-8; where the PBX can, let it call a [`WebhookRouter`] directly.
    // W115
    #[must_use]
    pub fn verifier(self, verifier: impl WebhookVerifier + 'static) -> Self {
        Self { router: self.router.verifier(verifier), ..self }
    }

    /// Sets the timer for time limits. Without one there are none: a provider that hangs keeps its
    /// ask open.
    #[must_use]
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.timer = Some(Box::new(timer));
        self
    }

    /// Sets the time limits, 10 s for calls of functions and 5 s for webhooks by default, each from
    /// 100 ms to 50 s. Needs a [`timer`](Self::timer). The platform stops a script after a minute.
    // W90, W117
    #[must_use]
    pub fn time_limits(mut self, calls: Duration, webhooks: Duration) -> Self {
        let (least, most) = (Duration::from_millis(100), Duration::from_secs(50));
        self.calls_limit = calls.clamp(least, most);
        self.webhooks_limit = webhooks.clamp(least, most);
        self
    }

    /// Sets how many calls of functions, and beside them how many webhooks, run at once: 64 and 32 by
    /// default, each from 1 to 1,000.
    // W118
    #[must_use]
    pub fn at_once(mut self, calls: usize, webhooks: usize) -> Self {
        self.calls = Gate::new(calls.clamp(1, 1_000));
        self.webhooks = Gate::new(webhooks.clamp(1, 1_000));
        self
    }

    /// Sets the clock. The default one is [`MonotonicClock`].
    #[must_use]
    pub fn clock(self, clock: impl Clock + 'static) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let router = self.router.clock(clock.clone());
        Self { router, started: clock.now(), clock, ..self }
    }

    /// Sets the source of the log's times. The system's clock by default.
    #[must_use]
    pub fn wall_clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.wall_clock = Box::new(now);
        self
    }

    /// Returns the provider.
    pub const fn provider(&self) -> &P {
        self.router.provider()
    }
}

impl<P> ModuleService<P> {
    /// Begins the end: `/readyz` is answered 503 from now on, and asks for 5 s more; those that come
    /// later get 503. Running ones go on.
    // W126
    pub fn begin_shutdown(&self) {
        self.stopping.get_or_init(|| self.clock.now());
    }

    /// Returns when no ask is running.
    pub async fn idle(&self) {
        loop {
            let left = self.left.listen();
            if self.calls.running() + self.webhooks.running() == 0 {
                return;
            }
            left.await;
        }
    }

    /// Returns `true` if asks are refused.
    fn is_closed(&self) -> bool {
        let stopping = self.stopping.get();
        stopping.is_some_and(|at| self.clock.now().saturating_sub(*at) >= GRACE)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn timestamp(&self) -> String {
        log::timestamp((self.wall_clock)())
    }

    fn warn_of_inexact_numbers(&self) {
        if !self.has_warned_of_numbers.swap(true, Ordering::Relaxed) {
            let text = "the data of a record holds an integer beyond 2^53, which a script changes";
            crate::log::warning(text);
        }
    }

    /// The fault of pushes in a user's words, if they are blocked or the last one failed.
    fn push_fault(&self, language: Language) -> Option<String> {
        let status = self.push.as_ref()?.status();
        let is_blocked = status.state == PushState::Blocked;
        (is_blocked || status.is_failing).then(|| language.push_fails(is_blocked, status.status))
    }
}

impl<P> fmt::Debug for ModuleService<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleService")
            .field("prefix", &self.prefix)
            .field("hosts", &self.hosts)
            .field("has_timer", &self.timer.is_some())
            .field("is_stopping", &self.stopping.get().is_some())
            .finish_non_exhaustive()
    }
}
