//! The receiver of call records that come without a script.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::integration::{EntryPoint, Registry};
use crate::settings::Secret;

/// The most bytes of a record.
const MAX_BYTES: usize = 4 << 20;

/// The most characters of a user or a password.
const MAX_CREDENTIAL: usize = 64;

/// The receiver of call records that the PBX posts to a CDR URL (`webcdr` or `webcdrs`): a function from a request to a
/// response, for any web framework.
///
/// ```
/// use std::sync::Arc;
/// use pbx_integration::bridge::CdrReceiver;
/// use pbx_integration::control::NoCallControl;
/// use pbx_integration::settings::MemorySettings;
/// use pbx_integration::{Registry, Secret};
///
/// let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(NoCallControl));
/// let password = Secret::new("9fK2-mQx7Tz");
/// let receiver = CdrReceiver::new(registry).basic_auth("vodia", password)?;
/// // To paste into the PBX, at system or tenant level.
/// let url = receiver.cdr_url("cdr.example.com/cdr").unwrap();
/// assert_eq!(url.expose(), "webcdrs://vodia:9fK2-mQx7Tz@cdr.example.com/cdr");
/// # Ok::<(), pbx_integration::bridge::InvalidCredentials>(())
/// ```
#[derive(Clone)]
pub struct CdrReceiver {
    registry: Arc<Registry>,
    credentials: Vec<Credentials>,
    is_open: bool,
}

#[derive(Clone)]
struct Credentials {
    user: String,
    password: Secret,
}

impl CdrReceiver {
    /// A receiver for the integrations of a registry. It refuses everything until it has credentials.
    #[must_use]
    pub fn new(registry: impl Into<Arc<Registry>>) -> Self {
        Self { registry: registry.into(), credentials: Vec::new(), is_open: false }
    }

    /// Accepts a user and password, besides those before. To rotate a password, accept both for a time.
    ///
    /// # Errors
    ///
    /// [`InvalidCredentials`] if they have characters that would have to be escaped in a CDR URL.
    // X49, X50
    pub fn basic_auth(
        mut self,
        user: &str,
        password: impl Into<Secret>,
    ) -> Result<Self, InvalidCredentials> {
        let password = password.into();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let is_valid =
            |text: &str| (1..=MAX_CREDENTIAL).contains(&text.len()) && text.bytes().all(fits);
        if !is_valid(user) || !is_valid(password.expose()) {
            return Err(InvalidCredentials);
        }
        self.credentials.push(Credentials { user: user.to_owned(), password });
        Ok(self)
    }

    /// Accepts records from everyone, such as behind a proxy that checks who sends them.
    #[must_use]
    pub const fn without_credentials(mut self) -> Self {
        self.is_open = true;
        self
    }

    /// The CDR URL for the PBX, with the credentials that were added last; `None` without credentials. The address is
    /// host, port and path, such as `cdr.example.com:8443/cdr`.
    #[must_use]
    pub fn cdr_url(&self, address: &str) -> Option<Secret> {
        let Credentials { user, password } = self.credentials.last()?;
        Some(Secret::new(format!("webcdrs://{user}:{}@{address}", password.expose())))
    }

    /// Checks method and credentials of a request before its body is read, as [`handle`](Self::handle) does again.
    ///
    /// # Errors
    ///
    /// The status to refuse the request with. With 401, ask for the credentials: `WWW-Authenticate: Basic realm="cdr"`.
    pub fn precheck(&self, parts: &Parts) -> Result<(), StatusCode> {
        self.check(&parts.method, &parts.headers)
    }

    fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), StatusCode> {
        if method != Method::POST {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        if !self.is_open && !self.is_allowed(headers) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        Ok(())
    }

    /// Answers a request of the PBX: 200 if every integration concerned has stored the record.
    // X48
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        match self.check(request.method(), request.headers()) {
            Ok(()) => {}
            Err(status @ StatusCode::METHOD_NOT_ALLOWED) => {
                return with_header(status, ALLOW, "POST");
            }
            Err(status) => return with_header(status, WWW_AUTHENTICATE, "Basic realm=\"cdr\""),
        }
        let body = request.body();
        if body.len() > MAX_BYTES {
            return text(StatusCode::PAYLOAD_TOO_LARGE, String::new());
        }
        if is_leg_record(body) {
            let expected = "expected a record of the webcdr scheme, found one of the json scheme";
            return text(StatusCode::UNPROCESSABLE_ENTITY, expected.to_owned());
        }
        match self.registry.dispatch_json(EntryPoint::Cdr, None, body).await {
            Ok(dispatch) if dispatch.all_delivered() => text(StatusCode::OK, String::new()),
            Ok(_) => with_header(StatusCode::SERVICE_UNAVAILABLE, RETRY_AFTER, "5"),
            Err(error) => {
                let status = StatusCode::from_u16(error.status()).unwrap_or_default();
                text(status, error.to_string())
            }
        }
    }

    fn is_allowed(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return false };
        let Some((scheme, encoded)) = value.as_bytes().split_at_checked(6) else { return false };
        if !scheme.eq_ignore_ascii_case(b"basic ") || encoded.len() > 4 * MAX_CREDENTIAL {
            return false;
        }
        let Ok(presented) = BASE64_STANDARD.decode(encoded).map(Zeroizing::new) else {
            return false;
        };
        // All are compared, so that the time does not show which one matches.
        let matches = self.credentials.iter().map(|own| {
            let pair = Secret::new(format!("{}:{}", own.user, own.password.expose()));
            pair.matches(&presented)
        });
        matches.fold(false, |found, matches| found | matches)
    }
}

/// Returns whether a body is a leg record, which has an `action`.
fn is_leg_record(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|record| record.get("action").is_some())
}

fn text(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
}

fn with_header(status: StatusCode, name: http::HeaderName, value: &'static str) -> Response<Bytes> {
    let mut response = text(status, String::new());
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

/// Shows no credentials.
impl fmt::Debug for CdrReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CdrReceiver")
            .field("registry", &self.registry)
            .field("credentials", &self.credentials.len())
            .field("is_open", &self.is_open)
            .finish()
    }
}

/// A user or password that does not fit into a CDR URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "credentials: expected 1 to {MAX_CREDENTIAL} letters, digits, '_' and '-' in user and password"
)]
#[non_exhaustive]
pub struct InvalidCredentials;
