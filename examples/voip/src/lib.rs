//! Runnable examples for `voip-module`; see the `.rs` files beside this package's manifest.
//!
//! Shared parts of the examples.

mod mock_pbx;
mod parrot;
mod recorded;
mod shown;
pub mod usage;

pub use mock_pbx::MockPbx;
pub use parrot::check_parrot;
pub use recorded::{Answer, Journaled, RecordedRequest};
pub use shown::Shown;
