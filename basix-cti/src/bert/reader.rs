//! Reads one term at a time from a slice, and checks every length against the remaining bytes.
//!
//! A reader is just the slice of bytes not read yet: taking a part off its front is one comparison,
//! and the position of an error is the distance from the end. Nothing here recurses or allocates,
//! except that [`skip`] keeps the counts of containers nested deeper than [`Levels::INLINE`] on the
//! heap.

use super::error::{DecodeErrorKind as Kind, Fail};
use super::float::float_text;
use super::identifier::{Export, Fun, Pid, Port, Reference};
use super::number::Integer;
use super::steps;
use super::tag;
use super::text::Text;

type Step<'a, T> = Result<(T, &'a [u8]), Fail>;

/// A tag and its own bytes. Of a container this is only how many terms follow.
pub(crate) enum Head<'a> {
    Integer(Integer<'a>),
    Float(f64),
    Atom(Text<'a>),
    /// The content, and the whole term for reading it as text.
    Binary(&'a [u8], Text<'a>),
    /// Bytes, and the number of bits that count in the last one: 1 to 7.
    Bits(&'a [u8], u8),
    Nil,
    String(&'a [u8]),
    Tuple(u32),
    List(u32),
    Map(u32),
    Pid(Pid<'a>),
    Port(Port<'a>),
    Reference(Reference<'a>),
    Export(Export<'a>),
    Fun(Fun<'a>),
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn byte(rest: &[u8]) -> Step<'_, u8> {
    match rest {
        [byte, rest @ ..] => Ok((*byte, rest)),
        [] => Err(Fail::at(Kind::Truncated, rest)),
    }
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn array<const N: usize>(rest: &[u8]) -> Step<'_, &[u8; N]> {
    match rest.split_first_chunk() {
        Some(split) => Ok(split),
        None => Err(Fail::at(Kind::Truncated, rest)),
    }
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn be_u16(rest: &[u8]) -> Step<'_, usize> {
    let (bytes, rest) = array(rest)?;
    Ok((usize::from(u16::from_be_bytes(*bytes)), rest))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn be_u32(rest: &[u8]) -> Step<'_, u32> {
    let (bytes, rest) = array(rest)?;
    Ok((u32::from_be_bytes(*bytes), rest))
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn bytes(len: usize, rest: &[u8]) -> Step<'_, &[u8]> {
    match rest.split_at_checked(len) {
        Some(split) => Ok(split),
        None => Err(Fail::at(Kind::Truncated, rest)),
    }
}

/// The bytes from `start` up to `rest`, which is a part of its end.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn between<'a>(start: &'a [u8], rest: &[u8]) -> &'a [u8] {
    start.get(..start.len() - rest.len()).unwrap_or(start)
}

/// Reads a tag and its own bytes. `CTI` refuses what is outside the subset of CTI messages.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn head<const CTI: bool>(start: &[u8]) -> Step<'_, Head<'_>> {
    steps::count(1);
    let (tag, rest) = byte(start)?;
    Ok(match tag {
        tag::SMALL_INTEGER => {
            let (value, rest) = byte(rest)?;
            (Head::Integer(i64::from(value).into()), rest)
        }
        tag::INTEGER => {
            let (value, rest) = array(rest)?;
            (Head::Integer(i64::from(i32::from_be_bytes(*value)).into()), rest)
        }
        tag::SMALL_BIG => {
            let (len, rest) = byte(rest)?;
            big::<CTI>(len.into(), rest)?
        }
        tag::LARGE_BIG => {
            let (len, rest) = be_u32(rest)?;
            big::<CTI>(len as usize, rest)?
        }
        tag::NEW_FLOAT => {
            let (value, after) = array(rest)?;
            let value = f64::from_be_bytes(*value);
            if !value.is_finite() {
                return Err(Fail::at(Kind::Float, rest));
            }
            (Head::Float(value), after)
        }
        tag::FLOAT => {
            let (field, after) = array(rest)?;
            match float_text(field) {
                Some(value) => (Head::Float(value), after),
                None => return Err(Fail::at(Kind::Float, rest)),
            }
        }
        tag::SMALL_ATOM | tag::SMALL_ATOM_UTF8 | tag::ATOM | tag::ATOM_UTF8 => {
            let rest = atom(tag, rest)?;
            (Head::Atom(Text::from_wire(between(start, rest))), rest)
        }
        tag::STRING => {
            let (len, rest) = be_u16(rest)?;
            let (content, rest) = bytes(len, rest)?;
            (Head::String(content), rest)
        }
        tag::BINARY => {
            let (len, rest) = be_u32(rest)?;
            let (content, rest) = bytes(len as usize, rest)?;
            (Head::Binary(content, Text::from_wire(between(start, rest))), rest)
        }
        tag::NIL => (Head::Nil, rest),
        tag::SMALL_TUPLE => {
            let (arity, rest) = byte(rest)?;
            (Head::Tuple(counted(arity.into(), start, rest)?), rest)
        }
        tag::LARGE_TUPLE => {
            let (arity, rest) = be_u32(rest)?;
            (Head::Tuple(counted(arity, start, rest)?), rest)
        }
        tag::LIST => {
            let (len, rest) = be_u32(rest)?;
            (Head::List(counted(len, start, rest)?), rest)
        }
        _ => return other::<CTI>(start),
    })
}

/// A count that the bytes left can hold: every term has at least one byte.
#[cfg_attr(not(debug_assertions), inline(always))]
fn counted(count: u32, start: &[u8], rest: &[u8]) -> Result<u32, Fail> {
    if count as usize > rest.len() {
        return Err(Fail::at(Kind::Truncated, start));
    }
    Ok(count)
}

// B14
/// Checks the bytes of an atom after its tag and returns the bytes after it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn atom(tag: u8, rest: &[u8]) -> Result<&[u8], Fail> {
    let (len, body) = match tag {
        tag::SMALL_ATOM | tag::SMALL_ATOM_UTF8 => {
            let (len, body) = byte(rest)?;
            (usize::from(len), body)
        }
        _ => be_u16(rest)?,
    };
    let (name, after) = bytes(len, body)?;
    if matches!(tag, tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8) {
        if !is_ascii(name) || len > 255 {
            utf8_atom(name, body)?;
        }
    } else if len > 255 {
        return Err(Fail::at(Kind::AtomTooLong, body));
    }
    Ok(after)
}

/// Returns true if all bytes are ASCII; for short ones, a few loads and no loop.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn is_ascii(bytes: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let whole = |chunk: Option<&[u8; 8]>| chunk.map_or(0, |chunk| u64::from_ne_bytes(*chunk));
    let half = |chunk: Option<&[u8; 4]>| chunk.map_or(0, |chunk| u32::from_ne_bytes(*chunk));
    match bytes.len() {
        // The chunks at both ends overlap.
        8..=16 => (whole(bytes.first_chunk()) | whole(bytes.last_chunk())) & HIGH == 0,
        4..=7 => (half(bytes.first_chunk()) | half(bytes.last_chunk())) & HIGH as u32 == 0,
        0..=3 => bytes.iter().fold(0, |high, byte| high | byte) < 0x80,
        _ => bytes.is_ascii(),
    }
}

#[cold]
fn utf8_atom(name: &[u8], body: &[u8]) -> Result<(), Fail> {
    match std::str::from_utf8(name) {
        Err(_) => Err(Fail::at(Kind::AtomNotUtf8, body)),
        Ok(name) if name.chars().count() > 255 => Err(Fail::at(Kind::AtomTooLong, body)),
        Ok(_) => Ok(()),
    }
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn big<const CTI: bool>(len: usize, rest: &[u8]) -> Step<'_, Head<'_>> {
    let (sign, body) = byte(rest)?;
    let (magnitude, after) = bytes(len, body)?;
    if CTI && sign > 1 {
        return Err(Fail::at(Kind::Sign, rest));
    }
    Ok((Head::Integer(Integer::from_sign_magnitude(sign != 0, magnitude)), after))
}

/// The tags that only a general decoder reads.
#[cold]
#[inline(never)]
fn other<const CTI: bool>(start: &[u8]) -> Step<'_, Head<'_>> {
    let (tag, rest) = byte(start)?;
    let known = matches!(
        tag,
        tag::MAP
            | tag::BIT_BINARY
            | tag::NEW_PID
            | tag::PID
            | tag::NEW_PORT
            | tag::PORT
            | tag::V4_PORT
            | tag::NEWER_REFERENCE
            | tag::NEW_REFERENCE
            | tag::REFERENCE
            | tag::EXPORT
            | tag::NEW_FUN
    );
    if tag == tag::COMPRESSED {
        return Err(Fail::at(Kind::Compressed, start));
    }
    if tag == tag::LOCAL {
        return Err(Fail::at(Kind::Local, start));
    }
    if !known {
        return Err(Fail::at(Kind::UnknownTag, start));
    }
    if CTI {
        return Err(Fail::at(Kind::OutsideSubset, start));
    }
    Ok(match tag {
        tag::MAP => {
            let (pairs, rest) = be_u32(rest)?;
            if pairs as usize > rest.len() / 2 {
                return Err(Fail::at(Kind::Truncated, start));
            }
            (Head::Map(pairs), rest)
        }
        tag::BIT_BINARY => {
            let (len, rest) = be_u32(rest)?;
            let (bits, body) = byte(rest)?;
            let (content, after) = bytes(len as usize, body)?;
            if !(1..=8).contains(&bits) || content.is_empty() {
                return Err(Fail::at(Kind::Bits, rest));
            }
            match bits {
                8 => (Head::Binary(content, Text::from_wire(between(start, after))), after),
                _ => (Head::Bits(content, bits), after),
            }
        }
        tag::NEW_PID | tag::PID => {
            let (pid, rest) = Pid::read(tag, rest)?;
            (Head::Pid(pid), rest)
        }
        tag::NEW_PORT | tag::PORT | tag::V4_PORT => {
            let (port, rest) = Port::read(tag, rest)?;
            (Head::Port(port), rest)
        }
        tag::EXPORT => {
            let (export, rest) = Export::read(rest)?;
            (Head::Export(export), rest)
        }
        tag::NEW_FUN => {
            let (fun, rest) = Fun::read(rest)?;
            (Head::Fun(fun), rest)
        }
        _ => {
            let (reference, rest) = Reference::read(tag, rest)?;
            (Head::Reference(reference), rest)
        }
    })
}

/// The open containers of a walk: for each, the number of terms still to come and whether a list's
/// tail follows them.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    inline: [u64; Self::INLINE],
    deeper: Vec<u64>,
    len: usize,
}

impl Levels {
    pub(crate) const INLINE: usize = 16;

    pub(crate) const fn new() -> Self {
        Self { inline: [0; Self::INLINE], deeper: Vec::new(), len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn push(&mut self, level: u64) {
        match self.inline.get_mut(self.len) {
            Some(slot) => *slot = level,
            None => self.deeper.push(level),
        }
        self.len += 1;
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<u64> {
        self.len = self.len.checked_sub(1)?;
        match self.inline.get(self.len) {
            Some(level) => Some(*level),
            None => self.deeper.pop(),
        }
    }
}

/// Skips one term, checks all of it, and returns the bytes after it.
///
/// `depth` and `terms` are the remaining limits.
#[inline]
pub(crate) fn skip<const CTI: bool>(rest: &[u8], depth: u32, terms: u32) -> Result<&[u8], Fail> {
    match head::<CTI>(rest)? {
        (Head::Tuple(1..) | Head::List(_) | Head::Map(1..) | Head::Fun(_), _) => {
            skip_container::<CTI>(rest, depth, terms).map(|(rest, _)| rest)
        }
        (_, rest) => Ok(rest),
    }
}

/// Does the same as [`skip`], and returns whether there is a map, whose keys are not compared yet.
pub(crate) fn skip_container<const CTI: bool>(
    mut rest: &[u8],
    depth: u32,
    mut terms: u32,
) -> Result<(&[u8], bool), Fail> {
    const TAIL: u64 = 1 << 63;
    let mut levels = Levels::new();
    let mut maps = false;
    // Terms the innermost container lacks; with TAIL set, a list's tail comes after them.
    let mut open: u64 = 1;
    loop {
        let start = rest;
        let (head, after) = head::<CTI>(rest)?;
        rest = after;
        let inner = match head {
            // A list without elements is its own tail, which comes next.
            Head::List(0) if CTI || !matches!(rest, [tag::NIL, ..]) => {
                if CTI {
                    rest = nil(rest)?;
                    0
                } else {
                    continue;
                }
            }
            Head::List(0) => {
                rest = nil(rest)?;
                0
            }
            Head::List(count) => u64::from(count) | TAIL,
            Head::Tuple(count) => count.into(),
            Head::Map(pairs) => {
                maps = true;
                2 * u64::from(pairs)
            }
            Head::Fun(fun) => fun.free_variables().into(),
            _ => 0,
        };
        if inner != 0 {
            if levels.len() >= depth as usize {
                return Err(Fail::at(Kind::TooDeep, start));
            }
            terms = spend(terms, inner & !TAIL, start)?;
            levels.push(open);
            open = inner;
            continue;
        }
        open -= 1;
        while open & !TAIL == 0 {
            if open == TAIL {
                match rest {
                    [tag::NIL, after @ ..] => rest = after,
                    _ if CTI => rest = nil(rest)?,
                    // The tail is one more term: a further list, or what makes the list improper.
                    _ => {
                        let (more, after) = tail(rest)?;
                        terms = spend(terms, more & !TAIL, rest)?;
                        rest = after;
                        open = more;
                        continue;
                    }
                }
            }
            match levels.pop() {
                Some(outer) => open = outer - 1,
                None => return Ok((rest, maps)),
            }
        }
    }
}

/// The terms still to come after the elements of a list whose tail is not NIL.
fn tail(rest: &[u8]) -> Step<'_, u64> {
    match head::<false>(rest)? {
        (Head::List(count), after) => Ok((u64::from(count) | 1 << 63, after)),
        _ => Ok((1, rest)),
    }
}

#[inline]
fn spend(terms: u32, count: u64, start: &[u8]) -> Result<u32, Fail> {
    match u64::from(terms).checked_sub(count) {
        Some(left) => Ok(left as u32),
        None => Err(Fail::at(Kind::TooManyTerms, start)),
    }
}

// B18
/// The second atom of `{bert,nil}`, `{bert,true}` or `{bert,false}`, and what follows it, for
/// a tuple whose elements begin at `rest`.
#[inline]
pub(crate) fn bert_constant(arity: u32, rest: &[u8]) -> Option<(Text<'_>, &[u8])> {
    if arity != 2 || !rest.first().is_some_and(|tag| tag::is_atom(*tag)) {
        return None;
    }
    let (Head::Atom(bert), rest) = head::<true>(rest).ok()? else {
        return None;
    };
    if !bert.is_word("bert") {
        return None;
    }
    let (Head::Atom(name), rest) = head::<true>(rest).ok()? else {
        return None;
    };
    let known = ["nil", "true", "false"].iter().any(|word| name.is_word(word));
    known.then_some((name, rest))
}

/// Takes the NIL that ends a list in a CTI message.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn nil(rest: &[u8]) -> Result<&[u8], Fail> {
    match rest {
        [tag::NIL, rest @ ..] => Ok(rest),
        [] => Err(Fail::at(Kind::Truncated, rest)),
        _ => Err(Fail::at(Kind::ImproperList, rest)),
    }
}
