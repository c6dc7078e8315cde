//! What the examples share.

#![forbid(unsafe_code)]

pub mod lines;
pub mod report_line;
pub mod report_table;
