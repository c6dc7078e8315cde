//! Terms to bytes, the way Erlang writes them.

use std::fmt;

use super::number::{Integer, float_to_text};
use super::reader::Levels;
use super::tag;
use super::term::{Term, Value};
use super::walk::Token;

use identifier::FunHead;

pub(super) mod identifier;
pub(super) mod uncounted;

/// How atoms are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AtomForm {
    /// UTF-8, tags 118 and 119: Erlang/OTP 26 and newer.
    #[default]
    Utf8,
    /// Latin-1, tag 100, and UTF-8 for what Latin-1 cannot spell: older systems.
    Latin1,
}

/// How floats are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FloatForm {
    /// Eight bytes, tag 70.
    #[default]
    Ieee,
    /// 31 bytes of decimal text, tag 99.
    Text,
}

/// Writes a message, term after term.
///
/// Containers are told how many terms they will have; the terms follow. A mistake is kept and
/// returned by [`finish`](Self::finish), so that calls can be chained.
///
/// ```
/// use basix_cti::bert::{Encoder, decode};
///
/// let message = Encoder::new()
///     .tuple(3)
///     .atom("field_spec")
///     .string("terminal")
///     .list(2)
///     .atom("id")
///     .atom("name")
///     .finish()?;
/// assert_eq!(decode(&message)?.to_string(), r#"{field_spec,"terminal",[id,name]}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Encoder {
    out: Vec<u8>,
    atoms: AtomForm,
    floats: FloatForm,
    /// Terms the innermost container lacks; [`NIL_AFTER`] if the empty list ends it.
    open: u64,
    outer: Levels,
    error: Option<EncodeError>,
}

const NIL_AFTER: u64 = 1 << 63;

/// A term that cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// An atom of more than 255 characters.
    AtomTooLong,
    /// A float that is not finite.
    FloatNotFinite,
    /// More bytes or elements than the format can count.
    TooLong,
    /// Fewer terms were written than the containers were told.
    Incomplete,
    /// More terms were written than the containers were told.
    TooMany,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtomTooLong => "atom has more than 255 characters",
            Self::FloatNotFinite => "float is not finite",
            Self::TooLong => "more bytes or elements than the format can count",
            Self::Incomplete => "fewer terms were written than announced",
            Self::TooMany => "more terms were written than announced",
        })
    }
}

impl std::error::Error for EncodeError {}

impl Default for Encoder {
    fn default() -> Self {
        Self {
            out: vec![tag::VERSION],
            atoms: AtomForm::default(),
            floats: FloatForm::default(),
            open: 1,
            outer: Levels::new(),
            error: None,
        }
    }
}

impl Encoder {
    /// An encoder that writes as Erlang/OTP 26 does.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes atoms in this form from here on.
    #[must_use]
    pub fn with_atoms(self, atoms: AtomForm) -> Self {
        Self { atoms, ..self }
    }

    /// Writes floats in this form from here on.
    #[must_use]
    pub fn with_floats(self, floats: FloatForm) -> Self {
        Self { floats, ..self }
    }

    /// The message.
    ///
    /// # Errors
    ///
    /// The first mistake that was made on the way.
    pub fn finish(&mut self) -> Result<Vec<u8>, EncodeError> {
        if self.open != 0 || self.outer.len() != 0 {
            self.fail(EncodeError::Incomplete);
        }
        let done = std::mem::replace(
            self,
            Self { atoms: self.atoms, floats: self.floats, ..Self::default() },
        );
        match done.error {
            Some(error) => Err(error),
            None => Ok(done.out),
        }
    }

    #[cold]
    fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }

    /// Notes that a term begins.
    fn begin(&mut self) {
        match self.open & !NIL_AFTER {
            0 => self.fail(EncodeError::TooMany),
            _ => self.open -= 1,
        }
    }

    /// Closes the containers that have all their terms.
    fn end(&mut self) {
        while self.open & !NIL_AFTER == 0 {
            if self.open & NIL_AFTER != 0 {
                self.out.push(tag::NIL);
            }
            match self.outer.pop() {
                Some(open) => self.open = open,
                None => {
                    self.open = 0;
                    return;
                }
            }
        }
    }

    fn enter(&mut self, terms: u64) -> &mut Self {
        self.outer.push(self.open);
        self.open = terms;
        self.end();
        self
    }

    fn leaf(&mut self, tag: u8, parts: &[&[u8]]) -> &mut Self {
        self.begin();
        self.out.push(tag);
        parts.iter().for_each(|part| self.out.extend_from_slice(part));
        self.end();
        self
    }

    fn count(&mut self, count: usize) -> u32 {
        u32::try_from(count).unwrap_or_else(|_| {
            self.fail(EncodeError::TooLong);
            0
        })
    }

    /// An integer.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.any_integer(value.into())
    }

    /// An integer of any size.
    pub fn any_integer(&mut self, integer: Integer<'_>) -> &mut Self {
        if let Some(small) = integer.as_i64() {
            if let Ok(value) = u8::try_from(small) {
                return self.leaf(tag::SMALL_INTEGER, &[&[value]]);
            }
            if let Ok(value) = i32::try_from(small) {
                return self.leaf(tag::INTEGER, &[&value.to_be_bytes()]);
            }
        }
        let small = integer.as_i64().unwrap_or(0).unsigned_abs().to_le_bytes();
        let magnitude = integer.big_magnitude().unwrap_or(&small);
        let used = magnitude.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let magnitude = magnitude.get(..used).unwrap_or(magnitude);
        let sign = [u8::from(integer.is_negative())];
        match u8::try_from(magnitude.len()) {
            Ok(len) => self.leaf(tag::SMALL_BIG, &[&[len], &sign, magnitude]),
            Err(_) => {
                let len = self.count(magnitude.len()).to_be_bytes();
                self.leaf(tag::LARGE_BIG, &[&len, &sign, magnitude])
            }
        }
    }

    /// A float, which must be finite.
    pub fn float(&mut self, value: f64) -> &mut Self {
        if !value.is_finite() {
            self.fail(EncodeError::FloatNotFinite);
        }
        match self.floats {
            FloatForm::Ieee => self.leaf(tag::NEW_FLOAT, &[&value.to_be_bytes()]),
            FloatForm::Text => self.leaf(tag::FLOAT, &[&float_to_text(value)]),
        }
    }

    /// An atom, of at most 255 characters.
    pub fn atom(&mut self, name: &str) -> &mut Self {
        self.begin();
        self.atom_bytes(name);
        self.end();
        self
    }

    fn atom_bytes(&mut self, name: &str) {
        if name.len() > 255 && name.chars().count() > 255 {
            return self.fail(EncodeError::AtomTooLong);
        }
        let latin1 = || name.chars().map(|char| u8::try_from(u32::from(char)));
        if self.atoms == AtomForm::Latin1 && latin1().all(|byte| byte.is_ok()) {
            let len = latin1().count() as u16;
            self.out.push(tag::ATOM);
            self.out.extend_from_slice(&len.to_be_bytes());
            self.out.extend(latin1().flatten());
            return;
        }
        match u8::try_from(name.len()) {
            Ok(len) => self.out.extend_from_slice(&[tag::SMALL_ATOM_UTF8, len]),
            // 255 characters have at most 1,020 bytes.
            Err(_) => {
                self.out.push(tag::ATOM_UTF8);
                self.out.extend_from_slice(&(name.len() as u16).to_be_bytes());
            }
        }
        self.out.extend_from_slice(name.as_bytes());
    }

    /// A binary.
    pub fn binary(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        let len = self.count(bytes.len()).to_be_bytes();
        self.leaf(tag::BINARY, &[&len, bytes])
    }

    /// Bytes of which only the highest `last_bits` bits of the last one count, 1 to 8.
    pub fn bits(&mut self, bytes: &[u8], last_bits: u8) -> &mut Self {
        if last_bits >= 8 || bytes.is_empty() {
            return self.binary(bytes);
        }
        let len = self.count(bytes.len()).to_be_bytes();
        self.leaf(tag::BIT_BINARY, &[&len, &[last_bits], bytes])
    }

    /// A list of bytes, which is how Erlang sends text: STRING up to 65,535 bytes, else a list.
    pub fn string(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        match u16::try_from(bytes.len()) {
            Ok(0) => self.nil(),
            Ok(len) => self.leaf(tag::STRING, &[&len.to_be_bytes(), bytes]),
            Err(_) => {
                self.list(bytes.len());
                for byte in bytes {
                    self.integer(i64::from(*byte));
                }
                self
            }
        }
    }

    /// Text as a list of code points: STRING if all are below 256, else a list.
    pub fn charlist(&mut self, text: &str) -> &mut Self {
        let latin1: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
        if let Ok(bytes) = latin1 {
            return self.string(bytes);
        }
        self.list(text.chars().count());
        for char in text.chars() {
            self.integer(u32::from(char).into());
        }
        self
    }

    /// The empty list.
    pub fn nil(&mut self) -> &mut Self {
        self.leaf(tag::NIL, &[])
    }

    /// A list of `len` elements, which follow.
    pub fn list(&mut self, len: usize) -> &mut Self {
        if len == 0 {
            return self.nil();
        }
        self.list_head(len);
        self.enter(len as u64 | NIL_AFTER)
    }

    /// A list of `len` elements with a tail that is not the empty list; they and it follow.
    pub fn improper_list(&mut self, len: usize) -> &mut Self {
        self.list_head(len);
        self.enter(len as u64 + 1)
    }

    fn list_head(&mut self, len: usize) {
        self.begin();
        let len = self.count(len).to_be_bytes();
        self.out.push(tag::LIST);
        self.out.extend_from_slice(&len);
    }

    /// A tuple of `arity` elements, which follow.
    pub fn tuple(&mut self, arity: usize) -> &mut Self {
        self.begin();
        match u8::try_from(arity) {
            Ok(arity) => self.out.extend_from_slice(&[tag::SMALL_TUPLE, arity]),
            Err(_) => {
                let arity = self.count(arity).to_be_bytes();
                self.out.push(tag::LARGE_TUPLE);
                self.out.extend_from_slice(&arity);
            }
        }
        self.enter(arity as u64)
    }

    /// A map of `len` pairs; keys and values follow in turn.
    pub fn map(&mut self, len: usize) -> &mut Self {
        self.begin();
        let count = self.count(len).to_be_bytes();
        self.out.push(tag::MAP);
        self.out.extend_from_slice(&count);
        self.enter(2 * len as u64)
    }

    /// A term that was decoded. Written in this encoder's forms, not in those it came in.
    pub fn term(&mut self, term: Term<'_>) -> &mut Self {
        // For each open container whether it is a fun, which has its size in front.
        let mut funs = Vec::new();
        let mut walk = term.walk();
        while let Some(token) = walk.next() {
            let value = match token {
                Token::Value(value) => value,
                Token::Tail => continue,
                Token::End => {
                    if let Some(Some(fun)) = funs.pop() {
                        self.close_fun(fun);
                    }
                    continue;
                }
            };
            funs.extend(value.is_container().then_some(None));
            match value {
                Value::List(list) => {
                    let mut elements = list.iter();
                    let len = elements.by_ref().count();
                    if elements.tail().is_some() {
                        self.improper_list(len);
                        continue;
                    }
                    let byte = |term: Term<'_>| term.as_i64().and_then(|n| u8::try_from(n).ok());
                    if len <= 65_535 && list.iter().all(|term| byte(term).is_some()) {
                        self.string(list.iter().filter_map(byte).collect::<Vec<u8>>());
                        walk.leave();
                        funs.pop();
                    } else {
                        self.list(len);
                    }
                }
                Value::Tuple(tuple) => {
                    self.tuple(tuple.arity());
                }
                Value::Map(map) => {
                    self.map(map.len());
                }
                Value::Fun(fun) => {
                    funs.pop();
                    funs.push(Some(self.open_fun(FunHead {
                        module: &fun.module.to_str(),
                        arity: fun.arity,
                        code_checksum: fun.code_checksum,
                        index: fun.index,
                        old_index: fun.old_index,
                        old_uniq: fun.old_uniq,
                        pid: (&fun.pid.node.to_str(), fun.pid.id, fun.pid.serial, fun.pid.creation),
                        free_variables: fun.free_variables(),
                    })));
                }
                Value::Integer(integer) => {
                    self.any_integer(integer);
                }
                Value::Float(float) => {
                    self.float(float);
                }
                Value::Atom(name) => {
                    self.atom(&name.to_str());
                }
                Value::Binary(bytes) => {
                    self.binary(bytes);
                }
                Value::Bits(bits) => {
                    self.bits(&bits.bytes().collect::<Vec<_>>(), bits.last_bits());
                }
                Value::Pid(pid) => {
                    self.pid(&pid.node.to_str(), pid.id, pid.serial, pid.creation);
                }
                Value::Port(port) => {
                    self.port(&port.node.to_str(), port.id, port.creation);
                }
                Value::Reference(reference) => {
                    let words: Vec<u32> = reference.words().collect();
                    self.reference(&reference.node.to_str(), reference.creation, &words);
                }
                Value::Export(export) => {
                    self.export(&export.module.to_str(), &export.function.to_str(), export.arity);
                }
            }
        }
        self
    }

    /// Writes a count where room was left for it.
    fn patch(&mut self, at: usize, count: u64) {
        let count = self.count(count as usize).to_be_bytes();
        if let Some(field) = self.out.get_mut(at..at + count.len()) {
            field.copy_from_slice(&count);
        }
    }
}

/// A message that holds the term, as Erlang/OTP 26 writes it.
#[must_use]
pub fn encode(term: Term<'_>) -> Vec<u8> {
    // A decoded term breaks none of the encoder's rules.
    Encoder::new().term(term).finish().unwrap_or_default()
}
