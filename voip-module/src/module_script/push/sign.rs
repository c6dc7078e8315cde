//! Signed pushes, in the manner of Standard Webhooks.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::Mac as _;
use serde::{Deserialize, Serialize};

use crate::model::{VoipCallRecord, VoipWebhookRequest};
use crate::module_script::protocol::PROTOCOL;
use crate::secret::Secret;
use crate::transport::signature::{SigningKey, VERSION, to_text};

/// Salt of the derivation, which is HKDF's extraction: the service's key itself never signs.
const LABEL: &[u8] = b"voip-module push v1";
/// Seconds by which the clocks of two instances may differ.
const TOLERANCE: u64 = 300;

/// The body of a signed push. The signature is over the text, so neither side has to bring JSON into
/// a canonical form; all is in the body, because it is not known what the platform does with headers.
// W152
#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "voipBridge")]
    protocol: u64,
    signed: std::borrow::Cow<'a, str>,
    signature: std::borrow::Cow<'a, str>,
}

/// Signs pushes with a key derived from the service's key.
#[derive(Clone)]
pub struct PushSigner(SigningKey);

impl PushSigner {
    /// Creates a signer.
    #[must_use]
    pub fn new(key: &Secret) -> Self {
        let derived = SigningKey::from_bytes(LABEL).mac(&[key.expose().as_bytes()]);
        Self(SigningKey::from_bytes(&derived.finalize().into_bytes()))
    }

    /// Wraps the body of a push in an envelope with its signature.
    pub(super) fn sign(&self, body: &str) -> String {
        let signature = to_text(self.0.mac(&[body.as_bytes()])).into();
        let envelope = Envelope { protocol: PROTOCOL, signed: body.into(), signature };
        // Two strings and a number always serialize.
        serde_json::to_string(&envelope).unwrap_or_default()
    }

    fn verify(&self, text: &str, signature: &[u8]) -> bool {
        self.0.mac(&[text.as_bytes()]).verify_slice(signature).is_ok()
    }
}

impl fmt::Debug for PushSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushSigner(…)")
    }
}

/// Checks signed pushes that a script hands back to the service.
///
/// ```
/// use voip_module::Secret;
/// use voip_module::module_script::push::{PushVerifier, SignatureError};
///
/// let verifier = PushVerifier::new(&Secret::new("K3YK3YK3YK3YK3YK"), None);
/// let refused = verifier.verify(1_767_608_100, br#"{"voipBridge":1,"event":{}}"#);
/// assert_eq!(refused, Err(SignatureError::NotSigned));
/// ```
#[derive(Clone, Debug)]
pub struct PushVerifier {
    current: PushSigner,
    previous: Option<PushSigner>,
}

impl PushVerifier {
    /// Creates a verifier with the service's key and, during a rotation, the one before it.
    #[must_use]
    pub fn new(current: &Secret, previous: Option<&Secret>) -> Self {
        Self { current: PushSigner::new(current), previous: previous.map(PushSigner::new) }
    }

    /// Checks the body of a push; `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// If the push is not signed, its signature is wrong, it is older or newer than 5 min, or its
    /// content is unusable.
    pub fn verify(&self, now: u64, body: &[u8]) -> Result<SignedPush, SignatureError> {
        let envelope: Envelope<'_> =
            serde_json::from_slice(body).map_err(|_| SignatureError::NotSigned)?;
        let signature = envelope.signature.strip_prefix(VERSION);
        let signature = signature
            .filter(|_| envelope.protocol == PROTOCOL)
            .and_then(|signature| BASE64_STANDARD.decode(signature).ok())
            .ok_or(SignatureError::NotSigned)?;
        let signed = &*envelope.signed;
        // Both keys are tried, so that timing does not show which one it was.
        let by_previous = self.previous.as_ref().is_some_and(|key| key.verify(signed, &signature));
        if !(self.current.verify(signed, &signature) | by_previous) {
            return Err(SignatureError::WrongSignature);
        }
        let push: SignedPush = serde_json::from_str(signed).map_err(|_| SignatureError::Content)?;
        if push.sent_at.abs_diff(now) > TOLERANCE {
            return Err(SignatureError::Time);
        }
        Ok(push)
    }
}

/// The content of a signed push whose signature is right.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SignedPush {
    /// The message's id.
    pub id: String,
    /// The time of the attempt, in Unix seconds.
    pub sent_at: u64,
    /// The event.
    pub event: Option<VoipWebhookRequest>,
    /// The record.
    pub call_record: Option<VoipCallRecord>,
}

/// The reason for refusing a signed push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The body is not the envelope of a signed push.
    #[error("the push is not signed")]
    NotSigned,
    /// No key of the service made this signature.
    #[error("the signature of the push is wrong")]
    WrongSignature,
    /// The push is a replay, or a clock is wrong.
    #[error("the push was sent more than 5 minutes ago, or in the future")]
    Time,
    /// The content has not the documented shape.
    #[error("the content of the push is unusable")]
    Content,
}
