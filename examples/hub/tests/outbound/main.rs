//! Changes reach their receivers: every one, in the order of its call, although receivers go away.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

mod changes;
mod nats;
mod receiver;
mod webhook;
