//! Input of the conformance suite.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use url::Url;

use crate::model::CallData;
use crate::secret::Secret;

/// A webhook request and its expected result. It has no token in its URL; the suite adds one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fixture {
    /// The request.
    pub request: http::Request<Bytes>,
    /// The result for the platform, as JSON; `None` accepts any.
    pub expected: Option<Value>,
}

impl Fixture {
    /// Creates a request that the provider has to accept.
    #[must_use]
    pub const fn new(request: http::Request<Bytes>) -> Self {
        Self { request, expected: None }
    }

    /// Sets the expected result, `{"event"?:{…},"callRecord"?:{…}}`.
    #[must_use]
    pub fn gives(mut self, result: Value) -> Self {
        self.expected = Some(result);
        self
    }
}

/// Input of the conformance suite.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Fixtures {
    pub(super) accepted: Vec<Fixture>,
    pub(super) unauthorised: Vec<http::Request<Bytes>>,
    pub(super) recordings: Vec<(CallData, Link)>,
    pub(super) secrets: Vec<Secret>,
    pub(super) call: Option<(String, String, String)>,
    pub(super) client_first: bool,
}

impl Fixtures {
    /// Creates empty fixtures. The suite needs at least one accepted request.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a request that the provider has to accept.
    pub fn accepted(mut self, fixture: Fixture) -> Self {
        self.accepted.push(fixture);
        self
    }

    /// Adds a request that lacks the provider's own key, or has a wrong one.
    pub fn unauthorised(mut self, request: http::Request<Bytes>) -> Self {
        self.unauthorised.push(request);
        self
    }

    /// Adds the data of a recorded call, and the link to its recording.
    pub fn recording(mut self, call: CallData, link: &str) -> Self {
        self.recordings.push((call, Link::Is(link.into())));
        self
    }

    /// Adds the data of a recorded call whose link changes, such as a signed one, and a predicate
    /// for it.
    pub fn recording_where(
        mut self,
        call: CallData,
        fits: impl Fn(&Url) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.recordings.push((call, Link::Fits(Arc::new(fits))));
        self
    }

    /// Declares that `srcPhone` is always the client, as in the vendor's example.
    pub const fn client_first(mut self) -> Self {
        self.client_first = true;
        self
    }

    /// Adds a key that must not appear in answers and errors.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Sets numbers for calls of the buttons. Without them, declared buttons are not called.
    pub fn call(mut self, src_phone: &str, dst_phone: &str, redirect_to: &str) -> Self {
        self.call = Some((src_phone.into(), dst_phone.into(), redirect_to.into()));
        self
    }
}

/// The expected link of a recording.
#[derive(Clone)]
pub(super) enum Link {
    Is(String),
    Fits(Arc<dyn Fn(&Url) -> bool + Send + Sync>),
}

impl Link {
    pub(super) fn fits(&self, link: &Url) -> bool {
        match self {
            Self::Is(text) => Url::parse(text).is_ok_and(|expected| expected == *link),
            Self::Fits(fits) => fits(link),
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(link) => f.debug_tuple("Is").field(link).finish(),
            Self::Fits(_) => f.write_str("Fits(…)"),
        }
    }
}
