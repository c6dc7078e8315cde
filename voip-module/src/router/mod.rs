//! From HTTP requests to deliveries, in any web framework.

mod calls;
mod clock;
mod handle;
mod in_flight;
pub mod journal;
mod path;
mod precheck;
mod sink;
mod token;
mod verify;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use event_listener::Event;

#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub use self::clock::TokioTimer;
pub use self::clock::{Clock, MonotonicClock, Timer};
pub use self::handle::Outcome;
use self::journal::{CallJournal, Capacity, FingerprintStore, IdentityKey, Statistics};
use self::path::RegisteredPath;
pub use self::precheck::Refusal;
pub use self::sink::{Delivery, Sink, SinkError, sink_fn};
pub use self::token::Token;
use self::token::TokenPolicy;
pub use self::verify::{VerifyError, WebhookVerifier};
use crate::carrier::Limits;
use crate::log;
pub use crate::model::Notice;
use crate::model::PlatformVersion;
use crate::provider::VoipProvider;

/// A webhook router: checks requests, has a provider parse them, delivers new facts to a [`Sink`]
/// and answers the sender.
///
/// The checks, in this order: path (404), method (405), token (401), declared size (413), all from
/// the head alone; then size of the body (413), signature (401), count of fields (400). The provider
/// is asked last. If it panics or the sink fails, the sender gets 500 `internal error` and the
/// details go to the log.
///
/// ```
/// use bytes::Bytes;
/// use voip_module::gravitel::GravitelProvider;
/// use voip_module::router::sink_fn;
/// use voip_module::{Token, WebhookRouter};
///
/// # async fn example() -> Result<(), voip_module::Error> {
/// # let secret = "0123456789abcdef";
/// let router = WebhookRouter::new(GravitelProvider::parser_only(), Token::new(secret)?)
///     .sink(sink_fn(|delivery| Ok(println!("{delivery:?}"))));
///
/// let request = http::Request::post("/webhook?token=0123456789abcdef")
///     .header("Content-Type", "application/x-www-form-urlencoded")
///     .body(Bytes::from("cmd=event&type=INCOMING&phone=79990000001&ext=701"))
///     .expect("a request");
/// let response = router.handle(request).await;
/// assert_eq!(response.status(), 200);
/// # Ok(())
/// # }
/// # let mut future = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert!(future.as_mut().poll(&mut context).is_ready());
/// ```
pub struct WebhookRouter<P> {
    provider: P,
    token: Option<TokenPolicy>,
    path: RegisteredPath,
    token_in_path: bool,
    limits: Limits,
    platform: PlatformVersion,
    sink: Option<Box<dyn Sink>>,
    journal: Option<Mutex<CallJournal>>,
    /// Notified when a delivery ends.
    ended: Event,
    store: Option<Box<dyn FingerprintStore>>,
    verifier: Option<Box<dyn WebhookVerifier>>,
    clock: Box<dyn Clock>,
    timer: Option<Box<dyn Timer>>,
    provider_deadline: Duration,
    sink_deadline: Duration,
}

impl<P: VoipProvider> WebhookRouter<P> {
    /// Creates a router that accepts requests with this token only.
    #[must_use]
    pub fn new(provider: P, token: Token) -> Self {
        Self { token: Some(TokenPolicy::new(token)), ..Self::without_token(provider) }
    }

    /// Creates a router that does not check the token, for hosts that check it themselves.
    #[must_use]
    pub fn without_token(provider: P) -> Self {
        let journal = CallJournal::new(IdentityKey::random(), Capacity::default());
        Self {
            provider,
            token: None,
            path: RegisteredPath::default(),
            token_in_path: false,
            limits: Limits::default(),
            platform: PlatformVersion::default(),
            sink: None,
            journal: Some(Mutex::new(journal)),
            ended: Event::new(),
            store: None,
            verifier: None,
            clock: Box::new(MonotonicClock::new()),
            timer: None,
            provider_deadline: Duration::from_secs(5),
            sink_deadline: Duration::from_secs(5),
        }
    }

    /// Sets the path of the webhook URL; requests for other paths get 404. The provider gets the
    /// rest of the path. By default every path is accepted.
    #[must_use]
    pub fn path(mut self, path: impl AsRef<str>) -> Self {
        self.path = RegisteredPath::new(path.as_ref());
        self
    }

    /// Reads the token from the path instead of the query, for PBXs that append to the URL: enter
    /// `https://crm.example/hook/TOKEN` there, and the provider gets the path after the token.
    #[must_use]
    pub const fn token_in_path(mut self) -> Self {
        self.token_in_path = true;
        self
    }

    /// Sets the limits of a request.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the edition of the platform; fields that it does not know are not written.
    #[must_use]
    pub const fn platform(mut self, version: PlatformVersion) -> Self {
        self.platform = version;
        self
    }

    /// Sets the receiver of deliveries.
    #[must_use]
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Sets the journal; see [`CallJournal::new`]. The default one is in memory.
    #[must_use]
    pub fn journal(mut self, journal: CallJournal) -> Self {
        self.journal = Some(Mutex::new(journal));
        self
    }

    /// Removes the journal: every push is delivered as the provider parsed it, repetitions too.
    #[must_use]
    pub fn without_journal(mut self) -> Self {
        self.journal = None;
        self
    }

    /// Sets a store of fingerprints that several instances share. Needs a journal.
    #[must_use]
    pub fn fingerprints(mut self, store: impl FingerprintStore + 'static) -> Self {
        self.store = Some(Box::new(store));
        self
    }

    /// Sets the clock. The default one is [`MonotonicClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Sets the timer for deadlines. Without one there are none: a provider or sink that hangs keeps
    /// its request open, and a repetition in flight gets 503 at once.
    #[must_use]
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.timer = Some(Box::new(timer));
        self
    }

    /// Sets the deadlines of provider and sink, 5 s each by default. Needs a
    /// [`timer`](Self::timer). A request that exceeds one gets 503. A fingerprint store has as long as
    /// the sink for each answer, and counts as unavailable afterwards.
    #[must_use]
    pub const fn deadlines(mut self, provider: Duration, sink: Duration) -> Self {
        self.provider_deadline = provider;
        self.sink_deadline = sink;
        self
    }

    /// Sets the time for which the previous token stays valid. Default 0 s.
    #[must_use]
    pub fn token_overlap(mut self, overlap: Duration) -> Self {
        if let Some(token) = &mut self.token {
            token.overlap = overlap;
        }
        self
    }

    /// Sets the verifier of signed requests.
    #[must_use]
    pub fn verifier(mut self, verifier: impl WebhookVerifier + 'static) -> Self {
        self.verifier = Some(Box::new(verifier));
        self
    }

    /// Returns the provider.
    pub const fn provider(&self) -> &P {
        &self.provider
    }

    /// Changes the token, such as when the platform has renewed it. Rotating to the current token
    /// changes nothing. Does nothing in a router without a token.
    pub fn rotate_token(&self, token: Token) {
        if let Some(policy) = &self.token {
            policy.rotate(self.clock.now(), token);
        }
    }

    /// Returns the journal's contents and counters.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.with_journal(|journal| journal.statistics()).unwrap_or_default()
    }
}

impl<P> WebhookRouter<P> {
    fn with_journal<T>(&self, work: impl FnOnce(&mut CallJournal) -> T) -> Option<T> {
        let journal = self.journal.as_ref()?;
        Some(work(&mut journal.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Removes the token from a text of the provider.
    fn redact(&self, text: &str) -> String {
        self.token.as_ref().map_or_else(|| text.to_owned(), |token| token.redact(text))
    }

    fn log_fault(&self, what: &str, detail: &str) {
        log::fault(what, &self.redact(detail));
    }
}

impl<P> fmt::Debug for WebhookRouter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider: _, token, limits, platform, sink, journal, timer, .. } = self;
        f.debug_struct("WebhookRouter")
            .field("checks_token", &token.is_some())
            .field("limits", limits)
            .field("platform", platform)
            .field("has_sink", &sink.is_some())
            .field("has_journal", &journal.is_some())
            .field("has_timer", &timer.is_some())
            .finish_non_exhaustive()
    }
}
