//! The error of integrations.

use std::error::Error as StdError;
use std::fmt;

use crate::control::{ControlError, InvalidCall};
use crate::definition::IdentifierError;
use crate::integration::ReplyError;
use crate::settings::SettingsError;
use crate::wire::Issue;

/// The error of an integration: `?` works on every error of this crate, and on any other with
/// [`Error::other`].
///
/// The texts of this crate's own errors contain no values of payloads or settings and may be
/// logged. An error in [`Other`](Self::Other) may contain anything, so `Display` and `Debug` hide
/// it; it is the
/// [`source`](StdError::source).
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A payload cannot be read.
    #[error(transparent)]
    Read(#[from] Issue),
    /// A payload belongs to another tenant than its sender.
    #[error("the payload is of another tenant than it came for")]
    WrongTenant,
    /// Settings were not read or not saved.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A call was not started or ended.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A web request was not answered.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// An identifier has the wrong form.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// Another error of the integration.
    #[error("the integration failed")]
    Other(#[from] Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// Wraps another error of the integration: `.map_err(Error::other)?`.
    pub fn other(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// Returns the status of a receiver's answer: 400 for an unreadable payload or one of another
    /// tenant, 503 for anything that may succeed on a retry.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Read(_) | Self::WrongTenant => 400,
            _ => 503,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, error): (_, &dyn fmt::Debug) = match self {
            Self::Read(error) => ("Read", error),
            Self::WrongTenant => return f.write_str("WrongTenant"),
            Self::Settings(error) => ("Settings", error),
            Self::Control(error) => ("Control", error),
            Self::Reply(error) => ("Reply", error),
            Self::Identifier(error) => ("Identifier", error),
            Self::Other(_) => return f.write_str("Other(..)"),
        };
        f.debug_tuple(name).field(error).finish()
    }
}

impl From<InvalidCall> for Error {
    fn from(error: InvalidCall) -> Self {
        Self::Control(error.into())
    }
}
