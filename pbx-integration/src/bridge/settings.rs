//! The settings of integrations in the store of the PBX.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::Bridge;
use super::line::CommandError;
use crate::definition::Form;
use crate::settings::{
    Saved, Secret, SettingsChange, SettingsError, SettingsScope, SettingsStore, StoredSettings,
};

/// The member of an object that holds the JSON text of a value which the numbers of ECMAScript cannot hold.
const WRAPPED: &str = "pbxbridge.json";

/// The names of an integration's settings. The PBX has no list of them, so they are declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingNames {
    public: BTreeSet<String>,
    secret: BTreeSet<String>,
}

impl SettingNames {
    /// The names of public and of secret settings.
    ///
    /// Public data that is no object, and a secret without a name, are kept under the empty name.
    #[must_use]
    pub fn new<P: Into<String>, S: Into<String>>(
        public: impl IntoIterator<Item = P>,
        secret: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            public: public.into_iter().map(Into::into).collect(),
            secret: secret.into_iter().map(Into::into).collect(),
        }
    }

    /// The names of a form's fields.
    // X46
    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        Self::new(form.public_names(), form.secret_names())
    }

    const fn of(&self, is_secret: bool) -> &BTreeSet<String> {
        if is_secret { &self.secret } else { &self.public }
    }
}

/// A [`SettingsStore`] in the PBX, reached through its backend script: the settings that the forms load and save.
///
/// Only declared names are read and written. An update writes the entries that differ, one after the other: the PBX
/// has no transactions. If it breaks off, the error says how many were written. Numbers that ECMAScript cannot hold,
/// such as 2^64 - 1, are stored as an object with their JSON text, which forms do not understand.
#[derive(Clone)]
pub struct BridgeSettings {
    bridge: Bridge,
    names: SettingNames,
}

/// An update that broke off.
#[derive(Debug, thiserror::Error)]
#[error("{written} of {count} entries were written")]
struct BrokenOff {
    written: usize,
    count: usize,
    source: CommandError,
}

impl BridgeSettings {
    pub(super) const fn new(bridge: Bridge, names: SettingNames) -> Self {
        Self { bridge, names }
    }

    /// The entries of a scope that exist.
    async fn load(
        &self,
        scope: &SettingsScope,
        is_secret: bool,
    ) -> Result<BTreeMap<String, Value>, SettingsError> {
        let names = self.names.of(is_secret);
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let args = json!({
            "domain": scope.tenant.as_str(), "user": scope.user.as_deref().unwrap_or_default(),
            "names": names, "secret": is_secret,
        });
        let line = self.bridge.line(&scope.identifier);
        let tenant = Some(scope.tenant.clone());
        let loaded = line.command("load", &args, tenant, self.bridge.command_timeout()).await;
        let Value::Array(values) =
            loaded.map_err(|error| SettingsError::store("load from the PBX", error))?
        else {
            return Err(SettingsError::store("load from the PBX", "the result is not a list"));
        };
        let entries = names.iter().cloned().zip(values.into_iter().map(unwrapped));
        Ok(entries.filter(|(_, value)| !value.is_null()).collect())
    }

    async fn save(&self, scope: &SettingsScope, entries: Vec<Value>) -> Result<(), SettingsError> {
        if entries.is_empty() {
            return Ok(());
        }
        let count = entries.len();
        let args = json!({
            "domain": scope.tenant.as_str(), "user": scope.user.as_deref().unwrap_or_default(),
            "entries": entries,
        });
        let line = self.bridge.line(&scope.identifier);
        let tenant = Some(scope.tenant.clone());
        let saved = line.command("save", &args, tenant, self.bridge.command_timeout()).await;
        crate::settings::clear(args);
        match saved {
            Ok(_) => Ok(()),
            Err(source @ CommandError::Failed { written, .. }) => {
                let broken = BrokenOff { written, count, source };
                Err(SettingsError::store("save to the PBX", broken))
            }
            Err(error) => Err(SettingsError::store("save to the PBX", error)),
        }
    }

    /// The entries to write, the public ones first.
    fn changes(
        &self,
        before: &StoredSettings,
        after: &StoredSettings,
    ) -> Result<Vec<Value>, SettingsError> {
        let json = |secrets: &BTreeMap<String, Secret>| {
            secrets.iter().map(|(name, secret)| (name.clone(), secret.expose_json())).collect()
        };
        let pairs = [
            (false, flat(before.public.clone()), flat(after.public.clone())),
            (true, json(&before.secrets), json(&after.secrets)),
        ];
        let mut entries = Vec::new();
        for (is_secret, before, mut after) in pairs {
            let before: BTreeMap<String, Value> = before;
            let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
            for name in names {
                let value = after.remove(&name).unwrap_or_default();
                if before.get(&name).unwrap_or(&Value::Null) == &value {
                    continue;
                }
                if !self.names.of(is_secret).contains(&name) {
                    return Err(SettingsError::NotDeclared { name });
                }
                entries.push(json!({"name": name, "value": wrapped(value), "secret": is_secret}));
            }
        }
        Ok(entries)
    }
}

#[async_trait]
impl SettingsStore for BridgeSettings {
    async fn public(&self, scope: &SettingsScope) -> Result<Option<Value>, SettingsError> {
        let mut entries = self.load(scope, false).await?;
        if let Some(data) = entries.remove("") {
            return Ok(Some(data));
        }
        let data: Map<String, Value> = entries.into_iter().collect();
        Ok((!data.is_empty()).then_some(Value::Object(data)))
    }

    // X37
    async fn secrets(
        &self,
        scope: &SettingsScope,
    ) -> Result<BTreeMap<String, Secret>, SettingsError> {
        let entries = self.load(scope, true).await?;
        Ok(entries.into_iter().map(|(name, value)| (name, Secret::from_json(value))).collect())
    }

    // X36, X37
    async fn update(
        &self,
        scope: &SettingsScope,
        change: SettingsChange,
    ) -> Result<Saved, SettingsError> {
        let (public, secrets) = (self.public(scope).await?, self.secrets(scope).await?);
        let before = StoredSettings { public, secrets };
        let mut after = before.clone();
        let saved = change.apply(&mut after)?;
        self.save(scope, self.changes(&before, &after)?).await?;
        Ok(saved)
    }
}

/// Public data as entries; data that is no object is the entry without a name.
fn flat(data: Option<Value>) -> BTreeMap<String, Value> {
    match data {
        None => BTreeMap::new(),
        Some(Value::Object(entries)) => entries.into_iter().collect(),
        Some(data) => BTreeMap::from([(String::new(), data)]),
    }
}

/// A value that the script does not change.
fn wrapped(value: Value) -> Value {
    if survives(&value) { value } else { json!({WRAPPED: value.to_string()}) }
}

fn unwrapped(value: Value) -> Value {
    let text = value.get(WRAPPED).and_then(Value::as_str);
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(value)
}

/// Returns whether a value is the same after a script has read and written it.
fn survives(value: &Value) -> bool {
    const EXACT: u64 = 1 << 53;
    match value {
        Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(number), ..) => number <= EXACT,
            (_, Some(number), _) => number.unsigned_abs() <= EXACT,
            // 1.0 would come back as 1.
            (_, _, number) => {
                number.is_some_and(|number| number.fract() != 0.0 || number.abs() >= 1e21)
            }
        },
        Value::Array(items) => items.iter().all(survives),
        Value::Object(members) => {
            let is_plain = |name: &String| name != WRAPPED && name != "__proto__";
            members.keys().all(is_plain) && members.values().all(survives)
        }
        _ => true,
    }
}

impl fmt::Debug for BridgeSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeSettings").field("names", &self.names).finish_non_exhaustive()
    }
}
