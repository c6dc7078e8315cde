//! Calls that are started and ended, and web requests that are sent (§10, §11).

mod call_id;
mod contract;
mod end_call;
mod error;
mod outgoing;
mod start_call;
mod text;
mod timeout;

pub use self::call_id::CallId;
pub use self::contract::{CallControl, NoCallControl};
pub use self::end_call::{EndCall, EndCallBuilder};
pub use self::error::{ControlError, InvalidCall};
pub use self::outgoing::{OutgoingRequest, OutgoingRequestError};
pub use self::start_call::{StartCall, StartCallBuilder, TenantRef};
