//! Requests of the API over reqwest and rustls, feature `reqwest`.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::{HeaderMap, StatusCode};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

use crate::api::{
    AccessToken, ApiError, ApiHost, ApiRequest, Attempt, HourlyBudget, NextStep, RateLimit,
    ReplyHead, RequestToken,
};
use crate::event::Timestamp;
use crate::extension::ExtensionId;
use crate::plan::{Plan, PlanRun, Step};

/// The largest body of a reply that is read: 4 MiB.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Sends requests of the API and does what [`Attempt::next_step`] says: nothing more, so no redirects
/// and no repeats of its own.
///
/// The crypto provider is passed in, so that it does not matter which ones a program has:
///
/// ```no_run
/// # async fn list(provider: std::sync::Arc<rustls::crypto::CryptoProvider>)
/// #     -> Result<(), Box<dyn std::error::Error>> {
/// use ucom_events::{Executor, ExtensionId};
/// use ucom_events::api::{ApiHost, Attempt, Grant, ListSubscriptions, RequestToken, Secret};
///
/// let credentials =
///     RequestToken::new("application", Secret::new("its secret"), Grant::ClientCredentials);
/// let executor = Executor::new(ApiHost::new("pbx.example.com")?, credentials, provider)?;
/// let question = ListSubscriptions::new(ExtensionId::new(33_335));
/// let list = executor.send(&question, Attempt::by_user()).await?;
/// println!("{} subscriptions", list.subscriptions.len());
/// # Ok(())
/// # }
/// ```
pub struct Executor {
    client: reqwest::Client,
    host: ApiHost,
    credentials: RequestToken,
    clock: Arc<dyn Clock>,
    token: Mutex<Option<AccessToken>>,
    budget: Mutex<HourlyBudget>,
}

impl Executor {
    /// Requests an hour unless [`with_budget`](Self::with_budget) says otherwise. The API's own limit
    /// is in its replies and is obeyed besides.
    pub const DEFAULT_BUDGET: usize = 1_000;

    /// For one server and one authorisation. Trusts the certificate authorities that browsers trust.
    ///
    /// # Errors
    ///
    /// If the provider has no protocol version or cipher that rustls can use.
    pub fn new(
        host: ApiHost,
        credentials: RequestToken,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, ExecutorError> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with_roots(host, credentials, provider, roots)
    }

    /// The same, trusting other authorities: for a PBX whose certificate is its own.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_roots(
        host: ApiHost,
        credentials: RequestToken,
        provider: Arc<CryptoProvider>,
        roots: RootCertStore,
    ) -> Result<Self, ExecutorError> {
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ExecutorError::Setup(Box::new(error)))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| ExecutorError::Setup(Box::new(error.without_url())))?;
        Ok(Self {
            client,
            host,
            credentials,
            clock: Arc::new(SystemClock),
            token: Mutex::new(None),
            budget: Mutex::new(HourlyBudget::new(Self::DEFAULT_BUDGET)),
        })
    }

    /// The same, with at most so many requests an hour (R21).
    #[must_use]
    pub fn with_budget(mut self, requests: usize) -> Self {
        self.budget = Mutex::new(HourlyBudget::new(requests));
        self
    }

    /// The same, with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Asks, repeats as far as [`Attempt::next_step`] says, and gives the reply.
    ///
    /// # Errors
    ///
    /// [`ExecutorError`]; of a refusal with what is to be done next.
    pub async fn send<R: ApiRequest>(
        &self,
        question: &R,
        mut attempt: Attempt,
    ) -> Result<R::Reply, ExecutorError> {
        loop {
            let token = match self.token() {
                Some(token) => token,
                None => self.renew_token().await?,
            };
            let (status, headers, body) = self.exchange(question, Some(&token)).await?;
            match attempt.next_step(&ReplyHead::read(status, &headers, &body)) {
                NextStep::RenewToken => self.forget(&token),
                NextStep::RepeatAfter(wait) => self.clock.sleep(wait).await,
                next => {
                    return question
                        .parse(status, &headers, &body)
                        .map_err(|error| ExecutorError::Api { error, next });
                }
            }
        }
    }

    /// Carries out a plan: every step once, and none on an extension after one has failed (R15).
    pub async fn run(&self, plan: Plan, attempt: &Attempt) -> RunReport {
        let mut run = PlanRun::new(plan);
        let mut failures = Vec::new();
        while let Some(step) = run.next_step() {
            if let Err(error) = self.send(&step.request(), attempt.clone()).await {
                run.fail();
                failures.push((step.extension, error));
            }
        }
        RunReport { done: run.done(), failures, skipped: run.skipped().to_vec() }
    }

    fn token(&self) -> Option<AccessToken> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets a token that was refused, unless another task has a new one already.
    fn forget(&self, refused: &AccessToken) {
        let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if token.as_ref() == Some(refused) {
            *token = None;
        }
    }

    async fn renew_token(&self) -> Result<AccessToken, ExecutorError> {
        let (status, headers, body) = self.exchange(&self.credentials, None).await?;
        let reply = self.credentials.parse(status, &headers, &body).map_err(|error| {
            // No token would help to get a token, and the action itself has its own repeats.
            let head = ReplyHead::read(status, &headers, &body);
            ExecutorError::Api { error, next: Attempt::for_token().next_step(&head) }
        })?;
        let token = reply.access_token;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    /// Sends one request, if the budget allows it, and reads the reply.
    async fn exchange<R: ApiRequest>(
        &self,
        question: &R,
        token: Option<&AccessToken>,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), ExecutorError> {
        let what = question.what();
        let lock = || self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        lock().take(self.clock.now()).map_err(|wait| ExecutorError::Budget { what, wait })?;
        let request = question
            .request(&self.host, token)
            .map_err(|error| ExecutorError::Setup(Box::new(error)))?;
        let failed = |error: reqwest::Error| ExecutorError::Transport {
            what,
            source: Box::new(error.without_url()),
        };
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        lock().observe(self.clock.now(), &RateLimit::read(&headers));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(ExecutorError::TooLarge { what });
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, headers, body))
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").field("host", &self.host).finish_non_exhaustive()
    }
}

/// What became of a plan.
#[derive(Debug)]
#[non_exhaustive]
pub struct RunReport {
    /// How many steps are done.
    pub done: usize,
    /// The extensions where a step has failed, and how: for the user's notification (R20).
    pub failures: Vec<(ExtensionId, ExecutorError)>,
    /// Steps that were left out because one before them has failed.
    pub skipped: Vec<Step>,
}

/// A clock, and waiting by it.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, time: Duration);
}

/// The operating system's clock, and tokio's timer.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from(SystemTime::now())
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// Why a request was not answered as it should be. Holds no URL, no token and no words of the reply.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExecutorError {
    /// The API has refused, or answered what cannot be read.
    #[error("{error}: {next}")]
    Api {
        /// How.
        error: ApiError,
        /// What is to be done.
        next: NextStep,
    },
    /// The hourly budget is spent; nothing was sent.
    #[error("{what}: the hourly budget is spent, wait {} s", wait.as_secs())]
    Budget {
        /// What was to be asked.
        what: &'static str,
        /// How long until the next request is allowed.
        wait: Duration,
    },
    /// No reply. Whether the API has acted is not known: list and plan anew before repeating.
    #[error("{what}: no reply from the API")]
    Transport {
        /// What was asked.
        what: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The reply is larger than 4 MiB.
    #[error("{what}: the reply is larger than 4 MiB")]
    TooLarge {
        /// What was asked.
        what: &'static str,
    },
    /// No client or request could be made.
    #[error("no request could be made")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}
