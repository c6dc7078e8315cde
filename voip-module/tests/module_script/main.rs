//! Facts about the module's script and the service that answers it.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

mod compile;
mod config;
mod examples;
mod failures;
mod golden;
mod limits;
#[path = "../module_script_push/logs.rs"]
mod logs;
mod node;
mod pbx;
mod server;
mod service;
mod story;
mod variants;
mod webhooks;
