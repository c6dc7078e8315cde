//! The meaning of an answer.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;

use super::backoff::retry_after;
use super::message::MAX_BYTES;
use crate::module_script::protocol::PROTOCOL;

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushOutcome {
    /// The script handed the message to the platform.
    Accepted,
    /// A success, with this status, that the script did not confirm.
    Unconfirmed(u16),
    /// No usable answer, or a status that says to retry.
    Retry(Option<u16>),
    /// Too many requests: nothing is sent for this time.
    TooMany(Duration),
    /// The message is refused for good.
    Rejected(u16),
    /// The webhook URL is wrong or its token was renewed.
    Blocked(u16),
}

impl PushOutcome {
    /// Reads an answer to the message with this id.
    #[must_use]
    pub fn of(id: &str, answer: &http::Response<Bytes>) -> Self {
        let status = answer.status().as_u16();
        match status {
            // W146
            200..=299 if is_confirmed(id, answer.body()) => Self::Accepted,
            200..=299 => Self::Unconfirmed(status),
            429 => Self::TooMany(retry_after(answer.headers())),
            // W148
            400 | 413 | 415 | 422 => Self::Rejected(status),
            // W149
            301..=308 | 401 | 403 | 404 | 405 | 410 => Self::Blocked(status),
            // W147
            _ => Self::Retry(Some(status)),
        }
    }

    pub(super) const fn status(self) -> Option<u16> {
        match self {
            Self::Accepted => Some(200),
            Self::TooMany(_) => Some(429),
            Self::Retry(status) => status,
            Self::Unconfirmed(status) | Self::Rejected(status) | Self::Blocked(status) => {
                Some(status)
            }
        }
    }
}

/// Returns whether a body is the script's confirmation.
// W142
fn is_confirmed(id: &str, body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Confirmation<'a> {
        #[serde(rename = "voipBridge")]
        protocol: u64,
        #[serde(borrow)]
        accepted: std::borrow::Cow<'a, str>,
    }
    body.len() <= MAX_BYTES
        && serde_json::from_slice::<Confirmation<'_>>(body).is_ok_and(|confirmation| {
            confirmation.protocol == PROTOCOL && confirmation.accepted == id
        })
}
