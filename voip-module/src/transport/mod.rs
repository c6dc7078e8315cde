//! Commands to a PBX over any HTTP client.

mod post;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "standard-webhooks")]
#[cfg_attr(docsrs, doc(cfg(feature = "standard-webhooks")))]
pub mod signature;

use std::error::Error as StdError;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

pub(crate) use self::post::stated_error;
pub use self::post::{Answer, Post};
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use self::reqwest::{ReqwestOptions, ReqwestTransport};

/// Sends one HTTP request and returns its answer.
///
/// An implementation has a timeout, follows no redirects, and limits the size of bodies. Any status
/// is an answer, not an error.
///
/// ```
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use voip_module::HttpTransport;
/// use voip_module::transport::TransportError;
///
/// /// Answers every request, for a test.
/// struct Always(http::StatusCode);
///
/// #[async_trait]
/// impl HttpTransport for Always {
///     async fn send(
///         &self,
///         _: http::Request<Bytes>,
///     ) -> Result<http::Response<Bytes>, TransportError> {
///         let mut answer = http::Response::new(Bytes::new());
///         *answer.status_mut() = self.0;
///         Ok(answer)
///     }
/// }
/// ```
#[async_trait]
pub trait HttpTransport: Send + Sync {
    /// Sends a request.
    ///
    /// # Errors
    ///
    /// If the answer is missing or incomplete.
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError>;
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: HttpTransport + ?Sized> HttpTransport for $pointer {
            async fn send(
                &self,
                request: http::Request<Bytes>,
            ) -> Result<http::Response<Bytes>, TransportError> {
                (**self).send(request).await
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);

/// The reason for a missing or incomplete answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The request timed out.
    #[error("timed out")]
    Timeout,
    /// The connection, or its TLS handshake, failed.
    #[error("connection failed")]
    Connect(#[source] Box<dyn StdError + Send + Sync>),
    /// The connection broke before the answer was complete.
    #[error("the answer was cut off or is not HTTP")]
    Interrupted(#[source] Box<dyn StdError + Send + Sync>),
    /// The body exceeds the limit.
    #[error("the answer is longer than {limit} bytes")]
    BodyTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The request cannot be sent.
    #[error("the request could not be sent")]
    Request(#[source] Box<dyn StdError + Send + Sync>),
}
