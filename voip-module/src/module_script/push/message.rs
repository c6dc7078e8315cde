//! One push: its texts, its call, and the body of a request.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::model::{VoipCallRecord, VoipWebhookEvent, VoipWebhookRequest};
use crate::module_script::protocol::{PROTOCOL, is_request_id};

/// Bytes of a body.
// W141
pub(super) const MAX_BYTES: usize = 64 << 10;

/// Bytes of a body around event and record: the longest id, the largest numbers.
const FRAME_BYTES: usize = 160;

/// The stage of a call that a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    Start,
    Answer,
    End,
    /// A record, with or without an event.
    Record,
}

/// An event, a record, or both, on the way to the platform. `Debug` shows the id only.
///
/// Event and record are kept as JSON: a parsed [`CallData`](crate::CallData) may take sixteen times
/// its text. Serde is for a [`Spool`](super::Spool).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct PushMessage {
    id: Box<str>,
    stage: Stage,
    call: Box<str>,
    leg: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Box<str>>,
}

/// A message of a spool, before its check.
#[derive(Deserialize)]
struct Fields {
    id: Box<str>,
    stage: Stage,
    call: Box<str>,
    leg: Box<str>,
    event: Option<Box<str>>,
    record: Option<Box<str>>,
}

impl TryFrom<Fields> for PushMessage {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { id, stage, call, leg, event, record } = fields;
        let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
        if !is_request_id(&id) || !event.iter().chain(&record).all(|text| is_json(text)) {
            return Err("a message with an id, and an event or record in JSON");
        }
        Ok(Self { id, stage, call, leg, event, record })
    }
}

impl PushMessage {
    /// Creates a message; `None` if there is neither an event nor a record, or `id` is not 16 to 64
    /// characters of `A-Z a-z 0-9 _ -`.
    #[must_use]
    pub fn new(
        id: &str,
        event: Option<&VoipWebhookRequest>,
        record: Option<&VoipCallRecord>,
    ) -> Option<Self> {
        if !is_request_id(id) {
            return None;
        }
        let (stage, call_id, numbers) = match (event, record) {
            (_, Some(record)) => {
                let numbers = (&record.src_phone, &record.dst_phone, record.direction);
                (Stage::Record, &record.call_id, numbers)
            }
            (Some(event), None) => {
                let numbers = (&event.src_phone, &event.dst_phone, event.direction);
                (Stage::of(event.event), &event.call_id, numbers)
            }
            (None, None) => return None,
        };
        let (src, dst, direction) = numbers;
        // Letter case of the prefix keeps ids and numbers apart.
        let leg: Box<str> = format!("N{direction}\0{src}\0{dst}").into();
        // W145
        let call = call_id.as_ref().map_or_else(|| leg.clone(), |id| format!("C{id}").into());
        let json = |text: serde_json::Result<String>| text.ok().map(Box::from);
        Some(Self {
            id: id.into(),
            stage,
            call,
            leg,
            event: event.map(serde_json::to_string).and_then(json),
            record: record.map(serde_json::to_string).and_then(json),
        })
    }

    /// Returns the id, the same in every attempt.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the event as JSON.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.event.as_deref()
    }

    /// Returns the record as JSON.
    #[must_use]
    pub fn record(&self) -> Option<&str> {
        self.record.as_deref()
    }

    pub(super) const fn stage(&self) -> Stage {
        self.stage
    }

    pub(super) fn call(&self) -> &str {
        &self.call
    }

    /// Bytes of the largest body that this makes.
    pub(super) fn size(&self) -> usize {
        let length = |part: &Option<Box<str>>| part.as_ref().map_or(0, |text| text.len());
        FRAME_BYTES + length(&self.event) + length(&self.record)
    }

    /// Returns whether this is an end that a record may join.
    pub(super) fn takes_record(&self) -> bool {
        self.stage == Stage::End
    }

    /// Returns whether this is the record of that end, and both fit in one body.
    pub(super) fn joins(&self, end: &Self) -> bool {
        let is_pair = end.takes_record() && self.stage == Stage::Record && self.event.is_none();
        is_pair && self.leg == end.leg && end.size() + self.size() <= MAX_BYTES
    }

    /// Joins an end and its record. The id is the record's: if the end went out alone before a
    /// restart, a receiver that drops repeated ids must not drop the record with it.
    pub(super) fn joined(end: &Self, record: &Self) -> Self {
        Self { event: end.event.clone(), ..record.clone() }
    }

    /// Writes the members `event` and `callRecord`, each after a comma.
    pub(super) fn write_parts(&self, to: &mut String) {
        for (name, part) in [("event", &self.event), ("callRecord", &self.record)] {
            if let Some(part) = part {
                to.extend([",\"", name, "\":", part]);
            }
        }
    }

    /// Returns the body of an attempt; `sent_at` is in Unix seconds.
    // W141
    #[must_use]
    pub fn body(&self, sent_at: u64, attempt: u32) -> String {
        let id = &self.id;
        let mut body = format!(
            r#"{{"voipBridge":{PROTOCOL},"id":"{id}","sentAt":{sent_at},"attempt":{attempt}"#
        );
        self.write_parts(&mut body);
        body.push('}');
        body
    }
}

impl Stage {
    const fn of(event: VoipWebhookEvent) -> Self {
        match event {
            VoipWebhookEvent::NotifyStart => Self::Start,
            VoipWebhookEvent::NotifyAnswer => Self::Answer,
            VoipWebhookEvent::NotifyEnd => Self::End,
        }
    }
}

impl std::fmt::Debug for PushMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushMessage").field("id", &self.id).finish_non_exhaustive()
    }
}
