//! Bits, and the elements of tuples, lists and maps.

use super::number::Integer;
use super::reader::{self, Head};
use super::steps;
use super::tag;
use super::term::Term;
use super::text::Text;

/// A bit string: bytes, of which the last counts only in part.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    last_bits: u8,
}

impl<'a> Bits<'a> {
    pub(super) const fn new(bytes: &'a [u8], last_bits: u8) -> Self {
        Self { bytes, last_bits }
    }

    /// The bytes as sent. Bits of the last one that do not count may have any value.
    #[must_use]
    pub const fn wire_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The number of bits that count in the last byte, from the highest on: 1 to 7.
    #[must_use]
    pub const fn last_bits(self) -> u8 {
        self.last_bits
    }

    /// The number of bits.
    #[must_use]
    pub const fn len(self) -> u64 {
        (self.bytes.len() as u64 * 8).saturating_sub(8 - self.last_bits as u64)
    }

    /// Returns true if there are no bits; never for a decoded term.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The bytes, with zeros in place of bits that do not count.
    pub fn bytes(self) -> impl Iterator<Item = u8> + 'a {
        let last = self.bytes.len().wrapping_sub(1);
        let mask = 0xffu8.checked_shl(8 - u32::from(self.last_bits)).unwrap_or(0);
        self.bytes.iter().enumerate().map(move |(at, b)| if at == last { b & mask } else { *b })
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
        let header = if let [tag::SMALL_TUPLE, ..] = wire { 2 } else { 5 };
        Self { arity, rest: wire.get(header..).unwrap_or_default() }
    }

    /// The number of elements.
    #[must_use]
    pub const fn arity(self) -> usize {
        self.arity as usize
    }

    /// The elements.
    #[must_use]
    pub const fn iter(self) -> Elements<'a> {
        Elements::new(self.arity, self.rest)
    }

    /// The element at an index, found by stepping over those before it.
    #[must_use]
    pub fn get(self, index: usize) -> Option<Term<'a>> {
        self.iter().nth(index)
    }

    /// The first `N` elements; a missing one is `None`.
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

impl<'a> Elements<'a> {
    /// Iterates over `left` checked terms from `rest` on.
    pub(crate) const fn new(left: u32, rest: &'a [u8]) -> Self {
        Self { left, rest }
    }

    /// The terms that are left, and whatever follows them.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }
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

/// The elements of a list, and its tail if it is improper.
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
    pub(super) const EMPTY: Self = Self::of_bytes(&[]);

    /// The elements of a STRING.
    pub(super) const fn of_bytes(bytes: &'a [u8]) -> Self {
        Self { rest: ListRest::Bytes(bytes) }
    }

    /// `wire` begins with a checked LIST.
    pub(super) const fn from_wire(wire: &'a [u8]) -> Self {
        Self { rest: ListRest::Tail(wire) }
    }

    /// Returns true if there are no elements.
    #[must_use]
    pub fn is_empty(self) -> bool {
        let mut rest = match self.rest {
            ListRest::Bytes(bytes) => return bytes.is_empty(),
            ListRest::Elements(left, _) if left > 0 => return false,
            ListRest::Elements(_, rest) | ListRest::Tail(rest) => rest,
        };
        loop {
            match reader::head::<false>(rest) {
                Ok((Head::List(0), tail)) => rest = tail,
                Ok((Head::List(_), _)) => return false,
                Ok((Head::String(bytes), _)) => return bytes.is_empty(),
                _ => return true,
            }
        }
    }

    /// Returns true if the list is proper and holds only integers that `accept` takes.
    ///
    /// Reads no further than the first other element and steps over none, so that asking at every
    /// level of nested lists takes linear time.
    pub(crate) fn all_integers(self, mut accept: impl FnMut(Integer<'a>) -> bool) -> bool {
        let (mut left, mut rest) = match self.rest {
            ListRest::Bytes(bytes) => return all_bytes(bytes, accept),
            ListRest::Elements(left, rest) => (left, rest),
            ListRest::Tail(rest) => (0, rest),
        };
        loop {
            (left, rest) = match (left, reader::head::<false>(rest)) {
                (0, Ok((Head::Nil, _))) => return true,
                (0, Ok((Head::List(count), rest))) => (count, rest),
                (0, Ok((Head::String(bytes), _))) => return all_bytes(bytes, accept),
                (1.., Ok((Head::Integer(integer), rest))) if accept(integer) => (left - 1, rest),
                // A LIST without elements stands for its tail, here the element.
                (1.., Ok((Head::List(0), rest))) => (left, rest),
                _ => return false,
            };
        }
    }

    /// Returns true if the list ends with the empty list, as lists normally do.
    #[must_use]
    pub fn is_proper(self) -> bool {
        let mut elements = self.iter();
        elements.by_ref().for_each(drop);
        elements.tail().is_none()
    }

    /// The bytes of a list that Erlang writes as a STRING: 1 to 65,535 integers below 256.
    pub(crate) fn to_bytes(self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let all = self.all_integers(|integer| {
            let byte = integer.as_i64().and_then(|value| u8::try_from(value).ok());
            bytes.extend(byte);
            byte.is_some() && bytes.len() <= 65_535
        });
        (all && !bytes.is_empty()).then_some(bytes)
    }

    /// The elements.
    #[must_use]
    pub const fn iter(self) -> ListElements<'a> {
        ListElements { rest: self.rest }
    }
}

fn all_bytes<'a>(bytes: &[u8], mut accept: impl FnMut(Integer<'a>) -> bool) -> bool {
    steps::count(bytes.len());
    bytes.iter().all(|byte| accept(i64::from(*byte).into()))
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
    /// The tail of an improper list, once the last element has been taken.
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
                    return Some(Term::from_byte(*byte));
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
    /// `wire` begins with a checked MAP.
    pub(super) fn from_wire(pairs: u32, wire: &'a [u8]) -> Self {
        Self { pairs, rest: wire.get(5..).unwrap_or_default() }
    }

    /// The number of pairs.
    #[must_use]
    pub const fn len(self) -> usize {
        self.pairs as usize
    }

    /// Returns true if there are no pairs.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.pairs == 0
    }

    /// The pairs of key and value, in the order of the wire.
    #[must_use]
    pub const fn iter(self) -> Pairs<'a> {
        Pairs { left: self.pairs, rest: self.rest }
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
