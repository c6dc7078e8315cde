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
/// The texts of this crate's own errors hold no values of payloads or settings and may be logged. An error
/// in [`Other`](Self::Other) may hold anything, so `Display` and `Debug` do not show it; it is the
/// [`source`](StdError::source).
#[non_exhaustive]
pub enum Error {
    /// A payload cannot be read.
    Read(Issue),
    /// A payload came for one tenant and is of another.
    WrongTenant,
    /// Settings were not read or not saved.
    Settings(SettingsError),
    /// A call was not started or ended.
    Control(ControlError),
    /// A web request was not answered.
    Reply(ReplyError),
    /// An identifier has the wrong form.
    Identifier(IdentifierError),
    /// An error of the integration's own.
    Other(Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// An error of the integration's own: `.map_err(Error::other)?`.
    pub fn other(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// The status of a receiver's answer: 400 for a payload that cannot be read or is of another tenant,
    /// 503 for anything that may succeed when the payload comes again.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Read(_) | Self::WrongTenant => 400,
            _ => 503,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => error.fmt(f),
            Self::WrongTenant => f.write_str("the payload is of another tenant than it came for"),
            Self::Settings(error) => error.fmt(f),
            Self::Control(error) => error.fmt(f),
            Self::Reply(error) => error.fmt(f),
            Self::Identifier(error) => error.fmt(f),
            Self::Other(_) => f.write_str("the integration failed"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => f.debug_tuple("Read").field(error).finish(),
            Self::WrongTenant => f.write_str("WrongTenant"),
            Self::Settings(error) => f.debug_tuple("Settings").field(error).finish(),
            Self::Control(error) => f.debug_tuple("Control").field(error).finish(),
            Self::Reply(error) => f.debug_tuple("Reply").field(error).finish(),
            Self::Identifier(error) => f.debug_tuple("Identifier").field(error).finish(),
            Self::Other(_) => f.write_str("Other(..)"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Settings(error) => error.source(),
            Self::Control(error) => error.source(),
            Self::Other(error) => Some(&**error),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($variant:ident($error:ty)),+ $(,)?) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )+};
}

from! {
    Read(Issue),
    Settings(SettingsError),
    Control(ControlError),
    Reply(ReplyError),
    Identifier(IdentifierError),
    Other(Box<dyn StdError + Send + Sync>),
}

impl From<InvalidCall> for Error {
    fn from(error: InvalidCall) -> Self {
        Self::Control(error.into())
    }
}
