//! The contract of settings stores.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::error::SettingsError;
use super::scope::SettingsScope;
use super::secret::Secret;
use super::stored::{Saved, SettingsChange};

/// A store of the settings of any number of integrations: implemented by
/// [`MemorySettings`](super::MemorySettings), `FileSettings` (feature `file-settings`), and your own store in
/// a database. Integrations use it through [`Settings`](super::Settings).
///
/// The contract, which `testing::settings_conformance` checks:
///
/// - Scopes and their public and secret parts are isolated from each other.
/// - [`update`](Self::update) is atomic, and concurrent ones do not undo each other: read,
///   [`SettingsChange::apply`] and write belong to one transaction.
/// - A read after an update returns the written data.
/// - No error contains a value.
///
/// Methods are asynchronous and must not block the thread that they are polled on.
///
/// A wrapper must forward every method; `#![deny(clippy::missing_trait_methods)]` helps.
#[async_trait]
pub trait SettingsStore: fmt::Debug + Send + Sync {
    /// Returns the public data of a scope, if there is any.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    async fn public(&self, scope: &SettingsScope) -> Result<Option<Value>, SettingsError>;

    /// Returns the secrets of a scope by name; the one of a bare private part has the empty name.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    async fn secrets(
        &self,
        scope: &SettingsScope,
    ) -> Result<BTreeMap<String, Secret>, SettingsError>;

    /// Applies a change and returns the changed names.
    ///
    /// # Errors
    ///
    /// If the change cannot be applied or written; then nothing is changed.
    async fn update(
        &self,
        scope: &SettingsScope,
        change: SettingsChange,
    ) -> Result<Saved, SettingsError>;
}

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: SettingsStore + ?Sized> SettingsStore for $pointer {
            async fn public(&self, scope: &SettingsScope) -> Result<Option<Value>, SettingsError> {
                (**self).public(scope).await
            }

            async fn secrets(
                &self,
                scope: &SettingsScope,
            ) -> Result<BTreeMap<String, Secret>, SettingsError> {
                (**self).secrets(scope).await
            }

            async fn update(
                &self,
                scope: &SettingsScope,
                change: SettingsChange,
            ) -> Result<Saved, SettingsError> {
                (**self).update(scope, change).await
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
