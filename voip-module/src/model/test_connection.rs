//! The outcome of a connection test.

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::Error;

/// The outcome of a connection test. A failure always has a reason, a success never.
///
/// ```
/// use voip_module::VoipTestConnectionResult;
///
/// let failed = VoipTestConnectionResult::failed("no answer within 10 s");
/// assert_eq!(
///     serde_json::to_string(&failed)?,
///     r#"{"success":false,"failReason":"no answer within 10 s"}"#,
/// );
/// assert_eq!(serde_json::to_string(&VoipTestConnectionResult::ok())?, r#"{"success":true}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VoipTestConnectionResult {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fail_reason: Option<String>,
}

impl VoipTestConnectionResult {
    const NO_REASON: &'static str = "the connection test failed without a reason";

    /// Creates a success.
    #[must_use]
    pub const fn ok() -> Self {
        Self { success: true, fail_reason: None }
    }

    /// Creates a failure; the user is shown the reason. An empty reason is replaced.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let reason = if reason.trim().is_empty() { Self::NO_REASON.into() } else { reason };
        Self { success: false, fail_reason: Some(reason) }
    }

    /// Returns whether the connection works.
    #[must_use]
    pub const fn success(&self) -> bool {
        self.success
    }

    /// Returns the reason of a failure.
    #[must_use]
    pub fn fail_reason(&self) -> Option<&str> {
        self.fail_reason.as_deref()
    }
}

/// A success, or the error's text as the reason.
impl<T> From<Result<T, Error>> for VoipTestConnectionResult {
    fn from(outcome: Result<T, Error>) -> Self {
        outcome.map_or_else(|error| Self::failed(error.to_string()), |_| Self::ok())
    }
}

impl<'de> Deserialize<'de> for VoipTestConnectionResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            success: bool,
            fail_reason: Option<String>,
        }
        let wire = Wire::deserialize(deserializer)?;
        Ok(if wire.success {
            Self::ok()
        } else {
            Self::failed(wire.fail_reason.unwrap_or_default())
        })
    }
}
