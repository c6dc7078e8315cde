//! Integrations: handlers of the PBX's payloads, and their registry.

mod caught;
mod context;
mod contract;
mod coverage;
mod dispatch;
mod entry_point;
mod headers;
mod memory;
mod payload;
mod registry;
mod reply;
mod request;

pub use self::context::Context;
pub use self::contract::Integration;
pub use self::coverage::Coverage;
pub use self::dispatch::{Dispatch, Receipt, ReceiptStatus};
pub use self::entry_point::{EntryPoint, UnknownEntryPoint};
pub use self::headers::Headers;
pub use self::registry::Registry;
pub use self::reply::{HttpReply, ReplyError};
pub use self::request::HttpRequest;
