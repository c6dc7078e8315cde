//! Runnable examples for `voip-module`; see the `.rs` files beside this package's manifest.
//!
//! Shared parts of the examples.

mod parrot;
mod pretend_pbx;
mod recorded;

pub use parrot::check_parrot;
pub use pretend_pbx::PretendPbx;
pub use recorded::{Answer, Journaled, RecordedRequest};
