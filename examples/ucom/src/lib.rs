//! Shared parts of the examples: the stored state, and a pretend PBX.

#![forbid(unsafe_code)]

pub mod pretend_pbx;
pub mod store;

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
