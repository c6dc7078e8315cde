//! Where the API is, and who asks.

use std::fmt;

use http::HeaderValue;
use thiserror::Error;
use url::Url;

/// The server of the PBX's API, as its provider tells it (§3.1).
///
/// ```
/// use ucom_events::api::ApiHost;
///
/// assert!(ApiHost::new("pbx.example.com").is_ok());
/// assert!(ApiHost::new("http://pbx.example.com").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiHost {
    /// Ends with a slash.
    origin: Url,
}

impl ApiHost {
    /// A server by its name, reached by https.
    ///
    /// # Errors
    ///
    /// If it is no host name or https URL, or has a user, a password, a path or a query.
    pub fn new(host: &str) -> Result<Self, ApiHostError> {
        let host = Self::allowing_http(host)?;
        if host.origin.scheme() == "https" { Ok(host) } else { Err(ApiHostError) }
    }

    /// A server by its name or URL, also by plain http, over which everybody on the way can read
    /// tokens and passwords: for tests.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn allowing_http(host: &str) -> Result<Self, ApiHostError> {
        let text = if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
        let origin = Url::parse(&text).map_err(|_| ApiHostError)?;
        let is_bare =
            origin.path() == "/" && origin.query().is_none() && origin.fragment().is_none();
        let is_anonymous = origin.username().is_empty() && origin.password().is_none();
        if is_bare && is_anonymous && matches!(origin.scheme(), "https" | "http") {
            Ok(Self { origin })
        } else {
            Err(ApiHostError)
        }
    }

    /// The address of a path on the server.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// A text is not the address of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not the address of an API: a host name, or an https URL without user, path and query")]
#[non_exhaustive]
pub struct ApiHostError;

/// A secret: `Debug` hides it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// A secret by its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What proves to the API who asks; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(HeaderValue);

impl AccessToken {
    /// A token by its text; `None` if it cannot stand in a header.
    #[must_use]
    pub fn new(token: &str) -> Option<Self> {
        let mut header = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        header.set_sensitive(true);
        Some(Self(header))
    }

    pub(super) const fn header(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}
