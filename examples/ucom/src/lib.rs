//! What the programs share: events as JSON lines, recorded events played through a tracker, options.

#![forbid(unsafe_code)]

pub mod json_line;
pub mod lines;
pub mod options;
pub mod play;
