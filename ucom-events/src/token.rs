//! Tokens that nobody guesses, for event URLs (R24).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// How many characters a token has.
const LENGTH: usize = 32;

/// An opaque token of 32 characters that stands for exactly one extension row of an integration.
///
/// The PBX signs nothing, so the URL is all that tells its events from false ones: the token is a
/// secret. `Debug` hides it, comparison takes the same time wherever tokens differ, and it has no
/// `Display`.
///
/// ```
/// use ucom_events::EventToken;
///
/// let random = [0x5f; 16]; // from the operating system, in earnest
/// let token = EventToken::from_random(random);
/// assert_eq!(token.expose().len(), 32);
/// assert!(token.matches("5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f"));
/// assert!(!token.matches(""));
/// assert_eq!(format!("{token:?}"), "EventToken(…)");
/// ```
#[derive(Clone, Eq)]
pub struct EventToken([u8; LENGTH]);

impl EventToken {
    /// A token of 128 random bits, which must come from a cryptographic source.
    #[must_use]
    pub const fn from_random(random: [u8; LENGTH / 2]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut token = [0; LENGTH];
        let mut at = 0;
        while at < random.len() {
            token[2 * at] = DIGITS[(random[at] >> 4) as usize];
            token[2 * at + 1] = DIGITS[(random[at] & 15) as usize];
            at += 1;
        }
        Self(token)
    }

    /// The secret itself, to store it or to put it into a URL.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Only ASCII is ever put in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether a text from a request is this token. Takes the same time wherever it differs.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        let candidate = candidate.as_bytes();
        if candidate.len() != LENGTH {
            return false;
        }
        let difference = self.0.iter().zip(candidate).fold(0, |difference, (ours, theirs)| {
            std::hint::black_box(difference | (ours ^ theirs))
        });
        std::hint::black_box(difference) == 0
    }
}

impl PartialEq for EventToken {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.expose())
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
#[error("not an event token: 32 letters, digits, hyphens or underscores")]
#[non_exhaustive]
pub struct EventTokenError;

/// Which row each token stands for.
///
/// Looking up compares with every token, and with each in the same time, so that the time tells
/// nothing of the tokens that are there.
#[derive(Clone)]
pub struct TokenTable<R> {
    rows: Vec<(EventToken, R)>,
}

impl<R> Default for TokenTable<R> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<R> TokenTable<R> {
    /// A table without rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row; gives back the row that had this very token, if there was one.
    pub fn insert(&mut self, token: EventToken, row: R) -> Option<R> {
        match self.position(token.expose()) {
            Some(at) => Some(std::mem::replace(&mut self.rows[at].1, row)),
            None => {
                self.rows.push((token, row));
                None
            }
        }
    }

    /// The row of a token from a request.
    #[must_use]
    pub fn find(&self, candidate: &str) -> Option<&R> {
        self.position(candidate).map(|at| &self.rows[at].1)
    }

    /// Removes a row.
    pub fn remove(&mut self, token: &EventToken) -> Option<R> {
        self.position(token.expose()).map(|at| self.rows.swap_remove(at).1)
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn position(&self, candidate: &str) -> Option<usize> {
        self.rows.iter().enumerate().fold(None, |found, (at, (token, _))| {
            if token.matches(candidate) { Some(at) } else { found }
        })
    }
}

impl<R> fmt::Debug for TokenTable<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenTable").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}
