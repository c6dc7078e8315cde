//! Tokens in event URLs, and the table that finds their rows.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::str::FromStr;

use siphasher::sip128::{Hasher128 as _, SipHasher13};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroize as _;

/// Characters of a token.
pub(crate) const LENGTH: usize = 32;

/// An unguessable token of 32 characters that identifies one row of an integration.
///
/// The PBX signs nothing, so the URL is the only proof that an event is genuine. The
/// token is redacted in `Debug`, has no `Display`, is compared in constant time and zeroized when
/// dropped.
///
/// ```
/// use ucom_events::EventToken;
///
/// let random = [0x5f; 16]; // from the operating system, in earnest
/// let token = EventToken::from_random(random);
/// assert_eq!(format!("{token:?}"), "EventToken(…)");
/// let stored = token.expose().to_owned(); // as the database keeps it
/// assert_eq!(stored.parse::<EventToken>()?, token);
/// # Ok::<(), ucom_events::plan::EventTokenError>(())
/// ```
#[derive(Clone, Eq)]
pub struct EventToken([u8; LENGTH]);

impl EventToken {
    /// Creates a token from 128 random bits, which must come from a cryptographic source.
    #[must_use]
    pub fn from_random(mut random: [u8; LENGTH / 2]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut token = [0; LENGTH];
        for (pair, byte) in token.chunks_exact_mut(2).zip(random) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        random.zeroize();
        Self(token)
    }

    /// Returns the token itself, to store it or to put it into a URL.
    #[must_use]
    pub fn expose(&self) -> &str {
        // The bytes are always ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Drop for EventToken {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for EventToken {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl FromStr for EventToken {
    type Err = EventTokenError;

    /// Reads a stored token: 32 ASCII letters, digits, `-` or `_`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let token: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| EventTokenError)?;
        if token.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)) {
            Ok(Self(token))
        } else {
            Err(EventTokenError)
        }
    }
}

impl fmt::Debug for EventToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventToken(…)")
    }
}

/// A text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected an event token: 32 ASCII letters, digits, hyphens or underscores")]
#[non_exhaustive]
pub struct EventTokenError;

/// A table that finds the row of a request's token.
///
/// A keyed hash finds the candidate, and one comparison in constant time decides; a miss takes as long
/// as a hit, and neither grows with the number of rows.
///
/// ```
/// use ucom_events::{EventToken, TokenTable};
///
/// let token = EventToken::from_random([7; 16]);
/// let mut table = TokenTable::new();
/// table.insert(token.clone(), "453*106");
/// assert_eq!(table.find(token.expose()), Some(&"453*106"));
/// assert_eq!(table.find("guessed"), None);
/// ```
#[derive(Clone)]
pub struct TokenTable<R> {
    key: [u8; 16],
    rows: HashMap<u128, (EventToken, R)>,
}

impl<R> Default for TokenTable<R> {
    fn default() -> Self {
        let mut key = [0; 16];
        // Two hashers with random keys, so that hashes cannot be predicted.
        for half in key.chunks_exact_mut(8) {
            half.copy_from_slice(&RandomState::new().build_hasher().finish().to_ne_bytes());
        }
        Self { key, rows: HashMap::new() }
    }
}

impl<R> TokenTable<R> {
    /// Creates an empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row; returns the previous row of this token.
    pub fn insert(&mut self, token: EventToken, row: R) -> Option<R> {
        let hash = self.hash(&token.0);
        self.rows.insert(hash, (token, row)).map(|(_, row)| row)
    }

    /// Finds the row of a token from a request.
    #[must_use]
    pub fn find(&self, candidate: &str) -> Option<&R> {
        // A candidate of another length is compared like any other.
        let mut padded = [0; LENGTH];
        for (to, from) in padded.iter_mut().zip(candidate.bytes()) {
            *to = from;
        }
        let nobody = [0; LENGTH];
        let found = self.rows.get(&self.hash(&padded));
        let token = found.map_or(&nobody, |(token, _)| &token.0);
        let is_same = bool::from(token.ct_eq(&padded)) & (candidate.len() == LENGTH);
        found.filter(|_| is_same).map(|(_, row)| row)
    }

    /// Removes a row.
    pub fn remove(&mut self, token: &EventToken) -> Option<R> {
        self.rows.remove(&self.hash(&token.0)).map(|(_, row)| row)
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn hash(&self, token: &[u8; LENGTH]) -> u128 {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        hasher.write(token);
        hasher.finish128().as_u128()
    }
}

impl<R> fmt::Debug for TokenTable<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenTable").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}
