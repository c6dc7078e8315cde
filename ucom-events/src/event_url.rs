//! URLs that the PBX sends events to (R22–R25).

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::extension::{ExtensionId, ExtensionType};
use crate::open_enum::open_enum;
use crate::token::EventToken;

open_enum! {
    /// The first segment of an opaque URL's path: which family of events comes there (R25).
    pub enum EventPath compared exactly {
        /// Events of extensions.
        Extension = "ext-event",
        /// Events of queue agents.
        Agent = "agent-event",
        /// Status changes of phones.
        PhoneStatus = "phone-event",
    }
}

/// A URL in a subscription, of this integration or of another.
///
/// Whoever knows it can send false events, so `Debug` and `Display` show its origin alone.
///
/// ```
/// use ucom_events::SubscriptionUrl;
///
/// let url = SubscriptionUrl::new("https://crm.example.com/ext-event/5f5f5f5f");
/// assert_eq!(url.to_string(), "https://crm.example.com/…");
/// assert_eq!(url.expose(), "https://crm.example.com/ext-event/5f5f5f5f");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubscriptionUrl(Box<str>);

impl SubscriptionUrl {
    /// A URL as the PBX lists it; any text will do.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The whole URL, with its secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
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

/// Makes event URLs below an address of the integration, and reads their paths.
///
/// ```
/// use ucom_events::{EventPath, EventToken, EventUrls};
///
/// let urls = EventUrls::new("https://crm.example.com/pbx/")?;
/// let token = EventToken::from_random([0x5f; 16]);
/// let url = urls.opaque(EventPath::Extension, &token);
/// assert_eq!(url.expose(), "https://crm.example.com/pbx/ext-event/5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f");
///
/// // What the web server gets:
/// let (path, candidate) = urls.read_opaque("/pbx/ext-event/5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f").unwrap();
/// assert_eq!(path, EventPath::Extension);
/// assert!(token.matches(candidate));
/// # Ok::<(), ucom_events::EventUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventUrls {
    /// Ends with a slash; has neither user nor query nor fragment.
    base: Url,
}

impl EventUrls {
    /// URLs below an `https` address.
    ///
    /// # Errors
    ///
    /// If it is no `https` URL with a host, or has a user, a password, a query or a fragment.
    pub fn new(base: &str) -> Result<Self, EventUrlError> {
        let urls = Self::allowing_http(base)?;
        if urls.base.scheme() == "https" { Ok(urls) } else { Err(EventUrlError::NotHttps) }
    }

    /// URLs below an `http` or `https` address. Over plain http everybody on the way can read the
    /// tokens: for tests, and for networks of one's own.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn allowing_http(base: &str) -> Result<Self, EventUrlError> {
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
        Ok(Self { base })
    }

    /// The address that all URLs begin with; what [`Ownership`](crate::Ownership) goes by.
    #[must_use]
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// The URL with an opaque token (R24).
    #[must_use]
    pub fn opaque(&self, path: EventPath, token: &EventToken) -> SubscriptionUrl {
        SubscriptionUrl::new(&format!("{}{path}/{}", self.base, token.expose()))
    }

    /// The family and the token in the path of a request. The token is not checked: look it up in a
    /// [`TokenTable`](crate::TokenTable).
    #[must_use]
    pub fn read_opaque<'p>(&self, path: &'p str) -> Option<(EventPath, &'p str)> {
        let (family, token) = path.strip_prefix(self.base.path())?.split_once('/')?;
        let family = EventPath::from(family);
        (family.is_known() && !token.contains('/')).then_some((family, token))
    }

    /// The URL with the parts of R22, for an integration of one's own alone: its numbers can be
    /// guessed (R24).
    #[must_use]
    pub fn structured(&self, address: &StructuredAddress) -> SubscriptionUrl {
        SubscriptionUrl::new(&format!("{}{address}", self.base))
    }

    /// The parts in the path of a request to a structured URL.
    #[must_use]
    pub fn read_structured(&self, path: &str) -> Option<StructuredAddress> {
        let rest = path.strip_prefix(self.base.path())?;
        let mut parts = rest.split('/');
        let (cid, application, kind, extension) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if cid != "cid" || parts.next().is_some() {
            return None;
        }
        let number = |text: &str| crate::form::digits(text.as_bytes());
        let extension_type = ExtensionType::from(kind);
        extension_type.is_known().then_some(StructuredAddress {
            application: number(application)?,
            extension_type,
            extension: ExtensionId::new(number(extension)?),
        })
    }
}

/// What a structured URL tells: `cid/<application>/<type>/<extension>` (R22, R23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructuredAddress {
    application: u64,
    extension_type: ExtensionType,
    extension: ExtensionId,
}

impl StructuredAddress {
    /// The serial number of the integration's application (C12), a kind of extension and its id.
    #[must_use]
    pub const fn new(
        application: u64,
        extension_type: ExtensionType,
        extension: ExtensionId,
    ) -> Self {
        Self { application, extension_type, extension }
    }

    /// The serial number of the integration's application.
    #[must_use]
    pub const fn application(&self) -> u64 {
        self.application
    }

    /// The kind of extension.
    #[must_use]
    pub const fn extension_type(&self) -> &ExtensionType {
        &self.extension_type
    }

    /// The extension.
    #[must_use]
    pub const fn extension(&self) -> ExtensionId {
        self.extension
    }
}

impl fmt::Display for StructuredAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The seed writes this one in capitals (C10).
        let kind = match &self.extension_type {
            ExtensionType::Ivr => "IVR",
            other => other.as_str(),
        };
        write!(f, "cid/{}/{kind}/{}", self.application, self.extension)
    }
}

/// An address cannot be the beginning of event URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EventUrlError {
    /// Not a URL at all.
    #[error("not an absolute URL")]
    NotAUrl,
    /// Another scheme than https.
    #[error("event URLs are secrets: the address must be https")]
    NotHttps,
    /// A user or password.
    #[error("an address for events must not have a user or password")]
    Credentials,
    /// A query or fragment.
    #[error("an address for events must not have a query or fragment")]
    Query,
}
