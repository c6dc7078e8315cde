//! What the API answers (§3.7).

use std::fmt;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use thiserror::Error;

use crate::api::rate::RateLimit;
use crate::open_enum::open_enum;

open_enum! {
    /// What is wrong, the field `status` of an error.
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

/// What every reply tells, whatever was asked.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplyHead {
    /// The code of HTTP.
    pub status: StatusCode,
    /// What is wrong, if the reply says.
    pub error: Option<ErrorStatus>,
    /// Requests that are left.
    pub rate: RateLimit,
    message: Option<Box<str>>,
}

impl ReplyHead {
    /// Reads a reply.
    #[must_use]
    pub fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Words {
            status: Option<ErrorStatus>,
            message: Option<Box<str>>,
        }
        let words =
            if status.is_success() { None } else { serde_json::from_slice::<Words>(body).ok() };
        let (error, message) = words.map_or((None, None), |words| (words.status, words.message));
        Self { status, error, rate: RateLimit::read(headers), message }
    }

    /// A head without words, for tests and for programs that play the PBX.
    #[must_use]
    pub const fn new(status: StatusCode, error: Option<ErrorStatus>, rate: RateLimit) -> Self {
        Self { status, error, rate, message: None }
    }

    /// The PBX's own words. They may name people and numbers, so neither `Debug` nor errors show them.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Whether this is a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// Who can do something about it (§3.7).
    #[must_use]
    pub fn responsible(&self) -> Responsible {
        match (self.status.as_u16(), &self.error) {
            (403, Some(ErrorStatus::UserBlocked | ErrorStatus::AppAccessTypeDeny)) => {
                Responsible::UserThenAdministrator
            }
            (404, _) => Responsible::Integration,
            (500.., _) => Responsible::Administrator,
            _ => Responsible::User,
        }
    }
}

impl fmt::Display for ReplyHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        match &self.error {
            // A word that the PBX makes up might hold anything.
            Some(error) if error.is_known() => write!(f, " {error}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for ReplyHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, error: _, rate, message: _ } = self;
        f.debug_struct("ReplyHead")
            .field("status", &status.as_u16())
            .field("error", &self.error.as_ref().filter(|error| error.is_known()))
            .field("rate", rate)
            .finish_non_exhaustive()
    }
}

/// Who can do something about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Responsible {
    /// The user, who has to change or to do something first (R16).
    User,
    /// The user, and if that does not help the PBX's administrator.
    UserThenAdministrator,
    /// The PBX's administrator (R17).
    Administrator,
    /// The integration itself: it asks for what is not there.
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

/// Why a request of the API has not given what it should.
///
/// Holds no words of the reply but its codes, so it may be logged.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The API has refused.
    #[error("{what}: refused with {head}; up to {}", head.responsible())]
    Refused {
        /// What was asked.
        what: &'static str,
        /// How it was refused.
        head: Box<ReplyHead>,
    },
    /// The reply is a success, and its body is not what was asked for.
    #[error("{what}: {status} with a body that is not {expected}")]
    Unreadable {
        /// What was asked.
        what: &'static str,
        /// The code of HTTP.
        status: u16,
        /// What the body should have been.
        expected: &'static str,
    },
}

impl ApiError {
    /// The head of a refusal.
    #[must_use]
    pub const fn head(&self) -> Option<&ReplyHead> {
        match self {
            Self::Refused { head, .. } => Some(head),
            Self::Unreadable { .. } => None,
        }
    }
}
