//! Visiting every term inside a term, one after the other, without recursion.

use super::reader::{self, Head, Levels};
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
/// Takes time in proportion to the size of the term, and no stack however deep it is nested.
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
pub struct Walk<'a> {
    rest: &'a [u8],
    /// Elements of the STRING that is open, if one is.
    string: Option<&'a [u8]>,
    /// Terms the innermost container lacks; [`TAIL`] if a list's tail follows them.
    open: u64,
    outer: Levels,
    /// The whole term, if it is an element of a STRING.
    byte: Option<u8>,
}

const TAIL: u64 = 1 << 63;

impl<'a> Walk<'a> {
    pub(crate) const fn new(wire: &'a [u8]) -> Self {
        Self { rest: wire, string: None, open: 1, outer: Levels::new(), byte: None }
    }

    pub(crate) const fn nothing() -> Self {
        Self { rest: &[], string: None, open: 0, outer: Levels::new(), byte: None }
    }

    pub(crate) fn of_byte(byte: u8) -> Self {
        Self { byte: Some(byte), ..Self::nothing() }
    }

    /// Passes over the rest of the innermost open list, tuple, map or fun, its end included.
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

    fn close(&mut self) -> Option<Token<'a>> {
        self.open = self.outer.pop()?;
        Some(Token::End)
    }

    fn enter(&mut self, terms: u64) {
        self.outer.push(self.open);
        self.open = terms;
    }
}

impl Value<'_> {
    pub(crate) const fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Tuple(_) | Self::Map(_) | Self::Fun(_))
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(byte) = self.byte.take() {
            return Some(Token::Value(Value::Integer(i64::from(byte).into())));
        }
        if let Some(string) = self.string {
            if let Some((byte, rest)) = string.split_first() {
                self.string = Some(rest);
                return Some(Token::Value(Value::Integer(i64::from(*byte).into())));
            }
            self.string = None;
            return self.close();
        }
        while self.open & !TAIL == 0 {
            if self.open == 0 {
                return self.close();
            }
            match (self.rest, reader::head::<false>(self.rest).ok()?) {
                ([tag::NIL, ..], (_, rest)) => {
                    self.rest = rest;
                    return self.close();
                }
                (_, (Head::List(count), rest)) => {
                    self.rest = rest;
                    self.open = u64::from(count) | TAIL;
                }
                (_, (Head::String(bytes), rest)) => {
                    self.rest = rest;
                    self.open = 0;
                    self.string = Some(bytes);
                    return self.next();
                }
                _ => {
                    self.open = 1;
                    return Some(Token::Tail);
                }
            }
        }
        // A LIST without elements stands for its tail.
        while let [tag::LIST, 0, 0, 0, 0, tail @ ..] = self.rest {
            self.rest = tail;
        }
        let start = self.rest;
        let (head, rest) = reader::head::<false>(start).ok()?;
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
            Head::Map(pairs) => self.enter(2 * u64::from(*pairs)),
            Head::Fun(fun) => self.enter(fun.free_variables().into()),
            _ => {}
        }
        Some(Token::Value(Value::new(head, start)))
    }
}
