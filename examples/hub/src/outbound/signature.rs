//! Signatures of webhooks per Standard Webhooks, version 1: HMAC-SHA256 over id, time and body.

use std::fmt;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Key that signs the webhooks to one receiver.
pub(super) struct SigningKey(Zeroizing<Vec<u8>>);

/// Invalid signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not base64.
    #[error("expected a signing key in base64, with or without `whsec_`, found another text")]
    NotBase64,
    /// The key has the wrong length.
    #[error("expected a signing key of 24 to 64 bytes, found one of {0}")]
    Length(usize),
}

/// Keys are copied by hand, so missing padding is accepted.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl SigningKey {
    /// Reads a key: base64, with or without the prefix `whsec_`.
    ///
    /// # Errors
    ///
    /// Another text, or a key shorter than 24 or longer than 64 bytes.
    pub(super) fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        let text = text.strip_prefix("whsec_").unwrap_or(text);
        let key = Zeroizing::new(LENIENT.decode(text).map_err(|_| KeyError::NotBase64)?);
        match key.len() {
            24..=64 => Ok(Self(key)),
            other => Err(KeyError::Length(other)),
        }
    }

    /// Value of the header `webhook-signature`; `timestamp` is in seconds since 1970.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0)
            .expect("HMAC takes keys of every length");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, SigningKey};

    /// The example of the Standard Webhooks documentation.
    #[test]
    fn signature_is_the_one_of_the_specification() {
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature =
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn key_is_checked_and_never_shown() {
        assert_eq!(SigningKey::parse("whsec_!").unwrap_err(), KeyError::NotBase64);
        let error = SigningKey::parse("c2hvcnQ=").unwrap_err();
        assert_eq!(error.to_string(), "expected a signing key of 24 to 64 bytes, found one of 5");
        let key = SigningKey::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(..)");
    }
}
