//! Legs and calls out of events in any order, repeated, or missing.

mod call;
mod leg;
mod options;
mod outcome;
mod part;
mod record;
mod remembered;
mod tracker;

pub use options::TrackerOptions;
pub use outcome::{AgentState, LeftOut, TrackerEvent, TrackerStatistics};
pub use record::{LegRecord, Outcome};
pub use tracker::Tracker;
