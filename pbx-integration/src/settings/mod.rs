//! Settings of integrations, with separate public and secret parts.

#[cfg(feature = "file-settings")]
mod document;
mod error;
#[cfg(feature = "file-settings")]
mod file;
mod memory;
mod save_result;
mod scope;
mod secret;
mod store;
mod stored;

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

pub use self::error::SettingsError;
#[cfg(feature = "file-settings")]
#[cfg_attr(docsrs, doc(cfg(feature = "file-settings")))]
pub use self::file::FileSettings;
pub use self::memory::MemorySettings;
pub use self::save_result::{EmptySecret, SaveResult};
pub use self::scope::SettingsScope;
pub use self::secret::Secret;
#[cfg(feature = "bridge")]
pub(crate) use self::secret::clear;
pub use self::store::SettingsStore;
use self::stored::{PublicChange, SCALAR};
pub use self::stored::{Saved, SettingsChange, StoredSettings};
use crate::definition::Identifier;
use crate::event::AsTenant;

/// The settings of one integration, bound to its identifier.
///
/// ```
/// use std::sync::Arc;
/// use pbx_integration::settings::{MemorySettings, SaveResult};
/// use pbx_integration::{Identifier, Settings};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::new(Arc::new(MemorySettings::new()), Identifier::new("ourcrmsys")?);
///
/// let tenant = settings.tenant("tenant1.example.com");
/// let saved = tenant.save(SaveResult::parse(r#"[{"username": "joe"}, {"password": "p1"}]"#)?).await?;
/// println!("changed: {saved:?}"); // names, never values
///
/// let password = tenant.secret("password").await?; // Option<Secret>
/// assert_eq!(settings.user("tenant1.example.com", "41").secret("password").await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Settings {
    store: Arc<dyn SettingsStore>,
    identifier: Identifier,
}

impl Settings {
    /// Creates the settings of an integration in a store.
    #[must_use]
    pub fn new(store: Arc<dyn SettingsStore>, identifier: Identifier) -> Self {
        Self { store, identifier }
    }

    /// Returns the identifier of the integration.
    #[must_use]
    pub const fn identifier(&self) -> &Identifier {
        &self.identifier
    }

    /// Returns the settings of a tenant itself, such as `settings.tenant(&request.domain)`. Without
    /// a tenant, every use is [`SettingsError::NoTenant`].
    #[must_use]
    pub fn tenant(&self, tenant: impl AsTenant) -> ScopedSettings {
        self.user(tenant, "")
    }

    /// Returns the settings of a user of a tenant, by the PBX's name of the user. An empty user
    /// means the tenant.
    #[must_use]
    pub fn user(&self, tenant: impl AsTenant, user: &str) -> ScopedSettings {
        let scope = tenant
            .as_tenant()
            .map(|tenant| SettingsScope::user(self.identifier.clone(), tenant, user));
        ScopedSettings { store: self.store.clone(), scope }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("identifier", &self.identifier).finish_non_exhaustive()
    }
}

/// The settings of one tenant or user: a public part and a secret one, isolated from each other and
/// from other scopes.
#[derive(Clone)]
pub struct ScopedSettings {
    store: Arc<dyn SettingsStore>,
    scope: Option<SettingsScope>,
}

impl ScopedSettings {
    /// Returns an entry of the public data; `None` if it is missing.
    ///
    /// # Errors
    ///
    /// [`SettingsError::EmptyName`], [`SettingsError::NoTenant`], or a failure of the store.
    #[doc(alias = "loadIntr")]
    pub async fn public(&self, name: &str) -> Result<Option<Value>, SettingsError> {
        let name = checked(name)?;
        Ok(match self.public_data().await? {
            Some(Value::Object(mut entries)) => entries.remove(name),
            _ => None,
        })
    }

    /// Returns all public data, if any was stored.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NoTenant`], or a failure of the store.
    pub async fn public_data(&self) -> Result<Option<Value>, SettingsError> {
        self.store.public(self.scope()?).await
    }

    /// Returns the data for the `load` of a form: the public data if it is an object or a list,
    /// else an empty object. Contains no secrets.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NoTenant`], or a failure of the store.
    pub async fn form_data(&self) -> Result<Value, SettingsError> {
        Ok(match self.public_data().await? {
            Some(data @ (Value::Object(_) | Value::Array(_))) => data,
            _ => Value::Object(Map::new()),
        })
    }

    /// Returns a secret; `None` if it is missing.
    ///
    /// # Errors
    ///
    /// [`SettingsError::EmptyName`], [`SettingsError::NoTenant`], or a failure of the store.
    #[doc(alias = "loadIntr")]
    pub async fn secret(&self, name: &str) -> Result<Option<Secret>, SettingsError> {
        let name = checked(name)?;
        Ok(self.store.secrets(self.scope()?).await?.remove(name))
    }

    /// Returns the secret that a form saved as a bare value, without a name.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NoTenant`], or a failure of the store.
    pub async fn secret_scalar(&self) -> Result<Option<Secret>, SettingsError> {
        Ok(self.store.secrets(self.scope()?).await?.remove(SCALAR))
    }

    /// Saves the result of a form's `save`.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NoTenant`], or a failure of the store; then nothing is changed.
    #[doc(alias = "saveIntr")]
    pub async fn save(&self, result: SaveResult) -> Result<Saved, SettingsError> {
        self.update(result.into_change()).await
    }

    /// Saves one entry of the public data; `null` removes it.
    ///
    /// # Errors
    ///
    /// [`SettingsError::EmptyName`], [`SettingsError::NoTenant`], [`SettingsError::NotAnObject`],
    /// [`SettingsError::TooDeep`], or a failure of the store; then nothing is changed.
    #[doc(alias = "saveIntr")]
    pub async fn set_public(
        &self,
        name: &str,
        value: impl Into<Value>,
    ) -> Result<Saved, SettingsError> {
        let entry = PublicChange::Entry(checked(name)?.to_owned(), value.into());
        self.update(SettingsChange::public(entry)).await
    }

    /// Saves one secret, even an empty text. The JSON `null` removes it.
    ///
    /// # Errors
    ///
    /// [`SettingsError::EmptyName`], [`SettingsError::NoTenant`], or a failure of the store; then
    /// nothing is changed.
    #[doc(alias = "saveIntr")]
    pub async fn set_secret(
        &self,
        name: &str,
        secret: impl Into<Secret>,
    ) -> Result<Saved, SettingsError> {
        let secret = Some(secret.into()).filter(|secret| !secret.is_null());
        self.update(SettingsChange::secret(checked(name)?, secret)).await
    }

    /// Removes one secret.
    ///
    /// # Errors
    ///
    /// [`SettingsError::EmptyName`], [`SettingsError::NoTenant`], or a failure of the store.
    pub async fn clear_secret(&self, name: &str) -> Result<Saved, SettingsError> {
        self.update(SettingsChange::secret(checked(name)?, None)).await
    }

    /// Removes the secret without a name.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NoTenant`], or a failure of the store.
    pub async fn clear_secret_scalar(&self) -> Result<Saved, SettingsError> {
        self.update(SettingsChange::secret(SCALAR, None)).await
    }

    async fn update(&self, change: SettingsChange) -> Result<Saved, SettingsError> {
        self.store.update(self.scope()?, change).await
    }

    fn scope(&self) -> Result<&SettingsScope, SettingsError> {
        self.scope.as_ref().ok_or(SettingsError::NoTenant)
    }
}

impl fmt::Debug for ScopedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedSettings").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Checks the name of an entry.
fn checked(name: &str) -> Result<&str, SettingsError> {
    if name.is_empty() { Err(SettingsError::EmptyName) } else { Ok(name) }
}
