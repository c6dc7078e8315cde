//! Headers of a web request.

use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::context::Severity;
use crate::wire::field::{text, text_or_number};
use crate::wire::object::{Item, Object};
use crate::wire::record::Written;
use crate::wire::split::{items, members};
use crate::wire::value::{Json, Value};
use crate::wire::{Code, Extra};

/// The headers of a web request, in order, repeats kept. Names compare without case. `Debug`
/// shows names only: values may be secrets.
///
/// ```
/// use pbx_integration::integration::Headers;
///
/// let headers: Headers = [("Content-Type", "text/plain"), ("X-Tag", "a"), ("x-tag", "b")].into_iter().collect();
/// assert_eq!(headers.get("content-type"), Some("text/plain"));
/// assert_eq!(headers.get_all("X-TAG").collect::<Vec<_>>(), ["a", "b"]);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Headers(Vec<Header>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Header {
    /// Shared by the values of one name, which may be long and repeated.
    name: Arc<str>,
    value: String,
    /// Other fields of its object.
    extra: Extra,
}

impl Headers {
    /// Returns the value of the first header with a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// Returns the values of all headers with a name, in order.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns all headers, as name and value, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|header| (&*header.name, &*header.value))
    }

    /// Adds a header.
    pub fn push(&mut self, name: &str, value: &str) {
        self.add(name.into(), value.to_owned());
    }

    fn add(&mut self, name: Arc<str>, value: String) {
        self.0.push(Header { name, value, extra: Extra::default() });
    }

    /// Returns the number of headers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no headers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Headers {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(headers: I) -> Self {
        let mut collected = Self::default();
        headers.into_iter().for_each(|(name, value)| collected.push(name, value));
        collected
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Writes a list of objects with `name` and `value`.
impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &*self.name)?;
        map.serialize_entry("value", &self.value)?;
        self.extra.write(&mut map)?;
        map.end()
    }
}

impl Written for Headers {
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        if self.is_empty() { Ok(()) } else { map.serialize_entry(name, self) }
    }
}

impl Object<'_, '_> {
    /// Reads headers: a list of objects with `name` and `value`, one such object, or an object that maps
    /// names to a value or to a list of values.
    // P72, P10
    pub(crate) fn headers(&mut self, field: &'static str) -> Headers {
        let Some(value) = self.peek(field) else { return Headers::default() };
        let is_map = matches!(value.json, Json::Object) && !is_entry(value.raw);
        if is_map {
            return self.map_of_headers(field);
        }
        Headers(self.items(field, |item: Item<'_, '_>| match item.raw.get().as_bytes().first() {
            Some(b'{') => header(item.open()),
            _ => item.scalar(|value| Err(value.fault(Code::WrongType, "a header"))),
        }))
    }

    fn map_of_headers(&mut self, field: &'static str) -> Headers {
        let mut headers = Headers::default();
        let Some(raw) = self.take(field) else { return headers };
        for (name, raw) in members(raw) {
            let value = self.value(raw);
            let values = if let Json::List = value.json { items(raw) } else { vec![raw] };
            if name.is_empty() {
                let fault = value.fault(Code::Missing, "the name of a header");
                self.note(field, Severity::Drop, fault);
                continue;
            }
            let name: Arc<str> = name.into();
            for raw in values {
                if !self.count() {
                    return headers;
                }
                let value = self.value(raw);
                match text_or_number(value) {
                    Ok(value) => headers.add(name.clone(), value.unwrap_or_default()),
                    // An unknown name is not shown (P12).
                    Err(fault) => self.note(field, Severity::Drop, fault),
                }
            }
        }
        headers
    }
}

/// Returns whether an object is one header: only `name` and `value`.
fn is_entry(raw: &RawValue) -> bool {
    let members = members(raw);
    let has = |name: &str| members.iter().any(|(own, _)| own == name);
    members.len() == 2 && has("name") && has("value")
}

fn header(mut object: Object<'_, '_>) -> Option<Header> {
    let name = object.required("name", text).map(Arc::from);
    let is_bad =
        |value: &Value<'_>| !matches!(value.json, Json::Null | Json::Text(_) | Json::Number(_));
    let has_bad_value = object.peek("value").is_some_and(|value| is_bad(&value));
    let value = object.optional("value", text_or_number);
    let extra = object.rest();
    let value = value.unwrap_or_default();
    (!has_bad_value).then_some(Header { name: name?, value, extra })
}
