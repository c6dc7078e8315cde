//! Basix CTI.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod bert;
mod element;
mod error;
mod message;
mod open_enum;
mod record;
mod store;

pub use element::*;
pub use error::{Error, ErrorClass, ShapeError};
pub use message::*;
pub use store::*;
pub use record::{ElementKind, EventName, OwnedRecord, Record, Schema};
