//! Connect a cloud PBX to ELMA365 / Brix365, or to a CRM of your own, and write only what is
//! particular to that PBX.
//!
//! ```
//! use async_trait::async_trait;
//! use voip_module::router::{Token, WebhookRouter};
//! use voip_module::*;
//!
//! struct MyPbx;
//!
//! fn read(request: &WebhookRequest) -> Result<VoipWebhookParseResult, ParseError> {
//!     let fields = request.form_fields()?;
//!     let (client, operator) = (fields.require("from")?, fields.require("to")?);
//!     let (event, direction) = (VoipWebhookEvent::NotifyStart, VoipCallDirection::In);
//!     Ok(VoipWebhookParseResult::event(VoipWebhookRequest::new(event, direction, client, operator)))
//! }
//!
//! #[async_trait]
//! impl VoipProvider for MyPbx {
//!     async fn test_connection(&self) -> VoipTestConnectionResult {
//!         VoipTestConnectionResult::ok()
//!     }
//!     async fn parse_webhook(
//!         &self,
//!         request: &WebhookRequest,
//!     ) -> Result<VoipWebhookParseResult, ParseError> {
//!         Ok(read(request).unwrap_or_else(|refusal| refusal.into())) // 400 with a reason
//!     }
//!     async fn members(&self) -> Result<Vec<VoipMember>, Error> {
//!         Ok(vec![VoipMember::new("701", "Anna")])
//!     }
//!     async fn generate_call(&self, src_phone: &str, dst_phone: &str) -> Result<(), Error> {
//!         Ok(println!("ring {src_phone}, then dial {dst_phone}"))
//!     }
//!     async fn call_link(&self, call: &CallData) -> Result<String, Error> {
//!         Ok(call["link"].as_str().ok_or(LinkError::NoRecording)?.to_owned())
//!     }
//! }
//!
//! # async fn example(secret: String, request: http::Request<bytes::Bytes>) -> Result<(), Error> {
//! let router = WebhookRouter::new(MyPbx, Token::new(secret)?);
//! let response = router.handle(request).await; // http::Request<Bytes> → http::Response<Bytes>
//! # Ok(())
//! # }
//! ```
//!
//! # Scope
//!
//! In: the platform's types and the contract of a provider; a webhook router for any web framework;
//! the Gravitel cloud PBX with all its pushes and commands.
//!
//! Not in: a web server, a queue, a database. Nothing in the default features starts a runtime,
//! opens a socket or reads a clock. Gravitel's newer JSON API (v1) is another protocol, and not in
//! here. The platform's webhooks carry a token and nothing else: no signature and no timestamp. So
//! nothing here can protect from a replay by somebody who knows the URL; what there is, is
//! de-duplication of deliveries, and a hook for services that sign.
//!
//! Rules such as V35 are those of this project's description of the platform.
//!
//! # The way of a request
//!
//! | step | here |
//! |---|---|
//! | token, size, signature, fields | [`router::WebhookRouter`] |
//! | request to result | [`VoipProvider::parse_webhook`], such as [`gravitel::GravitelProvider`] |
//! | fields of a form | [`form`], [`WebhookRequest::form_fields`] |
//! | repeated deliveries, calls that go backwards | [`router::DedupStore`], [`router::CallTracker`] |
//! | result to the platform | [`router::Sink`] |
//!
//! And the other way: a function of [`VoipProvider`] → a command such as those of
//! [`gravitel::GravitelClient`] → [`HttpTransport`] → answer.
//!
//! # What can be relied on
//!
//! - No request panics the router; one that makes a provider panic is answered 500.
//! - Memory is bounded: by [`router::Limits`] for a request, and by capacity and age for whatever is
//!   remembered.
//! - A token or key is compared in constant time, and appears in no `Debug`, no error, no log line
//!   and no response.
//! - [`CallData`] comes back to [`VoipProvider::call_link`] as it was.
//! - Errors hold no telephone number and no name. `Debug` of data shows the data.
//!
//! # Crate features
//!
//! None is on by default.
//!
//! - `clock`: `MonotonicClock`, the operating system's clock as a [`Clock`].
//! - `reqwest`: `ReqwestTransport`, an [`HttpTransport`] over reqwest and rustls. The crypto
//!   provider is passed in, so that a program with two of them compiled in does not panic.
//! - `standard-webhooks`: `router::StandardWebhooks`, a verifier of Standard Webhooks signatures.
//! - `testing`: `testing`, with a scripted transport, builders of pushes, and a conformance suite
//!   for providers.
//! - `tokio`: `TokioTimer`, a [`Timer`] over tokio.
//! - `tracing`: refusals and faults as `tracing` events.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod carrier;
mod clock;
mod error;
pub mod form;
pub mod gravitel;
mod guard;
mod limits;
mod log;
mod media_type;
mod model;
mod provider;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
pub mod router;
mod secret;
mod skeleton;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;

pub use carrier::{BodyIsNotText, FormFields, HttpResponse, WebhookRequest};
#[cfg(feature = "clock")]
pub use clock::MonotonicClock;
#[cfg(feature = "tokio")]
pub use clock::TokioTimer;
pub use clock::{Clock, Timer};
pub use error::{Error, LinkError, ParseError};
pub use model::{
    CallData, PlatformVersion, ProviderNotice, UnknownPlatformVersion, UnknownWord,
    VoipCallDirection, VoipCallDisposition, VoipCallRecord, VoipMember, VoipTestConnectionResult,
    VoipWebhookEvent, VoipWebhookParseResult, VoipWebhookRequest,
};
pub use provider::{
    CallControl, Capabilities, Contact, ContactLookup, ContactQuery, VoipProvider, VoipProviderExt,
};
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{ReqwestOptions, ReqwestTransport};
pub use secret::Secret;
pub use skeleton::Skeleton;
pub use transport::{HttpTransport, TransportError};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
