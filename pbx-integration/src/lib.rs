//! Integrations for the Vodia PBX: its live events, call records and neighbouring formats as Rust
//! types, and what they mean.
//!
//! ```
//! use pbx_integration::{Disposition, Reader};
//!
//! # let json = include_bytes!("../doc/answered.json");
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
//! # let records = [include_str!("../doc/answered.json")];
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
//! # Scope
//!
//! In: payloads of the backend's entry points and records of the vendor's other interfaces, from JSON
//! to types and back ([`Reader`]); what a call came to ([`Cdr::summary`]) and contradicts itself in
//! ([`Cdr::validate`]); repeated and late deliveries ([`Deliveries`], [`LiveCalls`]); figures per queue
//! ([`QueueStatistics`]) and per agent ([`Timesheet`]).
//!
//! Not in: a web server, a runtime, a clock, a way to fetch recordings ([`RecordingFetcher`] is yours).
//! Numbers are not normalised: they stay as the PBX sent them.
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
//! # What can be relied on
//!
//! - No input panics. Input is limited in bytes and in depth before it is read into types; what follows
//!   many calls has limits of its own.
//! - One bad field never takes others with it in lenient mode, and is named with its full path and rule.
//! - Errors and warnings hold no values, so they may be logged.
//! - Unknown fields, words and spellings survive: reading and writing keeps them byte for byte.
//! - Timestamps and costs never pass through binary floating point.
//!
//! # Crate features
//!
//! None of this needs a feature.

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

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
