//! Call control: starting and ending calls.

mod call_id;
#[cfg(feature = "click-to-dial")]
mod click_to_dial;
mod contract;
mod end_call;
mod error;
mod start_call;
mod text;
mod timeout;
#[cfg(any(feature = "bridge", feature = "click-to-dial"))]
mod transport;

pub use self::call_id::CallId;
#[cfg(feature = "click-to-dial")]
#[cfg_attr(docsrs, doc(cfg(feature = "click-to-dial")))]
pub use self::click_to_dial::{ClickCalls, ClickRequest, ClickToDial};
pub use self::contract::{CallControl, NoCallControl};
pub use self::end_call::{EndCall, EndCallBuilder};
pub use self::error::{ControlError, InvalidCall};
pub use self::start_call::{StartCall, StartCallBuilder};
#[cfg(any(feature = "bridge", feature = "click-to-dial"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "bridge", feature = "click-to-dial"))))]
pub use self::transport::HttpTransport;
