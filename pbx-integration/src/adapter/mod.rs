//! Neighbouring record formats of the vendor (§12). The `webcdr` scheme has no type of its own: its
//! records are [`Cdr`](crate::Cdr)s (P112).

mod leg_record;
mod queue_record;
mod short_record;
mod user_history;

pub use leg_record::{LegRecord, group_legs};
pub use queue_record::{QueueDurations, QueueRecord};
pub use short_record::ShortRecord;
pub use user_history::HistoryRecord;
