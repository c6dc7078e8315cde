//! The stage of a call, and its event.

use serde::{Deserialize, Serialize};

use super::word::{closed_words, words};
use super::{PlatformVersion, VoipCallDirection, VoipCallDisposition, optional};

words! {
    /// The stage of a call. The vendor does not document the wire names; these are this crate's.
    pub enum VoipWebhookEvent {
        /// Ringing or dialling started.
        NotifyStart = "notify_start",
        /// Answered.
        NotifyAnswer = "notify_answer",
        /// Ended or cancelled.
        NotifyEnd = "notify_end",
    }
}

closed_words!(VoipWebhookEvent, "webhook event");

/// A telephony event, which makes the platform show or update the call page.
///
/// The direction decides the order of the numbers: for [`In`](VoipCallDirection::In) `src_phone` is
/// the client and `dst_phone` the operator, for [`Out`](VoipCallDirection::Out) the other way
/// round.
///
/// ```
/// use voip_module::{VoipCallDirection, VoipWebhookEvent, VoipWebhookRequest};
///
/// let event = VoipWebhookRequest::new(
///     VoipWebhookEvent::NotifyStart,
///     VoipCallDirection::In,
///     "79990000001",
///     "701",
/// )
/// .call_id("C-1");
/// assert_eq!(
///     serde_json::to_string(&event)?,
///     r#"{"event":"notify_start","direction":"in","srcPhone":"79990000001","dstPhone":"701","disposition":"unknown","callId":"C-1"}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VoipWebhookRequest {
    /// The stage of the call.
    pub event: VoipWebhookEvent,
    /// The direction of the call.
    pub direction: VoipCallDirection,
    /// The number that calls.
    pub src_phone: String,
    /// The number that is called.
    pub dst_phone: String,
    /// The outcome so far.
    pub disposition: VoipCallDisposition,
    /// The provider's id of the call; joins several events into one call. Since 2025.8.
    #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
    pub call_id: Option<String>,
    /// The operator's extension, when the operator takes a call from `src_phone`. Since 2026.4.
    #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
    pub src_phone_ext: Option<String>,
    /// The operator's extension, when the operator calls `dst_phone`. Since 2026.4.
    #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
    pub dst_phone_ext: Option<String>,
}

impl VoipWebhookRequest {
    /// Creates an event whose outcome is not known yet.
    #[must_use]
    pub fn new(
        event: VoipWebhookEvent,
        direction: VoipCallDirection,
        src_phone: impl Into<String>,
        dst_phone: impl Into<String>,
    ) -> Self {
        Self {
            event,
            direction,
            src_phone: src_phone.into(),
            dst_phone: dst_phone.into(),
            disposition: VoipCallDisposition::Unknown,
            call_id: None,
            src_phone_ext: None,
            dst_phone_ext: None,
        }
    }

    optional::shared_setters!();

    /// Removes the fields that an edition of the platform does not know.
    #[must_use]
    pub fn for_platform(mut self, version: PlatformVersion) -> Self {
        if version < PlatformVersion::V2025_8 {
            self.call_id = None;
        }
        if version < PlatformVersion::V2026_4 {
            self.src_phone_ext = None;
            self.dst_phone_ext = None;
        }
        self
    }
}
