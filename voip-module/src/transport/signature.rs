//! Signatures of webhooks per [Standard Webhooks](https://www.standardwebhooks.com), version 1:
//! HMAC-SHA256 over id, time and body.
//!
//! ```
//! use voip_module::Secret;
//! use voip_module::transport::signature::SigningKey;
//!
//! let key = SigningKey::parse(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))?;
//! let signature = key.sign("msg_1", 1_767_608_100, b"{}");
//! assert!(signature.starts_with("v1,"));
//! # Ok::<(), voip_module::transport::signature::KeyError>(())
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::Secret;

type HmacSha256 = Hmac<Sha256>;

pub(crate) const VERSION: &str = "v1,";
const PREFIX: &str = "whsec_";

/// Keys are copied by hand, so missing padding is accepted.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Key that signs webhooks.
#[derive(Clone)]
pub struct SigningKey(HmacSha256);

/// The reason for refusing a signing key.
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

impl SigningKey {
    /// Reads a key: base64, with or without the prefix `whsec_`.
    ///
    /// # Errors
    ///
    /// If the text is not base64, or the key is shorter than 24 or longer than 64 bytes.
    pub fn parse(text: &Secret) -> Result<Self, KeyError> {
        let text = text.expose().trim();
        let text = text.strip_prefix(PREFIX).unwrap_or(text);
        let key = Zeroizing::new(LENIENT.decode(text).map_err(|_| KeyError::NotBase64)?);
        match key.len() {
            24..=64 => Ok(Self::from_bytes(&key)),
            other => Err(KeyError::Length(other)),
        }
    }

    /// Value of the header `webhook-signature`; `timestamp` is in Unix seconds.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        to_text(self.mac(&[format!("{id}.{timestamp}.").as_bytes(), body]))
    }

    /// Takes a key of at most 64 bytes, which HMAC itself fills up with zeros.
    pub(crate) fn from_bytes(key: &[u8]) -> Self {
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(key).for_each(|(to, byte)| *to = *byte);
        Self(HmacSha256::new((&*block).into()))
    }

    /// The code of a text that is given in parts.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> HmacSha256 {
        parts.iter().fold(self.0.clone(), |mac, part| mac.chain_update(part))
    }
}

/// A signature with its version.
pub(crate) fn to_text(mac: HmacSha256) -> String {
    format!("{VERSION}{}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, SigningKey};
    use crate::secret::Secret;

    fn parse(text: &str) -> Result<SigningKey, KeyError> {
        SigningKey::parse(&Secret::new(text))
    }

    /// The example of the Standard Webhooks documentation.
    #[test]
    fn signature_is_the_one_of_the_specification() {
        let key = parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature =
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn key_is_checked_and_never_shown() {
        assert_eq!(parse("whsec_!").unwrap_err(), KeyError::NotBase64);
        let error = parse("c2hvcnQ=").unwrap_err();
        assert_eq!(error.to_string(), "expected a signing key of 24 to 64 bytes, found one of 5");
        let key = parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(…)");
    }
}
