//! Errors of call control.

use std::error::Error as StdError;

/// An invalid request to start or end a call; nothing is sent. Contains no number and no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCall {
    /// Neither `user` nor `from` is set.
    #[error("startCall: either `user` or `from` is needed")]
    NoOriginator,
    /// The text is empty or blank.
    #[error("{argument} is blank")]
    Blank {
        /// The vendor's name of the argument.
        argument: &'static str,
    },
    /// The text has a control character.
    #[error("{argument} has a control character at byte {position}")]
    ControlCharacter {
        /// The vendor's name of the argument.
        argument: &'static str,
        /// The position in bytes, from 0.
        position: usize,
    },
    /// The time to connect is not above 0 and up to 3600 seconds.
    #[error("startCall: `timeout` is not above 0 and up to 3600 seconds")]
    Timeout,
    /// The code is not 100 to 699.
    #[error("endCall: `code` is {code} instead of 100 to 699")]
    Code {
        /// The code.
        code: u16,
    },
}

/// An error in starting or ending a call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// The request is invalid; nothing was sent.
    #[error(transparent)]
    Invalid(#[from] InvalidCall),
    /// The call is unknown or has ended.
    #[error("endCall: there is no such call, or it has ended")]
    NotFound,
    /// A call with this client token was started recently.
    #[error("startCall: a call with this client token has been started already")]
    Repeated,
    /// The host does not control calls.
    #[error("{operation} is not supported by this host")]
    Unsupported {
        /// The vendor's name of the function.
        operation: &'static str,
    },
    /// The PBX refused.
    #[error("the PBX refused: code {code}")]
    Refused {
        /// Its code, SIP style.
        code: u16,
    },
    /// The function of the PBX failed.
    #[error("{operation} failed in the PBX")]
    Failed {
        /// The vendor's name of the function.
        operation: &'static str,
    },
    /// The PBX was not reached; nothing was sent.
    #[error("the PBX was not reached")]
    Unreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// The PBX did not answer, or not as expected. It may have carried out the request: a call that may have
    /// been started must not be started again blindly.
    #[error("the PBX did not answer as expected, and may have carried out the request")]
    Unknown(#[source] Box<dyn StdError + Send + Sync>),
}
