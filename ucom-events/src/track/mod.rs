//! Calls from events: one record for each call, notices for screens, and the readiness of agents.

mod agents;
mod attempt;
mod call;
mod clock;
mod due;
mod fold;
mod forgotten;
mod leg;
mod notice;
mod options;
mod record;
mod role;
mod snapshot;
mod statistics;
mod text;
mod tracker;
mod transfer;
mod verdict;
mod view;

pub use agents::AgentState;
pub use notice::{Notice, NoticeKind};
pub use options::TrackerOptions;
pub use record::{
    CallLeg, CallRecord, Direction, LegResult, LegRole, Outcome, Transfer, TransferKind,
};
pub use snapshot::{Snapshot, SnapshotError};
pub use statistics::Statistics;
pub use tracker::{Output, Tracker};
