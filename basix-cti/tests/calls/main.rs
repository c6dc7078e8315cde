//! Stories of calls, as the channels of a PBX show them, and the record of each.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod gap;
mod outcome;
mod story;
mod transfer;
