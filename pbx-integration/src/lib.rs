//! Integrations for the Vodia PBX.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod definition;
mod oneshot;
mod settings;

pub use definition::{Identifier, IdentifierError};
pub use settings::{
    AsTenant, EmptySecret, FileSettings, MemorySettings, SaveResult, Saved, ScopedSettings, Secret,
    Settings, SettingsChange, SettingsError, SettingsScope, SettingsStore, StoredSettings,
    TenantName,
};
