//! Sequences of events of calls, and the record of each.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod gap;
mod outcome;
mod story;
mod transfer;
