//! From HTTP requests to results, in any web framework (§5).

mod bounded;
mod dedup;
mod sink;
mod token;
mod track;
mod verify;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, HeaderValue};
use http::{Method, StatusCode};

pub use self::dedup::{DedupStore, MemoryDedup};
pub use self::sink::{Sink, SinkError, sink_fn};
pub use self::token::Token;
use self::token::TokenPolicy;
use self::track::Undo;
pub use self::track::{CallIds, CallTracker, Verdict};
#[cfg(feature = "standard-webhooks")]
pub use self::verify::StandardWebhooks;
pub use self::verify::{VerifyError, WebhookVerifier};
use crate::carrier::{HttpResponse, WebhookRequest};
use crate::clock::Clock;
use crate::error::ParseError;
use crate::guard::{self, Panicked};
pub use crate::limits::Limits;
use crate::log;
use crate::media_type::MediaType;
use crate::model::{PlatformVersion, VoipWebhookParseResult};
use crate::provider::VoipProvider;

/// Takes webhook requests, checks them, lets a provider read them, hands the results to a
/// [`Sink`] and answers the sender.
///
/// The checks, in this order (V129): path (404), method (405), token (401), size of the body (413),
/// signature (401), fields (400). Only then the provider is asked. If it panics or fails, or the
/// sink does, the sender gets 500 `internal error` and the details stay in the log (V46).
///
/// ```
/// use bytes::Bytes;
/// use voip_module::gravitel::GravitelProvider;
/// use voip_module::router::{Token, WebhookRouter, sink_fn};
///
/// # async fn example() -> Result<(), voip_module::Error> {
/// # let secret = "0123456789abcdef";
/// let router = WebhookRouter::new(GravitelProvider::parser_only(), Token::new(secret)?)
///     .sink(sink_fn(|result| Ok(println!("{result:?}"))));
///
/// let request = http::Request::post("/webhook?token=0123456789abcdef")
///     .header("Content-Type", "application/x-www-form-urlencoded")
///     .body(Bytes::from("cmd=event&type=INCOMING&phone=79990000001&ext=701"))
///     .expect("a request");
/// let response = router.handle(request).await;
/// assert_eq!(response.status(), 200);
/// # Ok(())
/// # }
/// # futures_executor(example()).unwrap();
/// # fn futures_executor<T>(future: impl Future<Output = T>) -> T {
/// #     let mut future = Box::pin(future);
/// #     loop {
/// #         let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #         if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) { return output; }
/// #     }
/// # }
/// ```
pub struct WebhookRouter<P> {
    provider: P,
    token: Option<TokenPolicy>,
    path: Option<String>,
    limits: Limits,
    platform: PlatformVersion,
    sink: Option<Box<dyn Sink>>,
    dedup: Option<Box<dyn DedupStore>>,
    tracker: Option<Mutex<CallTracker>>,
    verifier: Option<Box<dyn WebhookVerifier>>,
    clock: Option<Box<dyn Clock>>,
}

/// What a request has come to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The answer to the sender.
    pub response: http::Response<Bytes>,
    /// What goes to the platform; empty if the request was refused or was delivered before.
    pub result: VoipWebhookParseResult,
}

impl<P: VoipProvider> WebhookRouter<P> {
    /// A router that takes requests with this token only.
    #[must_use]
    pub fn new(provider: P, token: Token) -> Self {
        Self { token: Some(TokenPolicy::new(token)), ..Self::without_token(provider) }
    }

    /// A router that takes requests with any token or none. Only for places that check it
    /// themselves.
    #[must_use]
    pub fn without_token(provider: P) -> Self {
        Self {
            provider,
            token: None,
            path: None,
            limits: Limits::default(),
            platform: PlatformVersion::default(),
            sink: None,
            dedup: None,
            tracker: None,
            verifier: None,
            clock: None,
        }
    }

    /// The path of the webhook URL; requests for other paths get 404. What follows it goes to the
    /// provider (V43). Without it every path is taken.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        let path = path.into();
        self.path = Some(format!("/{}", path.trim_matches('/')));
        self
    }

    /// Sets how much a request may bring (V42).
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Leaves fields out of results that this edition of the platform does not know (V47).
    #[must_use]
    pub const fn platform(mut self, version: PlatformVersion) -> Self {
        self.platform = version;
        self
    }

    /// Sets where results go.
    #[must_use]
    pub fn sink(mut self, sink: impl Sink + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Sets the clock that [`token_overlap`](Self::token_overlap), [`dedup`](Self::dedup) and
    /// [`track`](Self::track) go by. Without one there is no overlap, and what is remembered is
    /// forgotten only when there is too much of it.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// For how long the token before the current one stays good (V45). Default 0 s; needs a
    /// [`clock`](Self::clock).
    #[must_use]
    pub fn token_overlap(mut self, overlap: Duration) -> Self {
        if let Some(token) = &mut self.token {
            token.overlap = overlap;
        }
        self
    }

    /// Leaves out deliveries that came before (§13).
    #[must_use]
    pub fn dedup(mut self, store: impl DedupStore + 'static) -> Self {
        self.dedup = Some(Box::new(store));
        self
    }

    /// Leaves out events that would move a call backwards or end it again (§13).
    #[must_use]
    pub fn track(mut self, tracker: CallTracker) -> Self {
        self.tracker = Some(Mutex::new(tracker));
        self
    }

    /// Takes signed requests only (§14).
    #[must_use]
    pub fn verifier(mut self, verifier: impl WebhookVerifier + 'static) -> Self {
        self.verifier = Some(Box::new(verifier));
        self
    }

    /// The provider.
    pub const fn provider(&self) -> &P {
        &self.provider
    }

    /// Changes the token, such as when the platform has renewed it (V44, V45). Does nothing in a
    /// router without a token.
    pub fn rotate_token(&self, token: Token) {
        if let Some(policy) = &self.token {
            // A clock that stands still would make the overlap endless; without one, at the moment
            // of change the old token is over.
            policy.rotate(self.now(), token);
        }
    }

    /// Answers a request.
    pub async fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        self.process(request).await.response
    }

    /// Answers a request, and tells what came of it.
    pub async fn process(&self, request: http::Request<Bytes>) -> Outcome {
        match self.parse(request).await {
            Ok(result) => self.conclude(result).await,
            Err(response) => {
                let response = http::Response::from(response);
                Outcome { response, result: VoipWebhookParseResult::empty() }
            }
        }
    }

    /// Checks a request and lets the provider read it.
    async fn parse(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<VoipWebhookParseResult, HttpResponse> {
        let suffix = self.suffix(request.uri().path());
        let Some(suffix) = suffix.map(str::to_owned) else {
            return Err(refusal(StatusCode::NOT_FOUND, "no webhook at this path"));
        };
        if ![Method::GET, Method::POST].contains(request.method()) {
            let refusal = refusal(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
            return Err(refusal.header(ALLOW, HeaderValue::from_static("GET, POST")));
        }
        let query = request.uri().query().unwrap_or_default();
        if self.token.as_ref().is_some_and(|token| !token.allows(self.now(), query)) {
            return Err(refusal(StatusCode::UNAUTHORIZED, "Invalid token"));
        }
        if request.body().len() > self.limits.body {
            return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"));
        }
        if let Some(verifier) = &self.verifier {
            match guard::catch(Box::pin(async { verifier.verify(&request) })).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    return Err(refusal(StatusCode::UNAUTHORIZED, &error.to_string()));
                }
                Err(Panicked(text)) => return Err(self.fault("the verifier panicked", &text)),
            }
        }
        let request = WebhookRequest::from_http(request, suffix, self.limits);
        let is_form = || MediaType::of(request.headers()).is_ok_and(MediaType::is_form);
        if request.method() == Method::GET || is_form() {
            self.limits.check_form(request.form()).map_err(|error| {
                log::refused(error.status(), &error.to_string());
                HttpResponse::from(error)
            })?;
        }
        let reply = match guard::catch(Box::pin(self.provider.parse_webhook(&request))).await {
            Ok(reply) => reply.map_err(|error| error.to_string()),
            Err(Panicked(text)) => Err(format!("panic: {text}")),
        };
        reply
            .map(|result| result.for_platform(self.platform))
            .map_err(|detail| self.fault("the provider's parser failed", &detail))
    }

    /// Hands a result on, unless it came before, and makes the answer.
    async fn conclude(&self, mut result: VoipWebhookParseResult) -> Outcome {
        let now = self.now();
        let response = result.response.clone().unwrap_or_default();
        if !response.status().is_success() {
            log::refused(response.status(), "by the provider");
        } else if let (Some(store), Some(id)) = (&self.dedup, &result.delivery_id) {
            let is_new = match guard::catch(store.insert(now, id)).await {
                Ok(Ok(is_new)) => is_new,
                Ok(Err(error)) => {
                    self.log_fault("the de-duplication store failed", &error.to_string());
                    true
                }
                Err(Panicked(text)) => {
                    self.log_fault("the de-duplication store panicked", &text);
                    true
                }
            };
            if !is_new {
                let result = VoipWebhookParseResult::empty();
                return Outcome { response: HttpResponse::new().into(), result };
            }
        }
        let undo = self.leave_out_late(now, &mut result);
        if let (Some(sink), false) = (&self.sink, result.is_empty()) {
            let detail = match guard::catch(sink.deliver(&result)).await {
                Ok(Ok(())) => return Outcome { response, result },
                Ok(Err(error)) => error.to_string(),
                Err(Panicked(text)) => format!("panic: {text}"),
            };
            // The sender may try again, and then has to get through.
            if let (Some(store), Some(id)) = (&self.dedup, &result.delivery_id) {
                if !matches!(guard::catch(store.remove(id)).await, Ok(Ok(()))) {
                    self.log_fault(
                        "the de-duplication store failed",
                        "could not forget a delivery",
                    );
                }
            }
            if let (Some(tracker), Some(undo)) = (&self.tracker, undo) {
                tracker.lock().unwrap_or_else(PoisonError::into_inner).undo(now, undo);
            }
            let response = self.fault("the sink failed", &detail).into();
            return Outcome { response, result: VoipWebhookParseResult::empty() };
        }
        Outcome { response, result }
    }

    /// Takes an event out that would not carry its call on.
    fn leave_out_late(&self, now: Duration, result: &mut VoipWebhookParseResult) -> Option<Undo> {
        let (tracker, event) = (self.tracker.as_ref()?, result.event.as_ref()?);
        let mut tracker = tracker.lock().unwrap_or_else(PoisonError::into_inner);
        let (verdict, undo) = tracker.handle(now, event);
        if verdict != Verdict::New {
            result.event = None;
        }
        Some(undo)
    }

    /// What follows the registered path, if the path is that.
    fn suffix<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = match self.path.as_deref() {
            None | Some("/") => return Some(path.strip_prefix('/').unwrap_or(path)),
            Some(registered) => path.strip_prefix(registered)?,
        };
        match rest.strip_prefix('/') {
            Some(suffix) => Some(suffix),
            None => rest.is_empty().then_some(rest),
        }
    }

    fn now(&self) -> Duration {
        self.clock.as_ref().map_or(Duration::MAX, |clock| clock.now())
    }

    /// Logs a fault, and makes the answer that tells nothing of it (V46).
    fn fault(&self, what: &str, detail: &str) -> HttpResponse {
        self.log_fault(what, detail);
        HttpResponse::from(ParseError::Internal)
    }

    /// Logs a fault without the token, whatever a provider has put into its text.
    fn log_fault(&self, what: &str, detail: &str) {
        match &self.token {
            Some(token) => log::fault(what, &token.redact(detail)),
            None => log::fault(what, detail),
        }
    }
}

/// One of the router's own refusals (V130).
fn refusal(status: StatusCode, message: &str) -> HttpResponse {
    log::refused(status, message);
    HttpResponse::error(status, message)
}

impl<P> fmt::Debug for WebhookRouter<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider: _, token, path, limits, platform, sink, .. } = self;
        f.debug_struct("WebhookRouter")
            .field("checks_token", &token.is_some())
            .field("path", path)
            .field("limits", limits)
            .field("platform", platform)
            .field("has_sink", &sink.is_some())
            .finish_non_exhaustive()
    }
}
