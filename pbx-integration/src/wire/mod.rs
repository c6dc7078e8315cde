//! Tolerant readers (§2): from JSON to values, and what is wrong with them.

mod address;
pub(crate) mod context;
mod decimal;
pub(crate) mod error;
pub(crate) mod field;
mod header;
mod idle;
pub(crate) mod json;
mod mos;
mod number;
mod quality;
mod raw;
mod reader;
pub(crate) mod record;
pub(crate) mod scalar;
mod spelled;
mod timestamp;

pub use address::ip;
pub use decimal::{Decimal, DecimalError};
pub use error::{Found, ReadError, Warning};
pub use header::{SipHeader, SipParty};
pub use idle::Idle;
pub use mos::{Mos, MosBand};
pub use raw::{Extra, Handle, Raw};
pub use reader::{Mode, Parsed, Reader};
pub use scalar::DurationUnit;
pub use spelled::Spelled;
pub use timestamp::{FractionMode, Timestamp};

pub(crate) use decimal::decimal;
pub(crate) use idle::idle;
pub(crate) use mos::mos;
