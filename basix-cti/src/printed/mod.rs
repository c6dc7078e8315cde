//! Messages and records as JSON.
//!
//! The source is the terms as sent, not the typed views, so a value of an unexpected type is shown
//! unchanged.

mod composite;
mod record;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

pub use record::PrintedRecord;

use crate::element::BaseUrl;
use crate::error::Error;
use crate::message::{InitialInfo, Message};
use crate::record::Record;

/// A message in its printed form: one JSON object.
///
/// ```
/// use basix_cti::{Parser, bert::Encoder};
///
/// let message = Encoder::new().tuple(2).atom("msg").binary("hello").finish()?;
/// let mut parser = Parser::new();
/// let printed = parser.parse(&message)?.printed(None)?.to_string();
/// assert_eq!(printed, r#"{"kind":"msg","data":"hello"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Printed<'m, 'a> {
    message: &'m Message<'a>,
    base_url: Option<&'m BaseUrl>,
}

impl<'a> Message<'a> {
    /// The message in its printed form. With a base address, avatars become addresses.
    ///
    /// # Errors
    ///
    /// If a record of an [`InitialInfo`] is invalid.
    pub fn printed<'m>(&'m self, base_url: Option<&'m BaseUrl>) -> Result<Printed<'m, 'a>, Error> {
        if let Self::InitialInfo(info) = self {
            info.check()?;
        }
        Ok(Printed { message: self, base_url })
    }
}

impl std::fmt::Display for Printed<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
    }
}

impl Serialize for Printed<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self.message {
            Message::FieldSpec(spec) => {
                map.serialize_entry("kind", "field_spec")?;
                map.serialize_entry("element_name", &spec.element_name())?;
                map.serialize_entry("data", &spec.schema().names().collect::<Vec<_>>())?;
            }
            Message::InitialInfo(info) => {
                map.serialize_entry("kind", "initial_info")?;
                map.serialize_entry("element_name", &info.element_name())?;
                map.serialize_entry("data", &keyed(info, self.base_url))?;
            }
            Message::InfoEvent(event) => {
                map.serialize_entry("kind", "info_event")?;
                map.serialize_entry("element_name", event.element_name())?;
                map.serialize_entry("event_name", &event.event_term())?;
                map.serialize_entry("data", &event.record().printed(self.base_url))?;
            }
            Message::SystemMsg(payload) => {
                map.serialize_entry("kind", "system_msg")?;
                map.serialize_entry("data", &payload.term())?;
            }
            Message::Msg(payload) => {
                map.serialize_entry("kind", "msg")?;
                map.serialize_entry("data", &payload.term())?;
            }
            Message::Unknown(_) => map.serialize_entry("kind", "unknown")?,
        }
        map.end()
    }
}

/// The records by key, or by place without a key. Of two with the same key, the later wins.
fn keyed<'m, 'a>(
    info: &InitialInfo<'a>,
    base_url: Option<&'m BaseUrl>,
) -> BTreeMap<Cow<'a, str>, PrintedRecord<'m, 'a>> {
    let records = info.records().map_while(Result::ok).enumerate();
    let key = |(at, record): (usize, Record<'a>)| {
        let key = record.key().unwrap_or_else(|| Cow::Owned(format!("#{at}")));
        (key, record.printed(base_url))
    };
    records.map(key).collect()
}

/// The printed form of a refusal.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("kind", "error")?;
        map.serialize_entry("error", self.class().as_str())?;
        map.end()
    }
}
