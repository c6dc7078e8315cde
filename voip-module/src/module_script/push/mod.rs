//! Pushes: events and records from the service to the module's webhook URL.

mod backoff;
mod driver;
#[cfg(feature = "spool")]
mod file_line;
#[cfg(feature = "spool")]
mod file_spool;
mod handle;
mod lines;
mod message;
mod outcome;
mod policy;
mod queue;
mod rate;
#[cfg(feature = "standard-webhooks")]
mod sign;
mod spool;
mod status;
mod target;

pub use self::driver::{Pusher, PusherBuilder};
#[cfg(feature = "spool")]
#[cfg_attr(docsrs, doc(cfg(feature = "spool")))]
pub use self::file_spool::FileSpool;
pub use self::handle::PushHandle;
pub use self::message::PushMessage;
pub use self::outcome::PushOutcome;
pub use self::policy::PushPolicy;
pub use self::queue::{PushQueue, PushRequest, QueueFull};
#[cfg(feature = "standard-webhooks")]
#[cfg_attr(docsrs, doc(cfg(feature = "standard-webhooks")))]
pub use self::sign::{PushSigner, PushVerifier, SignatureError, SignedPush};
pub use self::spool::{Spool, SpoolError, Spooled};
pub use self::status::{PushState, PushStatus};
pub use self::target::PushTarget;
