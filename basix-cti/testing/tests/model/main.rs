//! The PBX to test against: that it speaks the protocol, and goes wrong only when it should.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod client;

mod call;
mod call_user;
mod command;
mod fault;
mod opening;
mod run_random;
mod server;
mod traffic;
mod truth;
mod vendor;
mod wire;

/// Everything may be sent to another thread, shared between threads, and shown.
const _: () = {
    const fn may<T: Send + Sync + std::fmt::Debug>() {}
    may::<basix_cti_testing::Pbx>();
    may::<basix_cti_testing::Traffic>();
    may::<basix_cti_testing::Faults>();
    may::<basix_cti_testing::Handshake>();
    may::<basix_cti_testing::Server>();
};
