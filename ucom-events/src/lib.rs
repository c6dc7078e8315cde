#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod classify;
mod directory;
mod error;
pub mod event;
pub mod form;
pub mod number;
mod open_enum;
pub mod track;
mod wire_number;

pub use classify::{Classified, Policy, Reason, Scope, classify};
pub use directory::{Directory, ExtensionType};
pub use error::ParseError;
pub use event::{
    AgentEvent, Event, ExtensionEvent, Timestamp, parse_body, parse_query, parse_request,
};
pub use track::{CallRecord, Notice, Output, Tracker, TrackerOptions};
