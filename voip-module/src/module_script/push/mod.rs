//! Pushes: events and records from the service to the module's webhook URL.

mod backoff;
mod driver;
mod handle;
mod lines;
mod message;
mod outcome;
mod policy;
mod queue;
mod rate;
mod spool;
mod status;
mod target;

pub use self::driver::{Pusher, PusherBuilder};
pub use self::handle::PushHandle;
pub use self::message::PushMessage;
pub use self::outcome::PushOutcome;
pub use self::policy::PushPolicy;
pub use self::queue::{PushQueue, PushRequest, QueueFull};
pub use self::spool::{Spool, SpoolError, Spooled};
pub use self::status::{PushState, PushStatus};
pub use self::target::PushTarget;
