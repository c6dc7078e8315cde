#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod bert;
pub mod calls;
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub mod client;
pub mod command;
pub mod element;
pub mod endpoint;
mod error;
#[cfg(test)]
mod growth;
pub mod helper_leg;
pub mod message;
mod open_enum;
mod percent;
mod printed;
mod random;
pub mod record;
pub mod recording;
pub mod session;
pub mod store;

pub use calls::Calls;
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub use client::Client;
pub use command::Command;
pub use element::{Channel, Element, Group, Timestamp, User};
pub use endpoint::Endpoint;
pub use error::Error;
pub use message::{Message, Parser};
pub use record::{ElementKind, Record};
pub use session::{Event, Session};
pub use store::{Change, Store};
