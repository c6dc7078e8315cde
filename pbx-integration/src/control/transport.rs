//! The user's HTTP client.

use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use super::error::ControlError;

/// An HTTP client of your own, for requests to the PBX.
///
/// ```
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use pbx_integration::control::{ControlError, HttpTransport};
///
/// /// Accepts every request in place of sending it.
/// #[derive(Debug)]
/// struct DryRun;
///
/// #[async_trait]
/// impl HttpTransport for DryRun {
///     async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ControlError> {
///         println!("{} {:?}", request.method(), request.uri().host()); // not the query, which may hold a secret
///         Ok(Response::new(Bytes::new()))
///     }
/// }
/// ```
#[async_trait]
pub trait HttpTransport: fmt::Debug + Send + Sync {
    /// The present, for requests that carry the time.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Sends a request once, and returns the whole response within a limit on its size. The URL, the header
    /// `Authorization` and the bodies hold secrets: do not log them.
    ///
    /// # Errors
    ///
    /// If no response came: [`ControlError::Unreachable`] if the request was not sent, else [`ControlError::Unknown`].
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ControlError>;
}
