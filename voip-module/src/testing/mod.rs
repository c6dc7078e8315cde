//! For the tests of providers: a scripted transport, builders of pushes, and a suite that checks
//! whether a provider keeps its contract.

mod clock;
mod conformance;
mod pushes;
mod transport;

pub use clock::{ManualClock, ManualTimer};
pub use conformance::{Finding, Fixture, Fixtures, Report, conformance};
pub use pushes::Push;
pub use transport::ScriptedTransport;
