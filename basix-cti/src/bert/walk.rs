//! Visiting every term inside a term, one after the other, without recursion.

use super::reader::{self, Head, Levels};
use super::steps;
use super::tag;
use super::term::Value;

/// One step of a [`Walk`].
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a walk has no other steps")]
pub enum Token<'a> {
    /// A term. A list, tuple, map or fun is followed by its elements (keys and values in turn,
    /// captured variables) and [`End`](Self::End).
    Value(Value<'a>),
    /// The next term is the tail of an improper list.
    Tail,
    /// The end of a list, tuple, map or fun.
    End,
}

/// Iterates over a term and all terms inside it, in the order of the wire.
///
/// Takes time linear in the size of the term, and no stack at any depth.
///
/// ```
/// use basix_cti::bert::{Token, Value, decode};
///
/// let term = decode(b"\x83h\x02a\x01k\0\x02\x02\x03")?; // {1, [2, 3]}
/// let sum: i64 = term
///     .walk()
///     .filter_map(|token| match token {
///         Token::Value(Value::Integer(integer)) => integer.as_i64(),
///         _ => None,
///     })
///     .sum();
/// assert_eq!(sum, 6);
/// # Ok::<(), basix_cti::bert::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Walk<'a>(Walker<'a, WireOrder>);

impl<'a> Walk<'a> {
    pub(crate) const fn new(wire: &'a [u8]) -> Self {
        Self(Walker::new(wire, WireOrder))
    }

    pub(crate) const fn of_byte(byte: u8) -> Self {
        Self(Walker::of_byte(byte, WireOrder))
    }

    /// Skips the rest of the innermost open list, tuple, map or fun, including its end.
    pub fn leave(&mut self) {
        let mut inside = 1;
        while inside > 0 {
            match self.next() {
                Some(Token::Value(value)) if value.is_container() => inside += 1,
                Some(Token::End) => inside -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.0.next()
    }
}

/// The order of a walk inside maps, and its way past long runs of bytes without meaning.
pub(crate) trait Route<'a> {
    /// Skips LISTs without elements at the front: such a LIST stands for its tail.
    #[inline]
    fn strip(&mut self, rest: &'a [u8]) -> &'a [u8] {
        strip(rest)
    }

    /// Reads the head at `start`.
    #[inline]
    fn head(&mut self, start: &'a [u8]) -> Option<(Head<'a>, &'a [u8])> {
        reader::head::<false>(start).ok()
    }

    /// A map with pairs begins at `start`. Returns true to be asked for the place of each of its
    /// keys and values.
    fn enter(&mut self, _start: &'a [u8], _pairs: u32) -> bool {
        false
    }

    /// The place of the next key or value of the innermost map, which lacks `left` of them. With
    /// `None` the walk continues at its own position.
    fn child(&mut self, _level: usize, _left: u64) -> Option<&'a [u8]> {
        None
    }

    /// The innermost map is complete. Returns the bytes after it, unless the walk is there already.
    fn leave(&mut self) -> Option<&'a [u8]> {
        None
    }
}

/// Visits everything as it stands on the wire.
#[derive(Clone, Debug)]
pub(crate) struct WireOrder;

impl Route<'_> for WireOrder {}

/// Skips LISTs without elements at the front.
#[inline]
pub(crate) fn strip(rest: &[u8]) -> &[u8] {
    match rest {
        [tag::LIST, 0, 0, 0, 0, ..] => strip_all(rest),
        _ => rest,
    }
}

#[cold]
fn strip_all(mut rest: &[u8]) -> &[u8] {
    while let [tag::LIST, 0, 0, 0, 0, tail @ ..] = rest {
        steps::count(1);
        rest = tail;
    }
    rest
}

/// A walk along a route.
#[derive(Clone, Debug)]
pub(crate) struct Walker<'a, R> {
    rest: &'a [u8],
    /// The message from the start of the last value on.
    at: &'a [u8],
    /// Elements of the STRING that is open, if one is.
    string: Option<&'a [u8]>,
    /// Terms the innermost container lacks; [`TAIL`] if a list's tail follows them, [`MAP`] if the
    /// route is asked for their places.
    open: u64,
    outer: Levels,
    /// The whole term, if it is an element of a STRING.
    byte: Option<u8>,
    pub(crate) route: R,
}

const TAIL: u64 = 1 << 63;
const MAP: u64 = 1 << 62;
const COUNT: u64 = MAP - 1;

impl<'a, R> Walker<'a, R> {
    pub(crate) const fn new(wire: &'a [u8], route: R) -> Self {
        let outer = Levels::new();
        Self { rest: wire, at: wire, string: None, open: 1, outer, byte: None, route }
    }

    pub(crate) const fn of_byte(byte: u8, route: R) -> Self {
        let outer = Levels::new();
        Self { rest: &[], at: &[], string: None, open: 0, outer, byte: Some(byte), route }
    }

    /// From where the last value began to the end of the message.
    pub(crate) const fn at(&self) -> &'a [u8] {
        self.at
    }

    /// The terms not visited yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn enter(&mut self, terms: u64) {
        self.outer.push(self.open);
        self.open = terms;
    }
}

impl<'a, R: Route<'a>> Walker<'a, R> {
    fn close(&mut self) -> Option<Token<'a>> {
        let map = self.open & MAP != 0;
        self.open = self.outer.pop()?;
        if map {
            self.rest = self.route.leave().unwrap_or(self.rest);
        }
        Some(Token::End)
    }

    /// The next element of the open STRING, or its end.
    fn string_element(&mut self, string: &'a [u8]) -> Option<Token<'a>> {
        steps::count(1);
        let Some((byte, rest)) = string.split_first() else {
            self.string = None;
            return self.close();
        };
        self.string = Some(rest);
        Some(Token::Value(Value::Integer(i64::from(*byte).into())))
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Option<Token<'a>> {
        if let Some(byte) = self.byte.take() {
            return Some(Token::Value(Value::Integer(i64::from(byte).into())));
        }
        if let Some(string) = self.string {
            return self.string_element(string);
        }
        while self.open & COUNT == 0 {
            if self.open & TAIL == 0 {
                return self.close();
            }
            self.rest = self.route.strip(self.rest);
            match self.route.head(self.rest)? {
                (Head::Nil, rest) => {
                    self.rest = rest;
                    return self.close();
                }
                (Head::List(count), rest) => {
                    self.rest = rest;
                    self.open = u64::from(count) | TAIL;
                }
                (Head::String(bytes), rest) => {
                    self.rest = rest;
                    self.open = 0;
                    self.string = Some(bytes);
                    return self.string_element(bytes);
                }
                _ => {
                    self.open = 1;
                    return Some(Token::Tail);
                }
            }
        }
        if self.open & MAP != 0 {
            let place = self.route.child(self.outer.len(), self.open & COUNT);
            self.rest = place.unwrap_or(self.rest);
        }
        let start = self.route.strip(self.rest);
        let (head, rest) = self.route.head(start)?;
        self.at = start;
        self.rest = rest;
        self.open -= 1;
        match &head {
            Head::Nil => self.enter(0),
            Head::String(bytes) => {
                self.enter(0);
                self.string = Some(bytes);
            }
            Head::List(count) => self.enter(u64::from(*count) | TAIL),
            Head::Tuple(arity) => self.enter((*arity).into()),
            Head::Map(pairs) => {
                let asked = *pairs > 0 && self.route.enter(start, *pairs);
                self.enter((2 * u64::from(*pairs)) | if asked { MAP } else { 0 });
            }
            Head::Fun(fun) => self.enter(fun.free_variables().into()),
            _ => {}
        }
        Some(Token::Value(Value::new(head, start)))
    }
}

impl Value<'_> {
    pub(crate) const fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Tuple(_) | Self::Map(_) | Self::Fun(_))
    }
}
