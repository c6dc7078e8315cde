//! Runnable examples for `voip-module`; see the `.rs` files beside this package's manifest.
//!
//! Their machinery: a mock cloud PBX, a web server, a sender that gives up, the invented PBXs of two
//! providers, and a pretend platform's call pages.

mod heron;
mod mock_pbx;
mod parrot;
mod sender;
mod server;
mod shown;

pub use heron::{Heron, check_heron};
pub use mock_pbx::MockPbx;
pub use parrot::check_parrot;
pub use sender::post_until;
pub use server::{ModuleApp, StopSignal, serve};
pub use shown::Shown;
