//! Serde's `Deserializer` over unread terms: one pass, straight from the bytes.

use std::borrow::Cow;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

use super::super::number::Integer;
use super::super::reader::{self, Head};
use super::super::tag;
use super::super::term::Term;
use super::super::text::Text;
use super::access::{Entries, Left, SeqElements, Variant};
use super::error::SerdeError;
use super::terms::Terms;

impl<'de> Terms<'de> {
    /// Reads a list, STRING, binary or tuple.
    #[inline]
    fn seq<V: Visitor<'de>>(&mut self, left: Left, visitor: V) -> Result<V::Value, SerdeError> {
        self.nested(|terms| {
            let mut elements = SeqElements::read(terms)?;
            let value = visitor.visit_seq(&mut elements)?;
            elements.finish(left)?;
            Ok(value)
        })
    }

    fn seq_or_any<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, SerdeError> {
        self.strip();
        match self.rest {
            [
                tag::LIST
                | tag::NIL
                | tag::STRING
                | tag::BINARY
                | tag::SMALL_TUPLE
                | tag::LARGE_TUPLE,
                ..,
            ] => self.seq(Left::Refuse, visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Reads a map or a list of pairs.
    #[inline]
    fn map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, SerdeError> {
        self.nested(|terms| {
            let mut entries = Entries::read(terms)?;
            let value = visitor.visit_map(&mut entries)?;
            entries.finish()?;
            Ok(value)
        })
    }
}

fn visit_text<'de, V: Visitor<'de>>(
    text: Cow<'de, str>,
    visitor: V,
) -> Result<V::Value, SerdeError> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

// Floats are here because an integer will do for them.
macro_rules! numbers {
    ($($method:ident)+) => {
        $(#[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
                match self.integer()? {
                Some(integer) => match integer.as_i64() {
                    Some(value) => visitor.visit_i64(value),
                    None => wide(integer, visitor),
                },
                None => self.deserialize_any(visitor),
            }
        })+
    };
}

/// An integer outside `i64`, for a type that wants an integer.
#[cold]
fn wide<'de, V: Visitor<'de>>(integer: Integer<'de>, visitor: V) -> Result<V::Value, SerdeError> {
    match (integer.as_u64(), integer.as_i128(), integer.as_u128()) {
        (Some(value), ..) => visitor.visit_u64(value),
        (_, Some(value), _) => visitor.visit_i128(value),
        (.., Some(value)) => visitor.visit_u128(value),
        // Errors do not quote values, so any integer will do.
        (None, None, None) => Err(Error::invalid_value(Unexpected::Signed(0), &visitor)),
    }
}

// `is_human_readable` stays true: addresses, identifiers and dates come from Erlang as text.
impl<'de> Deserializer<'de> for &mut Terms<'de> {
    type Error = SerdeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.strip();
        let start = self.rest;
        if self.word(b"undefined") || self.bert("nil") {
            visitor.visit_unit()
        } else if self.word(b"true") || self.bert("true") {
            visitor.visit_bool(true)
        } else if self.word(b"false") || self.bert("false") {
            visitor.visit_bool(false)
        } else {
            match self.head()? {
                Head::Integer(integer) => match (integer.as_i64(), integer.as_u64()) {
                    (Some(value), _) => visitor.visit_i64(value),
                    (None, Some(value)) => visitor.visit_u64(value),
                    (None, None) => visitor.visit_string(integer.to_string()),
                },
                Head::Float(value) => visitor.visit_f64(value),
                Head::Atom(text) | Head::Binary(_, text) => visit_text(text.to_str(), visitor),
                Head::String(_) => {
                    let text = Text::from_wire(reader::between(start, self.rest));
                    visit_text(text.to_str(), visitor)
                }
                Head::Nil | Head::List(_) | Head::Tuple(_) => {
                    self.rest = start;
                    self.seq(Left::Refuse, visitor)
                }
                Head::Map(_) => {
                    self.rest = start;
                    self.map(visitor)
                }
                Head::Bits(..)
                | Head::Pid(_)
                | Head::Port(_)
                | Head::Reference(_)
                | Head::Export(_)
                | Head::Fun(_) => {
                    self.rest = start;
                    self.skip()?;
                    let term = Term::from_wire(reader::between(start, self.rest));
                    visitor.visit_string(term.to_string())
                }
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        if self.word(b"true") {
            visitor.visit_bool(true)
        } else if self.word(b"false") {
            visitor.visit_bool(false)
        } else {
            self.deserialize_any(visitor)
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        if let Some(text) = self.plain_text() {
            return visitor.visit_borrowed_str(text);
        }
        self.strip();
        let start = self.rest;
        if self.word(b"undefined") {
            return visitor.visit_unit();
        }
        if let Some(text) = self.any_text()? {
            return visit_text(text, visitor);
        }
        match self.charlist() {
            Some(text) => visitor.visit_string(text),
            None => {
                self.rest = start;
                self.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.strip();
        match self.text()? {
            Some(text) => visit_text(text, visitor),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        let start = self.rest;
        match self.head()? {
            Head::Binary(bytes, _) | Head::String(bytes) => visitor.visit_borrowed_bytes(bytes),
            Head::Nil => visitor.visit_borrowed_bytes(&[]),
            _ => {
                self.rest = start;
                self.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.deserialize_bytes(visitor)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        if self.none() {
            visitor.visit_none()
        } else {
            // Counted, because an option of itself recurses without reading a byte.
            self.nested(|terms| visitor.visit_some(terms))
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.strip();
        if let [tag::NIL, rest @ ..] = self.rest {
            self.rest = rest;
            visitor.visit_unit()
        } else if self.none() {
            visitor.visit_unit()
        } else {
            self.deserialize_any(visitor)
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        self.nested(|terms| visitor.visit_newtype_struct(terms))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.strip();
        if let [tag::SMALL_TUPLE, ..] = self.rest {
            if self.bert("nil") {
                return self.nested(|terms| visitor.visit_seq(SeqElements::none(terms)));
            }
        }
        self.seq_or_any(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        self.seq_or_any(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        self.seq_or_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.strip();
        let rest = self.rest;
        match rest {
            [tag::MAP | tag::LIST | tag::NIL, ..] => self.map(visitor),
            [tag::SMALL_TUPLE, ..] if self.bert("nil") => {
                self.nested(|terms| visitor.visit_map(Entries::none(terms)))
            }
            [tag::SMALL_TUPLE, ..] if self.dict() => self.map(visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        self.strip();
        let rest = self.rest;
        match rest {
            [tag::SMALL_TUPLE, 2, ..] if self.bert("nil") => {
                self.nested(|terms| visitor.visit_map(Entries::none(terms)))
            }
            [tag::SMALL_TUPLE, 3, ..] if self.dict() => self.map(visitor),
            [tag::SMALL_TUPLE | tag::LARGE_TUPLE, ..] => self.seq(Left::Skip, visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        self.strip();
        match self.rest {
            [tag::SMALL_TUPLE | tag::LARGE_TUPLE, ..] => {
                self.nested(|terms| match terms.head()? {
                    Head::Tuple(arity @ 1..) => visitor.visit_enum(Variant::new(terms, arity - 1)),
                    _ => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
                })
            }
            [tag, ..] if tag::is_atom(*tag) || matches!(*tag, tag::BINARY | tag::STRING) => {
                self.nested(|terms| visitor.visit_enum(Variant::new(terms, 0)))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, SerdeError> {
        self.skip()?;
        visitor.visit_unit()
    }
}
