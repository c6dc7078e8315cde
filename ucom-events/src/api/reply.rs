//! Replies of the API.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::api::rate::RateLimit;
use crate::open_enum::open_enum;
use crate::secret::Secret;

open_enum! {
    /// The field `status` of an error.
    pub enum ErrorStatus compared exactly {
        /// No right to the resource.
        AccessDenied = "access_denied",
        /// The user or client is blocked.
        UserBlocked = "user_blocked",
        /// The user's access level is too low.
        UserAccessTypeDeny = "user_access_type_deny",
        /// The application's access level is too low.
        AppAccessTypeDeny = "app_access_type_deny",
        /// There is no such client.
        ClientNotFound = "client_not_found",
        /// The hourly limit is spent.
        RateLimitExceeded = "rate_limit_exceeded",
    }
}

/// A reply to any request.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiReply {
    /// The code of HTTP.
    pub status: StatusCode,
    /// The rate limit.
    pub rate: RateLimit,
    /// The body; `Debug` redacts it, because it may hold tokens, names and numbers.
    pub body: Vec<u8>,
}

impl ApiReply {
    /// Creates a reply from an HTTP response.
    #[must_use]
    pub fn new(status: StatusCode, headers: &HeaderMap, body: Vec<u8>) -> Self {
        Self { status, rate: RateLimit::read(headers), body }
    }

    /// Returns whether this is a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// Returns the kind of error, if the body names one.
    #[must_use]
    pub fn error(&self) -> Option<ErrorStatus> {
        #[derive(Deserialize)]
        struct Words {
            status: ErrorStatus,
        }
        if self.is_success() {
            return None;
        }
        serde_json::from_slice::<Words>(&self.body).ok().map(|words| words.status)
    }

    /// Returns the party that can resolve a refusal.
    #[must_use]
    pub fn responsible(&self) -> Responsible {
        match (self.status.as_u16(), self.error()) {
            (403, Some(ErrorStatus::UserBlocked | ErrorStatus::AppAccessTypeDeny)) => {
                Responsible::UserThenAdministrator
            }
            (404, _) => Responsible::Integration,
            (401..=499, _) | (400, _) => Responsible::User,
            _ => Responsible::Administrator,
        }
    }

    /// Reads the body of a success.
    ///
    /// # Errors
    ///
    /// [`ApiError::Refused`] for a code other than 2xx, [`ApiError::Unreadable`] if `read` returns `None`.
    pub fn read<T>(
        &self,
        what: &'static str,
        expected: &'static str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, ApiError> {
        if !self.is_success() {
            let error = self.error().filter(ErrorStatus::is_known);
            return Err(ApiError::Refused {
                what,
                status: self.status.as_u16(),
                error,
                responsible: self.responsible(),
                wait: (self.status.as_u16() == 429).then(|| self.rate.wait()),
            });
        }
        let status = self.status.as_u16();
        read(&self.body).ok_or(ApiError::Unreadable { what, status, expected })
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn json<T: DeserializeOwned>(
        &self,
        what: &'static str,
        expected: &'static str,
    ) -> Result<T, ApiError> {
        self.read(what, expected, |body| serde_json::from_slice(body).ok())
    }

    /// Reads the requested access token.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn access_token(&self) -> Result<AccessToken, ApiError> {
        #[derive(Deserialize)]
        struct Wire {
            access_token: String,
            expires_in: Option<u64>,
            refresh_token: Option<String>,
        }
        let wire: Wire = self.json("asking for a token", "an access token")?;
        let token = zeroize::Zeroizing::new(wire.access_token);
        let refresh = wire.refresh_token.map(zeroize::Zeroizing::new);
        Ok(AccessToken {
            token: Secret::new(&token),
            expires_in: wire.expires_in.map(Duration::from_secs),
            refresh_token: refresh.map(|token| Secret::new(&token)),
        })
    }
}

impl fmt::Debug for ApiReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiReply({}, {} bytes)", self.status.as_u16(), self.body.len())
    }
}

/// An access token and its companions.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token.
    pub token: Secret,
    /// Its lifetime; a 401 can come even before.
    pub expires_in: Option<Duration>,
    /// A refresh token, if the PBX sends one.
    pub refresh_token: Option<Secret>,
}

/// The party that can resolve an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Responsible {
    /// The user, after changing something.
    User,
    /// The user, and if that fails the PBX's administrator.
    UserThenAdministrator,
    /// The PBX's administrator.
    Administrator,
    /// The integration itself: it requests a missing resource.
    Integration,
}

impl fmt::Display for Responsible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "the user",
            Self::UserThenAdministrator => "the user, then the PBX administrator",
            Self::Administrator => "the PBX administrator",
            Self::Integration => "the integration",
        })
    }
}

/// A failed request.
///
/// Contains only codes of the reply, so it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The API refused.
    #[error("{what}: refused with {status}{}{}", Named(error), Advice(*responsible, *wait))]
    Refused {
        /// The request.
        what: &'static str,
        /// The code of HTTP.
        status: u16,
        /// The kind of error, if it is a known one.
        error: Option<ErrorStatus>,
        /// The party that can resolve it.
        responsible: Responsible,
        /// The time to wait, if only time helps.
        wait: Option<Duration>,
    },
    /// The reply is a success with an unreadable body.
    #[error("{what}: {status} with a body that is not {expected}; tell the PBX administrator")]
    Unreadable {
        /// The request.
        what: &'static str,
        /// The code of HTTP.
        status: u16,
        /// The expected body.
        expected: &'static str,
    },
    /// No reply came; the request may or may not have been executed.
    #[error("{what}: no reply from the API ({cause}); check the connection and try again")]
    NoReply {
        /// The request.
        what: &'static str,
        /// The transport's reason, without addresses.
        cause: String,
    },
    /// The hourly budget of the integration is spent; nothing was sent.
    #[error("{what}: the hourly budget is spent; try again in {} s", wait.as_secs())]
    Budget {
        /// The request.
        what: &'static str,
        /// Time until the next request is allowed.
        wait: Duration,
    },
}

impl ApiError {
    /// Returns whether the error affects every further request: the token is invalid or the limit
    /// is spent.
    #[must_use]
    pub const fn concerns_all(&self) -> bool {
        matches!(self, Self::Refused { status: 401 | 429, .. } | Self::Budget { .. })
    }

    /// Returns the HTTP status of a refusal.
    #[must_use]
    pub const fn refused_with(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

struct Named<'e>(&'e Option<ErrorStatus>);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |error| write!(f, " {error}"))
    }
}

struct Advice(Responsible, Option<Duration>);

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, Some(wait)) => {
                write!(f, "; the hourly limit is spent, try again in {} s", wait.as_secs())
            }
            Self(responsible, None) => write!(f, "; up to {responsible}"),
        }
    }
}
