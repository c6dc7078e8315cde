//! Errors with stable codes.
//!
//! No error holds a key, a token, a telephone number or other personal data, so all may be logged.

use http::StatusCode;
use url::Url;

use crate::log;
use crate::transport::TransportError;

/// A failure of a provider's function.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of the module is missing or unusable; nothing was sent.
    #[error("{reason}")]
    Config {
        /// The setting, and its expected value.
        reason: &'static str,
    },
    /// The provider refused the key.
    #[error(
        "{message}: the provider refused the key of the module. Two keys have to be entered: the \
         cloud PBX's key goes into the module's setting `apiKey`, the module's Token goes into the \
         cloud PBX's cabinet as the CRM key"
    )]
    Auth {
        /// The status and the provider's own words, without keys and numbers.
        message: String,
    },
    /// The provider refused the request, or failed.
    #[error("{status}: {message}")]
    Remote {
        /// The HTTP status.
        status: StatusCode,
        /// The provider's own words, without keys and numbers, cut to 200 characters.
        message: String,
    },
    /// The provider's answer does not fit the command.
    #[error("unexpected response ({status}) to {operation}: {reason}")]
    UnexpectedBody {
        /// The HTTP status.
        status: StatusCode,
        /// The command.
        operation: &'static str,
        /// The expectation.
        reason: &'static str,
    },
    /// The request did not reach the provider, or its answer did not come back whole.
    #[error("transport: {0}")]
    Transport(#[source] TransportError),
    /// The provider took too long.
    #[error("the provider did not answer in time")]
    Timeout,
    /// The provider does not have this function.
    #[error("{operation} is not supported by this provider")]
    Unsupported {
        /// The vendor's name of the function.
        operation: &'static str,
    },
    /// An argument is invalid; nothing was sent.
    #[error("invalid argument `{name}`: {reason}")]
    InvalidArgument {
        /// The argument's name.
        name: &'static str,
        /// The reason.
        reason: &'static str,
    },
    /// There is no recording to link to, or no usable link.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl Error {
    /// Returns a name for programs, which stays the same between versions.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config",
            Self::Auth { .. } => "auth",
            Self::Remote { .. } => "remote",
            Self::UnexpectedBody { .. } => "unexpected_body",
            Self::Transport(_) => "transport",
            Self::Timeout => "timeout",
            Self::Unsupported { .. } => "unsupported",
            Self::InvalidArgument { .. } => "invalid_argument",
            Self::Link(error) => error.code(),
        }
    }

    /// Rejects an empty argument.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if `value` is empty.
    ///
    /// ```
    /// let error = voip_module::Error::require("src_phone", "").unwrap_err();
    /// assert_eq!(error.to_string(), "invalid argument `src_phone`: it is empty");
    /// ```
    pub const fn require(name: &'static str, value: &str) -> Result<(), Self> {
        if value.is_empty() {
            return Err(Self::InvalidArgument { name, reason: "it is empty" });
        }
        Ok(())
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Timeout => Self::Timeout,
            other => Self::Transport(other),
        }
    }
}

/// The reason for a missing link to a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The call was not recorded.
    #[error("the call has no recording")]
    NoRecording,
    /// The link is not an absolute `http` or `https` URL.
    #[error("the recording's link is not an absolute http or https URL")]
    InvalidLink,
    /// The data kept with the record is not this provider's.
    #[error("the call's data is not what this provider stores")]
    InvalidCallData,
}

impl LinkError {
    /// Checks a link: it has to be an absolute `http` or `https` URL.
    ///
    /// # Errors
    ///
    /// [`LinkError::NoRecording`] if the link is missing, [`LinkError::InvalidLink`] if it is unsafe.
    ///
    /// ```
    /// use voip_module::LinkError;
    ///
    /// assert!(LinkError::check(Some("https://rec.example/a.mp3")).is_ok());
    /// assert_eq!(LinkError::check(Some("javascript:alert(1)")), Err(LinkError::InvalidLink));
    /// assert_eq!(LinkError::check(None), Err(LinkError::NoRecording));
    /// ```
    pub fn check(link: Option<&str>) -> Result<Url, Self> {
        let link = link.filter(|link| !link.is_empty()).ok_or(Self::NoRecording)?;
        let url = Url::parse(link).map_err(|_| Self::InvalidLink)?;
        if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(Self::InvalidLink) }
    }

    /// Returns a name for programs, which stays the same between versions.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRecording => "no_recording",
            Self::InvalidLink => "invalid_link",
            Self::InvalidCallData => "invalid_call_data",
        }
    }
}

/// The refusal of a webhook request. A provider returns it, and the router answers with
/// [`status`](Self::status) and `{"error":"…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The content type is missing or unsupported.
    #[error("unsupported media type: expected {expected}, received {received}")]
    UnsupportedMediaType {
        /// The expectation.
        expected: &'static str,
        /// The received text, at most 64 characters.
        received: String,
    },
    /// The body does not match the content type.
    #[error("invalid body: {reason}")]
    InvalidBody {
        /// The reason.
        reason: &'static str,
    },
    /// The body is not JSON of the expected shape.
    #[error("invalid body: expected JSON of the documented shape, at line {line}, column {column}")]
    InvalidJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A percent escape is broken or does not give UTF-8.
    #[error("invalid encoding: a percent escape is broken or is not UTF-8")]
    InvalidEncoding,
    /// The form has too many fields.
    #[error("too many fields: at most {limit} are taken")]
    TooManyFields {
        /// The limit.
        limit: usize,
    },
    /// A field is too long.
    #[error("a field is too long: at most {limit} bytes are taken")]
    FieldTooLarge {
        /// The limit.
        limit: usize,
    },
    /// A field is missing or empty.
    #[error("missing field `{0}`")]
    MissingField(&'static str),
    /// A field is invalid.
    #[error("invalid field `{field}`: {reason}")]
    InvalidField {
        /// The field.
        field: &'static str,
        /// The expectation.
        reason: &'static str,
    },
    /// A word is missing from the table of a closed enum.
    #[error("unknown {what}")]
    UnknownWord {
        /// The enum, and its words.
        what: &'static str,
    },
    /// The push is about an unknown event.
    #[error("unknown event type: expected {expected}, received {received}")]
    UnknownEventType {
        /// The expectation.
        expected: &'static str,
        /// The received text, at most 64 characters.
        received: String,
    },
    /// The sender's key is missing or wrong.
    #[error(
        "Invalid token: the cloud PBX's cabinet takes the module's Token as the CRM key, and the \
         module's setting `apiKey` takes the cloud PBX's key; they may have been exchanged"
    )]
    BadToken,
    /// A fault of the provider. The sender gets 500 and no details.
    #[error("internal error")]
    Internal,
}

impl ParseError {
    /// Creates [`ParseError::UnknownEventType`]. The received text is quoted and cut to 64
    /// characters, or hidden if it may be a telephone number.
    #[must_use]
    pub fn unknown_event(expected: &'static str, received: &str) -> Self {
        Self::UnknownEventType { expected, received: log::quoted(received) }
    }

    /// Changes the received text, such as to redact a key.
    #[must_use]
    pub fn map_received(mut self, change: impl FnOnce(&str) -> String) -> Self {
        if let Self::UnsupportedMediaType { received, .. }
        | Self::UnknownEventType { received, .. } = &mut self
        {
            *received = change(received);
        }
        self
    }

    /// Returns a name for programs, which stays the same between versions.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedMediaType { .. } => "unsupported_media_type",
            Self::InvalidBody { .. } | Self::InvalidJson { .. } => "invalid_body",
            Self::InvalidEncoding => "invalid_encoding",
            Self::TooManyFields { .. } => "too_many_fields",
            Self::FieldTooLarge { .. } => "field_too_large",
            Self::MissingField(_) => "missing_field",
            Self::InvalidField { .. } => "invalid_field",
            Self::UnknownWord { .. } => "unknown_word",
            Self::UnknownEventType { .. } => "unknown_event_type",
            Self::BadToken => "bad_token",
            Self::Internal => "internal",
        }
    }

    /// Returns the status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::BadToken => StatusCode::UNAUTHORIZED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Returns the text of the answer: the error's own, or a short one for a wrong token.
    #[must_use]
    pub fn public_message(&self) -> String {
        match self {
            Self::BadToken => "Invalid token".into(),
            other => other.to_string(),
        }
    }
}
