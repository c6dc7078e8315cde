//! What the conformance suite has to know about a provider.

use bytes::Bytes;
use serde_json::Value;

use crate::model::CallData;
use crate::secret::Secret;

/// A webhook request, and what the provider has to make of it. It goes without the token of the
/// webhook URL; the suite adds one of its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fixture {
    /// The request.
    pub request: http::Request<Bytes>,
    /// The result that the platform gets, as JSON; `None` if anything will do.
    pub expected: Option<Value>,
}

impl Fixture {
    /// A request that the provider has to accept.
    #[must_use]
    pub const fn new(request: http::Request<Bytes>) -> Self {
        Self { request, expected: None }
    }

    /// Sets the result that the platform gets, `{"event"?:{…},"callRecord"?:{…}}`.
    #[must_use]
    pub fn gives(mut self, result: Value) -> Self {
        self.expected = Some(result);
        self
    }
}

/// What the suite has to know about a provider.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Fixtures {
    pub(super) accepted: Vec<Fixture>,
    pub(super) unauthorised: Vec<http::Request<Bytes>>,
    pub(super) recordings: Vec<(CallData, String)>,
    pub(super) secrets: Vec<Secret>,
    pub(super) call: Option<(String, String, String)>,
}

impl Fixtures {
    /// Nothing. A suite without an accepted request reports that.
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
        self.recordings.push((call, link.into()));
        self
    }

    /// Adds a key that must not be seen anywhere.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Numbers with which call controls may be tried. Without them, those that are declared are not
    /// called.
    pub fn call(mut self, src_phone: &str, dst_phone: &str, redirect_to: &str) -> Self {
        self.call = Some((src_phone.into(), dst_phone.into(), redirect_to.into()));
        self
    }
}
