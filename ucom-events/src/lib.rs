//! x
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
mod classify;
mod error;
mod event;
mod extension;
mod form;
mod open_enum;
mod track;

pub use classify::{Party, PartySource, Policy, Rule, Scope, classify};
pub use error::ParseError;
pub use event::{
    AgentEvent, AgentId, AgentStatus, AgentType, CallFlow, CallId, CallStatus, Event, EventKind,
    EventSource, ExtensionEvent, PhoneStatusEvent, SubCallId, Timestamp, parse_body, parse_query,
    parse_request, parse_with_limits,
};
pub use extension::{
    Directory, ExtensionAddress, ExtensionId, ExtensionNumber, ExtensionNumberError, ExtensionType,
};
pub use form::{Fields, Limits};
pub use open_enum::UnknownStr;
pub use track::{
    AgentState, LeftOut, LegRecord, Outcome, Tracker, TrackerEvent, TrackerOptions, TrackerStatistics,
};
