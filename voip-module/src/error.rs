//! What can go wrong, with codes that stay as they are.
//!
//! No error holds a key, a token, a telephone number or other personal data, so all may be logged.

use http::StatusCode;

use crate::transport::TransportError;

/// Why a provider could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting of the module is missing or unusable; nothing was sent (V48).
    #[error("{reason}")]
    Config {
        /// Which setting, and what it should be.
        reason: &'static str,
    },
    /// The provider refused the key (V60).
    #[error(
        "{message}: the provider refused the key of the module. Two keys have to be entered: the \
         cloud PBX's key goes into the module's setting `apiKey`, the module's Token goes into the \
         cloud PBX's cabinet as the CRM key"
    )]
    Auth {
        /// What the provider said, without its body's other content.
        message: String,
    },
    /// The provider refused the request, or failed (V60).
    #[error("{status}: {message}")]
    Remote {
        /// The HTTP status.
        status: StatusCode,
        /// The provider's own words, cut to 200 characters.
        message: String,
    },
    /// The provider answered with something that is not what the command returns (V60).
    #[error("unexpected response ({status}) to {operation}: {reason}")]
    UnexpectedBody {
        /// The HTTP status.
        status: StatusCode,
        /// The command.
        operation: &'static str,
        /// What was expected.
        reason: &'static str,
    },
    /// The request did not reach the provider, or its answer did not come back whole.
    #[error("transport: {0}")]
    Transport(#[source] TransportError),
    /// The provider took too long.
    #[error("the provider did not answer in time")]
    Timeout,
    /// The provider does not have this function (V32).
    #[error("{operation} is not supported by this provider")]
    Unsupported {
        /// The vendor's name of the function.
        operation: &'static str,
    },
    /// The provider has not got this mandatory function yet (V30).
    #[error("{operation} is not implemented")]
    NotImplemented {
        /// The vendor's name of the function.
        operation: &'static str,
    },
    /// An argument cannot be used; nothing was sent (V75).
    #[error("invalid argument `{name}`: {reason}")]
    InvalidArgument {
        /// The argument's name.
        name: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no recording to link to, or no usable link.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl Error {
    /// A name for programs, which stays the same between versions.
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
            Self::NotImplemented { .. } => "not_implemented",
            Self::InvalidArgument { .. } => "invalid_argument",
            Self::Link(error) => error.code(),
        }
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

/// Why there is no link to a recording (V76).
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
    /// A name for programs, which stays the same between versions.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRecording => "no_recording",
            Self::InvalidLink => "invalid_link",
            Self::InvalidCallData => "invalid_call_data",
        }
    }
}

/// Why a webhook request was refused.
///
/// The sender is told [`public_message`](Self::public_message) with [`status`](Self::status), in
/// the shape of [`HttpResponse::error`](crate::HttpResponse::error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The content type is missing or is another one (V78–V82).
    #[error("unsupported media type: {expected}")]
    UnsupportedMediaType {
        /// What was expected.
        expected: &'static str,
    },
    /// The body is not what the content type says (V83).
    #[error("invalid body: {reason}")]
    InvalidBody {
        /// What is wrong.
        reason: &'static str,
    },
    /// A percent escape is broken or does not give UTF-8 (V114).
    #[error("invalid encoding: a percent escape is broken or is not UTF-8")]
    InvalidEncoding,
    /// There are more fields than the limit (V42).
    #[error("too many fields: at most {limit} are taken")]
    TooManyFields {
        /// The limit.
        limit: usize,
    },
    /// A field is longer than the limit (§13).
    #[error("a field is too long: at most {limit} bytes are taken")]
    FieldTooLarge {
        /// The limit.
        limit: usize,
    },
    /// A field is missing or empty (V98).
    #[error("missing field `{0}`")]
    MissingField(&'static str),
    /// A field has a value that cannot be used (V99, V133).
    #[error("invalid field `{field}`: {reason}")]
    InvalidField {
        /// The field.
        field: &'static str,
        /// What was expected.
        reason: &'static str,
    },
    /// The push is about an event that is not known (V91).
    #[error("unknown event type: expected INCOMING, ACCEPTED, COMPLETED, CANCELLED or OUTGOING")]
    UnknownEventType,
    /// The sender does not have the key (V84).
    #[error(
        "Invalid token: the cloud PBX's cabinet takes the module's Token as the CRM key, and the \
         module's setting `apiKey` takes the cloud PBX's key; they may have been exchanged"
    )]
    BadToken,
    /// A fault that the sender can do nothing about (V107).
    #[error("internal error")]
    Internal,
}

impl ParseError {
    /// A name for programs, which stays the same between versions.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnsupportedMediaType { .. } => "unsupported_media_type",
            Self::InvalidBody { .. } => "invalid_body",
            Self::InvalidEncoding => "invalid_encoding",
            Self::TooManyFields { .. } => "too_many_fields",
            Self::FieldTooLarge { .. } => "field_too_large",
            Self::MissingField(_) => "missing_field",
            Self::InvalidField { .. } => "invalid_field",
            Self::UnknownEventType => "unknown_event_type",
            Self::BadToken => "bad_token",
            Self::Internal => "internal",
        }
    }

    /// The status that the sender is answered with (V105).
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadToken => StatusCode::UNAUTHORIZED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What the sender is told: the error's text, but for a wrong token only that it is wrong.
    #[must_use]
    pub fn public_message(self) -> String {
        match self {
            Self::BadToken => "Invalid token".into(),
            other => other.to_string(),
        }
    }
}
