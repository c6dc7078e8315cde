//! The external term format of Erlang, and its subset BERT: decoding and encoding.
//!
//! | to | use |
//! |---|---|
//! | read any Erlang term | [`decode`], then [`Term`] |
//! | read a CTI message as a term | [`decode_cti`] |
//! | set limits | [`Decoder`] and [`Limits`] |
//! | visit everything inside a term | [`Term::walk`] |
//! | write terms | [`Encoder`], [`encode`] |
//! | read and write your own types | [`from_slice`], [`from_term`], [`to_vec`] |
//!
//! Decoding checks the whole message once and keeps a view of its bytes. It allocates only to sort
//! the keys of maps, up to 4 bytes for each byte of the message, and to follow more than 16 levels
//! of nesting; it uses no stack at any depth.
//!
//! Decoding, comparing, hashing, printing and encoding take time linear in the size of a term, or
//! *n* log *n* for maps, whatever its bytes are.

mod container;
mod decoder;
mod display;
#[cfg(feature = "eetf")]
mod eetf;
mod encode;
mod error;
mod float;
mod identifier;
#[cfg(feature = "inflate")]
mod inflate;
mod limits;
mod number;
mod order;
pub(crate) mod pass;
pub(crate) mod reader;
mod serde;
mod sorted;
pub(crate) mod steps;
pub(crate) mod tag;
mod term;
mod text;
mod walk;

#[cfg(feature = "eetf")]
#[cfg_attr(docsrs, doc(cfg(feature = "eetf")))]
pub use self::eetf::{EetfError, encode_eetf};
pub use self::serde::{SerdeError, from_slice, from_term, to_vec};
pub use container::{Bits, Elements, List, ListElements, Map, Pairs, Tuple};
pub use decoder::{Decoder, decode, decode_cti};
pub use encode::{AtomForm, EncodeError, Encoder, FloatForm, encode};
pub use error::{DecodeError, DecodeErrorKind};
pub use identifier::{Export, Fun, Pid, Port, Reference};
#[cfg(feature = "inflate")]
#[cfg_attr(docsrs, doc(cfg(feature = "inflate")))]
pub use inflate::inflate;
pub use limits::Limits;
pub use number::Integer;
pub use term::{OwnedTerm, Term, Value};
pub use text::Text;
pub use walk::{Token, Walk};

pub(crate) use error::Fail;
