//! The protocol's rules (B…) and quirks (Q…), as they show in the public interface.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod connection;
mod expected;
mod recorded;
mod wire;

mod avatar;
mod element;
mod end_user;
mod envelope;
mod error;
mod hangup;
mod hostile;
mod key;
mod law;
mod origination;
mod query;
mod scalar;
mod session;
mod state;
mod store;
mod target;
