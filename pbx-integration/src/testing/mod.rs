//! Support for tests: a host in memory that starts and ends calls, and suites that check whether a
//! [`SettingsStore`](crate::settings::SettingsStore) or a [`CallControl`](crate::CallControl) keeps its contract.

mod call_control_conformance;
mod memory_host;
mod report;
mod settings_conformance;

pub use call_control_conformance::call_control_conformance;
pub use memory_host::{HostCall, MemoryHost};
pub use report::{Breach, Report};
pub use settings_conformance::settings_conformance;
