//! Understand the events of a UCOM4B PBX: tell outside calls from internal ones, log each outside call
//! once, and plan event subscriptions without harm to other integrations on the same extensions.
//!
//! ```
//! use ucom_events::{Event, Policy, Scope, Timestamp, Tracker, classify, parse_body};
//! # use std::collections::BTreeMap;
//! # use ucom_events::ExtensionType;
//! # let directory = BTreeMap::from([("106".to_owned(), ExtensionType::Phone)]);
//! # let body = b"EventType=dial-in&CallID=c5&SubCallID=s5&CallerIDNum=%2B79215550142&CalledNumber=453*106&CallFlow=IN";
//! # let now = Timestamp::from_micros(1_766_736_711_480_097);
//! # let mut tracker = Tracker::default();
//!
//! let event = parse_body(body)?;
//! if let Event::Extension(event) = &event {
//!     match classify(event, &Policy::default(), Some(&directory)) {
//!         Scope::External { party } => println!("{:?} talks to {party}", event.called()),
//!         other => println!("left out: {}", other.reason()),
//!     }
//! }
//! tracker.handle_event(now, &event);
//! while let Some(outcome) = tracker.poll_event() {
//!     println!("{outcome:?}");
//! }
//! # Ok::<(), ucom_events::ParseError>(())
//! ```
//!
//! # Scope
//!
//! In: the events of extensions, queue agents and phones, from the query or body of a request to their
//! meaning ([`parse_request`], [`Event`], [`classify`]); legs and calls out of events in any order,
//! repeated or missing ([`Tracker`]); which subscriptions to add, change and remove ([`plan`]); the API
//! as requests and replies ([`api`]); event URLs that nobody guesses ([`EventUrls`], [`EventToken`]).
//!
//! Not in: a web server, a runtime, a clock, a source of randomness. Bytes, time and random numbers go
//! in, values come out. Calls are not steered, recordings are not fetched, numbers are not normalised:
//! they stay as the PBX sent them.
//!
//! The rules that this documentation names are those of this project's description of the interface: R
//! for the vendor's page *General recommendations and rules*, V for its other pages, C for conflicts
//! between them, D for decisions, U for what users of such interfaces have met; § for its sections.
//! The sister platforms, such as RingMe, publish the same interface.
//!
//! # The way of an event
//!
//! | step | here |
//! |---|---|
//! | bytes to fields, within limits | [`Fields`], [`Limits`] |
//! | fields to an event of one of three families | [`Event`], [`ExtensionEvent`], [`AgentEvent`], [`PhoneStatusEvent`] |
//! | outside, internal, forwarded, and why | [`classify`], [`Policy`], [`Scope`], [`Directory`] |
//! | events to legs and calls | [`Tracker`], [`LegRecord`], [`TrackerEvent`] |
//!
//! And of a subscription:
//!
//! | step | here |
//! |---|---|
//! | who has which extension, to what is wanted | [`Connect`], [`Wanted`], [`EventUrls`] |
//! | wanted and listed, to the smallest list of calls | [`plan`], [`Ownership`], [`Plan`] |
//! | a step to a request, and a reply to the next step | [`api`] |
//!
//! # What can be relied on
//!
//! - No input panics. Memory is bounded by the request's size, by [`Limits`] and by
//!   [`TrackerOptions`]; a tracker's work for an event does not grow with the legs that it follows,
//!   beyond a logarithm.
//! - Nothing is lost: fields, kinds and words that this version does not know stay readable.
//! - Any order and any repetition of a call's events gives the same records, as long as they come within
//!   the settle time after the first hangup.
//! - A plan never touches what is not ours; carried out, it leaves nothing to plan. The crate has no
//!   request that removes all subscriptions of an extension.
//! - No action takes more than three requests, whatever the replies.
//! - Errors hold no numbers, names, URLs or tokens. `Debug` of events shows the events; that of tokens,
//!   secrets and subscription URLs hides them.
//!
//! The PBX signs nothing: whoever knows an event URL can send false events, and again old ones. Use
//! opaque tokens and https, and look the token up before reading the event. Exact copies are dropped
//! by the tracker; there is no other protection against replay.
//!
//! # Crate features
//!
//! None is on by default.
//!
//! - `reqwest`: `Executor`, which sends requests of the API and does what [`api::Attempt::next_step`]
//!   says. The crypto provider of rustls is passed in.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
pub mod api;
mod classify;
mod connect;
mod error;
mod event;
mod event_url;
#[cfg(feature = "reqwest")]
mod executor;
mod extension;
mod form;
mod open_enum;
mod plan;
mod token;
mod track;

pub use classify::{Party, PartySource, Policy, Rule, Scope, classify};
pub use connect::{Assignment, Connect, ConnectOptions, ConnectReply, ConnectRequest, Connected};
pub use error::ParseError;
pub use event::{
    AgentEvent, AgentId, AgentStatus, AgentType, CallFlow, CallId, CallStatus, Event, EventKind,
    EventSource, ExtensionEvent, PhoneStatusEvent, SubCallId, Timestamp, parse_body, parse_query,
    parse_request, parse_with_limits,
};
pub use event_url::{EventPath, EventUrlError, EventUrls, StructuredAddress, SubscriptionUrl};
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use executor::{Clock, Executor, ExecutorError, RunReport, SystemClock};
pub use extension::{
    Directory, ExtensionAddress, ExtensionId, ExtensionNumber, ExtensionNumberError, ExtensionType,
};
pub use form::{Fields, Limits};
pub use open_enum::UnknownStr;
pub use plan::{
    Action, DEFAULT_SUBSCRIPTION_LIMIT, DeliveryMethod, ExtensionPlan, Listed, Notice, Ownership,
    Plan, PlanRun, Step, Subscription, SubscriptionId, SubscriptionSpec, SubscriptionType, Wanted,
    plan,
};
pub use token::{EventToken, EventTokenError, TokenTable};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
pub use track::{
    AgentState, LeftOut, LegRecord, Outcome, Tracker, TrackerEvent, TrackerOptions,
    TrackerStatistics,
};
