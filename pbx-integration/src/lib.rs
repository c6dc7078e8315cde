//! Integrations for the Vodia PBX (version 69 or later): its live events, call records, web requests,
//! settings and call control as Rust types, and what they mean.
//!
//! ```
//! use pbx_integration::{Disposition, Reader};
//!
//! # let json = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/answered.json"));
//! let cdr = Reader::lenient().read_cdr(json)?; // Parsed { value, warnings }
//! let call = cdr.value.summary();
//! println!("{} {} talked {:?}, waited {:?}", cdr.value.callid, call.disposition, call.net_talk, call.queue_wait());
//! for finding in cdr.value.validate() {
//!     println!("{} {}: {:?}", finding.rule, finding.path, finding.severity);
//! }
//! # assert_eq!(call.disposition, Disposition::Answered);
//! # Ok::<(), pbx_integration::ReadError>(())
//! ```
//!
//! Many calls come together in figures per queue and per agent:
//!
//! ```
//! use pbx_integration::{Deliveries, Delivery, QueueOptions, QueueStatistics, Reader, Timesheet};
//!
//! # let records = [include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/answered.json"))];
//! let mut deliveries = Deliveries::new(100_000); // tells repeated records
//! let mut queues = QueueStatistics::new(QueueOptions::default());
//! let mut agents = Timesheet::of_all_time();
//! for json in records {
//!     let cdr = Reader::lenient().read_cdr(json)?.value;
//!     if deliveries.handle_cdr(&cdr) == Delivery::New {
//!         queues.add(&cdr);
//!         agents.add(&cdr);
//!     }
//! }
//! for (id, queue) in queues.iter() {
//!     println!("{}: {} offered, service level {:?}", id.account, queue.offered(), queue.service_level());
//! }
//! # assert_eq!(queues.calls(), 1);
//! # Ok::<(), pbx_integration::ReadError>(())
//! ```
//!
//! An integration does something with all that, and is registered for tenants or extensions:
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
//! # Scope
//!
//! In: payloads of the backend's entry points and records of the vendor's other interfaces, from JSON
//! to types and back ([`Reader`]); what a call came to ([`Cdr::summary`]) and contradicts itself in
//! ([`Cdr::validate`]); repeated and late deliveries ([`Deliveries`], [`LiveCalls`]); figures per queue
//! ([`QueueStatistics`]) and per agent ([`Timesheet`]); several integrations side by side
//! ([`Registry`]); their settings ([`Settings`]), definitions ([`Definition`]), and calls that they
//! start and end ([`CallControl`]).
//!
//! Not in: a web server, a runtime, a clock, a way to fetch recordings ([`RecordingFetcher`] is yours),
//! and what carries payloads out of the PBX. Numbers are not normalised: they stay as the PBX sent
//! them. The PBX does not say who sent a web request: check a secret of your own
//! ([`HttpRequest::presents`]). Secrets in files are not encrypted.
//!
//! The rules that this documentation names (P1 to P175; § for sections) are those of this project's
//! description of the interface, made from the vendor's page *Integrations Framework* and its
//! neighbours. Where they leave room, the item says how it was decided.
//!
//! # The way of a payload
//!
//! | step | here |
//! |---|---|
//! | JSON to values, strict or lenient | [`Reader`], [`Mode`], [`FractionMode`], [`Parsed`], [`Warning`], [`ReadError`] |
//! | values | [`Timestamp`], [`Decimal`], [`Mos`], [`SipHeader`], [`Idle`], [`Raw`], [`Spelled`], [`Extra`], [`Handle`], [`ip`] |
//! | live events | [`GroupEvent`], [`AgentEvent`], [`Phase`], [`LiveCalls`] |
//! | call records | [`Cdr`], [`State`], [`TrunkLeg`], [`ExtensionLeg`], [`Recording`] |
//! | what a call came to | [`CallSummary`], [`Disposition`], [`RoundingPlan`], [`Finding`] |
//! | many calls | [`Deliveries`], [`QueueStatistics`], [`Timesheet`] |
//! | neighbouring formats | [`LegRecord`], [`ShortRecord`], [`QueueRecord`], [`HistoryRecord`] |
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
//! # What can be relied on
//!
//! - No input panics. Input is limited in bytes, in depth and in objects of lists; what follows
//!   many calls has limits of its own.
//! - One bad field never takes others with it in lenient mode, and is named with its full path and rule.
//! - Errors and warnings hold no values, so they may be logged.
//! - Unknown fields, words and spellings survive: reading and writing keeps them byte for byte.
//! - Timestamps and costs never pass through binary floating point.
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
mod recent;
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
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
