//! The external term format: vectors made by Erlang, laws, serde, `eetf`, and Erlang itself.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic, its helpers too")]

#[cfg(feature = "eetf")]
mod eetf;
mod erlang;
mod faults;
mod properties;
mod serde;
mod tree;
mod vectors;
