//! The result of a form's `save`.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::error::SettingsError;
use super::secret::{Secret, clear};
use super::stored::{DEPTH, PublicChange, SCALAR, SettingsChange, check_depth};

/// Maximum size of a result of `save`: 4 MiB.
const MAX_BYTES: usize = 4 << 20;

/// The result of a form's `save`: public data, and perhaps secrets.
///
/// | returned | public data | secrets |
/// |---|---|---|
/// | `{…}` or anything else that is no list | all of it | as they are |
/// | `[public]` | `public` | as they are |
/// | `[public, null]` | `public` | as they are |
/// | `[public, {"password": …}]` | `public` | each entry by its name |
/// | `[public, "…"]` | `public` | one, reached by [`secret_scalar`](super::ScopedSettings::secret_scalar) |
///
/// Public data that is a list itself is wrapped: `[[1, 2]]`. Public data replaces the stored data
/// as a whole; secrets are replaced one by one. `null` as public data, or as the value of one
/// secret in an object, removes the stored value; an empty text as a secret keeps it, unless
/// [`EmptySecret::Overwrite`] is chosen.
///
/// ```
/// use pbx_integration::settings::{SaveResult, SettingsError};
///
/// let result = SaveResult::parse(r#"[{"username": "joe"}, {"password": "p1"}]"#)?;
/// assert_eq!(result.public()["username"], "joe");
/// assert!(!format!("{result:?}").contains("p1"));
///
/// let error = SaveResult::parse(r#"[{"password": "x"}, {"password": "y"}]"#).unwrap_err();
/// assert!(matches!(error, SettingsError::SecretLeak { .. }));
/// # Ok::<(), SettingsError>(())
/// ```
#[derive(Clone)]
pub struct SaveResult {
    public: Value,
    secrets: BTreeMap<String, Option<Secret>>,
    empty_secret: EmptySecret,
}

/// The meaning of empty text in the private part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptySecret {
    /// The user entered nothing: the stored secret is kept.
    #[default]
    Keep,
    /// The empty text is stored.
    Overwrite,
}

impl SaveResult {
    /// Reads the result of `save`, as JSON. The caller clears the JSON text with its secrets.
    ///
    /// # Errors
    ///
    /// The errors of [`from_value`](Self::from_value), or if it is not JSON or longer than 4 MiB.
    pub fn parse(json: &str) -> Result<Self, SettingsError> {
        if json.len() > MAX_BYTES {
            return Err(SettingsError::TooLarge { limit: MAX_BYTES as u64 });
        }
        let value = serde_json::from_str(json).map_err(|error| SettingsError::NotJson {
            line: error.line(),
            column: error.column(),
        })?;
        Self::from_value(value)
    }

    /// Reads the result of `save`. Values of the private part are moved, not copied, and dropped
    /// ones are cleared.
    ///
    /// # Errors
    ///
    /// [`SettingsError::WrongCount`], [`SettingsError::PrivateIsList`],
    /// [`SettingsError::SecretLeak`], [`SettingsError::EmptyName`] or
    /// [`SettingsError::TooDeep`].
    pub fn from_value(returned: Value) -> Result<Self, SettingsError> {
        let (public, private) = match returned {
            Value::Array(mut parts) if matches!(parts.len(), 1 | 2) => {
                let private = if parts.len() == 2 { parts.pop() } else { None };
                (parts.pop().unwrap_or_default(), private)
            }
            Value::Array(parts) => {
                let found = parts.len();
                parts.into_iter().for_each(clear);
                return Err(SettingsError::WrongCount { found });
            }
            public => (public, None),
        };
        let secrets = private.map_or_else(|| Ok(BTreeMap::new()), secrets)?;
        let result = Self { public, secrets, empty_secret: EmptySecret::Keep };
        result.check()?;
        Ok(result)
    }

    /// Sets the meaning of an empty text in the private part.
    #[must_use]
    pub const fn with_empty_secret(mut self, policy: EmptySecret) -> Self {
        self.empty_secret = policy;
        self
    }

    /// Returns the public data.
    #[must_use]
    pub const fn public(&self) -> &Value {
        &self.public
    }

    fn check(&self) -> Result<(), SettingsError> {
        check_depth(&self.public, DEPTH)?;
        if self.public.as_object().is_some_and(|entries| entries.contains_key(SCALAR)) {
            return Err(SettingsError::EmptyName);
        }
        match leaked_key(&self.public, &self.secrets) {
            Some(key) => Err(SettingsError::SecretLeak { key: key.to_owned() }),
            None => Ok(()),
        }
    }

    /// Converts to the change of a store.
    #[must_use]
    pub fn into_change(self) -> SettingsChange {
        let keeps = |secret: &Option<Secret>| {
            self.empty_secret == EmptySecret::Keep && secret.as_ref().is_some_and(Secret::is_empty)
        };
        let secrets = self.secrets.into_iter().filter(|(_, secret)| !keeps(secret)).collect();
        SettingsChange { public: PublicChange::Replace(self.public), secrets }
    }
}

/// Returns the secrets of a private part by name; `None` removes one.
fn secrets(private: Value) -> Result<BTreeMap<String, Option<Secret>>, SettingsError> {
    let fault = match &private {
        Value::Array(_) => Some(SettingsError::PrivateIsList),
        Value::Object(entries) if entries.contains_key(SCALAR) => Some(SettingsError::EmptyName),
        private => check_depth(private, DEPTH).err(),
    };
    if let Some(fault) = fault {
        clear(private);
        return Err(fault);
    }
    Ok(match private {
        Value::Null => BTreeMap::new(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(name, value)| (name, (!value.is_null()).then(|| Secret::from_json(value))))
            .collect(),
        scalar => BTreeMap::from([(SCALAR.to_owned(), Some(Secret::from_json(scalar)))]),
    })
}

/// Finds the first key in the data that is the name of a secret, also in inner objects, which are
/// public too.
// P92
fn leaked_key<'a, T>(data: &'a Value, secrets: &BTreeMap<String, T>) -> Option<&'a str> {
    let is_secret = |name: &str| !name.is_empty() && secrets.contains_key(name);
    match data {
        Value::Array(items) => items.iter().find_map(|item| leaked_key(item, secrets)),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            if is_secret(name) { Some(name.as_str()) } else { leaked_key(member, secrets) }
        }),
        _ => None,
    }
}

impl fmt::Debug for SaveResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { public, secrets, empty_secret } = self;
        f.debug_struct("SaveResult")
            .field("public", public)
            .field("secrets", &secrets.len())
            .field("empty_secret", empty_secret)
            .finish()
    }
}
