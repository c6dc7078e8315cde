//! Reads the value of a field, leniently: a number may stand for text and digits for a number; a term
//! of any other type counts as missing. The record still has it.
//!
//! The bytes were checked when the message was parsed, so reading cannot fail. If a type
//! allows a failure, it counts as a missing value.

use super::id::{ChannelUuid, GroupId, UserId};
use super::scalar::Scalar;
use super::timestamp::Timestamp;
use crate::bert::reader::between;
use crate::bert::{Term, Text, pass, tag};

/// A value that a field can have. The default stands for no value.
pub(crate) trait Field<'a>: Default {
    /// Reads the checked term at the front of `start`.
    fn of(start: &'a [u8]) -> Self;
}

/// A value that an element of a composite value can have as well.
pub(crate) trait Part<'a>: Sized + Default {
    /// Reads the checked term at the front of `start`; returns the bytes after the term.
    fn read(start: &'a [u8]) -> (Self, &'a [u8]);
}

impl<'a, T: Part<'a>> Field<'a> for T {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn of(start: &'a [u8]) -> Self {
        Self::read(start).0
    }
}

/// Text, and the bytes that spell it, if available.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    pub(crate) text: Text<'a>,
    /// Empty if the text is a list of code points or a number.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Word<'a> {
    pub(crate) fn of(text: Text<'a>) -> Self {
        Self { text, bytes: text.word_bytes().unwrap_or_default() }
    }
}

/// Passes over a checked term.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn after(start: &[u8]) -> &[u8] {
    pass::value(start, u32::MAX).unwrap_or_default()
}

/// Text in any of its forms, or a number; `None` for no value and for other terms.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn word(start: &[u8]) -> (Option<Word<'_>>, &[u8]) {
    let split = match start {
        [tag::BINARY, a, b, c, d, body @ ..] => {
            body.split_at_checked(u32::from_be_bytes([*a, *b, *c, *d]) as usize)
        }
        [tag::STRING, a, b, body @ ..] => {
            body.split_at_checked(usize::from(u16::from_be_bytes([*a, *b])))
        }
        [tag::ATOM, 0, len, body @ ..] => {
            // Compared as a whole: it is the most frequent value.
            if let Some(rest) = start.strip_prefix(b"d\0\x09undefined") {
                return (None, rest);
            }
            body.split_at_checked(usize::from(*len))
        }
        [tag::SMALL_ATOM_UTF8, len, body @ ..] => {
            if let Some(rest) = start.strip_prefix(b"w\x09undefined") {
                return (None, rest);
            }
            body.split_at_checked(usize::from(*len))
        }
        _ => None,
    };
    match split {
        Some((bytes, rest)) => {
            (Some(Word { text: Text::from_wire(between(start, rest)), bytes }), rest)
        }
        None => rare_word(start),
    }
}

#[cold]
#[inline(never)]
fn rare_word(start: &[u8]) -> (Option<Word<'_>>, &[u8]) {
    let rest = after(start);
    let wire = between(start, rest);
    let term = Term::from_wire(wire);
    let is_number = term.as_integer().is_some() || term.as_f64().is_some();
    let text = if is_number { Some(Text::from_wire(wire)) } else { term.as_charlist() };
    (text.map(Word::of), rest)
}

/// An integer of 64 bits, or text of its digits; `None` for other terms.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn integer(start: &[u8]) -> (Option<i64>, &[u8]) {
    match start {
        [tag::SMALL_INTEGER, value, rest @ ..] => (Some(i64::from(*value)), rest),
        [tag::INTEGER, a, b, c, d, rest @ ..] => {
            (Some(i64::from(i32::from_be_bytes([*a, *b, *c, *d]))), rest)
        }
        // Today's timestamps (B19).
        [tag::SMALL_BIG, 7, sign, a, b, c, d, e, f, g, rest @ ..] => {
            let value = i64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, 0]);
            (Some(if *sign == 0 { value } else { -value }), rest)
        }
        // Compared as a whole; as a pattern it would be compared byte by byte.
        _ => match start.strip_prefix(b"d\0\x09undefined") {
            Some(rest) => (None, rest),
            None => match start.strip_prefix(b"w\x09undefined") {
                Some(rest) => (None, rest),
                None => rare_integer(start),
            },
        },
    }
}

#[cold]
#[inline(never)]
fn rare_integer(start: &[u8]) -> (Option<i64>, &[u8]) {
    let rest = after(start);
    let term = Term::from_wire(between(start, rest));
    let value = match term.as_integer() {
        Some(integer) => integer.as_i64(),
        None => term.as_charlist().and_then(|text| digits(&text.to_str())),
    };
    (value, rest)
}

/// The number that ASCII digits spell, perhaps with a minus before them.
fn digits(text: &str) -> Option<i64> {
    // `parse` would accept a plus.
    if text.starts_with('+') { None } else { text.parse().ok() }
}

/// Reads a flag: 0 or another integer, digits, or a truth value.
fn flag(start: &[u8]) -> (Option<bool>, &[u8]) {
    let rest = after(start);
    let term = Term::from_wire(between(start, rest));
    let flag = match (term.as_integer(), term.as_bool()) {
        (Some(integer), _) => Some(integer.as_i64() != Some(0)),
        (None, Some(flag)) => Some(flag),
        (None, None) => term.as_charlist().and_then(|text| match &*text.to_str() {
            "true" => Some(true),
            "false" => Some(false),
            text => digits(text).map(|number| number != 0),
        }),
    };
    (flag, rest)
}

/// The elements of a composite value: a tuple that is not one of BERT's constants.
#[cfg_attr(not(debug_assertions), inline(always))]
fn composite(start: &[u8]) -> Option<(u32, &[u8])> {
    match start {
        [
            tag::SMALL_TUPLE,
            2,
            tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8,
            ..,
        ] => pair(start),
        [tag::SMALL_TUPLE, arity, rest @ ..] => Some(((*arity).into(), rest)),
        [tag::LARGE_TUPLE, a, b, c, d, rest @ ..] => {
            Some((u32::from_be_bytes([*a, *b, *c, *d]), rest))
        }
        _ => None,
    }
}

#[cold]
fn pair(start: &[u8]) -> Option<(u32, &[u8])> {
    let tuple = Term::from_wire(start).as_tuple()?;
    tuple.bert_constant().is_none().then_some((2, start.get(2..)?))
}

/// Reads the elements of a composite value one by one; missing ones are defaults.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    left: u32,
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    /// The parts of the value at the front of `start`, if it is a composite one.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of(start: &'a [u8]) -> Option<Self> {
        let (left, rest) = composite(start)?;
        Some(Self { left, rest })
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn next<T: Part<'a>>(&mut self) -> T {
        let Some(left) = self.left.checked_sub(1) else {
            return T::default();
        };
        self.left = left;
        let (value, rest) = T::read(self.rest);
        self.rest = rest;
        value
    }

    /// The element at a position counted from this one.
    pub(crate) fn nth<T: Part<'a>>(mut self, position: usize) -> T {
        self.skip(position);
        self.next()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn next_word(&mut self) -> Option<Word<'a>> {
        self.left = self.left.checked_sub(1)?;
        let (word, rest) = word(self.rest);
        self.rest = rest;
        word
    }

    /// The elements of the next element, if that is a composite value; it is not passed over.
    pub(crate) fn inner(self) -> Option<Self> {
        if self.left == 0 { None } else { Self::of(self.rest) }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn skip(&mut self, count: usize) {
        for _ in 0..count.min(self.left as usize) {
            self.left -= 1;
            self.rest = after(self.rest);
        }
    }
}

impl<'a> Part<'a> for Text<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (word, rest) = word(start);
        (word.map_or(Text::EMPTY, |word| word.text), rest)
    }
}

impl<'a> Part<'a> for ChannelUuid<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (text, rest) = Text::read(start);
        (ChannelUuid::from(text), rest)
    }
}

impl<'a> Part<'a> for Option<ChannelUuid<'a>> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (word, rest) = word(start);
        (word.filter(|word| !word.text.is_empty()).map(|word| word.text.into()), rest)
    }
}

impl<'a> Part<'a> for Option<i64> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        integer(start)
    }
}

impl<'a> Part<'a> for Option<Timestamp> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (value, rest) = integer(start);
        (value.map(Timestamp::from_micros), rest)
    }
}

impl<'a> Part<'a> for Option<UserId> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (value, rest) = integer(start);
        (value.map(UserId), rest)
    }
}

impl<'a> Part<'a> for Option<GroupId> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (value, rest) = integer(start);
        (value.map(GroupId), rest)
    }
}

impl<'a> Part<'a> for Option<bool> {
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        flag(start)
    }
}

impl<'a> Part<'a> for Scalar<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let rest = after(start);
        (Self::from_wire(between(start, rest)), rest)
    }
}
