//! The live side of the protocol: endpoints, commands, the session that keeps the mirror true, the
//! client over sockets (B1–B6, B80–B102).
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod call_user;
mod channel;
mod client;
mod clock_offset;
mod command;
mod endpoint;
mod endpoint_laws;
mod helper_leg;
mod helper_leg_laws;
mod log;
mod reconnect;
mod recording;
mod secret;
mod session;

use proptest::test_runner::{Config as ProptestConfig, RngSeed};

/// Everything may be sent to another thread, shared between threads, and shown.
const _: () = {
    const fn may<T: Send + Sync + std::fmt::Debug>() {}
    may::<basix_cti::Client>();
    may::<basix_cti::endpoint::ServerAddress>();
    may::<basix_cti::ConnectError>();
    may::<basix_cti::Event>();
    may::<basix_cti::Handle>();
    may::<basix_cti::client::PendingCommand>();
    may::<basix_cti::client::HttpProxy>();
    may::<basix_cti::client::TcpConnector>();
    may::<basix_cti::ClockOffset>();
    may::<basix_cti::Session>();
    may::<basix_cti::SessionOptions>();
    may::<basix_cti::Transmit>();
    may::<basix_cti::Endpoint>();
    may::<basix_cti::EndpointError>();
    may::<basix_cti::Command>();
    may::<basix_cti::CallUserAnswer>();
    may::<basix_cti::HelperLeg>();
    may::<basix_cti::HelperLegOutput>();
    may::<basix_cti::Reconnect>();
    may::<basix_cti::reconnect::Attempts>();
    may::<basix_cti::Recorder<Vec<u8>>>();
    may::<basix_cti::Recording<&[u8]>>();
    may::<basix_cti::Replay<&[u8]>>();
    may::<basix_cti::RecordingError>();
};

/// This many cases, the same ones in every run.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(131),
        ..ProptestConfig::default()
    }
}
