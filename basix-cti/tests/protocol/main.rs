//! The protocol's rules (B…) and quirks (Q…), as they show in the public interface.
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod connection;
mod expected;
mod recorded;
mod wire;

mod avatar;
mod element;
mod end_user;
mod envelope;
mod error;
mod far;
mod foreign;
mod hangup;
mod hostile;
mod key;
mod law;
mod mirror_law;
mod origination;
mod query;
mod scalar;
mod session;
mod state;
mod store;
mod target;
mod waiting;

/// Everything may be sent to another thread, shared between threads, and shown.
const _: () = {
    const fn may<T: Send + Sync + std::fmt::Debug>() {}
    may::<basix_cti::Parser>();
    may::<basix_cti::Message<'static>>();
    may::<basix_cti::Element<'static>>();
    may::<basix_cti::record::OwnedRecord>();
    may::<basix_cti::Store>();
    may::<basix_cti::Change>();
    may::<basix_cti::Error>();
    may::<basix_cti::bert::Term<'static>>();
    may::<basix_cti::bert::Encoder>();
    may::<basix_cti::bert::SerdeError>();
};
