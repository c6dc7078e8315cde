//! Values kept unchanged.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Unknown fields in wire order, each value kept byte for byte.
///
/// If a name is repeated, the last value wins.
///
/// ```
/// use pbx_integration::Reader;
///
/// let json = r#"{"domain":"t.example","callid":"e1@pbx","start":1.000,"x":1e2,"a":[ ]}"#;
/// let cdr = Reader::strict().read_cdr(json)?.value;
/// assert_eq!(cdr.extra.get("x"), Some("1e2"));
/// assert_eq!(serde_json::to_string(&cdr)?, json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Extra {
    fields: Vec<(Box<str>, Box<RawValue>)>,
}

impl Extra {
    /// Returns the value of a field, as JSON.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| **field == *name).map(|(_, value)| value.get())
    }

    /// Returns all fields in order: names, and values as JSON.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (&**name, value.get()))
    }

    /// Returns the number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Returns whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Keeps the last value of each name, in the place of the first.
    // P160
    pub(crate) fn new(fields: Vec<(Box<str>, Box<RawValue>)>) -> Self {
        if fields.len() < 2 {
            return Self { fields };
        }
        let mut last: HashMap<Box<str>, usize> = HashMap::with_capacity(fields.len());
        let mut kept: Vec<(Box<str>, Box<RawValue>)> = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            match last.get(&name).and_then(|at| kept.get_mut(*at)) {
                Some(earlier) => earlier.1 = value,
                None => {
                    last.insert(name.clone(), kept.len());
                    kept.push((name, value));
                }
            }
        }
        Self { fields: kept }
    }

    pub(crate) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Extra {}

impl Hash for Extra {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fields.len().hash(state);
        self.iter().for_each(|field| field.hash(state));
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// JSON kept unchanged, because its form is not documented: access logs and quality reports.
#[derive(Clone)]
pub struct Raw(Box<RawValue>);

impl Raw {
    pub(crate) fn new(value: &RawValue) -> Self {
        Self(value.to_owned())
    }

    /// Returns the JSON.
    #[must_use]
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    pub(crate) fn raw(&self) -> &RawValue {
        &self.0
    }
}

impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for Raw {}

impl Hash for Raw {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_json().hash(state);
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A live object of the PBX, `call` or `leg`, if the payload has it.
///
/// Never interpreted, written back unchanged, and ignored by comparison and debug output: all
/// handles are equal.
#[derive(Clone, Default)]
pub struct Handle(Option<Box<RawValue>>);

impl Handle {
    pub(crate) fn new(value: &RawValue) -> Self {
        Self((value.get() != "null").then(|| value.to_owned()))
    }

    /// Returns the JSON, if any.
    #[must_use]
    pub fn as_json(&self) -> Option<&str> {
        self.0.as_deref().map(RawValue::get)
    }

    pub(crate) const fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl PartialEq for Handle {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Handle {}

impl Hash for Handle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // All handles are equal.
        let _ = state;
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(..)")
    }
}

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
