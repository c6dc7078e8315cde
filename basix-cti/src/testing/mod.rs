//! A PBX to test against: it speaks the protocol, and goes wrong on demand.

mod connection;
mod fault;
mod handshake;
mod pbx;
mod random;
mod record;
#[cfg(feature = "client")]
mod server;
mod truth;
mod wire;

pub use connection::{ConnectionId, Sent};
pub use fault::{Fault, Faults};
pub use handshake::{Handshake, Refusal, SESSION_COOKIE, SESSION_HEADER};
pub use pbx::{Callee, Ending, HangupNotice, Pbx, PbxError, ReceivedCommand, Traffic};
pub use random::Random;
pub use record::{
    ModelChannel, ModelDomain, ModelGroup, ModelMember, ModelOtherInfo, ModelState, ModelTarget,
    ModelTerminal, ModelUser, ModelWaiting,
};
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub use server::Server;
pub use truth::Difference;
pub use wire::{RecordForm, TextForm, WireForm};
