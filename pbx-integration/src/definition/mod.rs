//! d
mod identifier;
pub use identifier::{Identifier, IdentifierError};
