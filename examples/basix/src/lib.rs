//! What the examples need: recorded sessions, hex, terms as JSON trees, the words and lines in which
//! a PBX is followed, and usage texts.

#![forbid(unsafe_code)]

pub mod frames;
pub mod hex;
pub mod records;
pub mod report;
pub mod tree;
pub mod usage;
pub mod wording;
