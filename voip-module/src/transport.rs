//! How requests reach a provider.

use std::error::Error as StdError;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

/// Sends one HTTP request and brings back its answer.
///
/// An implementation has a time limit, follows no redirects, and reads no more of a body than it
/// has room for. Any status is an answer, not an error.
#[async_trait]
pub trait HttpTransport: Send + Sync {
    /// Sends a request.
    ///
    /// # Errors
    ///
    /// If no whole answer came back.
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

/// Why no whole answer came back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The time limit was reached.
    #[error("timed out")]
    Timeout,
    /// No connection could be made, or not a safe one.
    #[error("connection failed")]
    Connect(#[source] Box<dyn StdError + Send + Sync>),
    /// The connection broke before the answer was whole.
    #[error("the answer was cut off or is not HTTP")]
    Interrupted(#[source] Box<dyn StdError + Send + Sync>),
    /// The body is longer than the transport takes.
    #[error("the answer is longer than {limit} bytes")]
    BodyTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The transport could not send this request.
    #[error("the request could not be sent")]
    Request(#[source] Box<dyn StdError + Send + Sync>),
}
