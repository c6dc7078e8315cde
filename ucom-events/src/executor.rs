//! Requests of the API over reqwest and rustls, feature `reqwest`.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use crate::api::{
    ApiError, ApiHost, ApiReply, ApiRequest, Attempt, Credentials, Flow, HourlyBudget, NextStep,
    Secret,
};

/// The largest body of a reply that is read: 4 MiB.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// Timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Default limit of requests an hour; see [`Executor::with_budget`].
const DEFAULT_BUDGET: usize = 1_000;

/// Sends requests of the API and retries as [`Attempt`] decides, without redirects or other
/// retries.
///
/// The crypto provider is an argument, independent of the process default:
///
/// ```no_run
/// # async fn connect(provider: std::sync::Arc<rustls::crypto::CryptoProvider>,
/// #     mut connect: ucom_events::Connect) -> Result<(), Box<dyn std::error::Error>> {
/// use ucom_events::api::{ApiHost, Attempt, Credentials, Grant, Secret};
/// use ucom_events::executor::Executor;
///
/// let secret = Some(Secret::new("its secret"));
/// let credentials = Credentials::new("application", secret, Grant::ClientCredentials);
/// let executor = Executor::new(ApiHost::new("pbx.example.com")?, credentials, provider)?;
/// executor.drive(&mut connect, &Attempt::by_user()).await;
/// # Ok(())
/// # }
/// ```
pub struct Executor {
    client: reqwest::Client,
    host: ApiHost,
    credentials: Credentials,
    clock: Arc<dyn Clock>,
    token: Mutex<Option<Secret>>,
    budget: Mutex<HourlyBudget>,
}

impl Executor {
    /// Creates an executor for one server and one authorisation. Trusts Mozilla's certificate
    /// authorities.
    ///
    /// # Errors
    ///
    /// If the provider has no protocol version or cipher that rustls can use.
    pub fn new(
        host: ApiHost,
        credentials: Credentials,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, SetupError> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with_roots(host, credentials, provider, roots)
    }

    /// Creates an executor that trusts other authorities, such as for a self-signed PBX.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_roots(
        host: ApiHost,
        credentials: Credentials,
        provider: Arc<CryptoProvider>,
        roots: RootCertStore,
    ) -> Result<Self, SetupError> {
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| SetupError(Box::new(error)))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| SetupError(Box::new(error.without_url())))?;
        Ok(Self {
            client,
            host,
            credentials,
            clock: Arc::new(SystemClock::default()),
            token: Mutex::new(None),
            budget: Mutex::new(HourlyBudget::new(DEFAULT_BUDGET)),
        })
    }

    /// Sets the limit of requests an hour.
    #[must_use]
    pub fn with_budget(mut self, requests: usize) -> Self {
        self.budget = Mutex::new(HourlyBudget::new(requests));
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sends a request, retries it as [`Attempt`] decides, and returns the reply with any code.
    ///
    /// # Errors
    ///
    /// [`ApiError`] if no reply came, the hourly budget is spent, or the access token is missing.
    pub async fn send(
        &self,
        request: &ApiRequest,
        mut attempt: Attempt,
    ) -> Result<ApiReply, ApiError> {
        loop {
            let held = lock(&self.token).clone();
            let token = match held {
                Some(token) => token,
                None => self.renew_token().await?,
            };
            let reply = self.exchange(request, Some(&token)).await?;
            match attempt.next_step(request, &reply) {
                NextStep::RenewToken => self.forget(&token),
                NextStep::RepeatAfter(wait) => self.clock.sleep(wait).await,
                _ => return Ok(reply),
            }
        }
    }

    /// Sends the requests of a flow until it ends.
    pub async fn drive(&self, flow: &mut impl Flow, attempt: &Attempt) {
        while let Some(request) = flow.next_request() {
            let outcome = self.send(&request, attempt.clone()).await;
            flow.handle(outcome);
        }
    }

    /// Drops a refused token, unless another task has renewed it already.
    fn forget(&self, refused: &Secret) {
        let mut token = lock(&self.token);
        if token.as_ref() == Some(refused) {
            *token = None;
        }
    }

    async fn renew_token(&self) -> Result<Secret, ApiError> {
        let request = ApiRequest::access_token(&self.credentials);
        let token = self.exchange(&request, None).await?.access_token()?.token;
        *lock(&self.token) = Some(token.clone());
        Ok(token)
    }

    /// Sends one request, if the budget allows it, and reads the reply.
    async fn exchange(
        &self,
        request: &ApiRequest,
        token: Option<&Secret>,
    ) -> Result<ApiReply, ApiError> {
        let what = request.what;
        let taken = lock(&self.budget).take(self.clock.now());
        taken.map_err(|wait| ApiError::Budget { what, wait })?;
        let no_reply =
            |error: reqwest::Error| ApiError::NoReply { what, cause: chain(&error.without_url()) };
        let unusable = |error: http::Error| ApiError::NoReply { what, cause: chain(&error) };
        let http = request.to_http(&self.host, token).map_err(unusable)?;
        let http = reqwest::Request::try_from(http).map_err(no_reply)?;
        let mut response = self.client.execute(http).await.map_err(no_reply)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut reply = ApiReply::new(status, &headers, Vec::new());
        lock(&self.budget).observe(self.clock.now(), &reply.rate);
        while let Some(chunk) = response.chunk().await.map_err(no_reply)? {
            if reply.body.len() + chunk.len() > MAX_BODY {
                let expected = "at most 4 MiB";
                return Err(ApiError::Unreadable { what, status: status.as_u16(), expected });
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(reply)
    }
}

/// An error with its sources, the innermost last.
fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("host", &self.host).finish_non_exhaustive()
    }
}

/// A monotonic clock with a timer.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns a reading that never goes back.
    fn now(&self) -> Duration;

    /// Waits for this time.
    async fn sleep(&self, time: Duration);
}

/// The operating system's monotonic clock, and tokio's timer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The HTTP client could not be created.
#[derive(Debug, Error)]
#[error("expected a crypto provider that rustls can use")]
#[non_exhaustive]
pub struct SetupError(#[source] Box<dyn std::error::Error + Send + Sync>);
