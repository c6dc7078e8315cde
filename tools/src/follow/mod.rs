//! The words and lines in which a PBX is followed.

mod records;
mod report;
mod wording;

pub use report::{Format, Report};
