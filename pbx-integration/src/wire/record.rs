//! Objects of the wire as structs, and their serialization.

use std::time::Duration;

use serde::Serialize;
use serde::ser::SerializeMap;

use crate::wire::raw::Handle;

/// A value that serde writes in the form of the wire.
pub(crate) trait Plain: Serialize {}

macro_rules! plain {
    ($($type:ty),+ $(,)?) => { $(impl Plain for $type {})+ };
}

plain! {
    String, u64, i64, bool, rust_decimal::Decimal, crate::wire::Timestamp, crate::wire::Raw,
    crate::wire::SipHeader, crate::wire::Mos, crate::wire::Idle,
}

impl<T: AsRef<str>> Plain for crate::wire::Spelled<T> {}

/// A field in written form: left out if it has no value.
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

/// Milliseconds.
// P24
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

/// Defines an object of the wire from one list: a struct with a public field per known name and
/// `extra` for the others, its reader and its writer.
///
/// After the type come the wire name, then the method of `Object` that reads the field, with its
/// argument: `required(text)`, `list`. Fields `beside` the wire are neither read nor written.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$doc:meta])* pub $field:ident: $type:ty = $wire:literal $how:ident $(($read:path))?,)+
        }
        $(beside { $($(#[$beside_doc:meta])* pub $beside:ident: $beside_type:ty,)+ })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Hash)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nWire name `", $wire, "`.")]
                pub $field: $type,
            )+
            $($($(#[$beside_doc])* pub $beside: $beside_type,)+)?
            /// Fields that this version does not know.
            pub extra: $crate::wire::Extra,
        }

        impl $crate::wire::object::Record for $name {
            fn read(mut object: $crate::wire::object::Object<'_, '_>) -> Self {
                Self {
                    $($field: object.$how($wire $(, $read)?),)+
                    $($($beside: Default::default(),)+)?
                    extra: object.rest(),
                }
            }
        }

        impl $crate::wire::record::Plain for $name {}

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $($crate::wire::record::Written::write(&self.$field, $wire, &mut map)?;)+
                self.extra.write(&mut map)?;
                map.end()
            }
        }
    };
}

pub(crate) use record;
