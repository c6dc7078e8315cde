//! The identity of a delivery.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

use siphasher::sip128::{Hasher128 as _, SipHasher13};

use crate::carrier::{HttpRequest, is_key_field};

/// The identity of a delivery: a 128-bit keyed hash. It contains no text, and collisions cannot be
/// constructed without the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity(pub(super) u128);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:032x})", self.0)
    }
}

/// The key of identities. Several instances that share a
/// [`FingerprintStore`](super::FingerprintStore) share a key too.
#[derive(Clone)]
pub struct IdentityKey([u8; 16]);

impl IdentityKey {
    /// Creates a key from 16 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Creates a random key.
    #[must_use]
    pub fn random() -> Self {
        let half = |at| RandomState::new().hash_one(at).to_le_bytes();
        let [low, high] = [half(0_u8), half(1_u8)];
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&low);
        bytes[8..].copy_from_slice(&high);
        Self(bytes)
    }

    /// Returns the identity of a request: of a form, all its fields except keys, in any order and
    /// spelling; otherwise, path suffix and body.
    #[must_use]
    pub fn of_request(&self, request: &HttpRequest, key_fields: &[&str]) -> Identity {
        // V156
        let Some(fields) = request.as_form() else {
            let parts = [request.path_suffix().as_bytes(), request.body()];
            return self.hash(b'b', parts.into_iter());
        };
        let mut pairs: Vec<(Cow<'_, str>, &str)> = Vec::new();
        for (name, value) in fields.iter() {
            let name = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Cow::Owned(name.to_ascii_lowercase())
            } else {
                Cow::Borrowed(name)
            };
            if !is_key_field(&name, key_fields) {
                let ends = |character: char| character.is_whitespace() || character.is_control();
                pairs.push((name, value.trim_matches(ends)));
            }
        }
        pairs.sort_unstable();
        let texts = pairs.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        self.hash(b'f', texts)
    }

    /// Returns the identity of a signed delivery, from its verified id.
    #[must_use]
    pub fn of_delivery_id(&self, id: &str) -> Identity {
        self.hash(b'i', std::iter::once(id.as_bytes()))
    }

    /// The hash of two texts.
    #[cfg(feature = "module-script")]
    pub(crate) fn of_texts(&self, texts: [&str; 2]) -> u128 {
        self.hash(b'q', texts.iter().map(|text| text.as_bytes())).0
    }

    /// The key of a call: its id, or without one its client.
    pub(super) fn call(&self, id: &str, client: &str) -> u128 {
        if id.is_empty() {
            let client = self.name(client).to_le_bytes();
            return self.hash(b'c', std::iter::once(&client[..])).0;
        }
        self.hash(b'k', std::iter::once(id.as_bytes())).0
    }

    /// The hash of a name: of a telephone number its digits, of anything else its text.
    pub(super) fn name(&self, name: &str) -> u64 {
        let is_phone =
            |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
        let hash = if name.chars().all(is_phone) && name.contains(|c: char| c.is_ascii_digit()) {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            self.hash(b'd', std::iter::once(digits.as_bytes())).0
        } else {
            self.hash(b't', std::iter::once(name.as_bytes())).0
        };
        // Half of it is enough within a call.
        hash as u64
    }

    pub(super) fn hash<'a>(&self, kind: u8, parts: impl Iterator<Item = &'a [u8]>) -> Identity {
        let mut hasher = SipHasher13::new_with_key(&self.0);
        let mut write = |bytes: &[u8]| std::hash::Hasher::write(&mut hasher, bytes);
        write(&[kind]);
        for part in parts {
            // Lengths keep neighbours apart.
            write(&(part.len() as u64).to_le_bytes());
            write(part);
        }
        Identity(hasher.finish128().as_u128())
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityKey(…)")
    }
}
