//! The live side of the protocol: connections, commands, and how the mirror stays true.

mod client;
mod session;
