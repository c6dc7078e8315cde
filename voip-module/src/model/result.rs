//! The result of parsing a webhook request.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{LegFacts, Notice, PlatformVersion, Recording, VoipCallRecord, VoipWebhookRequest};

/// The result of parsing a webhook request. All parts are optional and independent; an empty result
/// means that there is nothing to do.
///
/// As JSON it has the platform's members `event` and `callRecord` only. The other fields are for the
/// router and its [`Sink`](crate::Sink).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VoipWebhookParseResult {
    /// Shows or updates the call page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<VoipWebhookRequest>,
    /// Goes to the activity stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_record: Option<VoipCallRecord>,
    /// The answer to the sender; `None` stands for an empty 200.
    #[serde(skip)]
    pub response: Option<http::Response<Bytes>>,
    /// A fact that the platform has no field for.
    #[serde(skip)]
    pub notice: Option<Notice>,
    /// A recording announced apart from its record.
    #[serde(skip)]
    pub recording: Option<Recording>,
    /// Facts for the call journal beyond those in the event or record.
    #[serde(skip)]
    pub leg: Option<LegFacts>,
}

impl VoipWebhookParseResult {
    /// Creates a result with nothing to do.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Creates a result with an event.
    #[must_use]
    pub fn event(event: VoipWebhookRequest) -> Self {
        Self { event: Some(event), ..Self::default() }
    }

    /// Creates a result with a call record.
    #[must_use]
    pub fn call_record(record: VoipCallRecord) -> Self {
        Self { call_record: Some(record), ..Self::default() }
    }

    /// Creates a result with a notice.
    #[must_use]
    pub fn notice(notice: Notice) -> Self {
        Self { notice: Some(notice), ..Self::default() }
    }

    /// Creates a result with a recording.
    #[must_use]
    pub fn recording(recording: Recording) -> Self {
        Self { recording: Some(recording), ..Self::default() }
    }

    /// Creates a result with an answer.
    #[must_use]
    pub fn response(response: impl Into<http::Response<Bytes>>) -> Self {
        Self { response: Some(response.into()), ..Self::default() }
    }

    /// Adds a call record.
    #[must_use]
    pub fn with_record(mut self, record: VoipCallRecord) -> Self {
        self.call_record = Some(record);
        self
    }

    /// Adds facts for the call journal.
    #[must_use]
    pub fn with_leg(mut self, leg: LegFacts) -> Self {
        self.leg = Some(leg);
        self
    }

    /// Returns `true` if there is nothing to deliver: no event, record, notice or recording.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.event.is_none()
            && self.call_record.is_none()
            && self.notice.is_none()
            && self.recording.is_none()
    }

    /// Removes the fields that an edition of the platform does not know.
    #[must_use]
    pub fn for_platform(mut self, version: PlatformVersion) -> Self {
        self.event = self.event.map(|event| event.for_platform(version));
        self.call_record = self.call_record.map(|record| record.for_platform(version));
        self
    }
}

impl PartialEq for VoipWebhookParseResult {
    fn eq(&self, other: &Self) -> bool {
        let Self { event, call_record, response, notice, recording, leg } = self;
        let same_response = match (response, &other.response) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                (a.status(), a.headers(), a.body()) == (b.status(), b.headers(), b.body())
            }
            _ => false,
        };
        same_response
            && *event == other.event
            && *call_record == other.call_record
            && *notice == other.notice
            && *recording == other.recording
            && *leg == other.leg
    }
}
