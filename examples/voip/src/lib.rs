//! Runnable examples for `voip-module`; see the `.rs` files beside this package's manifest.
//!
//! Here is what they share.

mod recorded;

pub use recorded::{Answer, RecordedRequest};
