//! Side-by-side measurements of `basix-cti` and of what else reads its messages, and of
//! `voip-module`, `ucom-events` and `pbx-integration`.
//!
//! | module | job |
//! |---|---|
//! | [`random`] | numbers that are the same every time |
//! | [`corpus`] | inputs like those of a real PBX |
//! | [`skip_walk`] | a walk from tag to tag, to compare with |
//! | [`contender`] | a file per crate measured |
//! | [`allocation`] | an allocator that counts when asked to |
//! | [`measure`] | turns, rounds, medians of paired ratios |
//! | `cdr` (feature `cdr`) | the call records of `pbx-integration` |
//! | `hub` (feature `hub`) | the hub of `examples/hub`, with pretend PBXs of all four kinds |
//! | `live` (feature `live`) | the client of `basix-cti`, and the parts it is made of |
//! | `ucom` (feature `ucom`) | the events and the tracker of `ucom-events` |
//! | `voip` (feature `voip`) | the pushes of `voip-module`, and what they are measured against |
//! | [`report`] | rows as a table, as JSON, as Markdown and as a bar chart |
//!
//! `cargo run --release -p benches --bin report` compares everything; `cargo bench -p benches
//! --features criterion --bench bert` follows the crate's own figures from one change to the next.

#![deny(unsafe_code)]

pub mod allocation;
#[cfg(feature = "cdr")]
pub mod cdr;
pub mod contender;
pub mod corpus;
#[cfg(any(feature = "ucom", feature = "voip"))]
mod forms;
#[cfg(feature = "hub")]
pub mod hub;
#[cfg(feature = "live")]
pub mod live;
pub mod measure;
pub mod random;
pub mod report;
pub mod skip_walk;
#[cfg(feature = "ucom")]
pub mod ucom;
#[cfg(feature = "voip")]
pub mod voip;
