//! The PBX's own structs: what exists, before any of it is written.

mod channel;
mod directory;
mod state;
mod tables;
pub(super) mod value;

pub use channel::{ModelChannel, ModelOtherInfo, ModelTarget, ModelWaiting};
pub use directory::{ModelDomain, ModelGroup, ModelMember, ModelTerminal, ModelUser};
pub use state::ModelState;

pub(super) use tables::{Entry, Tables, fields, place};
