//! Call records in an input, and their results as lines and tables.

mod quality;
mod records;
pub mod report_line;
mod report_table;

pub use quality::Quality;
pub use records::{RawRecord, Records};
pub use report_table::Tables;
