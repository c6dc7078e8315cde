//! What the examples are made of: events as JSON lines, a listener, and a pretend PBX.

#![forbid(unsafe_code)]

pub mod day;
pub mod json_line;
pub mod lines;
pub mod listener;
pub mod pretend_pbx;
