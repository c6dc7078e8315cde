//! The PBX's HTTP call `call_user`: request and answer.

use std::fmt;

use serde::Serialize;
use serde_json::Value as Json;

use crate::element::UserId;

/// A request to call a user and, after the answer, a destination.
///
/// [`Endpoint::call_user`](crate::Endpoint::call_user) turns it into an HTTP request, and
/// `client::Handle::call_user` (feature `client`) sends it.
///
/// ```
/// use basix_cti::element::UserId;
/// use basix_cti::helper_leg::CallUser;
///
/// let call = CallUser::new(UserId(10001001), "09056161879").group_name("sales");
/// assert_eq!(
///     call.to_json(),
///     br#"{"user_id":10001001,"destination":"09056161879","group_name":"sales"}"#
/// );
/// ```
///
/// `Debug` shows no names and numbers.
// B96, B142
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct CallUser {
    /// The user to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The name of the user to call, if the identity is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The user's mail address, which helps to find a user by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_email: Option<String>,
    /// Outside number, extension, or name of a user or group that the user is connected with.
    pub destination: String,
    /// The group on whose behalf the user calls; its number is the caller ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
}

impl CallUser {
    /// The destination of a helper leg, which [`Eavesdrop`](crate::command::Eavesdrop) needs. Also
    /// the `calling_number` of that leg.
    pub const MEDIA_PLUG: &'static str = "media_plug";

    /// Creates a request to call a user and connect the user with a destination.
    #[must_use]
    pub fn new(user_id: UserId, destination: impl Into<String>) -> Self {
        let destination = destination.into();
        let (user_name, user_email, group_name) = (None, None, None);
        Self { user_id: Some(user_id), user_name, user_email, destination, group_name }
    }

    /// Creates a request to call the user of this name and connect the user with a destination.
    #[must_use]
    pub fn by_name(user_name: impl Into<String>, destination: impl Into<String>) -> Self {
        let (user_name, destination) = (Some(user_name.into()), destination.into());
        Self { user_id: None, user_name, user_email: None, destination, group_name: None }
    }

    /// Creates a request for a helper leg of a user.
    #[must_use]
    pub fn media_plug(user_id: UserId) -> Self {
        Self::new(user_id, Self::MEDIA_PLUG)
    }

    /// Sets the user's mail address, which helps to find a user by name.
    #[must_use]
    pub fn user_email(self, user_email: impl Into<String>) -> Self {
        Self { user_email: Some(user_email.into()), ..self }
    }

    /// Makes the call on behalf of a group, so that the group's number is the caller ID.
    #[must_use]
    pub fn group_name(self, group_name: impl Into<String>) -> Self {
        Self { group_name: Some(group_name.into()), ..self }
    }

    /// Returns the body of the HTTP request.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a number and texts are JSON")
    }
}

/// Shows only the user's identity, since names and numbers must stay out of logs.
impl fmt::Debug for CallUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallUser").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// The PBX's answer to [`CallUser`].
///
/// ```
/// use basix_cti::helper_leg::CallUserAnswer;
///
/// let answer = CallUserAnswer::parse(200, br#"{"result_code":0,"uuids":["9b-1","9b-2"]}"#)?;
/// assert_eq!(answer, CallUserAnswer::Offered { uuids: vec!["9b-1".into(), "9b-2".into()] });
/// # Ok::<(), basix_cti::helper_leg::CallUserError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallUserAnswer {
    /// The user is being called; one of these channels may become the leg.
    Offered {
        /// Identities of the channels, at least one.
        uuids: Vec<String>,
    },
    /// The login has expired. Close the websocket and reconnect with a new endpoint.
    AuthenticationRequired,
    /// The PBX refused.
    Refused {
        /// The PBX's numeric code.
        result_code: i64,
        /// The PBX's error name, cut to [`MAX_ERROR_ID`](Self::MAX_ERROR_ID) characters; may be
        /// empty.
        error_id: String,
    },
}

/// The reason why a [`CallUser`] got no valid answer. Contains nothing of the answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallUserError {
    /// No answer came.
    #[error("call_user was not answered: {reason}")]
    Unanswered {
        /// The error of the HTTP call, which must not contain credentials.
        reason: String,
    },
    /// The HTTP status is an error.
    #[error("call_user was answered with HTTP status {status}{}", advice(*status))]
    Status {
        /// The status.
        status: u16,
    },
    /// The answer is too long.
    #[error("answer to call_user is longer than {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// The answer is not JSON.
    #[error(
        "answer to call_user is not JSON, at line {line} column {column}: is this server \
         a Basix PBX?"
    )]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A member is missing or invalid.
    #[error("answer to call_user is invalid: {member} is missing or of another type")]
    Shape {
        /// The member.
        member: &'static str,
    },
    /// The answer lists too many channels.
    #[error("answer to call_user lists {count} channels, more than {limit}")]
    TooManyChannels {
        /// Number of channels.
        count: usize,
        /// The limit.
        limit: usize,
    },
}

/// Returns advice for an HTTP status.
const fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 => ": check the token or session, and the rights of its user",
        404 => ": this server does not support it",
        _ => "",
    }
}

impl CallUserAnswer {
    /// Maximum size of an answer in bytes. A reader may stop after one byte more.
    pub const MAX_BODY: usize = 64 << 10;

    /// Maximum number of channels in an answer.
    pub const MAX_UUIDS: usize = 256;

    /// Maximum length of the error name in characters.
    pub const MAX_ERROR_ID: usize = 128;

    /// Reads the answer to a [`CallUser`] from HTTP status and body.
    ///
    /// A body with the PBX's own reason for a refusal overrides the status.
    ///
    /// # Errors
    ///
    /// If the answer is too long or not the expected JSON, or if the status is an error.
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, CallUserError> {
        let failed = !(200..300).contains(&status);
        match Self::parse_body(body) {
            Ok(answer) if !failed || !matches!(answer, Self::Offered { .. }) => Ok(answer),
            Err(error) if !failed => Err(error),
            _ => Err(CallUserError::Status { status }),
        }
    }

    fn parse_body(body: &[u8]) -> Result<Self, CallUserError> {
        if body.len() > Self::MAX_BODY {
            return Err(CallUserError::TooLong { limit: Self::MAX_BODY });
        }
        let body: Json = serde_json::from_slice(body).map_err(|error| CallUserError::NotJson {
            line: error.line(),
            column: error.column(),
        })?;
        let result_code = body.get("result_code").and_then(Json::as_i64);
        let result_code = result_code.ok_or(CallUserError::Shape { member: "result_code" })?;
        if result_code == 0 {
            return Ok(Self::Offered { uuids: uuids(body.get("uuids"))? });
        }
        let error_id = body.get("error").and_then(|error| error.get("id")).and_then(Json::as_str);
        Ok(match error_id.unwrap_or_default() {
            "authentication_required" => Self::AuthenticationRequired,
            id => Self::Refused {
                result_code,
                error_id: id.chars().take(Self::MAX_ERROR_ID).collect(),
            },
        })
    }
}

/// Reads the list of channels: at least one, all non-empty.
fn uuids(uuids: Option<&Json>) -> Result<Vec<String>, CallUserError> {
    let shape = CallUserError::Shape { member: "uuids" };
    let Some(uuids) = uuids.and_then(Json::as_array).filter(|uuids| !uuids.is_empty()) else {
        return Err(shape);
    };
    let limit = CallUserAnswer::MAX_UUIDS;
    if uuids.len() > limit {
        return Err(CallUserError::TooManyChannels { count: uuids.len(), limit });
    }
    let text = |uuid: &Json| uuid.as_str().filter(|uuid| !uuid.is_empty()).map(str::to_owned);
    uuids.iter().map(text).collect::<Option<_>>().ok_or(shape)
}
