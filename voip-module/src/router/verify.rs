//! Signed requests.

use std::sync::Arc;

use bytes::Bytes;

/// Checks that a request was signed by an intermediate service which does so (V4, §14). Called
/// after the token and the size were checked, and before the body is read.
pub trait WebhookVerifier: Send + Sync {
    /// Whether the request is as the service sent it, and fresh.
    ///
    /// # Errors
    ///
    /// If it is not. The sender gets 401.
    fn verify(&self, request: &http::Request<Bytes>) -> Result<(), VerifyError>;
}

impl<T: WebhookVerifier + ?Sized> WebhookVerifier for Arc<T> {
    fn verify(&self, request: &http::Request<Bytes>) -> Result<(), VerifyError> {
        (**self).verify(request)
    }
}

/// Why a signed request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A header of the signature is missing or malformed.
    #[error("signature headers are missing or malformed")]
    Malformed,
    /// The request is too old or from the future.
    #[error("the signature's timestamp is out of tolerance")]
    Stale,
    /// No signature fits.
    #[error("no signature fits the request")]
    Mismatch,
}

#[cfg(feature = "standard-webhooks")]
pub use standard::StandardWebhooks;

#[cfg(feature = "standard-webhooks")]
mod standard {
    use std::fmt;
    use std::time::Duration;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use hmac::{Hmac, Mac as _};
    use sha2::Sha256;

    use super::{VerifyError, WebhookVerifier};
    use crate::error::Error;

    /// Verifies Standard Webhooks 1.0 signatures: HMAC-SHA256 over `id.timestamp.body`, within five
    /// minutes, with any of several keys and signatures so that keys can be rotated.
    pub struct StandardWebhooks {
        keys: Vec<Hmac<Sha256>>,
        tolerance: Duration,
        unix_now: Box<dyn Fn() -> Duration + Send + Sync>,
    }

    impl StandardWebhooks {
        /// A verifier with one key, `whsec_…` in base64, and a clock that tells the time since the
        /// Unix epoch.
        ///
        /// # Errors
        ///
        /// [`Error::Config`] if the key is not base64 or is shorter than 24 bytes.
        pub fn new(
            key: &str,
            unix_now: impl Fn() -> Duration + Send + Sync + 'static,
        ) -> Result<Self, Error> {
            let tolerance = Duration::from_secs(5 * 60);
            Self { keys: Vec::new(), tolerance, unix_now: Box::new(unix_now) }.key(key)
        }

        /// Adds a key, for the time in which keys change.
        ///
        /// # Errors
        ///
        /// As [`new`](Self::new).
        pub fn key(mut self, key: &str) -> Result<Self, Error> {
            let error = Error::Config {
                reason: "a Standard Webhooks key is `whsec_` and base64 of at least 24 bytes",
            };
            let bytes = STANDARD.decode(key.strip_prefix("whsec_").unwrap_or(key)).ok();
            let key = bytes
                .filter(|bytes| bytes.len() >= 24)
                .and_then(|bytes| Hmac::new_from_slice(&bytes).ok());
            self.keys.push(key.ok_or(error)?);
            Ok(self)
        }
    }

    impl fmt::Debug for StandardWebhooks {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let Self { keys, tolerance, unix_now: _ } = self;
            f.debug_struct("StandardWebhooks")
                .field("keys", &keys.len())
                .field("tolerance", tolerance)
                .finish_non_exhaustive()
        }
    }

    impl WebhookVerifier for StandardWebhooks {
        fn verify(&self, request: &http::Request<Bytes>) -> Result<(), VerifyError> {
            let header = |name| {
                let mut values = request.headers().get_all(name).iter();
                match (values.next(), values.next()) {
                    (Some(value), None) => value.to_str().map_err(|_| VerifyError::Malformed),
                    _ => Err(VerifyError::Malformed),
                }
            };
            let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
            let seconds: u64 = timestamp.parse().map_err(|_| VerifyError::Malformed)?;
            if (self.unix_now)().abs_diff(Duration::from_secs(seconds)) > self.tolerance {
                return Err(VerifyError::Stale);
            }
            let signatures = header("webhook-signature")?;
            let signatures = signatures.split(' ').filter_map(|text| text.strip_prefix("v1,"));
            for signature in signatures.filter_map(|text| STANDARD.decode(text).ok()) {
                for key in &self.keys {
                    let mut mac = key.clone();
                    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", request.body()] {
                        mac.update(part);
                    }
                    if mac.verify_slice(&signature).is_ok() {
                        return Ok(());
                    }
                }
            }
            Err(VerifyError::Mismatch)
        }
    }
}
