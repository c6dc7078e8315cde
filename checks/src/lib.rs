//! Checks of the words, the rule numbers and the public items of this repository.
//!
//! `tests/repository.rs` runs them on every file. The check of one text takes the text as an argument,
//! so that its own tests can show what it finds.
//!
//! ```
//! use checks::{phrases, rust};
//!
//! let blocks = rust::blocks(&format!("/// Returns it.\n/// It is\n/// {}.", "None"));
//! let findings: Vec<_> = blocks.iter().flat_map(phrases::banned).collect();
//! assert_eq!((findings.len(), findings[0].line), (1, 2));
//! ```

#![forbid(unsafe_code)]

pub mod badges;
pub mod block;
pub mod names;
pub mod phrases;
pub mod rules;
pub mod rust;
pub mod summary;
