//! Writes values of a user's own types.

use serde::ser::{self, Serialize};

use super::super::encode::Encoder;
use super::super::encode::uncounted::Mark;
use super::super::number::Integer;
use super::error::SerdeError;

/// Writes a value as a message, in the forms of Erlang/OTP 27.
///
/// | type | term |
/// |---|---|
/// | `bool` | `true`, `false` |
/// | integers | integer |
/// | `f32`, `f64` | float, which must be finite |
/// | `str`, `char`, bytes | binary |
/// | `None`, `()`, unit struct | `undefined` |
/// | `Some`, newtype struct | the value |
/// | `Vec` and other sequences | list; STRING if all elements are bytes |
/// | tuples, arrays, tuple structs | tuple |
/// | maps | map |
/// | structs | map with atoms for keys |
/// | unit variant | atom with the name |
/// | newtype variant | `{Name,Value}` |
/// | tuple variant | `{Name,Value,...}` |
/// | struct variant | `{Name,Map}` |
///
/// [`from_slice`](super::from_slice) reads all of it back, except that `Some(None)` becomes `None`.
///
/// ```
/// use basix_cti::bert::{decode, to_vec};
///
/// #[derive(serde::Serialize)]
/// struct Terminal {
///     id: &'static str,
///     slot: Option<u16>,
/// }
///
/// let message = to_vec(&Terminal { id: "t1", slot: None })?;
/// assert_eq!(decode(&message)?.to_string(), r#"#{id => <<"t1">>,slot => undefined}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If a float is not finite, the name of a field or variant has more than 255 characters, or the
/// value's own `Serialize` fails.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, SerdeError> {
    let mut encoder = Encoder::new();
    value.serialize(Writer { encoder: &mut encoder })?;
    Ok(encoder.finish()?)
}

/// Writes one term.
struct Writer<'e> {
    encoder: &'e mut Encoder,
}

/// Writes the terms inside one.
struct Inside<'e> {
    encoder: &'e mut Encoder,
    end: End,
}

/// The end of a container.
enum End {
    /// By having all its elements.
    Full,
    List(Mark),
    Map(Mark),
}

impl<'e> Writer<'e> {
    fn big<const N: usize>(self, negative: bool, magnitude: [u8; N]) -> Result<(), SerdeError> {
        self.encoder.any_integer(Integer::from_sign_magnitude(negative, &magnitude));
        Ok(())
    }

    fn tuple(self, arity: usize) -> Inside<'e> {
        self.encoder.tuple(arity);
        Inside { encoder: self.encoder, end: End::Full }
    }

    fn map(self) -> Inside<'e> {
        let end = End::Map(self.encoder.open_map());
        Inside { encoder: self.encoder, end }
    }
}

impl Inside<'_> {
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerdeError> {
        value.serialize(Writer { encoder: self.encoder })
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), SerdeError> {
        self.encoder.atom(key);
        self.value(value)
    }

    fn close(self) {
        match self.end {
            End::Full => {}
            End::List(mark) => self.encoder.close_list(mark),
            End::Map(mark) => self.encoder.close_map(mark),
        }
    }
}

macro_rules! integers {
    ($($method:ident($int:ty))+) => {
        $(fn $method(self, value: $int) -> Result<(), SerdeError> {
            self.encoder.integer(value.into());
            Ok(())
        })+
    };
}

impl<'e> ser::Serializer for Writer<'e> {
    type Ok = ();
    type Error = SerdeError;
    type SerializeSeq = Inside<'e>;
    type SerializeTuple = Inside<'e>;
    type SerializeTupleStruct = Inside<'e>;
    type SerializeTupleVariant = Inside<'e>;
    type SerializeMap = Inside<'e>;
    type SerializeStruct = Inside<'e>;
    type SerializeStructVariant = Inside<'e>;

    integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32)
    }

    fn serialize_u64(self, value: u64) -> Result<(), SerdeError> {
        self.big(false, value.to_le_bytes())
    }

    fn serialize_i128(self, value: i128) -> Result<(), SerdeError> {
        self.big(value < 0, value.unsigned_abs().to_le_bytes())
    }

    fn serialize_u128(self, value: u128) -> Result<(), SerdeError> {
        self.big(false, value.to_le_bytes())
    }

    fn serialize_f32(self, value: f32) -> Result<(), SerdeError> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), SerdeError> {
        self.encoder.float(value);
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Result<(), SerdeError> {
        self.encoder.atom(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), SerdeError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), SerdeError> {
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), SerdeError> {
        self.encoder.binary(value);
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), SerdeError> {
        self.encoder.atom("undefined");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), SerdeError> {
        self.serialize_unit()
    }

    fn serialize_none(self) -> Result<(), SerdeError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), SerdeError> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), SerdeError> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), SerdeError> {
        self.encoder.atom(variant);
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), SerdeError> {
        self.encoder.tuple(2).atom(variant);
        value.serialize(self)
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Inside<'e>, SerdeError> {
        let end = End::List(self.encoder.open_list());
        Ok(Inside { encoder: self.encoder, end })
    }

    fn serialize_tuple(self, len: usize) -> Result<Inside<'e>, SerdeError> {
        Ok(self.tuple(len))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<Inside<'e>, SerdeError> {
        Ok(self.tuple(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Inside<'e>, SerdeError> {
        let inside = self.tuple(len + 1);
        inside.encoder.atom(variant);
        Ok(inside)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Inside<'e>, SerdeError> {
        Ok(self.map())
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Inside<'e>, SerdeError> {
        Ok(self.map())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Inside<'e>, SerdeError> {
        self.encoder.tuple(2).atom(variant);
        Ok(self.map())
    }
}

macro_rules! inside {
    ($($trait:ident: $method:ident($($key:ident)?) as $write:ident;)+) => {
        $(impl ser::$trait for Inside<'_> {
            type Ok = ();
            type Error = SerdeError;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($key: &'static str,)?
                value: &T,
            ) -> Result<(), SerdeError> {
                self.$write($($key,)? value)
            }

            fn end(self) -> Result<(), SerdeError> {
                self.close();
                Ok(())
            }
        })+
    };
}

inside! {
    SerializeSeq: serialize_element() as value;
    SerializeTuple: serialize_element() as value;
    SerializeTupleStruct: serialize_field() as value;
    SerializeTupleVariant: serialize_field() as value;
    SerializeStruct: serialize_field(key) as field;
    SerializeStructVariant: serialize_field(key) as field;
}

impl ser::SerializeMap for Inside<'_> {
    type Ok = ();
    type Error = SerdeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerdeError> {
        self.value(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerdeError> {
        self.value(value)
    }

    fn end(self) -> Result<(), SerdeError> {
        self.close();
        Ok(())
    }
}
