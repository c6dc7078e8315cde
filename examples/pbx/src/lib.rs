//! What the examples share.

#![forbid(unsafe_code)]

pub mod http_client;
pub mod lines;
pub mod pretend_pbx;
pub mod queue_call;
pub mod report_line;
pub mod report_table;
