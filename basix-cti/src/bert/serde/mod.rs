//! Serde: a user's own types in both directions, and the JSON view of any term.

use serde::Deserialize;

use super::decoder::Decoder;
use super::error::{DecodeErrorKind as Kind, Fail};
use super::term::Term;
use terms::{DEPTH, Terms, small_integer};

mod access;
mod de;
mod error;
mod json;
mod objects;
mod ser;
mod terms;

pub use error::SerdeError;
pub use ser::to_vec;

/// Reads a message into a value: the version byte 131 and exactly one term.
///
/// Each type of serde's data model accepts these terms:
///
/// | type | terms |
/// |---|---|
/// | `bool` | `true`, `false`, `{bert,true}`, `{bert,false}` |
/// | integers | integer |
/// | `f32`, `f64` | float, integer of 64 bits |
/// | `String`, `char` | binary, STRING, atom other than `undefined`, list of code points, `[]` |
/// | `&str` | those of them that are UTF-8 on the wire: not other Latin-1, nor a list |
/// | bytes | binary, STRING, `[]` |
/// | `Option` | `undefined`, `nil`, `{bert,nil}` for `None`, else the value |
/// | `()` | `undefined`, `nil`, `{bert,nil}`, `[]` |
/// | `Vec` and other sequences | list, STRING or binary (of integers), tuple, `{bert,nil}` |
/// | tuples, arrays | the same, with exactly as many elements |
/// | maps | map, list of `{Key,Value}`, `{bert,dict,List}` with such a list, `{bert,nil}` |
/// | structs | the same with text keys; or a tuple with the fields in their order, more elements being ignored |
/// | unit variant | atom, binary or STRING with the name |
/// | other variants | `{Name,Value...}`; a struct variant's value is what a struct takes |
///
/// A type that accepts anything, such as `serde_json::Value`, gets the JSON view of [`Term`], with
/// these differences:
///
/// * A map is a map, whatever its keys are. `serde_json::Value` refuses keys that are integers,
///   lists or tuples, and keeps one value if keys have the same text.
/// * An improper list is an error.
/// * More than 128 levels of nesting are an error.
///
/// The message is not checked beforehand, so the mapping takes one pass. The pass checks everything
/// except that keys of maps differ: the type decides about a repeated key.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Terminal<'a> {
///     id: &'a str,
///     slot: Option<u16>,
/// }
///
/// let record = b"\x83h\x02m\0\0\0\x02t1b\0\0\x03\x85"; // {<<"t1">>, 901}
/// let proplist = b"\x83l\0\0\0\x01h\x02d\0\x02idd\0\x02t2j"; // [{id, t2}]
/// let terminal: Terminal<'_> = basix_cti::bert::from_slice(record)?;
/// assert_eq!((terminal.id, terminal.slot), ("t1", Some(901)));
/// let terminal: Terminal<'_> = basix_cti::bert::from_slice(proplist)?;
/// assert_eq!((terminal.id, terminal.slot), ("t2", None));
/// # Ok::<(), basix_cti::bert::SerdeError>(())
/// ```
///
/// # Errors
///
/// If the bytes are not a term, exceed the default [`Limits`](super::Limits), are compressed, or do
/// not suit the type, or if more than 128 containers, options and newtypes are nested.
pub fn from_slice<'de, T: Deserialize<'de>>(message: &'de [u8]) -> Result<T, SerdeError> {
    from_body(Decoder::new().body(message)?, message.len())
}

/// Reads a term, also one from inside a message, into a value.
///
/// Accepts what [`from_slice`] accepts.
///
/// ```
/// use basix_cti::bert::{decode, from_term};
///
/// let message = decode(b"\x83h\x02d\0\x04parkk\0\x02\x01\x02")?; // {park, [1, 2]}
/// let slots = message.as_tuple().and_then(|tuple| tuple.get(1)).ok_or("no slots")?;
/// assert_eq!(from_term::<Vec<u8>>(slots)?, [1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the term does not suit the type, or more than 128 containers, options and newtypes are nested.
pub fn from_term<'de, T: Deserialize<'de>>(term: Term<'de>) -> Result<T, SerdeError> {
    let wire = match term.wire() {
        Some(wire) => wire,
        None => small_integer(term.as_i64().and_then(|byte| byte.try_into().ok()).unwrap_or(0)),
    };
    from_body(wire, wire.len() + 1)
}

fn from_body<'de, T: Deserialize<'de>>(body: &'de [u8], len: usize) -> Result<T, SerdeError> {
    let mut terms = Terms { rest: body, depth: DEPTH, len };
    let value = terms.place(|terms| T::deserialize(terms))?;
    if !terms.rest.is_empty() {
        return Err(terms.fail(Fail::at(Kind::Trailing, terms.rest)));
    }
    Ok(value)
}
