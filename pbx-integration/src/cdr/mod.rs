//! Call records: `oncdr` (§6), what they come to (§13), and what they contradict themselves in (§14).

mod activity;
mod billing;
mod check;
mod deliveries;
mod direction;
mod extension_leg;
mod queue_stats;
mod ratio;
mod record;
mod recording;
mod state;
mod summary;
mod trunk_leg;
mod waits;

pub use activity::{AgentActivity, AgentId, Timesheet};
pub use billing::RoundingPlan;
pub use deliveries::{Deliveries, Delivery};
pub use direction::Direction;
pub use extension_leg::ExtensionLeg;
pub use queue_stats::{QueueFigures, QueueId, QueueOptions, QueueStatistics};
pub use ratio::Ratio;
pub use record::{Cdr, SystemCode};
pub use recording::{FetchError, LocalNameError, Recording, RecordingFetcher};
pub use state::{RedirectReason, State};
pub use summary::{CallCost, CallDirection, CallSummary, Disposition};
pub use trunk_leg::TrunkLeg;

pub(crate) use record::{header, system};
