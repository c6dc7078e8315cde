//! Passes over one value of a CTI message, checking all of it.
//!
//! A message keeps to the subset that `Decoder::cti` reads, but a value inside it may be any term
//! that stands on its own, such as a map. The fast paths match the forms that a PBX writes and
//! leave the rest, and every error, to [`slow`]. They are inlined at each call, so that branch
//! prediction learns the usual form of each field.

use super::error::{DecodeErrorKind as Kind, Fail};
use super::reader::{self, Head, Levels};
use super::{steps, tag};

/// Passes over a value that is usually text. At most `depth` containers may be open inside it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn text(start: &[u8], depth: u32) -> Result<&[u8], Fail> {
    let rest = match start {
        [tag::BINARY, a, b, c, d, body @ ..] => {
            body.get(u32::from_be_bytes([*a, *b, *c, *d]) as usize..)
        }
        [tag::ATOM, 0, len, body @ ..] => body.get(usize::from(*len)..),
        [tag::SMALL_ATOM_UTF8, len, body @ ..] => ascii(body, *len),
        [tag::STRING, a, b, body @ ..] => body.get(usize::from(u16::from_be_bytes([*a, *b]))..),
        _ => None,
    };
    match rest {
        Some(rest) => Ok(rest),
        None => slow(start, depth, u32::MAX),
    }
}

/// Passes over a value that is usually an integer or the atom `undefined`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn integer(start: &[u8], depth: u32) -> Result<&[u8], Fail> {
    let rest = match start {
        [tag::SMALL_BIG, 7, 0 | 1, body @ ..] => body.get(7..),
        [tag::INTEGER, body @ ..] => body.get(4..),
        [tag::SMALL_INTEGER, _, rest @ ..] => Some(rest),
        [tag::ATOM, 0, len, body @ ..] => body.get(usize::from(*len)..),
        [tag::SMALL_ATOM_UTF8, len, body @ ..] => ascii(body, *len),
        _ => None,
    };
    match rest {
        Some(rest) => Ok(rest),
        None => slow(start, depth, u32::MAX),
    }
}

/// Passes over any value, often a tuple.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn value(start: &[u8], depth: u32) -> Result<&[u8], Fail> {
    match flat(start, depth) {
        Some(rest) => Ok(rest),
        None => slow(start, depth, u32::MAX),
    }
}

/// Passes over tuples and their elements with two counters: the terms still to come, and the tuples
/// opened so far.
#[cfg_attr(not(debug_assertions), inline(always))]
fn flat(mut rest: &[u8], depth: u32) -> Option<&[u8]> {
    let mut missing = 1_usize;
    let mut opened = 0;
    while missing > 0 {
        steps::count(1);
        missing -= 1;
        rest = match rest {
            [tag::ATOM, 0, len, body @ ..] => body.get(usize::from(*len)..)?,
            [tag::BINARY, a, b, c, d, body @ ..] => {
                body.get(u32::from_be_bytes([*a, *b, *c, *d]) as usize..)?
            }
            [tag::SMALL_BIG, len, 0 | 1, body @ ..] => body.get(usize::from(*len)..)?,
            [tag::INTEGER, body @ ..] => body.get(4..)?,
            [tag::SMALL_INTEGER, _, rest @ ..] => rest,
            [tag::SMALL_ATOM_UTF8, len, body @ ..] => ascii(body, *len)?,
            [tag::STRING, a, b, body @ ..] => {
                body.get(usize::from(u16::from_be_bytes([*a, *b]))..)?
            }
            [tag::NIL, rest @ ..] => rest,
            [tag::SMALL_TUPLE, arity, rest @ ..] => {
                // Counts tuples beside one another too: `slow` knows better.
                opened += 1;
                if opened > depth {
                    return None;
                }
                missing += usize::from(*arity);
                rest
            }
            _ => return None,
        };
    }
    Some(rest)
}

/// Returns the bytes after the name of an atom in UTF-8, if the name is ASCII.
#[cfg_attr(not(debug_assertions), inline(always))]
fn ascii(body: &[u8], len: u8) -> Option<&[u8]> {
    let (name, rest) = body.split_at_checked(len.into())?;
    reader::is_ascii(name).then_some(rest)
}

/// Passes over any value: the whole of it checked, within `depth` open containers and `terms` terms.
#[cold]
#[inline(never)]
pub(crate) fn slow(mut rest: &[u8], depth: u32, mut terms: u32) -> Result<&[u8], Fail> {
    /// Marks a list, whose empty list is still to come.
    const TAIL: u64 = 1 << 63;
    let mut levels = Levels::new();
    let mut missing: u64 = 1;
    loop {
        steps::count(1);
        let start = rest;
        let (head, after) = reader::head::<false>(start)?;
        check_sign(start)?;
        rest = after;
        let inner = match head {
            Head::Tuple(count) => count.into(),
            Head::List(0) => {
                rest = reader::nil(rest)?;
                0
            }
            Head::List(count) => u64::from(count) | TAIL,
            Head::Map(pairs) => 2 * u64::from(pairs),
            Head::Fun(fun) => fun.free_variables().into(),
            _ => 0,
        };
        if inner != 0 {
            if levels.len() >= depth as usize {
                return Err(Fail::at(Kind::TooDeep, start));
            }
            terms = match u64::from(terms).checked_sub(inner & !TAIL) {
                Some(left) => left as u32,
                None => return Err(Fail::at(Kind::TooManyTerms, start)),
            };
            levels.push(missing);
            missing = inner;
            continue;
        }
        missing -= 1;
        while missing & !TAIL == 0 {
            if missing == TAIL {
                rest = reader::nil(rest)?;
            }
            match levels.pop() {
                Some(outer) => missing = outer - 1,
                None => return Ok(rest),
            }
        }
    }
}

/// The sign byte of a big integer is 0 or 1.
fn check_sign(start: &[u8]) -> Result<(), Fail> {
    match start {
        [tag::SMALL_BIG, _, rest @ ..] | [tag::LARGE_BIG, _, _, _, _, rest @ ..]
            if rest.first().is_some_and(|sign| *sign > 1) =>
        {
            Err(Fail::at(Kind::Sign, rest))
        }
        _ => Ok(()),
    }
}
