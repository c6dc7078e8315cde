//! Facts about calls that the platform has no field for.

use serde::{Deserialize, Serialize};

use super::{CallData, VoipCallDisposition, optional};

/// A fact about a call that the platform has no field for.
///
/// ```
/// use voip_module::router::Notice;
///
/// let json = r#"{"kind":"rated","callId":"C-1","rating":"5"}"#;
/// let notice: Notice = serde_json::from_str(json)?;
/// assert!(matches!(&notice, Notice::Rated { rating: Some(mark), .. } if mark == "5"));
/// assert_eq!(serde_json::to_string(&notice)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Notice {
    /// A call was transferred to another operator.
    #[non_exhaustive]
    Transferred {
        /// The call that was transferred.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        call_id: Option<String>,
        /// The call that it became, if its id changed.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        second_call_id: Option<String>,
        /// The client's number.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        phone: Option<String>,
        /// The operator that the push names: the old or the new one, depending on the PBX.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        operator: Option<String>,
    },
    /// A client rated a call.
    #[non_exhaustive]
    Rated {
        /// The call.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        call_id: Option<String>,
        /// The rating, as the PBX wrote it.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        rating: Option<String>,
        /// The client's number.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        phone: Option<String>,
        /// The operator.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        operator: Option<String>,
    },
    /// An operator missed a call that another operator answered. Delivered in place of a record
    /// that would show the call as missed.
    #[non_exhaustive]
    LegMissed {
        /// The call.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        call_id: Option<String>,
        /// The client's number.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        phone: Option<String>,
        /// The operator.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        operator: Option<String>,
        /// The leg's outcome.
        disposition: VoipCallDisposition,
    },
    /// A recording is available and the record of its call has not arrived yet.
    #[non_exhaustive]
    Recording {
        /// The call.
        #[serde(default, with = "optional", skip_serializing_if = "optional::is_absent")]
        call_id: Option<String>,
        /// The data for [`call_link`](crate::VoipProvider::call_link).
        call: CallData,
    },
}

impl Notice {
    /// Creates [`Notice::Transferred`]; empty texts are left out.
    #[must_use]
    pub fn transferred(call_id: &str, second_call_id: &str, phone: &str, operator: &str) -> Self {
        Self::Transferred {
            call_id: optional::text(call_id),
            second_call_id: optional::text(second_call_id),
            phone: optional::text(phone),
            operator: optional::text(operator),
        }
    }

    /// Creates [`Notice::Rated`]; empty texts are left out.
    #[must_use]
    pub fn rated(call_id: &str, rating: &str, phone: &str, operator: &str) -> Self {
        Self::Rated {
            call_id: optional::text(call_id),
            rating: optional::text(rating),
            phone: optional::text(phone),
            operator: optional::text(operator),
        }
    }
}
