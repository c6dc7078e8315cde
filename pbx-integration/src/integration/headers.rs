//! Headers of a web request (P72).

use std::fmt;

use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::wire::context::Context;
use crate::wire::error::{Bad, Found, Harm};
use crate::wire::field::Written;
use crate::wire::json::Json;
use crate::wire::record::fields_in;
use crate::wire::{Extra, scalar};

/// The headers of a web request, in order, repeats kept (P72). Names compare without case. `Debug`
/// shows names only: values may be secrets.
///
/// ```
/// use pbx_integration::Headers;
///
/// let headers: Headers = [("Content-Type", "text/plain"), ("X-Tag", "a"), ("x-tag", "b")].into_iter().collect();
/// assert_eq!(headers.get("content-type"), Some("text/plain"));
/// assert_eq!(headers.get_all("X-TAG").collect::<Vec<_>>(), ["a", "b"]);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

#[derive(Clone, PartialEq, Eq)]
struct Header {
    name: String,
    value: String,
    /// What its object has beyond these (P4).
    extra: Extra,
}

impl Headers {
    /// The value of the first header with a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// The values of all headers with a name, in order.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers, as name and value, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|header| (&*header.name, &*header.value))
    }

    /// Adds a header.
    pub fn push(&mut self, name: &str, value: &str) {
        self.add(name, value, Extra::default());
    }

    fn add(&mut self, name: &str, value: &str, extra: Extra) {
        self.0.push(Header { name: name.to_owned(), value: value.to_owned(), extra });
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
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

/// A list of objects with `name` and `value`.
impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
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

/// What is expected where a header's name is empty.
const NAME: &str = "a header's name";

/// Reads headers: a list of objects with `name` and `value`, one such object (P10), or an object that
/// maps names to a value or to a list of them.
pub(super) fn headers<'de, M: MapAccess<'de>>(
    map: &mut M,
    context: &mut Context,
    (field, _): (&'static str, bool),
) -> Result<Headers, M::Error> {
    let raw = map.next_value::<&'de RawValue>()?.get();
    let mut headers = Headers::default();
    match Json::of(raw) {
        Json::Null => {}
        Json::Text(text) if text.is_empty() => {}
        Json::List => context.in_field(field, |context| {
            let items = serde_json::from_str::<Vec<&RawValue>>(raw).unwrap_or_default();
            for (at, item) in items.into_iter().enumerate() {
                context.in_item(at, |context| match Json::of(item.get()) {
                    Json::Object => entry(item.get(), &mut headers, context),
                    json => context.note(Harm::IsDropped, json.bad(72, "a header")),
                });
            }
        }),
        Json::Object => context.in_field(field, |context| {
            let fields = fields_in(raw);
            let is_entry = fields.len() == 2
                && ["name", "value"].iter().all(|name| fields.get(name).is_some());
            if is_entry {
                return context.in_item(0, |context| entry(raw, &mut headers, context));
            }
            for (name, values) in fields.iter() {
                if name.is_empty() {
                    context.note(Harm::IsDropped, Bad::new(72, NAME, Found::Nothing));
                    continue;
                }
                let values = match Json::of(values) {
                    Json::List => serde_json::from_str(values).unwrap_or_default(),
                    _ => serde_json::from_str::<&RawValue>(values).into_iter().collect::<Vec<_>>(),
                };
                for value in values {
                    match text(value.get()) {
                        Ok(value) => headers.push(name, &value),
                        // The name is not a known one, so the path ends here (P12).
                        Err(bad) => context.note(Harm::IsDropped, bad),
                    }
                }
            }
        }),
        json => context.note_field(field, Harm::IsDropped, json.bad(72, "a list of headers")),
    }
    Ok(headers)
}

/// Reads one object with `name` and `value`.
fn entry(raw: &str, headers: &mut Headers, context: &mut Context) {
    let fields = fields_in(raw);
    let name = fields.get("name").map(|name| {
        let mut json = Json::of(name);
        scalar::text(&mut json).and_then(|name| name.ok_or_else(|| json.bad(72, NAME)))
    });
    let value = fields.get("value").map_or_else(|| Ok(String::new()), text);
    match (name, value) {
        (None, _) => context.note_missing("name", Harm::IsDropped),
        (Some(Err(bad)), _) => context.note_field("name", Harm::IsDropped, bad),
        (_, Err(bad)) => context.note_field("value", Harm::IsDropped, bad),
        (Some(Ok(name)), Ok(value)) => {
            let mut extra = Extra::default();
            let raw = |json: &str| serde_json::from_str::<Box<RawValue>>(json).ok();
            for (field, json) in
                fields.iter().filter(|(field, _)| !matches!(*field, "name" | "value"))
            {
                raw(json).into_iter().for_each(|json| extra.push(field.into(), json));
            }
            headers.add(&name, &value, extra);
        }
    }
}

/// The value of a header: text, or a number by its digits.
fn text(raw: &str) -> Result<String, Bad> {
    let mut json = Json::of(raw);
    match json {
        Json::Number(digits) => Ok(digits.to_owned()),
        _ => Ok(scalar::free_text(&mut json)?.unwrap_or_default()),
    }
}
