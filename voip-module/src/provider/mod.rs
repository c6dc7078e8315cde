//! The contract of a provider.

mod buttons;
mod contract;
mod live_call;

pub use buttons::Buttons;
pub use contract::VoipProvider;
pub use live_call::LiveCall;
