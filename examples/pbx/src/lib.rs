//! Parts that the examples share.

#![forbid(unsafe_code)]

pub mod http_client;
pub mod options;
pub mod pretend_pbx;
pub mod quality;
pub mod queue_call;
pub mod records;
pub mod report_line;
pub mod report_table;
pub mod usage;
