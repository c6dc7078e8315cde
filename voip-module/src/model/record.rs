//! The record of a finished call.

use serde::{Deserialize, Serialize};

use super::{PlatformVersion, VoipCallDirection, VoipCallDisposition, optional};

/// Data that the platform keeps with a call record and returns when a user plays the recording: any
/// JSON, chosen by the provider.
pub type CallData = serde_json::Value;

/// The record of a finished call, which the platform writes to the activity stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VoipCallRecord {
    /// The number that called.
    pub src_phone: String,
    /// The number that was called.
    pub dst_phone: String,
    /// The direction of the call.
    pub direction: VoipCallDirection,
    /// The outcome.
    pub disposition: VoipCallDisposition,
    /// The length of the call, in seconds.
    pub duration: i64,
    /// Handed back unchanged to [`VoipProvider::call_link`](crate::VoipProvider::call_link).
    #[serde(default)]
    pub call: CallData,
    /// The provider's id of the call. Since 2026.4.
    #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
    pub call_id: Option<String>,
    /// The operator's extension of an incoming call. Since 2026.4.
    #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
    pub src_phone_ext: Option<String>,
    /// The operator's extension of an outgoing call. Since 2026.4.
    #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
    pub dst_phone_ext: Option<String>,
}

impl VoipCallRecord {
    /// Creates a record of length 0 and unknown outcome, with `null` as its [`CallData`].
    #[must_use]
    pub fn new(
        direction: VoipCallDirection,
        src_phone: impl Into<String>,
        dst_phone: impl Into<String>,
    ) -> Self {
        Self {
            src_phone: src_phone.into(),
            dst_phone: dst_phone.into(),
            direction,
            disposition: VoipCallDisposition::Unknown,
            duration: 0,
            call: CallData::Null,
            call_id: None,
            src_phone_ext: None,
            dst_phone_ext: None,
        }
    }

    optional::shared_setters!();

    /// Sets the length, in seconds.
    #[must_use]
    pub fn duration(mut self, seconds: i64) -> Self {
        self.duration = seconds;
        self
    }

    /// Sets the data handed back to [`VoipProvider::call_link`](crate::VoipProvider::call_link).
    #[must_use]
    pub fn call(mut self, call: impl Into<CallData>) -> Self {
        self.call = call.into();
        self
    }

    /// Returns `true` if a script would change an integer of the data that it hands back.
    // W110
    #[cfg(any(feature = "module-script", feature = "testing"))]
    pub(crate) fn has_inexact_number(&self) -> bool {
        const MAX_EXACT: u64 = (1 << 53) - 1;
        fn is_inexact(data: &CallData) -> bool {
            match data {
                CallData::Number(number) => {
                    number.as_u64().is_some_and(|it| it > MAX_EXACT)
                        || number.as_i64().is_some_and(|it| it.unsigned_abs() > MAX_EXACT)
                }
                CallData::Array(elements) => elements.iter().any(is_inexact),
                CallData::Object(members) => members.values().any(is_inexact),
                _ => false,
            }
        }
        is_inexact(&self.call)
    }

    /// Removes the fields that an edition of the platform does not know.
    #[must_use]
    pub fn for_platform(mut self, version: PlatformVersion) -> Self {
        if version < PlatformVersion::V2026_4 {
            self.call_id = None;
            self.src_phone_ext = None;
            self.dst_phone_ext = None;
        }
        self
    }
}
