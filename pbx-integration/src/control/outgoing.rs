//! Web requests that an integration sends (§11).

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use crate::settings::{Secret, TenantName};

/// A web request that an integration sends: the arguments of the PBX's `system.http`, with the same
/// defaults and the same masking (P111).
///
/// ```
/// use pbx_integration::{OutgoingRequest, Secret};
///
/// let request = OutgoingRequest::new("https://crm.example.com/calls?key=k1".parse()?)
///     .method(http::Method::POST)
///     .log_url("https://crm.example.com/calls")
///     .header("Content-Type", "application/json")
///     .secret_header("Authorization", Secret::new("Bearer t1"))
///     .body("{}");
/// let log = format!("{request:?} {request}");
/// assert!(!log.contains("k1") && !log.contains("t1"));
/// # Ok::<(), url::ParseError>(())
/// ```
///
/// `Debug` and `Display` are for logs: they show the log form of the URL, and neither the values of
/// secret headers nor the body. Without a log form, they show the URL without user, password, query
/// and fragment.
#[doc(alias = "system.http")]
#[derive(Clone)]
pub struct OutgoingRequest {
    url: Url,
    method: http::Method,
    log_url: Option<String>,
    headers: Vec<(String, HeaderText)>,
    body: Option<String>,
    verify: bool,
    attempts: u32,
    read_timeout: Duration,
    connect_timeout: Duration,
    domain: Option<TenantName>,
}

#[derive(Clone)]
enum HeaderText {
    Plain(String),
    Secret(Secret),
}

impl HeaderText {
    fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }
}

impl OutgoingRequest {
    /// How long to wait for an answer, and for a connection, unless told otherwise: 10 s each.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

    /// A GET request that checks the server's certificate, is tried once, and waits 10 s for a
    /// connection and 10 s for an answer.
    #[must_use]
    pub const fn new(url: Url) -> Self {
        Self {
            url,
            method: http::Method::GET,
            log_url: None,
            headers: Vec::new(),
            body: None,
            verify: true,
            attempts: 1,
            read_timeout: Self::DEFAULT_TIMEOUT,
            connect_timeout: Self::DEFAULT_TIMEOUT,
            domain: None,
        }
    }

    /// Sets the method.
    #[must_use]
    pub fn method(mut self, method: http::Method) -> Self {
        self.method = method;
        self
    }

    /// What stands in logs in the place of the URL.
    #[must_use]
    pub fn log_url(mut self, text: &str) -> Self {
        self.log_url = Some(text.to_owned());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), HeaderText::Plain(value.to_owned())));
        self
    }

    /// Adds a header whose value never reaches logs.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: Secret) -> Self {
        self.headers.push((name.to_owned(), HeaderText::Secret(value)));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    /// Whether the server's certificate is checked.
    #[must_use]
    pub const fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// How often the request is tried; at least once.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// How long to wait for an answer.
    #[must_use]
    pub const fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// How long to wait for a connection.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The tenant in whose log the request stands.
    #[must_use]
    pub fn domain(mut self, tenant: TenantName) -> Self {
        self.domain = Some(tenant);
        self
    }

    /// What stands in logs for the URL.
    #[must_use]
    pub fn shown_url(&self) -> String {
        self.log_url.clone().unwrap_or_else(|| {
            let mut url = self.url.clone();
            // Neither fails for a URL that has a host; one that has none has neither of them.
            let _ = (url.set_username(""), url.set_password(None));
            url.set_query(None);
            url.set_fragment(None);
            url.into()
        })
    }

    /// The request for a client of one's own. Secret headers are marked as sensitive, so that clients
    /// keep them out of logs; certificates, attempts and times are for the client to see to:
    /// [`verifies`](Self::verifies) and the other accessors tell them.
    ///
    /// # Errors
    ///
    /// If a header's name or value is none, or the URL is none that a request can go to. The error
    /// shows neither.
    pub fn to_http(&self) -> Result<http::Request<String>, OutgoingRequestError> {
        let mut request = http::Request::builder()
            .method(self.method.clone())
            .uri(self.url.as_str())
            .body(self.body.clone().unwrap_or_default())
            .map_err(|_| OutgoingRequestError::Url)?;
        for header in self.checked_headers() {
            let (name, value) = header?;
            request.headers_mut().append(name, value);
        }
        Ok(request)
    }

    /// The headers, none of which can put others or a body into the request.
    fn checked_headers(
        &self,
    ) -> impl Iterator<Item = Result<(http::HeaderName, http::HeaderValue), OutgoingRequestError>>
    {
        self.headers.iter().enumerate().map(|(position, (name, value))| {
            let invalid = || OutgoingRequestError::Header { position };
            let name = http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
            let mut text = http::HeaderValue::from_str(value.expose()).map_err(|_| invalid())?;
            text.set_sensitive(matches!(value, HeaderText::Secret(_)));
            Ok((name, text))
        })
    }

    /// The argument of `system.http`, without its `callback`, with all secrets: for the one place
    /// where it has to be sent. What has its default is left out.
    ///
    /// # Errors
    ///
    /// If a header's name or value is none: a line break in it could put headers of its own into the
    /// request. The error shows neither.
    pub fn expose_args(&self) -> Result<Value, OutgoingRequestError> {
        self.checked_headers().try_for_each(|header| header.map(drop))?;
        let mut args = Map::new();
        let mut set = |name: &str, value: Value| drop(args.insert(name.to_owned(), value));
        set("url", self.url.as_str().into());
        if self.method != http::Method::GET {
            set("method", self.method.as_str().into());
        }
        if let Some(log_url) = &self.log_url {
            set("logurl", log_url.as_str().into());
        }
        if let Some(body) = &self.body {
            set("body", body.as_str().into());
        }
        if !self.verify {
            set("verify", false.into());
        }
        if self.attempts != 1 {
            set("attempts", self.attempts.into());
        }
        for (name, time) in
            [("readTimeout", self.read_timeout), ("connectTimeout", self.connect_timeout)]
        {
            if time != Self::DEFAULT_TIMEOUT {
                set(name, u64::try_from(time.as_millis()).unwrap_or(u64::MAX).into());
            }
        }
        if !self.headers.is_empty() {
            let header = |(name, value): &(String, HeaderText)| match value {
                HeaderText::Plain(value) => json!({"name": name, "value": value}),
                HeaderText::Secret(value) => {
                    json!({"name": name, "value": value.expose(), "secret": true})
                }
            };
            set("header", self.headers.iter().map(header).collect());
        }
        if let Some(domain) = &self.domain {
            set("domain", domain.as_str().into());
        }
        Ok(Value::Object(args))
    }

    /// Whether the server's certificate is checked; by default it is.
    #[must_use]
    pub const fn verifies(&self) -> bool {
        self.verify
    }

    /// How often the request is tried; by default once.
    #[must_use]
    pub const fn max_attempts(&self) -> u32 {
        self.attempts
    }

    /// How long to wait for an answer and for a connection; by default 10 s each.
    #[must_use]
    pub const fn timeouts(&self) -> (Duration, Duration) {
        (self.read_timeout, self.connect_timeout)
    }
}

impl fmt::Display for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.shown_url())
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Taken apart, so that a field that is added has to be thought of here.
        let Self {
            url: _,
            method,
            log_url: _,
            headers,
            body,
            verify,
            attempts,
            read_timeout,
            connect_timeout,
            domain,
        } = self;
        let shown = |(name, value): &(String, HeaderText)| match value {
            HeaderText::Plain(value) => (name.clone(), value.clone()),
            HeaderText::Secret(_) => (name.clone(), "…".to_owned()),
        };
        f.debug_struct("OutgoingRequest")
            .field("method", method)
            .field("url", &self.shown_url())
            .field("headers", &headers.iter().map(shown).collect::<Vec<_>>())
            .field("body_bytes", &body.as_ref().map(String::len))
            .field("verify", verify)
            .field("attempts", attempts)
            .field("read_timeout", read_timeout)
            .field("connect_timeout", connect_timeout)
            .field("domain", domain)
            .finish()
    }
}

/// Why an outgoing request cannot be made. Shows no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutgoingRequestError {
    /// The URL is none that a request can go to.
    #[error("the URL of the request cannot be used")]
    Url,
    /// The name or the value of a header is none.
    #[error("header {position} of the request has an invalid name or value")]
    Header {
        /// Which, from 0.
        position: usize,
    },
}
