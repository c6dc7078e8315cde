//! Terms and serde: a user's own types in both directions ([`from_slice`], [`from_term`],
//! [`to_vec`]), and any term as JSON shows it.

mod access;
mod de;
mod error;
mod json;
mod ser;
mod terms;

pub use de::{from_slice, from_term};
pub use error::SerdeError;
pub use ser::to_vec;
