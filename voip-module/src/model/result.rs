//! What a provider made of a webhook request.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{PlatformVersion, VoipCallRecord, VoipWebhookRequest};

/// What a provider made of a webhook request (§2.3). All parts are independent; none at all means
/// that there is nothing to do (V12, V13).
///
/// As JSON it has the platform's members `event` and `callRecord`. The answer to the sender is an
/// HTTP response and is not part of the JSON; nor is what the platform does not know
/// ([`notice`](Self::notice), [`delivery_id`](Self::delivery_id)).
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
    /// Goes back to whoever sent the request; without it the answer is an empty 200 (V14).
    #[serde(skip)]
    pub response: Option<http::Response<Bytes>>,
    /// What the provider said that the platform has no field for (V90, V95).
    #[serde(skip)]
    pub notice: Option<ProviderNotice>,
    /// Tells a repeated delivery from a new one. Without it nothing is taken for repeated (§13).
    #[serde(skip)]
    pub delivery_id: Option<String>,
}

impl VoipWebhookParseResult {
    /// Nothing to do.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// An event and nothing else.
    #[must_use]
    pub fn event(event: VoipWebhookRequest) -> Self {
        Self { event: Some(event), ..Self::default() }
    }

    /// A call record and nothing else.
    #[must_use]
    pub fn call_record(record: VoipCallRecord) -> Self {
        Self { call_record: Some(record), ..Self::default() }
    }

    /// An answer and nothing else.
    #[must_use]
    pub fn response(response: impl Into<http::Response<Bytes>>) -> Self {
        Self { response: Some(response.into()), ..Self::default() }
    }

    /// Whether there is neither event nor record nor notice: nothing that a
    /// [`Sink`](crate::router::Sink) would want.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.event.is_none() && self.call_record.is_none() && self.notice.is_none()
    }

    /// The result without the fields that an edition of the platform does not know (V47).
    #[must_use]
    pub fn for_platform(mut self, version: PlatformVersion) -> Self {
        self.event = self.event.map(|event| event.for_platform(version));
        self.call_record = self.call_record.map(|record| record.for_platform(version));
        self
    }
}

impl PartialEq for VoipWebhookParseResult {
    fn eq(&self, other: &Self) -> bool {
        let Self { event, call_record, response, notice, delivery_id } = self;
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
            && *delivery_id == other.delivery_id
    }
}

/// What a provider said that the platform has no field for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderNotice {
    /// A call was moved to another operator (V90).
    Transferred {
        /// The call that was moved.
        call_id: Option<String>,
        /// The call that it has become.
        second_call_id: Option<String>,
        /// The client's number.
        phone: Option<String>,
        /// The operator's extension.
        ext: Option<String>,
    },
    /// A client rated a call (V95).
    Rated {
        /// The call.
        call_id: Option<String>,
        /// The mark, as the provider wrote it.
        rating: Option<String>,
        /// The client's number.
        phone: Option<String>,
        /// The operator's login.
        user: Option<String>,
    },
}
