//! Call records: `oncdr` and `webcdr`, and two other formats that are converted to call records.

mod check;
mod direction;
mod extension_leg;
mod leg_record;
mod queue_record;
mod record;
mod recording;
mod state;
mod trunk_leg;

pub use self::direction::Direction;
pub use self::extension_leg::ExtensionLeg;
pub use self::leg_record::{LegRecord, Legs};
pub use self::queue_record::{QueueDurations, QueueRecord};
pub use self::record::{AnyRecord, Cdr, Source, SystemCode};
pub use self::recording::{LocalNameError, Recording};
pub use self::state::{RedirectReason, State};
pub use self::trunk_leg::TrunkLeg;
