//! Conversion to and from the terms of the crate [`eetf`] (feature `eetf`).
//!
//! That crate never reads or writes bytes here.

use std::collections::HashMap;
use std::fmt;

use ::eetf::{
    Atom, BigInteger, Binary, BitBinary, ByteList, ExternalFun, FixInteger, Float, ImproperList,
    InternalFun, List, Map, Pid, Port, Reference, Term as Owned, Tuple,
};
use num_bigint::{BigInt, Sign};

use super::container;
use super::encode::identifier::{FunHead, OpenFun};
use super::encode::{EncodeError, Encoder};
use super::identifier;
use super::number::Integer;
use super::sorted;
use super::tag;
use super::term::{Term, Value};
use super::text::Text;
use super::walk::Token;

/// Containers inside one another in a term of `eetf`, which recurses when it is dropped.
const DEPTH: usize = 256;

/// A term that `eetf`, or the wire format, cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EetfError {
    /// More than 256 containers inside one another.
    TooDeep,
    /// Two keys of a map that become the same key, such as 0.0 and -0.0 in `eetf`, or a
    /// `FixInteger` and a `BigInteger` of the same value on the wire.
    SameKey,
    /// A fun in the old representation, tag 117.
    OldFun,
    /// A reference without words, or with more than five.
    Reference,
    /// A bit string whose last byte has no bits or more than eight.
    Bits,
    /// A term that breaks another rule of the wire format.
    Encode(EncodeError),
}

impl fmt::Display for EetfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooDeep => "term is nested deeper than 256 levels",
            Self::SameKey => "two keys of a map become the same key",
            Self::OldFun => "fun is in its old representation",
            Self::Reference => "reference has no words or more than five",
            Self::Bits => "bit string has an impossible number of bits",
            Self::Encode(error) => return error.fmt(f),
        })
    }
}

// No `source`: the text of the error inside is the text of this one.
impl std::error::Error for EetfError {}

impl From<EncodeError> for EetfError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

/// Converts a term to the types of `eetf`. Equal terms stay equal: an integer becomes a `FixInteger`
/// if 32 bits hold it, a list of at most 65,535 bytes a `ByteList`.
///
/// Takes linear time, except that `eetf` hashes every key of a map as a whole, including the maps
/// inside it. A conversion takes up to 160 bytes for each
/// byte of the message.
///
/// ```
/// let term = basix_cti::bert::decode(b"\x83h\x02d\0\x04parkb\0\0\x03\x85")?;
/// let owned = eetf::Term::try_from(term)?;
/// assert_eq!(owned.to_string(), "{'park',901}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`TooDeep`](EetfError::TooDeep) and [`SameKey`](EetfError::SameKey).
impl TryFrom<Term<'_>> for Owned {
    type Error = EetfError;

    fn try_from(term: Term<'_>) -> Result<Self, EetfError> {
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut walk = term.walk();
        while let Some(token) = walk.next() {
            let done = match token {
                Token::Value(value) => match container_or_leaf(value) {
                    Ok(leaf) => {
                        if value.is_container() {
                            walk.leave();
                        }
                        leaf
                    }
                    Err(kind) => {
                        // As for the decoder, an empty container is not a level.
                        if open.len() >= DEPTH && !kind.is_empty() {
                            return Err(EetfError::TooDeep);
                        }
                        open.push(Open { kind, terms: Vec::new(), tail: false });
                        continue;
                    }
                },
                Token::Tail => {
                    if let Some(list) = open.last_mut() {
                        list.tail = true;
                    }
                    continue;
                }
                Token::End => match open.pop() {
                    Some(container) => container.close()?,
                    None => break,
                },
            };
            match open.last_mut() {
                Some(outer) => outer.terms.push(done),
                None => return Ok(done),
            }
        }
        // Not reached: a walk ends with the end of what it began with.
        Ok(List::nil().into())
    }
}

/// A container whose terms are still being read.
struct Open<'a> {
    kind: Kind<'a>,
    terms: Vec<Owned>,
    tail: bool,
}

enum Kind<'a> {
    List(container::List<'a>),
    Tuple(container::Tuple<'a>),
    Map(container::Map<'a>),
    Fun(identifier::Fun<'a>),
}

impl Kind<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::List(list) => list.is_empty(),
            Self::Tuple(tuple) => tuple.arity() == 0,
            Self::Map(map) => map.is_empty(),
            Self::Fun(fun) => fun.free_variables() == 0,
        }
    }
}

impl Open<'_> {
    fn close(self) -> Result<Owned, EetfError> {
        let mut terms = self.terms;
        Ok(match self.kind {
            Kind::List(_) => match terms.pop() {
                Some(last) if self.tail => {
                    ImproperList { elements: terms, last: Box::new(last) }.into()
                }
                last => {
                    terms.extend(last);
                    List { elements: terms }.into()
                }
            },
            Kind::Tuple(_) => Tuple { elements: terms }.into(),
            Kind::Map(_) => {
                let mut map = HashMap::with_capacity(terms.len() / 2);
                let mut terms = terms.into_iter();
                while let (Some(key), Some(value)) = (terms.next(), terms.next()) {
                    if map.insert(key, value).is_some() {
                        return Err(EetfError::SameKey);
                    }
                }
                Map { map }.into()
            }
            Kind::Fun(fun) => InternalFun::New {
                module: atom(fun.module),
                arity: fun.arity,
                pid: pid(&fun.pid),
                free_vars: terms,
                index: fun.index,
                uniq: *fun.code_checksum,
                old_index: fun.old_index,
                old_uniq: fun.old_uniq,
            }
            .into(),
        })
    }
}

/// Converts a leaf, or returns the container that has terms inside.
fn container_or_leaf(value: Value<'_>) -> Result<Owned, Kind<'_>> {
    Ok(match value {
        Value::Integer(value) => integer(value),
        Value::Float(value) => Float { value }.into(),
        Value::Atom(name) => atom(name).into(),
        Value::Binary(bytes) => Binary::from(bytes).into(),
        Value::Bits(bits) => BitBinary::from((bits.bytes().collect(), bits.last_bits())).into(),
        Value::Pid(value) => pid(&value).into(),
        Value::Port(port) => {
            Port { node: atom(port.node), id: port.id, creation: port.creation }.into()
        }
        Value::Reference(reference) => Reference {
            node: atom(reference.node),
            id: reference.words().collect(),
            creation: reference.creation,
        }
        .into(),
        Value::Export(export) => ExternalFun {
            module: atom(export.module),
            function: atom(export.function),
            arity: export.arity,
        }
        .into(),
        Value::List(list) => match list.to_bytes() {
            Some(bytes) => ByteList { bytes }.into(),
            None => return Err(Kind::List(list)),
        },
        Value::Tuple(tuple) => return Err(Kind::Tuple(tuple)),
        Value::Map(map) => return Err(Kind::Map(map)),
        Value::Fun(fun) => return Err(Kind::Fun(fun)),
    })
}

fn atom(name: Text<'_>) -> Atom {
    Atom { name: name.to_str().into_owned() }
}

fn pid(pid: &identifier::Pid<'_>) -> Pid {
    Pid { node: atom(pid.node), id: pid.id, serial: pid.serial, creation: pid.creation }
}

fn integer(value: Integer<'_>) -> Owned {
    let small = value.as_i64();
    if let Some(value) = small.and_then(|value| i32::try_from(value).ok()) {
        return FixInteger { value }.into();
    }
    let value = match value.big_magnitude() {
        Some(magnitude) => {
            let sign = if value.is_negative() { Sign::Minus } else { Sign::Plus };
            BigInt::from_bytes_le(sign, magnitude)
        }
        None => small.unwrap_or(0).into(),
    };
    BigInteger { value }.into()
}

/// Encodes a term of `eetf` as a message, in the forms of Erlang/OTP 27.
///
/// ```
/// use basix_cti::bert::{decode, encode_eetf};
///
/// let message = encode_eetf(&eetf::Term::from(eetf::Atom::from("park")))?;
/// assert_eq!(decode(&message)?.to_string(), "park");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// All of [`EetfError`] except [`TooDeep`](EetfError::TooDeep).
pub fn encode_eetf(term: &Owned) -> Result<Vec<u8>, EetfError> {
    let mut encoder = Encoder::new();
    // Remaining steps, the next one last.
    let mut later = vec![Step::Term(term)];
    encoder.whole(|encoder| {
        while let Some(step) = later.pop() {
            match step {
                Step::Term(term) => write(term, encoder, &mut later)?,
                Step::CloseFun(fun) => encoder.close_fun(fun),
                Step::Nil => {
                    encoder.nil();
                }
            }
        }
        Ok::<(), EetfError>(())
    })?;
    let message = encoder.finish()?;
    match sorted::check_keys(message.get(1..).unwrap_or_default()) {
        Ok(()) => Ok(message),
        Err(_) => Err(EetfError::SameKey),
    }
}

enum Step<'t> {
    Term(&'t Owned),
    CloseFun(OpenFun),
    /// The end of a list.
    Nil,
}

fn write<'t>(
    term: &'t Owned,
    encoder: &mut Encoder,
    later: &mut Vec<Step<'t>>,
) -> Result<(), EetfError> {
    match term {
        Owned::Atom(atom) => encoder.atom(&atom.name),
        Owned::FixInteger(integer) => encoder.integer(integer.value.into()),
        Owned::BigInteger(integer) => {
            let (sign, magnitude) = integer.value.to_bytes_le();
            encoder.any_integer(Integer::from_sign_magnitude(sign == Sign::Minus, &magnitude))
        }
        Owned::Float(float) => encoder.float(float.value),
        Owned::Pid(pid) => encoder.pid(&pid.node.name, pid.id, pid.serial, pid.creation),
        Owned::Port(port) => encoder.port(&port.node.name, port.id, port.creation),
        Owned::Reference(reference) => {
            if !(1..=5).contains(&reference.id.len()) {
                return Err(EetfError::Reference);
            }
            encoder.reference(&reference.node.name, reference.creation, &reference.id)
        }
        Owned::ExternalFun(fun) => encoder.export(&fun.module.name, &fun.function.name, fun.arity),
        Owned::InternalFun(fun) => return write_fun(fun, encoder, later),
        Owned::Binary(binary) => encoder.binary(&binary.bytes),
        Owned::BitBinary(bits) => match (bits.tail_bits_size, bits.bytes.is_empty()) {
            (1..=8, false) | (0 | 8, true) => encoder.bits(&bits.bytes, bits.tail_bits_size),
            _ => return Err(EetfError::Bits),
        },
        Owned::ByteList(list) => encoder.string(&list.bytes),
        Owned::List(List { elements }) if elements.is_empty() => encoder.nil(),
        Owned::List(list) => {
            later.push(Step::Nil);
            later.extend(list.elements.iter().rev().map(Step::Term));
            encoder.head(tag::LIST, list.elements.len());
            encoder
        }
        Owned::ImproperList(list) => {
            later.push(Step::Term(&list.last));
            later.extend(list.elements.iter().rev().map(Step::Term));
            encoder.head(tag::LIST, list.elements.len());
            encoder
        }
        Owned::Tuple(tuple) => {
            later.extend(tuple.elements.iter().rev().map(Step::Term));
            encoder.tuple_head(tuple.elements.len());
            encoder
        }
        Owned::Map(map) => {
            let terms = map.map.iter().flat_map(|(key, value)| [value, key]);
            later.extend(terms.map(Step::Term));
            encoder.head(tag::MAP, map.map.len());
            encoder
        }
    };
    Ok(())
}

fn write_fun<'t>(
    fun: &'t InternalFun,
    encoder: &mut Encoder,
    later: &mut Vec<Step<'t>>,
) -> Result<(), EetfError> {
    let InternalFun::New { module, arity, pid, free_vars, index, uniq, old_index, old_uniq } = fun
    else {
        return Err(EetfError::OldFun);
    };
    let size = encoder.fun_head(&FunHead {
        module: &module.name,
        arity: *arity,
        code_checksum: uniq,
        index: *index,
        old_index: *old_index,
        old_uniq: *old_uniq,
        pid: (&pid.node.name, pid.id, pid.serial, pid.creation),
        free_variables: u32::try_from(free_vars.len()).map_err(|_| EncodeError::TooLong)?,
    });
    later.push(Step::CloseFun(size));
    later.extend(free_vars.iter().rev().map(Step::Term));
    Ok(())
}
