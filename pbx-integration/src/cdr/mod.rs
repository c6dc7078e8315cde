//! Call records: `oncdr` (§6), what they come to (§13), and what they contradict themselves in (§14).

mod billing;
mod check;
mod direction;
mod extension_leg;
mod record;
mod recording;
mod state;
mod summary;
mod trunk_leg;

pub use billing::RoundingPlan;
pub use direction::Direction;
pub use extension_leg::ExtensionLeg;
pub use record::{Cdr, SystemCode};
pub use recording::{FetchError, LocalNameError, Recording, RecordingFetcher};
pub use state::{RedirectReason, State};
pub use summary::{CallCost, CallDirection, CallSummary, Disposition};
pub use trunk_leg::TrunkLeg;

pub(crate) use record::header;
