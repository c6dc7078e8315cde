#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod carrier;
mod error;
pub mod gravitel;
mod guard;
mod log;
mod model;
#[cfg(feature = "module-script")]
#[cfg_attr(docsrs, doc(cfg(feature = "module-script")))]
pub mod module_script;
mod provider;
pub mod router;
mod secret;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
pub mod transport;

pub use carrier::{HttpRequest, HttpResponse};
pub use error::{Error, LinkError, ParseError};
pub use model::{
    CallData, PlatformVersion, VoipCallDirection, VoipCallDisposition, VoipCallRecord, VoipMember,
    VoipTestConnectionResult, VoipWebhookEvent, VoipWebhookParseResult, VoipWebhookRequest,
};
pub use provider::{Buttons, LiveCall, VoipProvider};
pub use router::{Delivery, Sink, Token, WebhookRouter};
pub use secret::Secret;
pub use transport::HttpTransport;
