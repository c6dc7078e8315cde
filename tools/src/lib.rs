//! Shared parts of the command-line programs in `src/bin`; each module belongs to the feature of the
//! programs that need it.

#![forbid(unsafe_code)]

pub mod input;
pub mod usage;

#[cfg(feature = "pbx")]
pub mod cdr;
#[cfg(feature = "follow")]
pub mod follow;
#[cfg(feature = "decode")]
pub mod frames;
#[cfg(feature = "decode")]
pub mod hex;
#[cfg(feature = "decode")]
pub mod tree;
#[cfg(feature = "ucom")]
pub mod ucom;
#[cfg(feature = "voip")]
pub mod voip;
