//! Integrations for the Vodia PBX.

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
