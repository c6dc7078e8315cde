//! Channels, users and groups of the model PBX, before they are encoded.

mod channel;
mod directory;
mod state;
mod tables;
pub(super) mod value;

pub use channel::{ModelChannel, ModelOtherInfo, ModelTarget, ModelWaiting};
pub use directory::{ModelDomain, ModelGroup, ModelMember, ModelTerminal, ModelUser};
pub use state::ModelState;

pub use tables::usual_fields;
pub(super) use tables::{Entry, Tables, place};
