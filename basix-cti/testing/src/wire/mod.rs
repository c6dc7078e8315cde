//! The model's records as messages.

mod form;
mod layout;
mod message;

pub use form::{RecordForm, TextForm, WireForm};

pub(super) use layout::{Layout, extra_value, is_extra};
pub(super) use message::Payload;
