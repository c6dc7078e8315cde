//! `Term<'a>`: a checked term, read in place.

use std::fmt;
use std::sync::Arc;

use super::container::{Bits, List, Map, Tuple};
use super::identifier::{Export, Fun, Pid, Port, Reference};
use super::number::Integer;
use super::reader::{self, Head};
use super::tag;
use super::text::Text;
use super::walk::{self, Walk};

/// A checked term, read in place.
///
/// A term is a slice of the message and as cheap to copy. [`value`](Self::value) returns its value,
/// the `as_*` methods its value if it has one type. Iterating over a tuple, list or map skips over
/// the contents of each element, so a recursive function skips the innermost terms once for each
/// level around them. To visit everything in linear time, use [`walk`](Self::walk).
///
/// Two terms are equal if they are for Erlang's `=:=`, however each is written; of a fun all parts
/// count. The order is Erlang's, in maps too. Where Erlang takes an integer and a float for equal,
/// the integer comes first. Comparing and hashing a term with maps sorts their keys, which takes
/// memory: at most 4 bytes for each byte of the term.
///
/// ```
/// let term = basix_cti::bert::decode(b"\x83h\x02d\0\x04parkb\0\0\x03\x85")?;
/// assert_eq!(term.to_string(), "{park,901}");
///
/// let mut elements = term.as_tuple().ok_or("no tuple")?.iter();
/// assert_eq!(elements.next().and_then(|name| name.as_text()).ok_or("no name")?, "park");
/// assert_eq!(elements.next().and_then(|slot| slot.as_i64()), Some(901));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Term<'a>(Repr<'a>);

#[derive(Clone, Copy)]
enum Repr<'a> {
    /// Exactly one checked term; never a LIST without elements, which stands for its tail.
    Wire(&'a [u8]),
    /// An element of a STRING.
    Byte(u8),
}

/// The value of a [`Term`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Value<'a> {
    /// An integer of any size.
    Integer(Integer<'a>),
    /// A finite float.
    Float(f64),
    /// An atom.
    Atom(Text<'a>),
    /// Bytes.
    Binary(&'a [u8]),
    /// A bit string whose last byte counts only in part.
    Bits(Bits<'a>),
    /// A list: a LIST, a STRING or the empty list.
    List(List<'a>),
    /// A tuple.
    Tuple(Tuple<'a>),
    /// A map.
    Map(Map<'a>),
    /// A process identifier.
    Pid(Pid<'a>),
    /// A port identifier.
    Port(Port<'a>),
    /// A reference.
    Reference(Reference<'a>),
    /// A function by its name, `fun module:function/arity`.
    Export(Export<'a>),
    /// A function value.
    Fun(Fun<'a>),
}

/// A term with its own bytes, shared by reference count.
#[derive(Clone)]
pub struct OwnedTerm(Arc<[u8]>);

impl OwnedTerm {
    /// The term, borrowed.
    #[must_use]
    pub fn as_term(&self) -> Term<'_> {
        Term::from_wire(&self.0)
    }
}

/// Compares the terms.
impl PartialEq for OwnedTerm {
    fn eq(&self, other: &Self) -> bool {
        self.as_term() == other.as_term()
    }
}

impl fmt::Debug for OwnedTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_term().fmt(f)
    }
}

impl<'a> Term<'a> {
    /// Copies the term's bytes.
    #[must_use]
    pub fn to_owned(self) -> OwnedTerm {
        OwnedTerm(match self.0 {
            Repr::Wire(wire) => wire.into(),
            Repr::Byte(byte) => [tag::SMALL_INTEGER, byte].into(),
        })
    }

    /// `wire` must be one checked term.
    #[inline]
    pub(crate) fn from_wire(wire: &'a [u8]) -> Self {
        Self(Repr::Wire(walk::strip(wire)))
    }

    /// An element of a STRING.
    pub(crate) const fn from_byte(byte: u8) -> Self {
        Self(Repr::Byte(byte))
    }

    /// Takes a checked term off the front of `rest`.
    #[inline]
    pub(crate) fn take(rest: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let after = reader::skip::<false>(rest, u32::MAX, u32::MAX).ok()?;
        Some((Self::from_wire(reader::between(rest, after)), after))
    }

    fn head(self) -> Head<'a> {
        match self.0 {
            Repr::Byte(byte) => Head::Integer(i64::from(byte).into()),
            // The bytes have been checked; `Nil` can only show for bytes that were not.
            Repr::Wire(wire) => reader::head::<false>(wire).map_or(Head::Nil, |(head, _)| head),
        }
    }

    /// The bytes of the term without version byte. `None` for an element of a STRING, which has no
    /// tag.
    #[must_use]
    pub const fn wire(self) -> Option<&'a [u8]> {
        match self.0 {
            Repr::Wire(wire) => Some(wire),
            Repr::Byte(_) => None,
        }
    }

    /// The value of the term.
    #[must_use]
    pub fn value(self) -> Value<'a> {
        match self.0 {
            Repr::Wire(wire) => Value::new(self.head(), wire),
            Repr::Byte(byte) => Value::Integer(i64::from(byte).into()),
        }
    }

    /// The integer, if the term is one and fits.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        self.as_integer()?.as_i64()
    }

    /// The integer, if the term is one.
    #[must_use]
    pub fn as_integer(self) -> Option<Integer<'a>> {
        match self.head() {
            Head::Integer(integer) => Some(integer),
            _ => None,
        }
    }

    /// The float, if the term is one. Integers are not floats.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self.head() {
            Head::Float(float) => Some(float),
            _ => None,
        }
    }

    /// The name, if the term is an atom.
    #[must_use]
    pub fn as_atom(self) -> Option<Text<'a>> {
        match self.head() {
            Head::Atom(name) => Some(name),
            _ => None,
        }
    }

    /// The bytes, if the term is a binary.
    #[must_use]
    pub fn as_binary(self) -> Option<&'a [u8]> {
        match self.value() {
            Value::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text of an atom, a binary or a STRING. The atom `undefined` is not text.
    #[must_use]
    pub fn as_text(self) -> Option<Text<'a>> {
        match (self.0, self.head()) {
            (_, Head::Atom(name)) => (!name.is_word("undefined")).then_some(name),
            (_, Head::Binary(_, text)) => Some(text),
            (Repr::Wire(wire), Head::String(_)) => Some(Text::from_wire(wire)),
            _ => None,
        }
    }

    /// The text that [`as_text`](Self::as_text) returns, or that of a list of code points or an empty
    /// list.
    #[must_use]
    pub fn as_charlist(self) -> Option<Text<'a>> {
        match (self.0, self.head()) {
            (Repr::Wire(wire), Head::List(_)) => {
                let Value::List(list) = self.value() else {
                    return None;
                };
                let is_text = list.all_integers(|integer| integer.as_char().is_some());
                is_text.then_some(Text::from_wire(wire))
            }
            (_, Head::Nil) => Some(Text::EMPTY),
            _ => self.as_text(),
        }
    }

    /// The boolean of `true`, `false`, `{bert,true}` or `{bert,false}`.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        let name = match self.head() {
            Head::Atom(name) => name,
            Head::Tuple(2) => self.bert_constant()?,
            _ => return None,
        };
        match name {
            name if name.is_word("true") => Some(true),
            name if name.is_word("false") => Some(false),
            _ => None,
        }
    }

    /// Returns true if the term is `undefined` or `{bert,nil}`, which stand for a missing value.
    #[must_use]
    pub fn is_none(self) -> bool {
        match self.head() {
            Head::Atom(name) => name.is_word("undefined"),
            Head::Tuple(2) => self.bert_constant().is_some_and(|name| name.is_word("nil")),
            _ => false,
        }
    }

    /// The atom after `bert` in `{bert,nil}`, `{bert,true}` or `{bert,false}`.
    fn bert_constant(self) -> Option<Text<'a>> {
        let Value::Tuple(tuple) = self.value() else {
            return None;
        };
        tuple.bert_constant()
    }

    /// The tuple, if the term is one.
    #[must_use]
    pub fn as_tuple(self) -> Option<Tuple<'a>> {
        match self.value() {
            Value::Tuple(tuple) => Some(tuple),
            _ => None,
        }
    }

    /// The list, if the term is one.
    #[must_use]
    pub fn as_list(self) -> Option<List<'a>> {
        match self.value() {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The map, if the term is one.
    #[must_use]
    pub fn as_map(self) -> Option<Map<'a>> {
        match self.value() {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Visits the term and every term inside it, in the order of the wire.
    pub fn walk(self) -> Walk<'a> {
        match self.0 {
            Repr::Wire(wire) => Walk::new(wire),
            Repr::Byte(byte) => Walk::of_byte(byte),
        }
    }
}

impl fmt::Debug for Term<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'a> Value<'a> {
    /// The value with this head; `wire` begins with the same term and may go on after it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new(head: Head<'a>, wire: &'a [u8]) -> Self {
        match head {
            Head::Integer(integer) => Self::Integer(integer),
            Head::Float(float) => Self::Float(float),
            Head::Atom(name) => Self::Atom(name),
            Head::Binary(bytes, _) => Self::Binary(bytes),
            Head::Bits(bytes, 8) => Self::Binary(bytes),
            Head::Bits(bytes, _) if bytes.is_empty() => Self::Binary(bytes),
            Head::Bits(bytes, last_bits) => Self::Bits(Bits::new(bytes, last_bits)),
            Head::Nil => Self::List(List::EMPTY),
            Head::String(bytes) => Self::List(List::of_bytes(bytes)),
            Head::List(_) => Self::List(List::from_wire(wire)),
            Head::Tuple(arity) => Self::Tuple(Tuple::from_wire(arity, wire)),
            Head::Map(pairs) => Self::Map(Map::from_wire(pairs, wire)),
            Head::Pid(pid) => Self::Pid(pid),
            Head::Port(port) => Self::Port(port),
            Head::Reference(reference) => Self::Reference(reference),
            Head::Export(export) => Self::Export(export),
            Head::Fun(fun) => Self::Fun(fun),
        }
    }
}
