//! The settings of one scope, and changes to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::error::SettingsError;
use super::scope::SettingsScope;
use super::secret::Secret;

/// Maximum number of levels of public data and secrets.
pub(crate) const DEPTH: usize = 64;

/// The name of the single value of a private part, reserved for it.
pub(super) const SCALAR: &str = "";

/// The settings of one [`SettingsScope`](super::SettingsScope). `Debug` shows the public data and
/// the number of secrets.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSettings {
    /// The public data, usually an object; `None` if nothing was stored.
    pub public: Option<Value>,
    /// The secrets by name; the one of a bare private part has the empty name.
    pub secrets: BTreeMap<String, Secret>,
}

impl StoredSettings {
    /// Returns whether nothing is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.public.is_none() && self.secrets.is_empty()
    }
}

impl fmt::Debug for StoredSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { public, secrets } = self;
        f.debug_struct("StoredSettings")
            .field("public", public)
            .field("secrets", &secrets.len())
            .finish()
    }
}

/// A change to the settings of one scope. A store applies it atomically with
/// [`apply`](Self::apply). `Debug` shows names only.
#[derive(Clone)]
pub struct SettingsChange {
    pub(super) public: PublicChange,
    /// New values; `None` removes one.
    pub(super) secrets: BTreeMap<String, Option<Secret>>,
}

#[derive(Clone, PartialEq)]
pub(super) enum PublicChange {
    Keep,
    /// All of the public data; null removes it.
    Replace(Value),
    /// One entry; null removes it.
    Entry(String, Value),
}

impl SettingsChange {
    pub(super) const fn public(public: PublicChange) -> Self {
        Self { public, secrets: BTreeMap::new() }
    }

    pub(super) fn secret(name: &str, secret: Option<Secret>) -> Self {
        Self { public: PublicChange::Keep, secrets: BTreeMap::from([(name.to_owned(), secret)]) }
    }

    /// Applies the change, and returns the keys that changed.
    ///
    /// # Errors
    ///
    /// [`SettingsError::NotAnObject`] or [`SettingsError::TooDeep`]; then nothing is changed.
    pub fn apply(&self, stored: &mut StoredSettings) -> Result<Saved, SettingsError> {
        let public = self.next_public(stored.public.as_ref())?;
        let mut changed = Saved::default();
        if let Some(public) = public {
            changed.public = changed_keys(stored.public.as_ref(), public.as_ref());
            if !changed.public.is_empty() {
                stored.public = public;
            }
        }
        for (name, secret) in &self.secrets {
            if stored.secrets.get(name) == secret.as_ref() {
                continue;
            }
            match secret {
                Some(secret) => stored.secrets.insert(name.clone(), secret.clone()),
                None => stored.secrets.remove(name),
            };
            changed.secrets.insert(name.clone());
        }
        Ok(changed)
    }

    /// Applies the change to one of many scopes; a scope without settings is removed.
    pub(super) fn apply_in(
        &self,
        scopes: &mut BTreeMap<SettingsScope, StoredSettings>,
        scope: &SettingsScope,
    ) -> Result<Saved, SettingsError> {
        let mut stored = scopes.get(scope).cloned().unwrap_or_default();
        let saved = self.apply(&mut stored)?;
        if stored.is_empty() {
            scopes.remove(scope);
        } else {
            scopes.insert(scope.clone(), stored);
        }
        Ok(saved)
    }

    /// Returns the public data after the change, if it changes.
    fn next_public(&self, stored: Option<&Value>) -> Result<Option<Option<Value>>, SettingsError> {
        let next = match &self.public {
            PublicChange::Keep => return Ok(None),
            PublicChange::Replace(Value::Null) => None,
            PublicChange::Replace(value) => {
                check_depth(value, DEPTH)?;
                Some(value.clone())
            }
            PublicChange::Entry(name, value) => {
                // The object around it is another level.
                check_depth(value, DEPTH - 1)?;
                let mut entries = match stored {
                    None => Map::new(),
                    Some(Value::Object(entries)) => entries.clone(),
                    Some(_) => return Err(SettingsError::NotAnObject),
                };
                match value {
                    Value::Null => entries.remove(name),
                    value => entries.insert(name.clone(), value.clone()),
                };
                (stored.is_some() || !entries.is_empty()).then_some(Value::Object(entries))
            }
        };
        Ok(Some(next))
    }
}

impl fmt::Debug for SettingsChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = match &self.public {
            PublicChange::Keep => "kept",
            PublicChange::Replace(_) => "replaced",
            PublicChange::Entry(name, _) => name,
        };
        f.debug_struct("SettingsChange")
            .field("public", &public)
            .field("secrets", &self.secrets.keys())
            .finish()
    }
}

/// The names that a save changed, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The added, removed or changed entries of the public data. Data that is not an object counts
    /// as one entry with the empty name.
    pub public: BTreeSet<String>,
    /// The added, removed or changed secrets; the one of a bare private part has the empty name.
    pub secrets: BTreeSet<String>,
}

impl Saved {
    /// Returns whether the save changed nothing, so that nothing was written.
    #[doc(alias = "Unchanged")]
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.public.is_empty() && self.secrets.is_empty()
    }
}

fn changed_keys(before: Option<&Value>, after: Option<&Value>) -> BTreeSet<String> {
    let empty = Map::new();
    let entries = |data: Option<&Value>| data.is_none_or(Value::is_object);
    if before == after {
        return BTreeSet::new();
    }
    if !entries(before) || !entries(after) {
        return BTreeSet::from([SCALAR.to_owned()]);
    }
    let before_entries = before.and_then(Value::as_object).unwrap_or(&empty);
    let after_entries = after.and_then(Value::as_object).unwrap_or(&empty);
    let names = before_entries.keys().chain(after_entries.keys());
    let changed: BTreeSet<_> = names
        .filter(|name| before_entries.get(*name) != after_entries.get(*name))
        .cloned()
        .collect();
    if changed.is_empty() {
        // An empty object replaces missing data, or the reverse.
        return BTreeSet::from([SCALAR.to_owned()]);
    }
    changed
}

/// Rejects data that could be written but not read again.
pub(super) fn check_depth(value: &Value, levels: usize) -> Result<(), SettingsError> {
    let check = |inner: &Value| match levels.checked_sub(1) {
        Some(levels) => check_depth(inner, levels),
        None => Err(SettingsError::TooDeep { limit: DEPTH }),
    };
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => {
            Err(SettingsError::TooDeep { limit: DEPTH })
        }
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(members) => members.values().try_for_each(check),
        _ => Ok(()),
    }
}
