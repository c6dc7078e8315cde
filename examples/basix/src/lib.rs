//! What several examples need: recorded sessions, hex, and terms as JSON trees.

#![forbid(unsafe_code)]

pub mod frames;
pub mod hex;
pub mod tree;
