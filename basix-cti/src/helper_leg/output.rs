//! Outputs of a helper leg.

use crate::command::Command;
use crate::helper_leg::{CallUser, CallUserError};

/// The state of a [`HelperLeg`](crate::helper_leg::HelperLeg).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the protocol's description has these four")]
pub enum HelperLegState {
    /// No leg.
    None,
    /// The leg is requested.
    Requested,
    /// The PBX calls the supervisor.
    Offered,
    /// The leg is up.
    Up,
}

/// Work from a [`HelperLeg`](crate::helper_leg::HelperLeg).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HelperLegOutput {
    /// Make this HTTP call, and pass its result to
    /// [`HelperLeg::handle_answer`](crate::helper_leg::HelperLeg::handle_answer).
    CallUser {
        /// The number of the call, to be returned with the answer.
        request: u64,
        /// The call.
        call: CallUser,
    },
    /// Send this command to the PBX.
    Send {
        /// The number passed to
        /// [`HelperLeg::handle_eavesdrop`](crate::helper_leg::HelperLeg::handle_eavesdrop), whose
        /// outcome this is; `None` for the hangup of a leg.
        id: Option<u64>,
        /// The command.
        command: Command,
    },
    /// An eavesdrop command is not sent.
    Failed {
        /// The number passed to
        /// [`HelperLeg::handle_eavesdrop`](crate::helper_leg::HelperLeg::handle_eavesdrop).
        id: u64,
        /// The reason.
        error: EavesdropError,
    },
    /// The login has ended: close the websocket and connect again, with a new endpoint.
    AuthenticationRequired,
}

/// The reason why an eavesdrop command was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EavesdropError {
    /// A newer command replaced it while both waited for the leg.
    #[error("eavesdrop was replaced by a newer one")]
    Replaced,
    /// The request for the leg failed, or its answer is invalid.
    #[error("eavesdrop has no leg of the listener: {0}")]
    CallUser(#[from] CallUserError),
    /// The login has ended.
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
    /// The time for the leg ran out.
    #[error("eavesdrop has no leg of the listener: it was not there in time")]
    TimedOut,
    /// The connection to the PBX ended.
    #[error("eavesdrop was not sent: the connection was lost")]
    ConnectionLost,
    /// [`HelperLeg::handle_end`](crate::helper_leg::HelperLeg::handle_end) was called first.
    #[error("eavesdrop was not sent: the leg was ended")]
    Ended,
}
