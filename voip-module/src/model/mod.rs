//! The platform's types, under the vendor's names and with the documented JSON names.

mod direction;
mod disposition;
mod event;
mod leg;
mod member;
mod notice;
mod optional;
mod record;
mod result;
mod test_connection;
mod version;
pub(crate) mod word;

pub use direction::VoipCallDirection;
pub use disposition::VoipCallDisposition;
pub use event::{VoipWebhookEvent, VoipWebhookRequest};
pub use leg::{LegFacts, Recording};
pub use member::VoipMember;
pub use notice::Notice;
pub use record::{CallData, VoipCallRecord};
pub use result::VoipWebhookParseResult;
pub use test_connection::VoipTestConnectionResult;
pub use version::PlatformVersion;
