//! Words and lines for following a PBX.

mod records;
mod report;
mod wording;

pub use report::{Format, Report};
