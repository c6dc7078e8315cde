//! Outputs of a helper leg.

use crate::command::Command;
use crate::helper_leg::{CallUser, CallUserError};

/// Where a [`HelperLeg`](crate::helper_leg::HelperLeg) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the protocol's description has these four")]
pub enum HelperLegState {
    /// There is no leg.
    None,
    /// The PBX was asked for one.
    Requested,
    /// The PBX calls the supervisor.
    Offered,
    /// The leg is there.
    Up,
}

/// Work from a [`HelperLeg`](crate::helper_leg::HelperLeg).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HelperLegOutput {
    /// Make this HTTP call, and pass its result to
    /// [`HelperLeg::handle_answer`](crate::helper_leg::HelperLeg::handle_answer).
    CallUser {
        /// The number of the call, to be given back with the answer.
        request: u64,
        /// The call.
        call: CallUser,
    },
    /// Send this command to the PBX.
    Send {
        /// The number that [`HelperLeg::handle_eavesdrop`](crate::helper_leg::HelperLeg::handle_eavesdrop)
        /// was given, whose outcome this is; `None` for the hangup of a leg.
        id: Option<u64>,
        /// The command.
        command: Command,
    },
    /// An eavesdrop command is not sent.
    Failed {
        /// The number that [`HelperLeg::handle_eavesdrop`](crate::helper_leg::HelperLeg::handle_eavesdrop)
        /// was given.
        id: u64,
        /// Why.
        error: EavesdropError,
    },
    /// The login is gone: close the websocket and connect again, with a new endpoint.
    AuthenticationRequired,
}

/// Why an eavesdrop command was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EavesdropError {
    /// A newer one took its place while both waited for the leg.
    #[error("eavesdrop was replaced by a newer one")]
    Replaced,
    /// The PBX was not asked for the leg, or did not answer in a way that can be understood.
    #[error("eavesdrop has no leg of the listener: {0}")]
    CallUser(#[from] CallUserError),
    /// The login is gone.
    #[error("eavesdrop has no leg of the listener: the login has ended, connect again")]
    AuthenticationRequired,
    /// The PBX refused the leg.
    #[error(
        "eavesdrop has no leg of the listener: call_user was refused with code \
         {result_code}, {error_id:?}"
    )]
    Refused {
        /// The PBX's number for the reason.
        result_code: i64,
        /// The PBX's word for the reason.
        error_id: String,
    },
    /// The call to the listener was not answered, or ended at once.
    #[error("eavesdrop has no leg of the listener: the call to the listener was not answered")]
    NotAnswered,
    /// Nothing happened for too long.
    #[error("eavesdrop has no leg of the listener: it was not there in time")]
    TimedOut,
    /// The connection to the PBX ended.
    #[error("eavesdrop was not sent: the connection was lost")]
    ConnectionLost,
    /// [`HelperLeg::handle_end`](crate::helper_leg::HelperLeg::handle_end) came first.
    #[error("eavesdrop was not sent: the leg was ended")]
    Ended,
}
