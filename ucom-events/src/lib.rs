#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod api;
pub mod classify;
pub mod connect;
mod directory;
mod error;
pub mod event;
mod event_url;
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub mod executor;
pub mod form;
pub mod number;
mod open_enum;
pub mod plan;
mod secret;
mod token;
pub mod track;
mod wire_number;

pub use classify::{Policy, Scope, classify};
pub use connect::{Connect, ConnectOptions};
pub use directory::{Directory, ExtensionType};
pub use error::ParseError;
pub use event::{Event, Timestamp, parse_body, parse_query, parse_request};
pub use event_url::EventUrls;
pub use token::{EventToken, TokenTable};
pub use track::{CallRecord, Output, Tracker, TrackerOptions};
