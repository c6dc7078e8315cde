//! Shared parts of the programs: events as JSON lines, recorded events played through a tracker, what is
//! stored for a restart, usage texts, and a pretend PBX.

#![forbid(unsafe_code)]

pub mod json_line;
pub mod lines;
pub mod options;
pub mod play;
pub mod pretend_pbx;
pub mod store;
pub mod usage;

/// Random bytes of the operating system.
///
/// # Panics
///
/// If the system has no randomness.
#[must_use]
pub fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).expect("the system has randomness");
    bytes
}
