//! Integrations for the Vodia PBX.
//!
//! ```
//! use std::sync::Arc;
//!
//! use async_trait::async_trait;
//! use pbx_integration::*;
//!
//! struct OurCrm;
//!
//! #[async_trait]
//! impl Integration for OurCrm {
//!     async fn on_cdr(&self, _ctx: &Context, cdr: Cdr) -> Result<(), Error> {
//!         let call = cdr.summary();
//!         println!("{} {} talked {:?}", cdr.callid, call.disposition, call.net_talk);
//!         Ok(())
//!     }
//!
//!     async fn on_http(
//!         &self,
//!         ctx: &Context,
//!         request: HttpRequest,
//!         reply: Responder,
//!     ) -> Result<(), Error> {
//!         let token = ctx.settings().tenant(&request.domain).secret("token").await?;
//!         if !token.is_some_and(|token| request.presents("X-Token", &token)) {
//!             return reply.send(HttpReply::text(401, "wrong token"));
//!         }
//!         let call = StartCall::builder("tenant1.example.com", request.body()?).user("41");
//!         ctx.calls().start_call(&call.build()?).await?;
//!         reply.send(HttpReply::json(200, "true"))
//!     }
//! }
//!
//! # async fn example(json: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(NoCallControl));
//! let coverage = Coverage::none().extensions("tenant1.example.com", ["41", "42"]);
//! registry.register(Identifier::new("ourcrmsys")?, coverage, OurCrm)?;
//! let dispatch = registry.dispatch_json(EntryPoint::Cdr, None, json).await?;
//! println!("{:?}", dispatch.deliveries); // what came of it, and at whom
//! # Ok(())
//! # }
//! ```
//!
//! # What integrations work with
//!
//! | for | here |
//! |---|---|
//! | the four entry points, all optional (P1) | [`Integration`], [`Context`] |
//! | several integrations per tenant, apart from each other (P3) | [`Registry`], [`Coverage`], [`Dispatch`] |
//! | web requests and their one answer (§7) | [`HttpRequest`], [`Responder`], [`HttpReply`] |
//! | settings, public and secret apart (§8) | [`Settings`], [`Secret`], [`SaveResult`], [`SettingsStore`], [`MemorySettings`], [`FileSettings`] |
//! | forms, language items, bundle files (§9) | [`Definition`], [`Identifier`], [`language_items`], [`render_language`] |
//! | calls that are started and ended (§10) | [`CallControl`], [`StartCall`], [`EndCall`] |
//! | web requests that are sent (§11) | [`OutgoingRequest`] |
//!
//! - An error or a panic of one integration does not reach the others, and a web request is answered
//!   exactly once, whatever its handler does.
//! - A secret is in no `Debug`, no error, no `Serialize`, and never in public data; its memory is
//!   cleared. Settings of one store never stand in for those of another.
//! - A save in files has happened wholly or not at all, whenever the process is killed.
//! - Nothing starts a runtime, opens a socket or reads a clock. [`FileSettings::open`] starts a
//!   thread, so that files do not block a runtime.
//!
//! # Crate features
//!
//! None is on by default.
//!
//! - `testing`: `testing`, with a host in memory that starts and ends calls, and conformance suites
//!   for implementations of [`SettingsStore`] and [`CallControl`].

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod adapter;
mod cdr;
mod event;
mod finding;
mod open_enum;
mod rule;
mod wire;

pub use adapter::{HistoryRecord, LegRecord, QueueDurations, QueueRecord, ShortRecord, group_legs};
pub use cdr::{
    AgentActivity, AgentId, CallCost, CallDirection, CallSummary, Cdr, Deliveries, Delivery,
    Direction, Disposition, ExtensionLeg, FetchError, LocalNameError, QueueFigures, QueueId,
    QueueOptions, QueueStatistics, Ratio, Recording, RecordingFetcher, RedirectReason,
    RoundingPlan, State, SystemCode, Timesheet, TrunkLeg,
};
pub use event::{
    Agent, AgentEvent, AgentKey, CallState, Domain, DomainObject, Group, GroupEvent, GroupKind,
    GroupRef, LiveCalls, LiveDelivery, LiveKey, Party, Phase, Reason, Timestamps,
};
pub use finding::{Finding, Severity};
pub use open_enum::UnknownStr;
pub use rule::Rule;
pub use wire::{
    Decimal, DecimalError, DurationUnit, Extra, Found, FractionMode, Handle, Idle, Mode, Mos,
    MosBand, Parsed, Raw, ReadError, Reader, SipHeader, SipParty, Spelled, Timestamp, Warning, ip,
};

mod control;
mod definition;
mod error;
mod integration;
mod oneshot;
mod settings;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;

pub use control::{
    CallControl, CallId, ControlError, EndCall, EndCallBuilder, InvalidCall, NoCallControl,
    OutgoingRequest, OutgoingRequestError, StartCall, StartCallBuilder, TenantRef,
};
pub use definition::{
    Definition, DefinitionError, Definitions, DuplicateIdentifier, FrontEnd, Identifier,
    IdentifierError, LanguageItem, LintFinding, ListedIntegration, Rendered, form_query,
    language_items, render_language,
};
pub use error::Error;
pub use integration::{
    Context, Coverage, DeliveryReport, Dispatch, EntryPoint, Headers, HttpDispatch, HttpReply,
    HttpRequest, Integration, JsonDispatch, Outcome, PendingDelivery, PendingReply, Registry,
    ReplyError, Responder, UnknownEntryPoint,
};
pub use settings::{
    AsTenant, EmptySecret, FileSettings, MemorySettings, SaveResult, Saved, ScopedSettings, Secret,
    Settings, SettingsChange, SettingsError, SettingsScope, SettingsStore, StoredSettings,
    TenantName,
};

/// Compiles the examples of the README.
#[cfg(all(doctest, feature = "testing"))]
#[doc = include_str!("../README.md")]
struct Readme;
