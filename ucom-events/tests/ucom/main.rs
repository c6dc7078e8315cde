//! The rules of PROTOCOL.md, by the public interface.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod api;
mod bad_input;
mod call_laws;
mod classify;
mod directory;
mod event_url;
mod examples;
mod laws;
mod number;
mod pbx;
mod plan;
mod plan_laws;
mod scenario;
mod spelling;
mod support;
mod tracker;
