//! Pids, ports, references, exports and funs: Erlang's names for things of a running node.
//!
//! A CTI message has none of them; they are here so that any term can be read.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::error::{DecodeErrorKind as Kind, Fail};
use super::reader::{self, array, be_u16, be_u32, between, byte};
use super::tag;
use super::text::Text;

type Step<'a, T> = Result<(T, &'a [u8]), Fail>;

/// A process identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Pid<'a> {
    /// Node of the process.
    pub node: Text<'a>,
    /// First number.
    pub id: u32,
    /// Second number.
    pub serial: u32,
    /// Incarnation of the node.
    pub creation: u32,
}

/// A port identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Port<'a> {
    /// Node of the port.
    pub node: Text<'a>,
    /// Number of the port.
    pub id: u64,
    /// Incarnation of the node.
    pub creation: u32,
}

/// A reference. Words that are 0 at the end of a longer one make no difference, as in Erlang.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Reference<'a> {
    /// Node that made the reference.
    pub node: Text<'a>,
    /// Incarnation of the node.
    pub creation: u32,
    /// One to five big-endian words.
    words: &'a [u8],
}

/// A function known by its name, `fun module:function/arity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Export<'a> {
    /// The module's name.
    pub module: Text<'a>,
    /// The function's name.
    pub function: Text<'a>,
    /// Number of arguments.
    pub arity: u8,
}

/// A function value with the variables it has captured. They are the terms that follow it in a
/// walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Fun<'a> {
    /// The module's name.
    pub module: Text<'a>,
    /// Number of arguments.
    pub arity: u8,
    /// Checksum of the module's code.
    pub code_checksum: &'a [u8; 16],
    /// Place in the module's table of funs.
    pub index: u32,
    /// The index in older systems.
    pub old_index: i32,
    /// The older, shorter checksum.
    pub old_uniq: i32,
    /// The process that made the fun.
    pub pid: Pid<'a>,
    free_variables: u32,
}

impl<'a> Pid<'a> {
    pub(crate) fn read(tag: u8, rest: &'a [u8]) -> Step<'a, Self> {
        let (node, rest) = node(rest)?;
        let (id, rest) = be_u32(rest)?;
        let (serial, rest) = be_u32(rest)?;
        let (creation, rest) = creation(tag == tag::PID, rest)?;
        Ok((Self { node, id, serial, creation }, rest))
    }

    /// Erlang's order: the second number first, the node last.
    pub(crate) fn cmp_by_number(&self, other: &Self) -> Ordering {
        (self.serial, self.id, self.node, self.creation).cmp(&(
            other.serial,
            other.id,
            other.node,
            other.creation,
        ))
    }
}

impl<'a> Port<'a> {
    pub(crate) fn read(tag: u8, rest: &'a [u8]) -> Step<'a, Self> {
        let (node, rest) = node(rest)?;
        let (id, rest) = if tag == tag::V4_PORT {
            let (id, rest) = array(rest)?;
            (u64::from_be_bytes(*id), rest)
        } else {
            let (id, rest) = be_u32(rest)?;
            (id.into(), rest)
        };
        let (creation, rest) = creation(tag == tag::PORT, rest)?;
        Ok((Self { node, id, creation }, rest))
    }
}

impl<'a> Reference<'a> {
    /// The words, the least significant first.
    pub fn words(&self) -> impl Iterator<Item = u32> + 'a {
        self.words.chunks_exact(4).map(|word| word.iter().fold(0, |n, b| n << 8 | u32::from(*b)))
    }

    /// The words up to the last one that is not 0.
    fn significant(&self) -> &'a [u8] {
        let mut words = self.words;
        while let [head @ .., 0, 0, 0, 0] = words {
            words = head;
        }
        words
    }

    /// Compares the words as one number.
    pub(crate) fn cmp_words(&self, other: &Self) -> Ordering {
        let (a, b) = (self.significant(), other.significant());
        a.len().cmp(&b.len()).then_with(|| a.rchunks_exact(4).cmp(b.rchunks_exact(4)))
    }

    pub(crate) fn read(tag: u8, rest: &'a [u8]) -> Step<'a, Self> {
        if tag == tag::REFERENCE {
            let (node, rest) = node(rest)?;
            let (words, rest) = reader::bytes(4, rest)?;
            let (creation, rest) = creation(true, rest)?;
            return Ok((Self { node, creation, words }, rest));
        }
        let (count, after) = be_u16(rest)?;
        if !(1..=5).contains(&count) {
            return Err(Fail::at(Kind::Identifier, rest));
        }
        let (node, rest) = node(after)?;
        let (creation, rest) = creation(tag == tag::NEW_REFERENCE, rest)?;
        let (words, rest) = reader::bytes(4 * count, rest)?;
        Ok((Self { node, creation, words }, rest))
    }
}

impl PartialEq for Reference<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.node, self.creation, self.significant())
            == (other.node, other.creation, other.significant())
    }
}

impl Eq for Reference<'_> {}

impl Hash for Reference<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.node, self.creation, self.significant()).hash(state);
    }
}

impl<'a> Export<'a> {
    pub(crate) fn read(rest: &'a [u8]) -> Step<'a, Self> {
        let (module, rest) = node(rest)?;
        let (function, rest) = node(rest)?;
        let (tag, after) = byte(rest)?;
        if tag != tag::SMALL_INTEGER {
            return Err(Fail::at(Kind::Identifier, rest));
        }
        let (arity, rest) = byte(after)?;
        Ok((Self { module, function, arity }, rest))
    }
}

impl<'a> Fun<'a> {
    /// The number of captured variables.
    #[must_use]
    pub const fn free_variables(&self) -> u32 {
        self.free_variables
    }

    pub(crate) fn read(rest: &'a [u8]) -> Step<'a, Self> {
        // The size lets a reader skip the fun; here the parts give its end.
        let (_size, rest) = be_u32(rest)?;
        let (arity, rest) = byte(rest)?;
        let (code_checksum, rest) = array(rest)?;
        let (index, rest) = be_u32(rest)?;
        let (free_variables, start) = be_u32(rest)?;
        let (module, rest) = node(start)?;
        let (old_index, rest) = integer(rest)?;
        let (old_uniq, rest) = integer(rest)?;
        let (tag, after) = byte(rest)?;
        if !matches!(tag, tag::PID | tag::NEW_PID) {
            return Err(Fail::at(Kind::Identifier, rest));
        }
        let (pid, rest) = Pid::read(tag, after)?;
        if free_variables as usize > rest.len() {
            return Err(Fail::at(Kind::Truncated, start));
        }
        let fun =
            Self { module, arity, code_checksum, index, old_index, old_uniq, pid, free_variables };
        Ok((fun, rest))
    }
}

fn node(start: &[u8]) -> Step<'_, Text<'_>> {
    let (tag, rest) = byte(start)?;
    if !tag::is_atom(tag) {
        return Err(Fail::at(Kind::Identifier, start));
    }
    let rest = reader::atom(tag, rest)?;
    Ok((Text::from_wire(between(start, rest)), rest))
}

fn creation(short: bool, rest: &[u8]) -> Step<'_, u32> {
    if short {
        let (creation, rest) = byte(rest)?;
        Ok((creation.into(), rest))
    } else {
        be_u32(rest)
    }
}

/// An integer of at most 32 bits, in one of the two forms that funs and exports may have.
fn integer(start: &[u8]) -> Step<'_, i32> {
    match start {
        [tag::SMALL_INTEGER, value, rest @ ..] => Ok(((*value).into(), rest)),
        [tag::INTEGER, a, b, c, d, rest @ ..] => Ok((i32::from_be_bytes([*a, *b, *c, *d]), rest)),
        [tag::SMALL_INTEGER | tag::INTEGER, rest @ ..] => Err(Fail::at(Kind::Truncated, rest)),
        _ => Err(Fail::at(Kind::Identifier, start)),
    }
}
