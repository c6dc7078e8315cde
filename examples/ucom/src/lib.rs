//! What the examples are made of: events as JSON lines, and a pretend PBX.

#![forbid(unsafe_code)]

pub mod json_line;
pub mod lines;
