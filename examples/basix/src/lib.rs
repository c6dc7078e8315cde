//! What the examples need: recorded sessions, hex, terms as JSON trees, and the words and lines in
//! which a PBX is followed.

#![forbid(unsafe_code)]

pub mod frames;
pub mod hex;
pub mod records;
pub mod report;
pub mod tree;
pub mod wording;
