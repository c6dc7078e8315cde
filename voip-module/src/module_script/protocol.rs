//! The protocol between script and service: one `POST {base}/voip/v1/{function}` for each call of a
//! function, with the key as a bearer token.
//!
//! ```
//! use serde_json::{Value, json};
//! use voip_module::module_script::protocol::{Ask, Function, Reply};
//!
//! let ask = Ask::new("0123456789abcdef", json!({"srcPhone": "702", "dstPhone": "701"}));
//! assert_eq!(Function::GenerateCall.path(), "/voip/v1/generate-call");
//! assert_eq!(
//!     serde_json::to_string(&ask)?,
//!     r#"{"voipBridge":1,"requestId":"0123456789abcdef","args":{"dstPhone":"701","srcPhone":"702"}}"#,
//! );
//! let reply = r#"{"voipBridge":1,"error":{"code":"busy","message":"too many asks at once"}}"#;
//! let reply: Reply<Value> = serde_json::from_str(reply)?;
//! assert_eq!(reply.error.map(|failure| failure.code.status().as_u16()), Some(429));
//! # Ok::<(), serde_json::Error>(())
//! ```

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::log;
use crate::model::word::{closed_words, words};
use crate::provider::Buttons;

/// The version of the protocol.
pub const PROTOCOL: u64 = 1;

/// The bytes of an ask, at most: a webhook's body grows up to sixfold when it is escaped.
pub const MAX_ASK_BYTES: usize = 512 << 10;

/// The bytes of a reply, at most.
pub const MAX_REPLY_BYTES: usize = 1 << 20;

// W100
pub(super) const MAX_MEMBERS: usize = 10_000;

/// Characters of an error's message: replies are kept, and a PBX may say a lot.
const MAX_MESSAGE: usize = 400;

pub(super) const BASE: &str = "/voip/v1/";

words! {
    /// A function of the module, as the last segment of an ask's path.
    pub enum Function {
        /// `VoipTestConnection`.
        TestConnection = "test-connection",
        /// `VoipParseWebhookRequest`.
        ParseWebhook = "parse-webhook",
        /// `VoipGetMembers`.
        Members = "members",
        /// `VoipGenerateCall`.
        GenerateCall = "generate-call",
        /// `VoipGetCallLink`.
        CallLink = "call-link",
        /// `VoipOnWebhookUpdated`.
        WebhookUpdated = "webhook-updated",
        /// `VoipAcceptCall`.
        AcceptCall = "accept-call",
        /// `VoipHangupCall`.
        HangupCall = "hangup-call",
        /// `VoipRedirectCall`.
        RedirectCall = "redirect-call",
        /// `VoipHoldCall`.
        HoldCall = "hold-call",
    }
}

closed_words!(Function, "function of the module");

impl Function {
    /// Returns the vendor's name of the function.
    #[must_use]
    pub const fn vendor_name(self) -> &'static str {
        match self {
            Self::TestConnection => "VoipTestConnection",
            Self::ParseWebhook => "VoipParseWebhookRequest",
            Self::Members => "VoipGetMembers",
            Self::GenerateCall => "VoipGenerateCall",
            Self::CallLink => "VoipGetCallLink",
            Self::WebhookUpdated => "VoipOnWebhookUpdated",
            Self::AcceptCall => "VoipAcceptCall",
            Self::HangupCall => "VoipHangupCall",
            Self::RedirectCall => "VoipRedirectCall",
            Self::HoldCall => "VoipHoldCall",
        }
    }

    /// Returns the path of its asks, without a prefix.
    #[must_use]
    pub fn path(self) -> String {
        format!("{BASE}{self}")
    }

    /// Returns the button that the function is for; the other functions are always there.
    #[must_use]
    pub const fn button(self) -> Option<Buttons> {
        match self {
            Self::AcceptCall => Some(Buttons::ACCEPT),
            Self::HangupCall => Some(Buttons::HANGUP),
            Self::RedirectCall => Some(Buttons::REDIRECT),
            Self::HoldCall => Some(Buttons::HOLD),
            _ => None,
        }
    }

    /// Returns whether a repeated ask must not act twice.
    pub(super) const fn acts_on_a_call(self) -> bool {
        matches!(self, Self::GenerateCall) || self.button().is_some()
    }
}

/// The body of a request to the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Ask {
    /// The protocol's version.
    pub voip_bridge: u64,
    /// Names one call of a function: 16 to 64 letters, digits, `_` and `-`. Only for actions on calls
    /// does a repetition give the stored reply.
    pub request_id: String,
    /// The arguments of the function, an object.
    pub args: Value,
}

impl Ask {
    /// Creates an ask.
    #[must_use]
    pub fn new(request_id: impl Into<String>, args: Value) -> Self {
        Self { voip_bridge: PROTOCOL, request_id: request_id.into(), args }
    }
}

/// Returns `true` if a text may be the id of an ask or push.
pub(super) fn is_request_id(id: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (16..=64).contains(&id.len()) && id.bytes().all(is_part)
}

/// The body of the service's answer: a result or an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Reply<T> {
    /// The protocol's version.
    pub voip_bridge: u64,
    /// The id of the ask, if it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The result of the function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<T>,
    /// The reason for a missing result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

impl<T> Reply<T> {
    pub(super) fn new(request_id: Option<String>, outcome: Result<T, Failure>) -> Self {
        let (result, error) = match outcome {
            Ok(result) => (Some(result), None),
            Err(failure) => (None, Some(failure)),
        };
        Self { voip_bridge: PROTOCOL, request_id, result, error }
    }
}

/// The error of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The name for programs.
    pub code: ErrorCode,
    /// The reason in English, for logs; without secrets and telephone numbers.
    pub message: String,
}

impl Failure {
    pub(super) fn new(code: ErrorCode, message: &str) -> Self {
        // W101
        let cut: String = message.chars().take(MAX_MESSAGE).collect();
        Self { code, message: log::without_numbers(&cut) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = error.code().parse().unwrap_or(ErrorCode::Internal);
        Self::new(code, &error.to_string())
    }
}

words! {
    /// The name of an error, which stays the same between versions.
    pub enum ErrorCode {
        /// The body is not an ask.
        InvalidBody = "invalid_body",
        /// The ask is of another version of the protocol.
        UnsupportedProtocol = "unsupported_protocol",
        /// The key is missing or wrong.
        Unauthorized = "unauthorized",
        /// The path is not that of a function.
        UnknownFunction = "unknown_function",
        /// The method is another one than the path takes.
        MethodNotAllowed = "method_not_allowed",
        /// The ask is too large.
        PayloadTooLarge = "payload_too_large",
        /// The body is not declared as JSON in UTF-8, or it is compressed.
        UnsupportedMediaType = "unsupported_media_type",
        /// The same ask is being carried out.
        InProgress = "in_progress",
        /// Another ask had this id.
        RequestIdReused = "request_id_reused",
        /// Too many asks at once.
        Busy = "busy",
        /// A panic or defect.
        Internal = "internal",
        /// The service is stopping.
        NotReady = "not_ready",
        /// A setting of the service is missing or unusable.
        Config = "config",
        /// The PBX refused the service's key.
        Auth = "auth",
        /// The PBX refused the request, or failed.
        Remote = "remote",
        /// The PBX's answer is not the answer to the command.
        UnexpectedBody = "unexpected_body",
        /// The PBX was not reached, or its answer did not come back whole.
        Transport = "transport",
        /// The function took too long; it may still have been carried out.
        Timeout = "timeout",
        /// The provider does not have this function.
        Unsupported = "unsupported",
        /// An argument is missing or invalid.
        InvalidArgument = "invalid_argument",
        /// The call was not recorded.
        NoRecording = "no_recording",
        /// The recording's link is unusable.
        InvalidLink = "invalid_link",
        /// The data kept with the record is not this provider's.
        InvalidCallData = "invalid_call_data",
    }
}

closed_words!(ErrorCode, "error code");

impl ErrorCode {
    /// Returns the status of a reply with this error. Faults of the PBX are 422: gateways repeat a
    /// request that got 502 or 504, and a repeated call is a second call.
    // W102, W103
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidBody | Self::UnsupportedProtocol => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::UnknownFunction => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InProgress => StatusCode::CONFLICT,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Self::RequestIdReused
            | Self::Config
            | Self::Auth
            | Self::Remote
            | Self::UnexpectedBody
            | Self::Transport
            | Self::Timeout
            | Self::Unsupported
            | Self::InvalidArgument
            | Self::NoRecording
            | Self::InvalidLink
            | Self::InvalidCallData => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}
