//! Settings in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

use super::error::SettingsError;
use super::scope::SettingsScope;
use super::secret::Secret;
use super::store::SettingsStore;
use super::stored::{Saved, SettingsChange, StoredSettings};

/// A [`SettingsStore`] in memory: for tests, and for settings that another source provides at
/// start.
///
/// ```
/// use std::sync::Arc;
/// use pbx_integration::{Identifier, Secret, Settings, settings::MemorySettings};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::new(Arc::new(MemorySettings::new()), Identifier::new("ourcrmsys")?);
/// settings.tenant("tenant1.example.com").set_secret("password", Secret::new("p1")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct MemorySettings {
    scopes: Mutex<BTreeMap<SettingsScope, StoredSettings>>,
}

impl MemorySettings {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn scopes(&self) -> MutexGuard<'_, BTreeMap<SettingsScope, StoredSettings>> {
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SettingsStore for MemorySettings {
    async fn public(&self, scope: &SettingsScope) -> Result<Option<Value>, SettingsError> {
        Ok(self.scopes().get(scope).and_then(|stored| stored.public.clone()))
    }

    async fn secrets(
        &self,
        scope: &SettingsScope,
    ) -> Result<BTreeMap<String, Secret>, SettingsError> {
        Ok(self.scopes().get(scope).map(|stored| stored.secrets.clone()).unwrap_or_default())
    }

    async fn update(
        &self,
        scope: &SettingsScope,
        change: SettingsChange,
    ) -> Result<Saved, SettingsError> {
        change.apply_in(&mut self.scopes(), scope)
    }
}
