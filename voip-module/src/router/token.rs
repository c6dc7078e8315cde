//! The token of the webhook URL (V37–V45).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Error;
use crate::form;
use crate::secret::Secret;

/// The token that the platform put into the webhook URL. It never prints itself.
#[derive(Clone, Debug)]
pub struct Token(Secret);

impl Token {
    /// Keeps a token. One of fewer than 16 bytes can be guessed; it is taken, with a warning in the
    /// log.
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
            crate::log::notice("the webhook token is shorter than 16 bytes and can be guessed");
        }
        Ok(Self(token))
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.0
    }
}

/// Which tokens a router takes: the current one, and after a change the one before it for a while.
#[derive(Debug)]
pub(crate) struct TokenPolicy {
    pub(crate) overlap: Duration,
    tokens: Mutex<Tokens>,
}

#[derive(Debug)]
struct Tokens {
    current: Token,
    /// The token before, and until when it is good.
    previous: Option<(Token, Duration)>,
}

impl TokenPolicy {
    pub(crate) const fn new(current: Token) -> Self {
        Self { overlap: Duration::ZERO, tokens: Mutex::new(Tokens { current, previous: None }) }
    }

    pub(crate) fn rotate(&self, now: Duration, token: Token) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut tokens.current, token);
        tokens.previous = Some((before, now.saturating_add(self.overlap)));
    }

    /// Whether a query carries a token that is good now: once, percent-decoded only (V40, V128).
    pub(crate) fn allows(&self, now: Duration, query: &str) -> bool {
        let mut presented = query.split('&').filter(|pair| crate::carrier::is_token(pair));
        let (Some(pair), None) = (presented.next(), presented.next()) else { return false };
        let value = pair.split_once('=').map_or("", |(_, value)| value);
        let Some(value) = form::percent_decoded(value) else { return false };
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let current = tokens.current.secret().matches(&value);
        // Both are compared, so that the time does not tell which one was close.
        let previous = tokens
            .previous
            .as_ref()
            .is_some_and(|(token, until)| token.secret().matches(&value) & (now < *until));
        current | previous
    }

    /// Takes tokens out of a text for the log.
    pub(crate) fn redact(&self, text: &str) -> String {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let text = tokens.current.secret().redact(text);
        tokens
            .previous
            .as_ref()
            .map_or_else(|| text.clone(), |(token, _)| token.secret().redact(&text))
    }
}
