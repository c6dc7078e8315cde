//! All settings of a store as one JSON document.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use zeroize::Zeroizing;

use super::scope::SettingsScope;
use super::secret::Secret;
use super::stored::StoredSettings;
use crate::definition::Identifier;
use crate::event::Tenant;

const FORMAT: &str = "pbx-integration-settings/1";

/// The settings of all scopes.
pub(super) type State = BTreeMap<SettingsScope, StoredSettings>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    scopes: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    identifier: Identifier,
    tenant: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public: Option<Value>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    secrets: BTreeMap<String, Kept>,
}

/// A secret in its document form, used nowhere else.
struct Kept(Secret);

/// Writes the document of a state, whose memory is cleared on drop.
pub(super) fn write(state: &State) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let entry = |(scope, stored): (&SettingsScope, &'_ StoredSettings)| {
        let kept = |(name, secret): (&String, &Secret)| (name.clone(), Kept(secret.clone()));
        Entry {
            identifier: scope.identifier.clone(),
            tenant: scope.tenant.as_str().to_owned(),
            user: scope.user.clone(),
            public: stored.public.clone(),
            secrets: stored.secrets.iter().map(kept).collect(),
        }
    };
    let document =
        Document { format: FORMAT.to_owned(), scopes: state.iter().map(entry).collect() };
    // Counted first, so that the buffer never moves and leaves no copy.
    let mut length = Counter(0);
    serde_json::to_writer_pretty(&mut length, &document)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer_pretty(&mut *bytes, &document)?;
    Ok(bytes)
}

/// Reads a state from its document. The parser's own error text may contain a value and is not
/// used.
pub(super) fn read(bytes: &[u8]) -> Result<State, String> {
    let document: Document = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            format!("line {line}, column {column}: expected settings in the format {FORMAT}")
        } else if error.to_string().starts_with("recursion limit") {
            format!("line {line}, column {column}: nested too deeply")
        } else {
            format!("line {line}, column {column}: not JSON")
        }
    })?;
    if document.format != FORMAT {
        return Err(format!("expected the format {FORMAT}, found another one"));
    }
    let scope = |entry: Entry| {
        let tenant = Tenant::new(&entry.tenant).ok_or("a tenant has no name")?;
        let Entry { identifier, user, public, secrets, .. } = entry;
        let secrets = secrets.into_iter().map(|(name, Kept(secret))| (name, secret)).collect();
        Ok((SettingsScope { identifier, tenant, user }, StoredSettings { public, secrets }))
    };
    document.scopes.into_iter().map(scope).collect()
}

struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_json() {
            self.0.expose_json().serialize(serializer)
        } else {
            serializer.serialize_str(self.0.expose())
        }
    }
}

/// A text moves into its secret; it is not copied.
impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Err(D::Error::custom("null is no secret")),
            value => Ok(Self(Secret::from_json(value))),
        }
    }
}
