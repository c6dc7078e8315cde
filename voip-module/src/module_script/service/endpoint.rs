//! The service's addresses, and the checks that need only the head of a request.

use bytes::Bytes;
use http::Method;
use http::header::CONTENT_LENGTH;
use http::request::Parts;

use super::{ModuleService, answer};
use crate::module_script::protocol::{BASE, ErrorCode, Failure, Function, MAX_ASK_BYTES};
use crate::provider::VoipProvider;

/// The target of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    Health,
    Readiness,
    Log,
    Status,
    Ask(Function),
}

impl Endpoint {
    /// The methods as the header `Allow` names them.
    const fn allow(self) -> &'static str {
        match self {
            Self::Health | Self::Readiness => "GET, HEAD",
            Self::Log | Self::Status => "GET",
            Self::Ask(_) => "POST",
        }
    }

    fn takes(self, method: &Method) -> bool {
        self.allow().split(", ").any(|allowed| method == allowed)
    }

    const fn needs_key(self) -> bool {
        !matches!(self, Self::Health | Self::Readiness)
    }
}

impl<P: VoipProvider> ModuleService<P> {
    /// Checks path, method, key and declared size from the head of a request, so that a host can
    /// refuse it before it reads the body. [`handle`](Self::handle) checks again.
    ///
    /// # Errors
    ///
    /// The answer to the sender.
    #[expect(clippy::result_large_err, reason = "the answer, once for each refused request")]
    pub fn precheck(&self, parts: &Parts) -> Result<(), http::Response<Bytes>> {
        self.check_head(parts).map(drop)
    }

    // W96, W104, W182, W183
    #[expect(clippy::result_large_err, reason = "the answer, once for each refused request")]
    pub(super) fn check_head(&self, parts: &Parts) -> Result<Endpoint, http::Response<Bytes>> {
        let refuse = |code, message, allow| {
            let (_, sent) = answer::reply::<()>(None, Err(Failure::new(code, message)));
            Err(answer::json(sent, allow))
        };
        let Some(endpoint) = self.endpoint(parts) else {
            let message = "this service does not know the function";
            return refuse(ErrorCode::UnknownFunction, message, "");
        };
        if !endpoint.takes(&parts.method) {
            let allow = endpoint.allow();
            return refuse(ErrorCode::MethodNotAllowed, "the path takes another method", allow);
        }
        if endpoint.needs_key() && !self.keys.allow(&parts.headers) {
            self.log().wrong_key(self.clock.now(), self.timestamp());
            return refuse(ErrorCode::Unauthorized, "the key is missing or wrong", "");
        }
        let declared =
            parts.headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
        if declared.is_some_and(|bytes: usize| bytes > MAX_ASK_BYTES) {
            return refuse(ErrorCode::PayloadTooLarge, "the ask is too large", "");
        }
        Ok(endpoint)
    }

    fn endpoint(&self, parts: &Parts) -> Option<Endpoint> {
        let path = parts.uri.path();
        match path {
            "/healthz" => return Some(Endpoint::Health),
            "/readyz" => return Some(Endpoint::Readiness),
            _ => {}
        }
        match path.strip_prefix(&*self.prefix)?.strip_prefix(BASE)? {
            "log" => Some(Endpoint::Log),
            "status" => Some(Endpoint::Status),
            // Nothing secret is ever in an ask's URL, so an ask has no query.
            _ if parts.uri.query().is_some() => None,
            name => {
                let named = |function: &&Function| function.as_str() == name;
                Function::ALL.iter().find(named).copied().map(Endpoint::Ask)
            }
        }
    }
}
