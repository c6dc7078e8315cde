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

mod control;
mod definition;
mod error;
mod integration;
mod oneshot;
mod settings;
#[cfg(feature = "testing")]
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
