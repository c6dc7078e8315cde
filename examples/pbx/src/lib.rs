//! Machinery of the examples: a pretend PBX, its reports, and a web server between it and a registry.

#![forbid(unsafe_code)]

mod bridge;
mod http_client;
mod pretend_pbx;
pub mod queue_call;
mod script_pbx;
#[cfg(feature = "websocket")]
mod websocket;

pub use bridge::{serve, serve_bridge};
pub use http_client::HttpClient;
pub use pretend_pbx::{HttpCallControl, PretendPbx};
pub use queue_call::TENANT;
pub use script_pbx::{ScriptPbx, Telephony};
