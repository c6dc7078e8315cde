//! The key that the script presents.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::error::Error;
use crate::log;
#[cfg(feature = "standard-webhooks")]
use crate::module_script::push::{PushSigner, PushVerifier};
use crate::secret::Secret;

/// The service's key, and during a rotation the key before it.
///
/// To rotate: start the service with the new key and the old one as [`previous`](Self::previous),
/// change the module's setting, then remove the old key.
#[derive(Clone, Debug)]
pub struct ServiceKeys {
    current: Secret,
    /// Empty without a previous key; an empty secret matches nothing.
    previous: Secret,
}

impl ServiceKeys {
    /// Keeps the key. One shorter than 32 characters is taken with a warning in the log.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] unless the key has at least 16 characters, all of them visible ASCII.
    pub fn new(key: impl Into<Secret>) -> Result<Self, Error> {
        Ok(Self { current: Self::check(key.into())?, previous: Secret::default() })
    }

    /// Also takes the key that was used before.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    pub fn previous(self, key: impl Into<Secret>) -> Result<Self, Error> {
        Ok(Self { previous: Self::check(key.into())?, ..self })
    }

    // W106
    fn check(key: Secret) -> Result<Secret, Error> {
        let text = key.expose();
        if text.len() < 16 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "invalid service key: expected at least 16 characters of visible ASCII";
            return Err(Error::Config { reason });
        }
        if text.len() < 32 {
            log::warning("the service key is shorter than 32 characters");
        }
        Ok(key)
    }

    /// Returns the signer of pushes, for the builder of a [`Pusher`].
    ///
    /// [`Pusher`]: crate::module_script::push::Pusher
    #[cfg(feature = "standard-webhooks")]
    #[cfg_attr(docsrs, doc(cfg(feature = "standard-webhooks")))]
    #[must_use]
    pub fn push_signer(&self) -> PushSigner {
        PushSigner::new(&self.current)
    }

    #[cfg(feature = "standard-webhooks")]
    pub(super) fn push_verifier(&self) -> PushVerifier {
        let previous = Some(&self.previous).filter(|key| !key.is_empty());
        PushVerifier::new(&self.current, previous)
    }

    /// Returns `true` if a request presents one of the keys, once and as a bearer token.
    pub(super) fn allow(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return false };
        let Some((scheme, presented)) = value.as_bytes().split_at_checked("Bearer ".len()) else {
            return false;
        };
        // Both are compared, so that timing does not show which one was close.
        let matches = self.current.matches(presented) | self.previous.matches(presented);
        matches & scheme.eq_ignore_ascii_case(b"Bearer ")
    }
}
