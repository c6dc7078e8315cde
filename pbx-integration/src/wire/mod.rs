//! Tolerant readers of wire values, and their issues.

mod code;
pub(crate) mod context;
pub(crate) mod date;
pub(crate) mod decimal;
pub(crate) mod duration;
pub(crate) mod field;
pub(crate) mod finding;
pub(crate) mod header;
mod ip;
pub(crate) mod issue;
mod mos;
pub(crate) mod object;
pub(crate) mod open_enum;
mod quality;
mod raw;
mod reader;
pub(crate) mod record;
mod spelled;
pub(crate) mod split;
mod text;
pub(crate) mod timestamp;
pub(crate) mod value;
pub(crate) mod words;

pub use self::code::Code;
pub use self::duration::Idle;
pub use self::finding::{Finding, Severity};
pub use self::header::{SipHeader, SipParty};
pub use self::ip::ip;
pub use self::issue::{Found, Issue};
pub use self::mos::{Mos, MosBand};
pub use self::open_enum::UnknownStr;
pub use self::raw::{Extra, Handle, Raw};
pub use self::reader::{Mode, Parsed, Reader};
pub use self::spelled::Spelled;
pub use self::timestamp::{FractionMode, Timestamp};
pub use self::value::DurationUnit;
/// Exact decimal numbers, such as the cost of a leg.
pub use rust_decimal::Decimal;

pub(crate) use self::mos::mos;
