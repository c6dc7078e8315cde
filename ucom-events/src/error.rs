//! The reason why a request is not an event.

use thiserror::Error;

/// The reason why a request is not an event.
///
/// Contains no part of the request, so it may be logged.
///
/// ```
/// use ucom_events::{ParseError, parse_body};
///
/// let error = parse_body(b"EventType=dial-in").unwrap_err();
/// assert_eq!(error, ParseError::MissingField("CallID"));
/// assert_eq!(error.to_string(), "field CallID is missing or empty");
/// assert_eq!(error.code(), "MissingField");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The request is larger than [`Limits`](crate::form::Limits) allow.
    #[error("request is larger than the limit on bytes or pairs")]
    TooLarge,
    /// The marker field of every family of events is missing.
    #[error(
        "no EventType, no agent_id with agent_status, no event_type=call-status-change: not an event"
    )]
    NotAnEvent,
    /// A required field is missing or empty.
    #[error("field {0} is missing or empty")]
    MissingField(&'static str),
}

impl ParseError {
    /// Returns a short name that is stable between versions.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "TooLarge",
            Self::NotAnEvent => "NotAnEvent",
            Self::MissingField(_) => "MissingField",
        }
    }

    /// Returns the missing field, by its wire name.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::MissingField(field) => Some(field),
            _ => None,
        }
    }
}
