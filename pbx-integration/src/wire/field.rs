//! Fields whose form is their own, and how fields are written.

use std::time::Duration;

use serde::Serialize;
use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde_json::value::RawValue;

use crate::wire::context::Context;
use crate::wire::error::{Bad, Found, Harm};
use crate::wire::json::Json;
use crate::wire::raw::{Handle, Raw};
use crate::wire::scalar::{self, Read};
use crate::wire::timestamp::{FractionMode, Timestamp, timestamp};

/// The start of something: zero is an error (P18).
pub(crate) fn start(json: &mut Json<'_>, mode: FractionMode) -> Read<Timestamp> {
    match timestamp(json, mode)? {
        Some(start) if start.as_millis() == 0 => Err(json.bad(18, "a start other than zero")),
        start => Ok(start),
    }
}

/// A moment that may not have come: zero is no value (P18).
pub(crate) fn moment(json: &mut Json<'_>, mode: FractionMode) -> Read<Timestamp> {
    Ok(timestamp(json, mode)?.filter(|moment| moment.as_millis() != 0))
}

/// A text that stands for something.
pub(crate) fn word<T: for<'a> From<&'a str>>(json: &mut Json<'_>) -> Read<T> {
    match json {
        Json::Null => Ok(None),
        Json::Text(text) if text.is_empty() => Ok(None),
        Json::Text(text) => Ok(Some(T::from(text))),
        _ => Err(json.bad(12, "a text")),
    }
}

/// The call-ID: an error in both modes where it is missing, empty or no text (P13).
pub(crate) fn call_id<'de, M: MapAccess<'de>>(
    map: &mut M,
    context: &mut Context,
    name: &'static str,
) -> Result<String, M::Error> {
    let mut json = Json::of(map.next_value::<&'de RawValue>()?.get());
    match scalar::text(&mut json) {
        Ok(Some(id)) => return Ok(id),
        Ok(None) => context.note_missing(name, Harm::IsFatal),
        Err(bad) => context.note_field(name, Harm::IsFatal, bad),
    }
    Ok(String::new())
}

/// JSON that is kept as it is; `null` and empty text are no value.
pub(crate) fn raw<'de, M: MapAccess<'de>>(
    map: &mut M,
    _context: &mut Context,
    _field: (&'static str, bool),
) -> Result<Option<Raw>, M::Error> {
    let value = map.next_value::<&'de RawValue>()?;
    Ok((!matches!(value.get(), "null" | "\"\"")).then(|| Raw::new(value)))
}

/// A live object of the PBX (P45).
pub(crate) fn handle<'de, M: MapAccess<'de>>(
    map: &mut M,
    _context: &mut Context,
    _field: (&'static str, bool),
) -> Result<Handle, M::Error> {
    map.next_value::<&'de RawValue>().map(Handle::new)
}

/// Ids in a list; an object counts by its `id` (P62, P157).
pub(crate) fn ids<'de, M: MapAccess<'de>>(
    map: &mut M,
    context: &mut Context,
    (name, _): (&'static str, bool),
) -> Result<Vec<u64>, M::Error> {
    let raw = map.next_value::<&'de RawValue>()?.get();
    let items = match Json::of(raw) {
        Json::Null => Vec::new(),
        Json::Text(text) if text.is_empty() => Vec::new(),
        // It is well-formed, so it can be read.
        Json::List => serde_json::from_str::<Vec<&RawValue>>(raw).unwrap_or_default(),
        Json::Object => serde_json::from_str::<&RawValue>(raw).into_iter().collect(),
        json => {
            context.note_field(name, Harm::IsDropped, json.bad(10, "a list"));
            Vec::new()
        }
    };
    Ok(context.in_field(name, |context| {
        let read = |(at, item): (usize, &RawValue)| {
            context.in_item(at, |context| match Json::of(item.get()) {
                Json::Object => id_of_object(item.get(), context),
                mut json => scalar::id(&mut json)
                    .and_then(|id| id.ok_or_else(|| json.bad(7, "an id")))
                    .map_err(|bad| context.note(Harm::IsDropped, bad))
                    .ok(),
            })
        };
        items.into_iter().enumerate().filter_map(read).collect()
    }))
}

/// The `id` of an object, the last one if there are several.
fn id_of_object(json: &str, context: &mut Context) -> Option<u64> {
    let fields: crate::wire::raw::Extra = crate::wire::record::fields_in(json);
    let id = fields.get("id").map(|id| {
        let mut json = Json::of(id);
        scalar::id(&mut json).and_then(|id| id.ok_or_else(|| json.bad(7, "an id")))
    });
    match id.unwrap_or(Err(Bad::new(7, "an id", Found::Nothing))) {
        Ok(id) => Some(id),
        Err(bad) => {
            context.note_field("id", Harm::IsDropped, bad);
            None
        }
    }
}

/// A value that serde writes in the form of the wire.
pub(crate) trait Plain: Serialize {}

impl Plain for String {}
impl Plain for u64 {}
impl Plain for i64 {}
impl Plain for bool {}
impl Plain for Timestamp {}
impl Plain for Raw {}
impl Plain for crate::wire::header::SipHeader {}
impl Plain for crate::wire::decimal::Decimal {}
impl Plain for crate::wire::mos::Mos {}
impl Plain for crate::wire::idle::Idle {}
impl<T: AsRef<str>> Plain for crate::wire::spelled::Spelled<T> {}

/// A field as it is written: left out where there is no value.
pub(crate) trait Written {
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error>;
}

impl<T: Plain> Written for Option<T> {
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        self.as_ref().map_or(Ok(()), |value| map.serialize_entry(name, value))
    }
}

impl<T: Plain> Written for Vec<T> {
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        if self.is_empty() { Ok(()) } else { map.serialize_entry(name, self) }
    }
}

/// Milliseconds (P24).
impl Written for Option<Duration> {
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        self.map_or(Ok(()), |time| map.serialize_entry(name, &time.as_millis()))
    }
}

impl Written for String {
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry(name, self)
    }
}

impl Written for Handle {
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        if self.is_none() { Ok(()) } else { map.serialize_entry(name, self) }
    }
}
