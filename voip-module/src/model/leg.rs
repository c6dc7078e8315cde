//! Facts about a push that the platform has no field for and the call journal uses.

use super::{CallData, VoipCallDirection};

/// Facts about the leg of an event or record, for the [call journal](crate::router::journal).
///
/// A provider whose pushes always state the direction and name each operator in one way needs none
/// of this: the journal then reads the event's or record's own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LegFacts {
    /// Other names of the operator, such as a login beside an extension. Pushes of a call that share
    /// a name belong to one leg.
    pub names: Vec<String>,
    /// The quality of the operator's id in the event or record, 0 without one. A leg keeps the best.
    pub rank: u8,
    /// The direction that the push itself states; `None` if the provider assumed one.
    pub direction: Option<VoipCallDirection>,
    /// `true` if the operator is the calling side.
    pub operator_calls: bool,
    /// `true` if `src_phone` is the client even if the operator calls.
    pub client_first: bool,
}

/// A recording that the PBX announces in a push of its own: members for the
/// [`call`](super::VoipCallRecord::call) of a record that has been or will be delivered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recording {
    /// The call.
    pub call_id: String,
    /// The operator, if the push names one.
    pub operator: Option<String>,
    /// An object; its members are joined to those of the record.
    pub call: CallData,
}

impl Recording {
    /// Creates a recording of a call.
    #[must_use]
    pub fn new(call_id: impl Into<String>, call: impl Into<CallData>) -> Self {
        Self { call_id: call_id.into(), operator: None, call: call.into() }
    }

    /// Sets the operator.
    #[must_use]
    pub fn operator(mut self, operator: impl Into<String>) -> Self {
        self.operator = Some(operator.into());
        self
    }
}
