//! Call records in an input, and what they came to, as lines and tables.

mod quality;
mod records;
pub mod report_line;
mod report_table;

pub use quality::Quality;
pub use records::{RawRecord, Records};
pub use report_table::Tables;
