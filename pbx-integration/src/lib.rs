#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "bridge")]
#[cfg_attr(docsrs, doc(cfg(feature = "bridge")))]
pub mod bridge;
pub mod cdr;
pub mod control;
pub mod definition;
mod error;
pub mod event;
pub mod integration;
pub mod report;
pub mod settings;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
pub mod wire;

pub use self::cdr::Cdr;
pub use self::control::{CallControl, CallId, EndCall, StartCall};
pub use self::definition::Identifier;
pub use self::error::Error;
pub use self::event::{AgentEvent, GroupEvent};
pub use self::integration::{Context, Coverage, HttpReply, HttpRequest, Integration, Registry};
pub use self::settings::{Secret, Settings};
pub use self::wire::{Issue, Parsed, Reader};
