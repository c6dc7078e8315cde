//! All settings of a store as one JSON document.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
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

/// A secret as it stands in the document, and nowhere else.
struct Kept(Secret);

/// The document of a state. Its memory is cleared when it is dropped.
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
    // Counted first, so that the document never moves and leaves no copy behind.
    let mut length = Counter(0);
    serde_json::to_writer_pretty(&mut length, &document)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer_pretty(&mut *bytes, &document)?;
    Ok(bytes)
}

/// Reads a state from its document. The text of the parser's own error may hold a value.
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

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor).map(Kept)
    }
}

/// Takes a text without a detour by [`Value`], so that no copy is left.
struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }

    fn visit_str<E>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::new(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Secret, E> {
        Ok(Secret::from_json(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Secret, E> {
        Ok(Secret::from_json(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Secret, E> {
        Ok(Secret::from_json(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Secret, E> {
        Ok(Secret::from_json(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Secret, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Value>()? {
            list.push(item);
        }
        Ok(Secret::from_json(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Secret, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((name, value)) = members.next_entry::<String, Value>()? {
            object.insert(name, value);
        }
        Ok(Secret::from_json(object.into()))
    }
}
