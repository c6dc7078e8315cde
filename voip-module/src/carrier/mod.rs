//! Requests and responses on their way through a provider.

mod fields;
mod limits;
mod media_type;
mod request;
mod response;

pub use fields::FormFields;
pub(crate) use fields::{decode_value, is_broken, pairs, trim};
pub use limits::Limits;
pub(crate) use media_type::MediaType;
pub use request::{BodyIsNotText, HttpRequest};
pub(crate) use request::{is_key_field, is_token};
pub use response::HttpResponse;
