//! Integrations for the Vodia PBX.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod control;
mod definition;
mod oneshot;
mod rule;
mod settings;

pub use control::{
    CallControl, CallId, ControlError, EndCall, EndCallBuilder, InvalidCall, NoCallControl,
    OutgoingRequest, OutgoingRequestError, StartCall, StartCallBuilder, TenantRef,
};
pub use definition::{Identifier, IdentifierError};
pub use rule::Rule;
pub use settings::{
    AsTenant, EmptySecret, FileSettings, MemorySettings, SaveResult, Saved, ScopedSettings, Secret,
    Settings, SettingsChange, SettingsError, SettingsScope, SettingsStore, StoredSettings,
    TenantName,
};
