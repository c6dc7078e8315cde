//! The hook for signed requests.

use std::sync::Arc;

use bytes::Bytes;

/// Checks the signature of a request, for PBXs or intermediate services that sign. Called after the
/// checks of token and size, and before the provider.
///
/// ```
/// use bytes::Bytes;
/// use voip_module::router::{VerifyError, WebhookVerifier};
///
/// /// Signed requests, by a function that checks an HMAC over id and body.
/// struct Signed<F>(F);
///
/// impl<F: Fn(&str, &[u8], &[u8]) -> bool + Send + Sync> WebhookVerifier for Signed<F> {
///     fn verify(&self, request: &http::Request<Bytes>) -> Result<Option<String>, VerifyError> {
///         let header = |name| request.headers().get(name).ok_or(VerifyError::Malformed);
///         let id = header("webhook-id")?.to_str().map_err(|_| VerifyError::Malformed)?;
///         let signature = header("webhook-signature")?.as_bytes();
///         if !(self.0)(id, request.body(), signature) {
///             return Err(VerifyError::Mismatch);
///         }
///         Ok(Some(id.to_owned()))
///     }
/// }
/// ```
pub trait WebhookVerifier: Send + Sync {
    /// Verifies that the request is authentic and fresh. Returns the id of the delivery that the
    /// signature covers, such as `webhook-id`, if the scheme has one: it then identifies
    /// repetitions.
    ///
    /// # Errors
    ///
    /// If the request is not authentic or not fresh. The sender gets 401.
    fn verify(&self, request: &http::Request<Bytes>) -> Result<Option<String>, VerifyError>;
}

impl<T: WebhookVerifier + ?Sized> WebhookVerifier for Arc<T> {
    fn verify(&self, request: &http::Request<Bytes>) -> Result<Option<String>, VerifyError> {
        (**self).verify(request)
    }
}

/// The reason for refusing a signed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A header of the signature is missing or malformed.
    #[error("signature headers are missing or malformed")]
    Malformed,
    /// The timestamp is out of tolerance.
    #[error("the signature's timestamp is out of tolerance")]
    Stale,
    /// The signature does not match.
    #[error("no signature matches the request")]
    Mismatch,
}
