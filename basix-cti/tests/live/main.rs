//! The live side of the protocol: endpoints, commands, session, and the client over sockets.
// B1 to B6, B80 to B96, B100 to B102
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

/// Types are `Send`, `Sync` and `Debug`.
const _: () = {
    const fn may<T: Send + Sync + std::fmt::Debug>() {}
    may::<basix_cti::Client>();
    may::<basix_cti::endpoint::ServerAddress>();
    may::<basix_cti::session::ConnectError>();
    may::<basix_cti::Event>();
    may::<basix_cti::client::Handle>();
    may::<basix_cti::client::PendingCommand>();
    may::<basix_cti::client::HttpProxy>();
    may::<basix_cti::client::TcpConnector>();
    may::<basix_cti::session::ClockOffset>();
    may::<basix_cti::Session>();
    may::<basix_cti::session::SessionOptions>();
    may::<basix_cti::session::Transmit>();
    may::<basix_cti::Endpoint>();
    may::<basix_cti::endpoint::EndpointError>();
    may::<basix_cti::Command>();
    may::<basix_cti::helper_leg::CallUserAnswer>();
    may::<basix_cti::helper_leg::HelperLeg>();
    may::<basix_cti::helper_leg::HelperLegOutput>();
    may::<basix_cti::helper_leg::Supervisor>();
    may::<basix_cti::session::Reconnect>();
    may::<basix_cti::session::Attempts>();
    may::<basix_cti::recording::Recorder<Vec<u8>>>();
    may::<basix_cti::recording::Recording<&[u8]>>();
    may::<basix_cti::recording::Replay<&[u8]>>();
    may::<basix_cti::recording::RecordingError>();
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
