//! A question to the API: from its parts to HTTP, and from HTTP to the reply.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use serde::de::DeserializeOwned;

use crate::api::host::{AccessToken, ApiHost};
use crate::api::reply::{ApiError, ReplyHead};

/// Where the resources are.
pub(super) const BASE: &str = "api/ver1.0";

/// A question to the API and how to read its answer. Sends nothing.
///
/// Implemented by the types of this module, such as [`ListSubscriptions`](crate::api::ListSubscriptions).
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use ucom_events::{ExtensionId, api::{AccessToken, ApiHost, ApiRequest, ListSubscriptions}};
///
/// let host = ApiHost::new("pbx.example.com")?;
/// let token = AccessToken::new("secret").ok_or("not a token")?;
/// let question = ListSubscriptions::new(ExtensionId::new(33_335));
///
/// let request = question.request(&host, Some(&token))?;
/// assert_eq!(request.uri(), "https://pbx.example.com/api/ver1.0/extension/33335/event/");
///
/// let reply = question.parse(StatusCode::OK, &HeaderMap::new(), b"[]")?;
/// assert!(reply.subscriptions.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ApiRequest {
    /// What the API answers.
    type Reply;

    /// What is asked, in words for people.
    fn what(&self) -> &'static str;

    /// The method of HTTP.
    fn method(&self) -> Method;

    /// The path and query on the server, without a leading slash.
    fn path(&self) -> String;

    /// The body and its type, if there is one.
    fn body(&self) -> Option<RequestBody> {
        None
    }

    /// Reads the body of a success.
    ///
    /// # Errors
    ///
    /// What the body should have been.
    fn read(&self, body: &[u8]) -> Result<Self::Reply, &'static str>;

    /// The request as HTTP has it. The token is marked as sensitive.
    ///
    /// # Errors
    ///
    /// If the path cannot stand in a URL.
    fn request(
        &self,
        host: &ApiHost,
        token: Option<&AccessToken>,
    ) -> Result<Request<Vec<u8>>, http::Error> {
        let mut request = Request::builder()
            .method(self.method())
            .uri(host.url(&self.path()))
            .header(ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token.header());
        }
        match self.body() {
            None => request.body(Vec::new()),
            Some(body) => request.header(CONTENT_TYPE, body.content_type()).body(body.into_bytes()),
        }
    }

    /// The reply out of what HTTP brings. Any 2xx is a success.
    ///
    /// # Errors
    ///
    /// [`ApiError::Refused`] for any other code, [`ApiError::Unreadable`] for a body of another shape.
    fn parse(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self::Reply, ApiError> {
        let what = self.what();
        if !status.is_success() {
            let head = Box::new(ReplyHead::read(status, headers, body));
            return Err(ApiError::Refused { what, head });
        }
        self.read(body).map_err(|expected| ApiError::Unreadable {
            what,
            status: status.as_u16(),
            expected,
        })
    }
}

/// The body of a request. `Debug` hides it: it may hold a password or a URL with a token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestBody {
    /// JSON.
    Json(Vec<u8>),
    /// Form encoding.
    Form(String),
}

impl RequestBody {
    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json(_) => "application/json",
            Self::Form(_) => "application/x-www-form-urlencoded",
        })
    }

    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Json(bytes) => bytes,
            Self::Form(text) => text.into_bytes(),
        }
    }
}

impl std::fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(…)",
            Self::Form(_) => "Form(…)",
        })
    }
}

pub(super) fn read_json<T: DeserializeOwned>(
    body: &[u8],
    expected: &'static str,
) -> Result<T, &'static str> {
    serde_json::from_slice(body).map_err(|_| expected)
}
