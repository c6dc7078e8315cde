//! x
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
pub use track::{
    AgentState, LeftOut, LegRecord, Outcome, Tracker, TrackerEvent, TrackerOptions,
    TrackerStatistics,
};
