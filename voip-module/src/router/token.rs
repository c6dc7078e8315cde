//! The token of the webhook URL.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::carrier::is_token;
use crate::error::Error;
use crate::log;
use crate::secret::Secret;

/// The token that the platform put into the webhook URL. It never prints itself.
#[derive(Clone, Debug)]
pub struct Token(Secret);

impl Token {
    /// Creates a token. One shorter than 16 bytes can be guessed: it is accepted with a warning in
    /// the log.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if it is empty.
    pub fn new(token: impl Into<Secret>) -> Result<Self, Error> {
        let token = token.into();
        if token.is_empty() {
            return Err(Error::Config { reason: "invalid webhook token: it is empty" });
        }
        if token.expose().len() < 16 {
            log::warning("the webhook token is shorter than 16 bytes and can be guessed");
        }
        Ok(Self(token))
    }

    const fn secret(&self) -> &Secret {
        &self.0
    }
}

/// The valid tokens of a router: the current one, and for a while after a rotation the previous
/// one.
#[derive(Debug)]
pub(super) struct TokenPolicy {
    pub(super) overlap: Duration,
    tokens: Mutex<Tokens>,
}

#[derive(Debug)]
struct Tokens {
    current: Token,
    /// The previous token, and the end of its validity.
    previous: Option<(Token, Duration)>,
}

impl TokenPolicy {
    pub(super) const fn new(token: Token) -> Self {
        let tokens = Tokens { current: token, previous: None };
        Self { overlap: Duration::ZERO, tokens: Mutex::new(tokens) }
    }

    /// Makes a token the current one. Rotating to the current token changes nothing.
    // V45
    pub(super) fn rotate(&self, now: Duration, token: Token) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.current.secret().matches(token.secret().expose().as_bytes()) {
            return;
        }
        let before = std::mem::replace(&mut tokens.current, token);
        tokens.previous = Some((before, now.saturating_add(self.overlap)));
    }

    /// Returns whether a query holds a valid token exactly once.
    // V40, V128
    pub(super) fn allows_query(&self, now: Duration, query: &str) -> bool {
        let mut presented = query.split('&').filter(|pair| is_token(pair));
        let (Some(pair), None) = (presented.next(), presented.next()) else { return false };
        self.allows(now, pair.split_once('=').map_or("", |(_, value)| value))
    }

    /// Returns whether a percent-encoded text is a valid token.
    pub(super) fn allows(&self, now: Duration, presented: &str) -> bool {
        let value: std::borrow::Cow<'_, [u8]> = percent_decode_str(presented).into();
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let current = tokens.current.secret().matches(&value);
        // Both are compared, so that timing does not show which one was close.
        let previous = tokens
            .previous
            .as_ref()
            .is_some_and(|(token, until)| token.secret().matches(&value) & (now < *until));
        current | previous
    }

    /// Replaces the tokens in a text.
    pub(super) fn redact(&self, text: &str) -> String {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let text = tokens.current.secret().redact(text);
        tokens
            .previous
            .as_ref()
            .map_or_else(|| text.clone(), |(token, _)| token.secret().redact(&text))
    }
}
