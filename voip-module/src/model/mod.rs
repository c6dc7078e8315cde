//! The platform's types, under the vendor's names and with the documented JSON names (§2, §3).

mod direction;
mod disposition;
mod event;
mod member;
mod optional;
mod record;
mod result;
mod test_connection;
mod version;
mod word;

pub use direction::VoipCallDirection;
pub use disposition::VoipCallDisposition;
pub use event::{VoipWebhookEvent, VoipWebhookRequest};
pub use member::VoipMember;
pub use record::{CallData, VoipCallRecord};
pub use result::{ProviderNotice, VoipWebhookParseResult};
pub use test_connection::VoipTestConnectionResult;
pub use version::{PlatformVersion, UnknownPlatformVersion};
pub use word::UnknownWord;
