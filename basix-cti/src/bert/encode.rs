//! Encodes terms, in the forms that Erlang writes.

use std::fmt;

use super::float::float_to_text;
use super::number::Integer;
use super::reader::Levels;
use super::steps;
use super::tag;
use super::term::Term;

mod decoded;
pub(super) mod identifier;
pub(super) mod uncounted;

/// The wire form of atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AtomForm {
    /// UTF-8, tags 118 and 119: Erlang/OTP 26 and newer.
    #[default]
    Utf8,
    /// Latin-1, tag 100, and UTF-8 for what Latin-1 cannot spell: older systems.
    Latin1,
}

/// The wire form of floats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FloatForm {
    /// Eight bytes, tag 70.
    #[default]
    Ieee,
    /// 31 bytes of decimal text, tag 99.
    Text,
}

/// Encodes a message, term after term.
///
/// The methods of containers take the number of terms inside, which follow. Calls can be chained:
/// the first mistake is kept and returned by [`finish`](Self::finish).
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
    /// Fewer terms were written than announced.
    Incomplete,
    /// More terms were written than announced.
    TooMany,
    /// A bit string with bytes of which the last one has no bits or more than eight.
    Bits,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtomTooLong => "atom has more than 255 characters",
            Self::FloatNotFinite => "float is not finite",
            Self::TooLong => "more bytes or elements than the format can count",
            Self::Incomplete => "fewer terms were written than announced",
            Self::TooMany => "more terms were written than announced",
            Self::Bits => "bit string has an impossible number of bits",
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
    /// Creates an encoder that writes the forms of Erlang/OTP 27.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the form of the atoms that follow.
    #[must_use]
    pub fn with_atoms(self, atoms: AtomForm) -> Self {
        Self { atoms, ..self }
    }

    /// Sets the form of the floats that follow.
    #[must_use]
    pub fn with_floats(self, floats: FloatForm) -> Self {
        Self { floats, ..self }
    }

    /// Returns the message and starts the next one.
    ///
    /// # Errors
    ///
    /// The first mistake since the message began.
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

    /// Counts a term that begins.
    fn begin(&mut self) {
        steps::count(1);
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
        for part in parts {
            steps::count(part.len());
            self.out.extend_from_slice(part);
        }
        self.end();
        self
    }

    /// Writes one term whose parts are written without being counted: containers by their heads.
    pub(super) fn whole<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        self.begin();
        let written = self.uncounted(write);
        self.end();
        written
    }

    /// Writes parts of a term, which are not counted.
    fn uncounted<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let open = std::mem::replace(&mut self.open, uncounted::UNCOUNTED);
        let written = write(self);
        self.open = open;
        written
    }

    fn count(&mut self, count: usize) -> u32 {
        u32::try_from(count).unwrap_or_else(|_| {
            self.fail(EncodeError::TooLong);
            0
        })
    }

    /// Writes an integer.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.any_integer(value.into())
    }

    /// Writes an integer of any size.
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

    /// Writes a float, which must be finite.
    pub fn float(&mut self, value: f64) -> &mut Self {
        if !value.is_finite() {
            self.fail(EncodeError::FloatNotFinite);
        }
        match self.floats {
            FloatForm::Ieee => self.leaf(tag::NEW_FLOAT, &[&value.to_be_bytes()]),
            FloatForm::Text => self.leaf(tag::FLOAT, &[&float_to_text(value)]),
        }
    }

    /// Writes an atom, of at most 255 characters.
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

    /// Writes a binary.
    pub fn binary(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        let len = self.count(bytes.len()).to_be_bytes();
        self.leaf(tag::BINARY, &[&len, bytes])
    }

    /// Writes a bit string: bytes, of which only the highest `last_bits` bits of the last one count,
    /// 1 to 8. Without bytes `last_bits` has no meaning.
    pub fn bits(&mut self, bytes: &[u8], last_bits: u8) -> &mut Self {
        if last_bits == 8 || bytes.is_empty() {
            return self.binary(bytes);
        }
        if !(1..8).contains(&last_bits) {
            self.fail(EncodeError::Bits);
        }
        let len = self.count(bytes.len()).to_be_bytes();
        self.leaf(tag::BIT_BINARY, &[&len, &[last_bits], bytes])
    }

    /// Writes a list of bytes, Erlang's usual form of text: STRING up to 65,535 bytes, else LIST.
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

    /// Writes text as a list of code points: STRING if all are below 256, else LIST.
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

    /// Writes the empty list.
    pub fn nil(&mut self) -> &mut Self {
        self.leaf(tag::NIL, &[])
    }

    /// Begins a list of `len` elements, which follow.
    pub fn list(&mut self, len: usize) -> &mut Self {
        if len == 0 {
            return self.nil();
        }
        self.begin();
        let len = self.head(tag::LIST, len);
        self.enter(len | NIL_AFTER)
    }

    /// Begins a list of `len` elements whose tail is not the empty list; elements and tail follow.
    pub fn improper_list(&mut self, len: usize) -> &mut Self {
        self.begin();
        let len = self.head(tag::LIST, len);
        self.enter(len + 1)
    }

    /// Begins a tuple of `arity` elements, which follow.
    pub fn tuple(&mut self, arity: usize) -> &mut Self {
        self.begin();
        let arity = self.tuple_head(arity);
        self.enter(arity)
    }

    /// Begins a map of `len` pairs; keys and values follow in turn.
    pub fn map(&mut self, len: usize) -> &mut Self {
        self.begin();
        let len = self.head(tag::MAP, len);
        self.enter(2 * len)
    }

    /// Writes a tag and a count of 32 bits.
    pub(super) fn head(&mut self, tag: u8, count: usize) -> u64 {
        let count = self.count(count);
        self.out.push(tag);
        self.out.extend_from_slice(&count.to_be_bytes());
        count.into()
    }

    /// Writes the tag and the arity of a tuple.
    pub(super) fn tuple_head(&mut self, arity: usize) -> u64 {
        match u8::try_from(arity) {
            Ok(arity) => {
                self.out.extend_from_slice(&[tag::SMALL_TUPLE, arity]);
                arity.into()
            }
            Err(_) => self.head(tag::LARGE_TUPLE, arity),
        }
    }

    /// Fills in a count.
    fn patch(&mut self, at: usize, count: u64) {
        let count = self.count(count as usize).to_be_bytes();
        if let Some(field) = self.out.get_mut(at..at + count.len()) {
            field.copy_from_slice(&count);
        }
    }
}

/// Encodes a term as a message, in the forms of Erlang/OTP 27.
#[must_use]
pub fn encode(term: Term<'_>) -> Vec<u8> {
    // A decoded term breaks none of the encoder's rules.
    Encoder::new().term(term).finish().unwrap_or_default()
}
