//! Integrations: what they do with what the PBX reports, and who gets what.

mod context;
mod contract;
mod coverage;
mod dispatch;
mod entry_point;
mod guard;
mod headers;
mod registry;
mod reply;
mod request;

pub use self::context::Context;
pub use self::contract::Integration;
pub use self::coverage::Coverage;
pub use self::dispatch::{
    DeliveryReport, Dispatch, HttpDispatch, JsonDispatch, Outcome, PendingDelivery,
};
pub use self::entry_point::{EntryPoint, UnknownEntryPoint};
pub use self::headers::Headers;
pub use self::registry::Registry;
pub use self::reply::{HttpReply, PendingReply, ReplyError, Responder};
pub use self::request::HttpRequest;
