//! All settings of a store as two JSON documents, one for public data and one for secrets.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use zeroize::Zeroizing;

use super::scope::{SettingsScope, TenantName};
use super::secret::Secret;
use super::stored::StoredSettings;
use crate::definition::Identifier;

const PUBLIC_FORMAT: &str = "pbx-integration-settings/1";
const SECRET_FORMAT: &str = "pbx-integration-secrets/1";

/// The settings of all scopes.
pub(super) type State = BTreeMap<SettingsScope, StoredSettings>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<T> {
    format: String,
    scopes: Vec<Entry<T>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<T> {
    identifier: Identifier,
    tenant: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    data: T,
}

/// A secret as it stands in its file, and nowhere else.
struct Kept<S>(S);

/// The documents of a state. That of the secrets is cleared when it is dropped.
pub(super) fn write(state: &State) -> serde_json::Result<(Vec<u8>, Zeroizing<Vec<u8>>)> {
    let public = document(PUBLIC_FORMAT, state, |stored| stored.public.as_ref());
    let secrets = document(SECRET_FORMAT, state, |stored| {
        let entries = stored.secrets.iter().map(|(name, secret)| (name, Kept(secret)));
        (!stored.secrets.is_empty()).then(|| entries.collect::<BTreeMap<_, _>>())
    });
    // Counted first, so that the document never moves and leaves no copies behind.
    let mut length = Counter(0);
    serde_json::to_writer_pretty(&mut length, &secrets)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer_pretty(&mut *bytes, &secrets)?;
    Ok((serde_json::to_vec_pretty(&public)?, bytes))
}

fn document<'a, T>(
    format: &str,
    state: &'a State,
    data: impl Fn(&'a StoredSettings) -> Option<T>,
) -> Document<T> {
    let entry = |(scope, stored): (&'a SettingsScope, &'a StoredSettings)| {
        Some(Entry {
            identifier: scope.identifier.clone(),
            tenant: scope.tenant.as_str().to_owned(),
            user: scope.user.clone(),
            data: data(stored)?,
        })
    };
    Document { format: format.to_owned(), scopes: state.iter().filter_map(entry).collect() }
}

/// Reads a state from its documents.
pub(super) fn read(public: &[u8], secrets: &[u8]) -> Result<State, String> {
    let mut state = State::new();
    let document: Document<Value> = parse("public data", PUBLIC_FORMAT, public)?;
    for (scope, data) in scopes(document)? {
        state.entry(scope).or_default().public = Some(data);
    }
    let document: Document<BTreeMap<String, Kept<Secret>>> =
        parse("secrets", SECRET_FORMAT, secrets)?;
    for (scope, data) in scopes(document)? {
        let data = data.into_iter().map(|(name, Kept(secret))| (name, secret)).collect();
        state.entry(scope).or_default().secrets = data;
    }
    Ok(state)
}

fn parse<'a, T: Deserialize<'a>>(
    what: &str,
    format: &str,
    bytes: &'a [u8],
) -> Result<Document<T>, String> {
    // The text of the parser's own error may hold a value.
    let document: Document<T> = serde_json::from_slice(bytes).map_err(|error| {
        format!("the {what}, line {}, column {}: not as written", error.line(), error.column())
    })?;
    if document.format == format {
        Ok(document)
    } else {
        Err(format!("the {what} are not in the format {format}"))
    }
}

fn scopes<T>(document: Document<T>) -> Result<Vec<(SettingsScope, T)>, String> {
    let scope = |entry: Entry<T>| {
        let tenant = TenantName::new(&entry.tenant).ok_or("a tenant without a name")?;
        let Entry { identifier, user, data, .. } = entry;
        Ok((SettingsScope { identifier, tenant, user }, data))
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

impl Serialize for Kept<&Secret> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_json() {
            self.0.expose_json().serialize(serializer)
        } else {
            serializer.serialize_str(self.0.expose())
        }
    }
}

impl<'de> Deserialize<'de> for Kept<Secret> {
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

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Secret, E> {
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

    fn visit_unit<E: serde::de::Error>(self) -> Result<Secret, E> {
        Err(E::custom("null is no secret"))
    }
}
