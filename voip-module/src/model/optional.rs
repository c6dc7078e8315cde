//! Optional text: absent, `null` and `""` are equal and not written.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[expect(clippy::ref_option, reason = "the signature that Serde asks for")]
pub(crate) fn is_absent(text: &Option<String>) -> bool {
    text.as_deref().is_none_or(str::is_empty)
}

pub(crate) fn non_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

pub(crate) fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[expect(clippy::ref_option, reason = "the signature that Serde asks for")]
pub(crate) fn serialize<S: Serializer>(
    text: &Option<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    text.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.and_then(non_empty))
}

/// The setters that events and records share.
macro_rules! shared_setters {
    () => {
        /// Sets the outcome.
        #[must_use]
        pub fn disposition(mut self, disposition: $crate::VoipCallDisposition) -> Self {
            self.disposition = disposition;
            self
        }

        /// Sets the provider's id of the call. An empty id counts as absent.
        #[must_use]
        pub fn call_id(mut self, call_id: impl Into<String>) -> Self {
            self.call_id = $crate::model::optional::non_empty(call_id.into());
            self
        }

        /// Sets the operator's extension of an incoming call.
        #[must_use]
        pub fn src_phone_ext(mut self, ext: impl Into<String>) -> Self {
            self.src_phone_ext = $crate::model::optional::non_empty(ext.into());
            self
        }

        /// Sets the operator's extension of an outgoing call.
        #[must_use]
        pub fn dst_phone_ext(mut self, ext: impl Into<String>) -> Self {
            self.dst_phone_ext = $crate::model::optional::non_empty(ext.into());
            self
        }
    };
}

pub(super) use shared_setters;
