//! Access of serde's visitors to the terms inside a term.

use serde::de::{
    DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};

use super::super::error::DecodeErrorKind as Kind;
use super::super::reader::Head;
use super::super::tag;
use super::error::SerdeError;
use super::terms::{Terms, small_integer};

/// The treatment of elements that a type has not asked for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Left {
    Refuse,
    Skip,
}

/// The elements of a list, STRING, binary or tuple.
pub(super) struct SeqElements<'t, 'de> {
    terms: &'t mut Terms<'de>,
    /// Elements before the tail, or of the tuple.
    left: u32,
    /// True if a tail follows them.
    list: bool,
    /// Elements of a STRING or a binary. They end where `terms` begins.
    bytes: &'de [u8],
}

impl<'t, 'de> SeqElements<'t, 'de> {
    pub(super) const fn none(terms: &'t mut Terms<'de>) -> Self {
        Self { terms, left: 0, list: false, bytes: &[] }
    }

    /// `terms` must begin with a list, STRING, binary or tuple.
    #[inline]
    pub(super) fn read(terms: &'t mut Terms<'de>) -> Result<Self, SerdeError> {
        // Records, and most of what is inside them.
        if let [tag::SMALL_TUPLE, arity, rest @ ..] = terms.rest {
            terms.rest = rest;
            return Ok(Self { terms, left: (*arity).into(), list: false, bytes: &[] });
        }
        let (left, list, bytes) = match terms.head()? {
            Head::Tuple(arity) => (arity, false, &[][..]),
            Head::List(len) => (len, true, &[][..]),
            Head::String(bytes) | Head::Binary(bytes, _) => (0, false, bytes),
            _ => (0, false, &[][..]),
        };
        Ok(Self { terms, left, list, bytes })
    }

    /// Returns true if there is another element. Takes the tail of a list without one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn more(&mut self) -> Result<bool, SerdeError> {
        if self.left > 0 || !self.bytes.is_empty() {
            return Ok(true);
        }
        if !self.list {
            return Ok(false);
        }
        self.list = false;
        if let [tag::NIL, rest @ ..] = self.terms.rest {
            self.terms.rest = rest;
            return Ok(false);
        }
        self.rest_of_list()
    }

    /// A tail that is a list itself holds the rest of the list.
    #[cold]
    fn rest_of_list(&mut self) -> Result<bool, SerdeError> {
        let improper = self.terms.wrong(Kind::ImproperList);
        match self.terms.head()? {
            Head::List(len) => (self.left, self.list) = (len, true),
            Head::String(bytes) => self.bytes = bytes,
            Head::Nil => {}
            _ => return Err(improper),
        }
        Ok(self.left > 0 || !self.bytes.is_empty())
    }

    /// Ends the reading.
    #[inline]
    pub(super) fn finish(mut self, left: Left) -> Result<(), SerdeError> {
        while self.more()? {
            if left == Left::Refuse {
                return Err(Error::custom("too many elements"));
            }
            self.bytes = &[];
            for _ in 0..std::mem::take(&mut self.left) {
                self.terms.skip()?;
            }
        }
        Ok(())
    }

    #[cold]
    fn byte<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, SerdeError> {
        let offset = self.terms.offset() - self.bytes.len();
        let Some((byte, rest)) = self.bytes.split_first() else {
            return Ok(None);
        };
        self.bytes = rest;
        let term = small_integer(*byte);
        let mut terms = Terms { rest: term, depth: self.terms.depth, len: offset + term.len() };
        terms.place(|terms| seed.deserialize(terms)).map(Some)
    }
}

impl<'de> SeqAccess<'de> for SeqElements<'_, 'de> {
    type Error = SerdeError;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, SerdeError> {
        if !self.more()? {
            return Ok(None);
        }
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                self.terms.place(|terms| seed.deserialize(terms)).map(Some)
            }
            None => self.byte(seed),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left as usize + self.bytes.len())
    }
}

/// The entries of a map, or of a list of pairs.
pub(super) struct Entries<'t, 'de> {
    elements: SeqElements<'t, 'de>,
    pairs: bool,
}

impl<'t, 'de> Entries<'t, 'de> {
    pub(super) const fn none(terms: &'t mut Terms<'de>) -> Self {
        Self { elements: SeqElements::none(terms), pairs: false }
    }

    /// `terms` must begin with a map or a list.
    #[inline]
    pub(super) fn read(terms: &'t mut Terms<'de>) -> Result<Self, SerdeError> {
        if let [tag::MAP, ..] = terms.rest {
            let Head::Map(left) = terms.head()? else {
                return Ok(Self::none(terms));
            };
            return Ok(Self {
                elements: SeqElements { left, ..SeqElements::none(terms) },
                pairs: false,
            });
        }
        Ok(Self { elements: SeqElements::read(terms)?, pairs: true })
    }

    /// Ends the reading.
    #[inline]
    pub(super) fn finish(self) -> Result<(), SerdeError> {
        self.elements.finish(Left::Refuse)
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = SerdeError;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, SerdeError> {
        if !self.elements.more()? {
            return Ok(None);
        }
        let terms = &mut *self.elements.terms;
        let start = terms.offset();
        if self.pairs {
            let pair = self.elements.left > 0 && matches!(terms.head()?, Head::Tuple(2));
            if !pair {
                return Err(<SerdeError as Error>::custom("list element is not a pair").at(start));
            }
        }
        self.elements.left -= 1;
        terms.place(|terms| seed.deserialize(terms)).map(Some)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, SerdeError> {
        self.elements.terms.place(|terms| seed.deserialize(terms))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.left as usize)
    }
}

/// The name of a variant, followed by `values` values.
pub(super) struct Variant<'t, 'de> {
    terms: &'t mut Terms<'de>,
    values: u32,
}

impl<'t, 'de> Variant<'t, 'de> {
    pub(super) const fn new(terms: &'t mut Terms<'de>, values: u32) -> Self {
        Self { terms, values }
    }

    fn seq<V: Visitor<'de>>(self, left: Left, visitor: V) -> Result<V::Value, SerdeError> {
        let mut elements = SeqElements { left: self.values, ..SeqElements::none(self.terms) };
        let value = visitor.visit_seq(&mut elements)?;
        elements.finish(left)?;
        Ok(value)
    }

    fn found(&self) -> Unexpected<'static> {
        match self.values {
            0 => Unexpected::UnitVariant,
            1 => Unexpected::NewtypeVariant,
            _ => Unexpected::TupleVariant,
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = SerdeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), SerdeError> {
        let name = self.terms.place(|terms| seed.deserialize(terms))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = SerdeError;

    fn unit_variant(self) -> Result<(), SerdeError> {
        match self.values {
            0 => Ok(()),
            _ => Err(Error::invalid_type(self.found(), &"name alone")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, SerdeError> {
        match self.values {
            1 => self.terms.place(|terms| seed.deserialize(terms)),
            _ => Err(Error::invalid_type(self.found(), &"name with a value")),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        match self.values {
            0 => Err(Error::invalid_type(self.found(), &visitor)),
            _ => self.seq(Left::Refuse, visitor),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, SerdeError> {
        match self.values {
            0 => Err(Error::invalid_type(self.found(), &visitor)),
            1 => serde::Deserializer::deserialize_struct(self.terms, "", fields, visitor),
            _ => self.seq(Left::Skip, visitor),
        }
    }
}
