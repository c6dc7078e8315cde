//! Summaries of calls, and figures over many calls.
//!
//! Every figure rests on one function, [`Cdr::outcomes`](crate::Cdr::outcomes), which assigns each
//! state of a call exactly one [`Outcome`]. So a call is never both answered and abandoned, and the
//! columns of a queue add up.

mod agent;
mod billing;
mod call;
mod deliveries;
mod disposition;
mod figures;
mod fraction;
mod outcome;
mod queue;
mod ratio;
mod recent;
mod view;
mod waits;

pub use self::agent::{AgentFigures, AgentId};
pub use self::billing::RoundingPlan;
pub use self::call::{CallCost, CallSummary, Customer};
pub use self::deliveries::{Deliverable, Deliveries, Delivery, Look};
pub use self::disposition::{CallDirection, Disposition};
pub use self::figures::{Figures, Report, ReportOptions};
pub use self::fraction::{FractionChoice, FractionDetector, FractionEvidence};
pub use self::outcome::{Outcome, StateClass};
pub use self::queue::{QueueAgentFigures, QueueFigures, QueueId};
pub use self::ratio::Ratio;

pub(crate) use self::fraction::Fractions;
pub(crate) use self::view::View;
