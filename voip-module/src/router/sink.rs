//! The receiver of deliveries.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::journal::recording_notice;
use crate::model::{
    Notice, PlatformVersion, VoipCallRecord, VoipWebhookParseResult, VoipWebhookRequest,
};

/// The input of a [`Sink`]: an event, a record or a notice, or several of one push.
///
/// ```
/// let json = r#"{"notice":{"kind":"rated","callId":"C-1","rating":"5"},"raw":{"cmd":"rating"}}"#;
/// let delivery: voip_module::Delivery = serde_json::from_str(json)?;
/// assert_eq!(serde_json::to_string(&delivery)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delivery {
    /// Shows or updates the call page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<VoipWebhookRequest>,
    /// Goes to the activity stream: one record for each leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<VoipCallRecord>,
    /// A fact that the platform has no field for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// `true` if the record replaces one that was delivered before. Upsert it: if the earlier
    /// delivery failed, this may be the first to arrive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub update: bool,
    /// The fields of the push as sent, decoded, without those that hold a key.
    #[serde(default)]
    pub raw: Map<String, Value>,
}

impl Delivery {
    pub(crate) fn new(
        event: Option<VoipWebhookRequest>,
        record: Option<VoipCallRecord>,
        notice: Option<Notice>,
        update: bool,
    ) -> Self {
        Self { event, record, notice, update, raw: Map::new() }
    }

    /// Removes the fields that an edition of the platform does not know.
    pub(crate) fn for_platform(mut self, version: PlatformVersion) -> Self {
        self.event = self.event.map(|event| event.for_platform(version));
        self.record = self.record.map(|record| record.for_platform(version));
        self
    }
}

impl From<&VoipWebhookParseResult> for Delivery {
    /// Creates the delivery of a result without a journal, such as for events that come from a
    /// connection to the PBX.
    fn from(result: &VoipWebhookParseResult) -> Self {
        let recording = result.recording.as_ref().map(recording_notice);
        let notice = result.notice.clone().or(recording);
        Self::new(result.event.clone(), result.call_record.clone(), notice, false)
    }
}

/// The error of a sink or store.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Receives the router's deliveries. The sender is answered after it returns, so
/// it should do no more than put the delivery into a queue.
///
/// ```
/// use async_trait::async_trait;
/// use voip_module::router::SinkError;
/// use voip_module::{Delivery, Sink};
///
/// struct Queue(std::sync::mpsc::Sender<Delivery>);
///
/// #[async_trait]
/// impl Sink for Queue {
///     async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
///         Ok(self.0.send(delivery.clone())?)
///     }
/// }
/// ```
#[async_trait]
pub trait Sink: Send + Sync {
    /// Takes a delivery. It does not come again after `Ok`; until then it may, if the sender gives
    /// up and retries.
    ///
    /// # Errors
    ///
    /// If the delivery cannot be taken. The sender gets 500, and its repetition is delivered.
    async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError>;
}

#[async_trait]
impl<T: Sink + ?Sized> Sink for Arc<T> {
    async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        (**self).deliver(delivery).await
    }
}

/// Creates a [`Sink`] from a function.
#[must_use]
pub fn sink_fn<F>(function: F) -> impl Sink
where
    F: Fn(&Delivery) -> Result<(), SinkError> + Send + Sync,
{
    struct FnSink<F>(F);

    #[async_trait]
    impl<F> Sink for FnSink<F>
    where
        F: Fn(&Delivery) -> Result<(), SinkError> + Send + Sync,
    {
        async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
            (self.0)(delivery)
        }
    }

    FnSink(function)
}
