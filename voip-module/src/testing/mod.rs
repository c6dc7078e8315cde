//! For the tests of providers: a scripted transport, builders of pushes, and the conformance suite.

mod clock;
mod conformance;
mod fixtures;
mod pushes;
mod report;
mod transport;

pub use clock::{ManualClock, ManualTimer};
pub use conformance::conformance;
pub use fixtures::{Fixture, Fixtures};
pub use pushes::Push;
pub use report::{Finding, Report};
pub use transport::ScriptedTransport;
