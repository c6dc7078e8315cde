//! What a provider has to do, and what it may offer (§4).

mod call_control;
mod capability;
mod contact_lookup;
mod contract;
mod ext;

pub use call_control::CallControl;
pub use capability::Capabilities;
pub use contact_lookup::{Contact, ContactLookup, ContactQuery};
pub use contract::VoipProvider;
pub use ext::VoipProviderExt;
