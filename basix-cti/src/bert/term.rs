//! `Term<'a>`: a checked term, read in place.

use std::fmt;

use super::error::{DecodeError, DecodeErrorKind as Kind, Fail};
use super::identifier::{Export, Fun, Pid, Port, Reference};
use super::limits::Limits;
use super::number::Integer;
use super::reader::{self, Head};
use super::tag;
use super::text::Text;
use super::walk::Walk;

/// A term that has been checked, and is read where it stands in the message.
///
/// Making one costs a walk over its bytes and no memory; it is as small as a slice and may be
/// copied. [`value`](Self::value) tells what it is, the `as_*` methods ask for one type.
/// Elements of a tuple or a list are found by stepping over the ones before them; to visit a whole
/// term in one go, [`walk`](Self::walk) it.
///
/// Two terms are equal when Erlang's `=:=` says so, however each is written; the order is Erlang's,
/// with an integer before a float of the same value.
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

/// What a [`Term`] is.
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
    /// Bytes of which the last counts only in part.
    Bits(Bits<'a>),
    /// A list, also one that was written as STRING, and the empty list.
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
    /// A function known by its name.
    Export(Export<'a>),
    /// A function value.
    Fun(Fun<'a>),
}

impl<'a> Term<'a> {
    /// `wire` must be one checked term.
    #[inline]
    pub(crate) fn from_wire(mut wire: &'a [u8]) -> Self {
        while let [tag::LIST, 0, 0, 0, 0, tail @ ..] = wire {
            wire = tail;
        }
        Self(Repr::Wire(wire))
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

    /// The bytes of the term without version byte; `None` for an element of a STRING, which has no
    /// tag of its own.
    #[must_use]
    pub const fn wire(self) -> Option<&'a [u8]> {
        match self.0 {
            Repr::Wire(wire) => Some(wire),
            Repr::Byte(_) => None,
        }
    }

    /// What the term is.
    #[must_use]
    pub fn value(self) -> Value<'a> {
        let contents = || match self.0 {
            Repr::Wire(wire) => wire,
            Repr::Byte(_) => &[],
        };
        match self.head() {
            Head::Integer(integer) => Value::Integer(integer),
            Head::Float(float) => Value::Float(float),
            Head::Atom(name) => Value::Atom(name),
            Head::Binary(bytes, _) => Value::Binary(bytes),
            Head::Bits(bytes, last_bits) => Value::Bits(Bits { bytes, last_bits }),
            Head::Nil => Value::List(List::EMPTY),
            Head::String(bytes) => Value::List(List {
                rest: ListRest::Bytes(bytes),
            }),
            Head::List(_) => Value::List(List {
                rest: ListRest::Tail(contents()),
            }),
            Head::Tuple(arity) => Value::Tuple(Tuple::from_wire(arity, contents())),
            Head::Map(pairs) => Value::Map(Map {
                pairs,
                rest: contents().get(5..).unwrap_or_default(),
            }),
            Head::Pid(pid) => Value::Pid(pid),
            Head::Port(port) => Value::Port(port),
            Head::Reference(reference) => Value::Reference(reference),
            Head::Export(export) => Value::Export(export),
            Head::Fun(fun) => Value::Fun(fun),
        }
    }

    /// The integer, if it is one that fits.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        self.as_integer()?.as_i64()
    }

    /// The integer, if it is one.
    #[must_use]
    pub fn as_integer(self) -> Option<Integer<'a>> {
        match self.head() {
            Head::Integer(integer) => Some(integer),
            _ => None,
        }
    }

    /// The float, if it is one. Integers are not floats.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self.head() {
            Head::Float(float) => Some(float),
            _ => None,
        }
    }

    /// The name, if it is an atom.
    #[must_use]
    pub fn as_atom(self) -> Option<Text<'a>> {
        match self.head() {
            Head::Atom(name) => Some(name),
            _ => None,
        }
    }

    /// The bytes, if it is a binary.
    #[must_use]
    pub fn as_binary(self) -> Option<&'a [u8]> {
        match self.value() {
            Value::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The text of an atom, a binary or a STRING (B16). The atom `undefined` is no text.
    #[must_use]
    pub fn as_text(self) -> Option<Text<'a>> {
        match (self.0, self.head()) {
            (_, Head::Atom(name)) => (!name.is_word("undefined")).then_some(name),
            (_, Head::Binary(_, text)) => Some(text),
            (Repr::Wire(wire), Head::String(_)) => Some(Text::from_wire(wire)),
            _ => None,
        }
    }

    /// The text as [`as_text`](Self::as_text) reads it, or that of a list of code points or an
    /// empty list (B26).
    #[must_use]
    pub fn as_charlist(self) -> Option<Text<'a>> {
        match (self.0, self.head()) {
            (Repr::Wire(wire), Head::List(_)) => {
                let Value::List(list) = self.value() else {
                    return None;
                };
                let mut elements = list.iter();
                let all = elements.all(|term| {
                    term.as_integer()
                        .is_some_and(|integer| integer.as_char().is_some())
                });
                (all && elements.tail().is_none()).then_some(Text::from_wire(wire))
            }
            (_, Head::Nil) => Some(Text::EMPTY),
            _ => self.as_text(),
        }
    }

    /// The truth value of `true`, `false`, `{bert,true}` or `{bert,false}` (B18).
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

    /// Whether the term is `undefined` or `{bert,nil}`: no value (B16, B18).
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

    /// The tuple, if it is one.
    #[must_use]
    pub fn as_tuple(self) -> Option<Tuple<'a>> {
        match self.value() {
            Value::Tuple(tuple) => Some(tuple),
            _ => None,
        }
    }

    /// The list, if it is one.
    #[must_use]
    pub fn as_list(self) -> Option<List<'a>> {
        match self.value() {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The map, if it is one.
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

/// Bytes of which the last counts only in part.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    last_bits: u8,
}

impl<'a> Bits<'a> {
    /// The bytes as sent; bits of the last one that do not count may hold anything.
    #[must_use]
    pub const fn wire_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// How many bits of the last byte count, from the highest on: 1 to 7.
    #[must_use]
    pub const fn last_bits(self) -> u8 {
        self.last_bits
    }

    /// How many bits there are.
    #[must_use]
    pub const fn len(self) -> u64 {
        (self.bytes.len() as u64 * 8).saturating_sub(8 - self.last_bits as u64)
    }

    /// Whether there is no bit; never true for a decoded term.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The bytes, the last one with zeros where it does not count.
    pub fn bytes(self) -> impl Iterator<Item = u8> + 'a {
        let last = self.bytes.len().wrapping_sub(1);
        let mask = 0xffu8
            .checked_shl(8 - u32::from(self.last_bits))
            .unwrap_or(0);
        self.bytes
            .iter()
            .enumerate()
            .map(move |(at, b)| if at == last { b & mask } else { *b })
    }
}

/// The elements of a tuple.
#[derive(Clone, Copy, Debug)]
pub struct Tuple<'a> {
    arity: u32,
    rest: &'a [u8],
}

impl<'a> Tuple<'a> {
    /// `wire` is the whole checked tuple, tag included.
    #[inline]
    pub(crate) fn from_wire(arity: u32, wire: &'a [u8]) -> Self {
        let header = if let [tag::SMALL_TUPLE, ..] = wire {
            2
        } else {
            5
        };
        Self {
            arity,
            rest: wire.get(header..).unwrap_or_default(),
        }
    }

    /// How many elements there are.
    #[must_use]
    pub const fn arity(self) -> usize {
        self.arity as usize
    }

    /// The elements.
    #[must_use]
    pub const fn iter(self) -> Elements<'a> {
        Elements {
            left: self.arity,
            rest: self.rest,
        }
    }

    /// The element at a place counted from 0, found by stepping over those before it.
    #[must_use]
    pub fn get(self, index: usize) -> Option<Term<'a>> {
        self.iter().nth(index)
    }

    /// The first `N` elements; those that are missing are `None`.
    #[must_use]
    pub fn first<const N: usize>(self) -> [Option<Term<'a>>; N] {
        let mut elements = self.iter();
        std::array::from_fn(|_| elements.next())
    }

    pub(crate) fn bert_constant(self) -> Option<Text<'a>> {
        reader::bert_constant(self.arity, self.rest).map(|(name, _)| name)
    }
}

impl<'a> IntoIterator for Tuple<'a> {
    type Item = Term<'a>;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        self.iter()
    }
}

/// Iterates over the elements of a [`Tuple`].
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    left: u32,
    rest: &'a [u8],
}

impl<'a> Iterator for Elements<'a> {
    type Item = Term<'a>;

    fn next(&mut self) -> Option<Term<'a>> {
        self.left = self.left.checked_sub(1)?;
        let (term, rest) = Term::take(self.rest)?;
        self.rest = rest;
        Some(term)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Elements<'_> {}

/// The elements of a list, and the tail if it is improper.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    rest: ListRest<'a>,
}

#[derive(Clone, Copy, Debug)]
enum ListRest<'a> {
    Bytes(&'a [u8]),
    /// A LIST with its tag, NIL, or an improper tail.
    Tail(&'a [u8]),
    /// This many elements, then the tail.
    Elements(u32, &'a [u8]),
}

impl<'a> List<'a> {
    const EMPTY: Self = Self {
        rest: ListRest::Bytes(&[]),
    };

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether the list ends with the empty list, as lists normally do.
    #[must_use]
    pub fn is_proper(self) -> bool {
        let mut elements = self.iter();
        elements.by_ref().for_each(drop);
        elements.tail().is_none()
    }

    /// The elements.
    #[must_use]
    pub const fn iter(self) -> ListElements<'a> {
        ListElements { rest: self.rest }
    }
}

impl<'a> IntoIterator for List<'a> {
    type Item = Term<'a>;
    type IntoIter = ListElements<'a>;

    fn into_iter(self) -> ListElements<'a> {
        self.iter()
    }
}

/// Iterates over the elements of a [`List`].
#[derive(Clone, Debug)]
pub struct ListElements<'a> {
    rest: ListRest<'a>,
}

impl<'a> ListElements<'a> {
    /// After the last element: what stands in place of the empty list in an improper list.
    #[must_use]
    pub fn tail(&self) -> Option<Term<'a>> {
        match self.rest {
            ListRest::Tail([tag::NIL | tag::LIST | tag::STRING, ..]) | ListRest::Bytes(_) => None,
            ListRest::Tail(wire) => Some(Term::take(wire)?.0),
            ListRest::Elements(..) => None,
        }
    }
}

impl<'a> Iterator for ListElements<'a> {
    type Item = Term<'a>;

    fn next(&mut self) -> Option<Term<'a>> {
        loop {
            match self.rest {
                ListRest::Elements(0, rest) => self.rest = ListRest::Tail(rest),
                ListRest::Elements(left, rest) => {
                    let (term, rest) = Term::take(rest)?;
                    self.rest = ListRest::Elements(left - 1, rest);
                    return Some(term);
                }
                ListRest::Bytes(bytes) => {
                    let (byte, rest) = bytes.split_first()?;
                    self.rest = ListRest::Bytes(rest);
                    return Some(Term(Repr::Byte(*byte)));
                }
                ListRest::Tail(wire) => match reader::head::<false>(wire) {
                    Ok((Head::List(count), rest)) => self.rest = ListRest::Elements(count, rest),
                    Ok((Head::String(bytes), _)) => self.rest = ListRest::Bytes(bytes),
                    _ => return None,
                },
            }
        }
    }
}

/// The pairs of a map.
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    pairs: u32,
    rest: &'a [u8],
}

impl<'a> Map<'a> {
    /// How many pairs there are.
    #[must_use]
    pub const fn len(self) -> usize {
        self.pairs as usize
    }

    /// Whether there are no pairs.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.pairs == 0
    }

    /// The pairs on the wire, and whatever follows them.
    pub(crate) const fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// The pairs of key and value, in the order of the wire.
    #[must_use]
    pub const fn iter(self) -> Pairs<'a> {
        Pairs {
            left: self.pairs,
            rest: self.rest,
        }
    }
}

impl<'a> IntoIterator for Map<'a> {
    type Item = (Term<'a>, Term<'a>);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.iter()
    }
}

/// Iterates over the pairs of a [`Map`].
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    left: u32,
    rest: &'a [u8],
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Term<'a>, Term<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (key, rest) = Term::take(self.rest)?;
        let (value, rest) = Term::take(rest)?;
        self.rest = rest;
        Some((key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Pairs<'_> {}

/// Reads messages: bytes to [`Term`], within [`Limits`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder {
    limits: Limits,
    cti: bool,
}

impl Decoder {
    /// A decoder of the whole external term format, with the default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder of CTI messages: it refuses what rule B11 refuses.
    #[must_use]
    pub fn cti() -> Self {
        Self {
            cti: true,
            ..Self::default()
        }
    }

    /// The same decoder with other limits.
    #[must_use]
    pub const fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Reads a message: the version byte 131 and exactly one term (B10).
    ///
    /// # Errors
    ///
    /// Tells what is wrong and at which byte. Compressed terms are refused; with the feature
    /// `inflate`, pass the message through `bert::inflate` first.
    pub fn decode<'a>(&self, message: &'a [u8]) -> Result<Term<'a>, DecodeError> {
        let start = self.body(message)?;
        let fail = |fail: Fail| fail.in_message(message.len());
        let Limits { depth, terms, .. } = self.limits;
        let terms = terms
            .checked_sub(1)
            .ok_or(DecodeError::new(Kind::TooManyTerms, 1))?;
        let rest = if self.cti {
            reader::skip::<true>(start, depth, terms)
        } else {
            reader::skip::<false>(start, depth, terms)
        };
        let rest = rest.map_err(fail)?;
        if !rest.is_empty() {
            return Err(fail(Fail::at(Kind::Trailing, rest)));
        }
        if !self.cti {
            super::order::check_keys(start).map_err(fail)?;
        }
        Ok(Term::from_wire(start))
    }

    /// What follows the version byte of a message that is not too large.
    #[inline]
    pub(crate) fn body<'a>(&self, message: &'a [u8]) -> Result<&'a [u8], DecodeError> {
        match message {
            [] => Err(DecodeError::new(Kind::Empty, 0)),
            _ if message.len() > self.limits.message_bytes as usize => {
                Err(DecodeError::new(Kind::TooLarge, 0))
            }
            [tag::VERSION, body @ ..] => Ok(body),
            _ => Err(DecodeError::new(Kind::Version, 0)),
        }
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// Reads a message of any Erlang term, with the default [`Limits`].
///
/// # Errors
///
/// As [`Decoder::decode`].
pub fn decode(message: &[u8]) -> Result<Term<'_>, DecodeError> {
    Decoder::new().decode(message)
}

/// Reads a CTI message, with the default [`Limits`]: terms outside the subset of rule B11 are
/// refused.
///
/// # Errors
///
/// As [`Decoder::decode`].
pub fn decode_cti(message: &[u8]) -> Result<Term<'_>, DecodeError> {
    Decoder::cti().decode(message)
}
