#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connection;
mod delivered;
mod fault;
mod handshake;
mod pbx;
mod random;
pub mod record;
#[cfg(feature = "sockets")]
mod server;
mod truth;
mod wire;

pub use connection::{ConnectionId, Sent};
pub use fault::{Fault, Faults};
pub use handshake::{Handshake, Refusal, SESSION_COOKIE, SESSION_HEADER};
pub use pbx::{
    Callee, Ending, HangupNotice, LoggedBridge, LoggedCall, LoggedLeg, LoggedPark, LoggedTransfer,
    Pbx, PbxError, ReceivedCommand, Traffic, WaitingLists,
};
pub use random::Random;
#[cfg(feature = "sockets")]
#[cfg_attr(docsrs, doc(cfg(feature = "sockets")))]
pub use server::Server;
pub use truth::Difference;
pub use wire::{RecordForm, TextForm, WireForm};
