//! Call control: starting and ending calls.

mod call_id;
mod contract;
mod end_call;
mod error;
mod start_call;
mod text;
mod timeout;

pub use self::call_id::CallId;
pub use self::contract::{CallControl, NoCallControl};
pub use self::end_call::{EndCall, EndCallBuilder};
pub use self::error::{ControlError, InvalidCall};
pub use self::start_call::{StartCall, StartCallBuilder};
