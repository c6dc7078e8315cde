//! Objects of the wire as structs: the reading in one pass, and the writing.
//!
//! Nothing but malformed JSON stops a pass; bad values are noted in the [`Context`]. So whatever a
//! field holds, what comes after it is read. A few values are JSON and still stop the quick pass:
//! a number that is no integer where one is expected, one beyond the range of `f64`, half a surrogate
//! pair. Then a careful pass looks at the text of each value before it reads it.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::wire::context::{Context, Noted, OBJECTS};
use crate::wire::error::{Bad, Found, Harm};
use crate::wire::json::Json;
use crate::wire::raw::Extra;
use crate::wire::scalar::Read;

/// An object of the wire. [`record!`] writes the implementations.
pub(crate) trait Record: Default {
    /// The number of a field's name, below 64.
    fn field(name: &str) -> Option<u32>;

    /// Reads the value of a field.
    fn read_field<'de, M: MapAccess<'de>>(
        &mut self,
        field: u32,
        map: &mut M,
        context: &mut Context,
    ) -> Result<(), M::Error>;

    /// Notes the required fields that have not come: those whose bit is not set.
    fn finish(&mut self, seen: u64, context: &mut Context);

    /// The fields that nobody knows.
    fn extra_mut(&mut self) -> &mut Extra;
}

/// Reads the members of an object.
pub(crate) fn members<'de, R: Record, M: MapAccess<'de>>(
    mut map: M,
    context: &mut Context,
) -> Result<R, M::Error> {
    let mut record = R::default();
    let mut seen = 0_u64;
    let mut noted = Noted::default();
    while let Some(name) = map.next_key_seed(NameOf::<R>(PhantomData))? {
        match name {
            Name::Known(field) => {
                if seen & 1 << field != 0 {
                    noted.forget(field, context);
                }
                seen |= 1 << field;
                let before = context.issues.len();
                record.read_field(field, &mut map, context)?;
                noted.read(field, before, context);
            }
            Name::Other(name) => {
                let value = map.next_value::<&RawValue>()?;
                record.extra_mut().push(name, value.to_owned());
            }
        }
    }
    record.extra_mut().settle();
    record.finish(seen, context);
    Ok(record)
}

enum Name {
    Known(u32),
    Other(Box<str>),
}

struct NameOf<R>(PhantomData<R>);

impl<'de, R: Record> DeserializeSeed<'de> for NameOf<R> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<R: Record> Visitor<'_> for NameOf<R> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(R::field(name).map_or_else(|| Name::Other(name.into()), Name::Known))
    }
}

/// What any value gives where nothing but an object, or nothing but a list, is wanted.
macro_rules! other_values {
    ($($kind:ident)*) => { $($crate::wire::record::other_values!(@ $kind);)* };
    (@ scalars) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(self.other(Found::Boolean))
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(self.other(Found::Number))
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(self.other(Found::Number))
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(self.other(Found::Number))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(self.other(if text.is_empty() { Found::Nothing } else { Found::Text }))
        }
    };
    (@ list) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(self.other(Found::List))
        }
    };
}
pub(crate) use other_values;

/// Visits a value by its text.
fn over<'de, V: Visitor<'de>>(json: &'de str, visitor: V) -> Result<V::Value, serde_json::Error> {
    serde_json::Deserializer::from_str(json).deserialize_any(visitor)
}

/// An object in a field or list.
struct ObjectOf<'a, R>(&'a mut Context, PhantomData<R>);

impl<R> ObjectOf<'_, R> {
    #[expect(clippy::unused_self, reason = "the visitor is used up")]
    const fn other(self, found: Found) -> Result<R, Found> {
        Err(found)
    }
}

impl<'de, R: Record> DeserializeSeed<'de> for ObjectOf<'_, R> {
    type Value = Result<R, Found>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.0.is_careful {
            let raw = <&RawValue>::deserialize(deserializer)?.get();
            return match Json::of(raw) {
                Json::Object => over(raw, self).map_err(D::Error::custom),
                json => Ok(self.other(json.found())),
            };
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Record> Visitor<'de> for ObjectOf<'_, R> {
    type Value = Result<R, Found>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        members(map, self.0).map(Ok)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Err(Found::Nothing))
    }

    other_values!(scalars list);
}

/// The payload itself.
pub(crate) struct RecordVisitor<'a, R>(&'a mut Context, PhantomData<R>);

impl<'a, R> RecordVisitor<'a, R> {
    pub(crate) const fn new(context: &'a mut Context) -> Self {
        Self(context, PhantomData)
    }
}

impl<'de, R: Record> Visitor<'de> for RecordVisitor<'_, R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<R, A::Error> {
        members(map, self.0)
    }
}

/// A list of objects, or one object in its place (P10).
struct ListOf<'a, R>(&'a mut Context, PhantomData<R>);

impl<R> ListOf<'_, R> {
    fn other(self, found: Found) -> Vec<R> {
        // Empty text is an empty list (P156).
        if found != Found::Nothing {
            self.0.note(Harm::IsDropped, Bad::new(10, "a list", found));
        }
        Vec::new()
    }
}

impl<'de, R: Record> DeserializeSeed<'de> for ListOf<'_, R> {
    type Value = Vec<R>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.0.is_careful {
            let raw = <&RawValue>::deserialize(deserializer)?.get();
            return match Json::of(raw) {
                Json::Object | Json::List => over(raw, self).map_err(D::Error::custom),
                json => Ok(self.other(json.found())),
            };
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Record> Visitor<'de> for ListOf<'_, R> {
    type Value = Vec<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<R>, A::Error> {
        let mut records = Vec::new();
        for at in 0.. {
            if self.0.objects >= OBJECTS {
                while list.next_element::<IgnoredAny>()?.is_some() {
                    self.0.is_overfull = true;
                }
                break;
            }
            let item = self.0.in_item(at, |context| {
                let item = list.next_element_seed(ObjectOf(&mut *context, PhantomData))?;
                if let Some(Err(found)) = item {
                    context.note(Harm::IsDropped, Bad::new(12, "an object", found));
                }
                Ok(item)
            })?;
            match item {
                None => break,
                Some(item) => {
                    self.0.objects += 1;
                    records.extend(item.ok());
                }
            }
        }
        Ok(records)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<R>, A::Error> {
        self.0.in_item(0, |context| members(map, context)).map(|record| vec![record])
    }

    fn visit_unit<E>(self) -> Result<Vec<R>, E> {
        Ok(Vec::new())
    }

    other_values!(scalars);
}

/// Reads the object that a text holds. What stops a pass inside it stops the whole pass.
pub(crate) fn object_in<R: Record, E: serde::de::Error>(
    name: &'static str,
    json: &str,
    context: &mut Context,
) -> Result<Option<R>, E> {
    let object = context.in_field(name, |context| over(json, ObjectOf(context, PhantomData)));
    object.map(Result::ok).map_err(E::custom)
}

/// The fields of an object none of whose fields is known; the text is well-formed JSON.
pub(crate) fn fields_in(json: &str) -> Extra {
    struct Fields;
    impl<'de> Visitor<'de> for Fields {
        type Value = Extra;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Extra, A::Error> {
            let mut fields = Extra::default();
            while let Some((name, value)) = map.next_entry::<Box<str>, Box<RawValue>>()? {
                fields.push(name, value);
            }
            fields.settle();
            Ok(fields)
        }
    }
    over(json, Fields).unwrap_or_default()
}

/// Reads a field that is seldom a number with a fraction.
pub(crate) fn scalar<'de, M: MapAccess<'de>, T>(
    map: &mut M,
    context: &mut Context,
    (name, is_required): (&'static str, bool),
    read: impl FnOnce(&mut Json<'de>, &Context) -> Read<T>,
) -> Result<Option<T>, M::Error> {
    let json = if context.is_careful {
        Json::of(map.next_value::<&'de RawValue>()?.get())
    } else {
        map.next_value_seed(Quick)?
    };
    Ok(noted(json, context, (name, is_required), read))
}

/// Reads a field whose numbers need their digits.
pub(crate) fn exact<'de, M: MapAccess<'de>, T>(
    map: &mut M,
    context: &mut Context,
    field: (&'static str, bool),
    read: impl FnOnce(&mut Json<'de>, &Context) -> Read<T>,
) -> Result<Option<T>, M::Error> {
    let json = Json::of(map.next_value::<&'de RawValue>()?.get());
    Ok(noted(json, context, field, read))
}

/// Reads a value, and notes what is wrong with it.
#[inline]
fn noted<'de, T>(
    mut json: Json<'de>,
    context: &mut Context,
    (name, is_required): (&'static str, bool),
    read: impl FnOnce(&mut Json<'de>, &Context) -> Read<T>,
) -> Option<T> {
    let value = read(&mut json, context);
    if is_required && matches!(value, Ok(None)) {
        context.note_missing(name, Harm::IsDropped);
    }
    value.unwrap_or_else(|bad| {
        let harm = if bad.rule == 65 { Harm::Warns } else { Harm::IsDropped };
        context.note_field(name, harm, bad);
        None
    })
}

/// A value as serde_json gives it, where that is exact: text, integers, flags. Any other number stops
/// the quick pass.
struct Quick;

impl<'de> DeserializeSeed<'de> for Quick {
    type Value = Json<'de>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Quick {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that is read without a look at its digits")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'de>, E> {
        Ok(Json::Boolean(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Integer(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Json::Object)
    }
}

/// Reads a field that is an object.
pub(crate) fn object<'de, M: MapAccess<'de>, R: Record>(
    map: &mut M,
    context: &mut Context,
    (name, is_required): (&'static str, bool),
) -> Result<Option<R>, M::Error> {
    let found =
        context.in_field(name, |context| map.next_value_seed(ObjectOf(context, PhantomData)))?;
    match found {
        Ok(record) => Ok(Some(record)),
        Err(Found::Nothing) => {
            if is_required {
                context.note_missing(name, Harm::IsDropped);
            }
            Ok(None)
        }
        Err(found) => {
            context.note_field(name, Harm::IsDropped, Bad::new(12, "an object", found));
            Ok(None)
        }
    }
}

/// Reads a field that is a list of objects.
pub(crate) fn list<'de, M: MapAccess<'de>, R: Record>(
    map: &mut M,
    context: &mut Context,
    name: &'static str,
) -> Result<Vec<R>, M::Error> {
    context.in_field(name, |context| map.next_value_seed(ListOf(context, PhantomData)))
}

/// Defines an object of the wire: a struct with a public field per known name and `extra` for the
/// others, its reading and its writing.
///
/// After the type stands the wire name, then how it is read:
///
/// - `optional(f)`, `required(f)`: by a function from [`Json`] to [`Read`];
/// - `exact(f)`: the same for numbers that need their digits;
/// - `timed(f)`, `timed_required(f)`: the same, by one that also wants the fraction mode;
/// - `united(f)`: by one that also wants the unit of durations;
/// - `object`, `object_required`, `list`: by the pass itself;
/// - `custom(f)`, `custom_required(f)`: by a function over the map.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$doc:meta])* pub $field:ident: $type:ty = $wire:literal $how:ident $(($with:path))?,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nWire name `", $wire, "`.")]
                pub $field: $type,
            )+
            /// Fields that this version does not know (P4).
            pub extra: $crate::Extra,
        }

        const _: () = {
            #[allow(non_camel_case_types, reason = "named after the fields")]
            #[derive(Clone, Copy)]
            enum Field { $($field),+ }

            impl $crate::wire::record::Record for $name {
                fn field(name: &str) -> Option<u32> {
                    Some(match name {
                        $($wire => Field::$field as u32,)+
                        _ => return None,
                    })
                }

                fn read_field<'de, M: serde::de::MapAccess<'de>>(
                    &mut self,
                    field: u32,
                    map: &mut M,
                    context: &mut $crate::wire::context::Context,
                ) -> Result<(), M::Error> {
                    $(if field == Field::$field as u32 {
                        self.$field = $crate::wire::record::record!(
                            @read $how (map, context, $wire) $($with)?
                        )?;
                        return Ok(());
                    })+
                    Ok(())
                }

                fn finish(&mut self, seen: u64, context: &mut $crate::wire::context::Context) {
                    // An object may have no required field.
                    let _ = (seen, &context);
                    $($crate::wire::record::record!(
                        @missing $how (seen & 1 << Field::$field as u32, context, $wire)
                    );)+
                }

                fn extra_mut(&mut self) -> &mut $crate::Extra {
                    &mut self.extra
                }
            }
        };

        impl $crate::wire::field::Plain for $name {}

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $($crate::wire::field::Written::write(&self.$field, $wire, &mut map)?;)+
                self.extra.write(&mut map)?;
                map.end()
            }
        }
    };
    (@read optional ($map:ident, $context:ident, $wire:literal) $f:path) => {
        $crate::wire::record::scalar($map, $context, ($wire, false), |json, _| $f(json))
    };
    (@read required ($map:ident, $context:ident, $wire:literal) $f:path) => {
        $crate::wire::record::scalar($map, $context, ($wire, true), |json, _| $f(json))
    };
    (@read exact ($map:ident, $context:ident, $wire:literal) $f:path) => {
        $crate::wire::record::exact($map, $context, ($wire, false), |json, _| $f(json))
    };
    (@read timed ($map:ident, $context:ident, $wire:literal) $f:path) => {
        $crate::wire::record::exact($map, $context, ($wire, false), |json, context| {
            $f(json, context.fraction)
        })
    };
    (@read timed_required ($map:ident, $context:ident, $wire:literal) $f:path) => {
        $crate::wire::record::exact($map, $context, ($wire, true), |json, context| {
            $f(json, context.fraction)
        })
    };
    (@read united ($map:ident, $context:ident, $wire:literal) $f:path) => {
        $crate::wire::record::scalar($map, $context, ($wire, false), |json, context| {
            $f(context.unit, json)
        })
    };
    (@read object ($map:ident, $context:ident, $wire:literal)) => {
        $crate::wire::record::object($map, $context, ($wire, false))
    };
    (@read object_required ($map:ident, $context:ident, $wire:literal)) => {
        $crate::wire::record::object($map, $context, ($wire, true))
    };
    (@read list ($map:ident, $context:ident, $wire:literal)) => {
        $crate::wire::record::list($map, $context, $wire)
    };
    (@read custom ($map:ident, $context:ident, $wire:literal) $f:path) => {
        $f($map, $context, ($wire, false))
    };
    (@read custom_required ($map:ident, $context:ident, $wire:literal) $f:path) => {
        $f($map, $context, ($wire, true))
    };
    (@read id_required ($map:ident, $context:ident, $wire:literal)) => {
        $crate::wire::field::call_id($map, $context, $wire)
    };
    (@missing required $rest:tt) => { $crate::wire::record::record!(@is_missing IsDropped $rest) };
    (@missing timed_required $rest:tt) => {
        $crate::wire::record::record!(@is_missing IsDropped $rest)
    };
    (@missing object_required $rest:tt) => {
        $crate::wire::record::record!(@is_missing IsDropped $rest)
    };
    (@missing custom_required $rest:tt) => {
        $crate::wire::record::record!(@is_missing IsDropped $rest)
    };
    (@missing id_required $rest:tt) => { $crate::wire::record::record!(@is_missing IsFatal $rest) };
    (@missing $how:ident $rest:tt) => {};
    (@is_missing $harm:ident ($bit:expr, $context:ident, $wire:literal)) => {
        if $bit == 0 {
            $context.note_missing($wire, $crate::wire::error::Harm::$harm);
        }
    };
}
pub(crate) use record;
