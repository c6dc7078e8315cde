//! URLs to which the PBX sends events.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::open_enum::open_enum;
use crate::token::{EventToken, LENGTH};

open_enum! {
    /// The segment in front of a token, which names the family of events.
    pub enum EventPath compared exactly {
        /// Events of extensions.
        Extension = "ext-event",
        /// Events of queue agents.
        Agent = "agent-event",
        /// Events of all phones.
        Phones = "phone-event",
    }
}

/// The URL of a subscription, of this or another integration.
///
/// Knowing it is enough to send false events, so `Debug` and `Display` show only its origin.
///
/// ```
/// use ucom_events::plan::SubscriptionUrl;
///
/// let url = SubscriptionUrl::new("https://crm.example.com/ext-event/5f5f5f5f");
/// assert_eq!(url.to_string(), "https://crm.example.com/…");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubscriptionUrl(Box<str>);

impl SubscriptionUrl {
    /// Creates a URL from the PBX's list; any text is accepted.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the whole URL, with its token.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for SubscriptionUrl {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl fmt::Display for SubscriptionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Url::parse(&self.0).map(|url| url.origin()) {
            Ok(origin) if origin.is_tuple() => write!(f, "{}/…", origin.ascii_serialization()),
            _ => f.write_str("…"),
        }
    }
}

impl fmt::Debug for SubscriptionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubscriptionUrl({self})")
    }
}

/// Builds event URLs below an address of the integration, and reads their paths.
///
/// ```
/// use ucom_events::{EventToken, EventUrls};
///
/// let urls = EventUrls::new("https://crm.example.com/pbx/")?;
/// // What the web server gets; look the candidate up in a `TokenTable`.
/// let candidate = urls.read_path("/pbx/ext-event/5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f");
/// assert_eq!(candidate, Some("5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f"));
/// assert_eq!(urls.read_path("/pbx/other"), None);
/// # Ok::<(), ucom_events::plan::EventUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventUrls {
    /// Each ends with a slash and has neither user nor query nor fragment.
    base: Url,
    former: Vec<Url>,
}

/// A URL of exactly this integration's form.
pub(crate) struct Shape {
    pub(crate) token: EventToken,
    pub(crate) is_current: bool,
}

impl EventUrls {
    /// Creates URLs below an `https` address.
    ///
    /// # Errors
    ///
    /// If `base` is not an `https` URL with a host, or has a user, a password, a query or a fragment.
    pub fn new(base: &str) -> Result<Self, EventUrlError> {
        let urls = Self::allowing_http(base)?;
        if urls.base.scheme() == "https" { Ok(urls) } else { Err(EventUrlError::NotHttps) }
    }

    /// Creates URLs below an `http` or `https` address. Plain http exposes the tokens to every
    /// network on the path: for tests and private networks.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn allowing_http(base: &str) -> Result<Self, EventUrlError> {
        Ok(Self { base: read_base(base)?, former: Vec::new() })
    }

    /// Adds a former address, whose URLs are replaced.
    ///
    /// # Errors
    ///
    /// As [`allowing_http`](Self::allowing_http).
    pub fn with_former(mut self, base: &str) -> Result<Self, EventUrlError> {
        self.former.push(read_base(base)?);
        Ok(self)
    }

    /// Builds the URL of a token.
    pub(crate) fn url(&self, path: &EventPath, token: &EventToken) -> SubscriptionUrl {
        SubscriptionUrl::new(&format!("{}{path}/{}", self.base, token.expose()))
    }

    /// Returns the candidate for a token in the path of a request, unchecked.
    #[must_use]
    pub fn read_path<'p>(&self, path: &'p str) -> Option<&'p str> {
        std::iter::once(&self.base).chain(&self.former).find_map(|base| read_below(base, path))
    }

    // D46.
    /// Returns the token in a listed URL of exactly this integration's form.
    pub(crate) fn shape(&self, url: &SubscriptionUrl) -> Option<Shape> {
        let url = Url::parse(url.expose()).ok()?;
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !is_bare {
            return None;
        }
        let read = |base: &Url| {
            if url.origin() != base.origin() {
                return None;
            }
            read_below(base, url.path())?.parse().ok()
        };
        if let Some(token) = read(&self.base) {
            return Some(Shape { token, is_current: true });
        }
        self.former.iter().find_map(read).map(|token| Shape { token, is_current: false })
    }
}

fn read_base(base: &str) -> Result<Url, EventUrlError> {
    let mut base = Url::parse(base).map_err(|_| EventUrlError::NotAUrl)?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err(EventUrlError::NotHttps);
    }
    if !base.username().is_empty() || base.password().is_some() {
        return Err(EventUrlError::Credentials);
    }
    if base.query().is_some() || base.fragment().is_some() {
        return Err(EventUrlError::Query);
    }
    if !base.path().ends_with('/') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    Ok(base)
}

fn read_below<'p>(base: &Url, path: &'p str) -> Option<&'p str> {
    let (family, token) = path.strip_prefix(base.path())?.split_once('/')?;
    (EventPath::from(family).is_known() && token.len() == LENGTH).then_some(token)
}

/// The reason why an address cannot be the base of event URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EventUrlError {
    /// Not a URL.
    #[error("expected an absolute URL such as https://crm.example.com/pbx/")]
    NotAUrl,
    /// Neither https nor, if allowed, http.
    #[error("expected an https URL: over http everybody on the way can read event tokens")]
    NotHttps,
    /// A user or password.
    #[error("expected a URL without user and password")]
    Credentials,
    /// A query or fragment.
    #[error("expected a URL without query and fragment")]
    Query,
}
