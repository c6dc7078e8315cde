//! Status changes of phones, for subscriptions to a whole PBX.

use crate::event::family::{Family, Pairs, family_methods, vocabulary};
use crate::event::id::ExtensionId;
use crate::form::Fields;

vocabulary! {
    PhoneField, PHONE = "PhoneStatusEvent", spellings &[], {
        EventType: Text = "event_type",
        ClientId: Digits = "client_id",
        ExtensionId: Digits = "extension_id",
        ExtensionName: Text = "extension_name",
        OldStatusId: Nullable = "old_status_id",
        NewStatusId: Nullable = "new_status_id",
        ChangeDt: Text = "change_dt",
    }
}

/// The status of a phone has changed.
///
/// Subscribed to as `extension-call-status`, delivered as `call-status-change`.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneStatusEvent {
    family: Family,
}

family_methods!(PhoneStatusEvent);

impl PhoneStatusEvent {
    /// The value of `event_type` that marks this family.
    pub const EVENT_TYPE: &'static str = "call-status-change";

    pub(crate) fn is_marked(fields: &Fields, pairs: &Pairs) -> bool {
        let value = pairs.value(fields, PhoneField::EventType as usize);
        fields.slice(value) == Self::EVENT_TYPE.as_bytes()
    }

    pub(crate) fn read(fields: Fields, pairs: &Pairs) -> Self {
        Self { family: Family::read(&PHONE, fields, pairs) }
    }

    /// The client, wire name `client_id`.
    #[must_use]
    pub fn client_id(&self) -> Option<u64> {
        self.family.number(PhoneField::ClientId as usize)
    }

    /// The phone's id, wire name `extension_id`.
    #[must_use]
    pub fn extension_id(&self) -> Option<ExtensionId> {
        self.family.number(PhoneField::ExtensionId as usize).map(ExtensionId::new)
    }

    /// The phone's number, wire name `extension_name`.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.family.text(PhoneField::ExtensionName as usize)
    }

    /// The previous status, wire name `old_status_id`; `None` if there was none.
    ///
    /// The meaning of the numbers is not documented.
    #[must_use]
    pub fn old_status_id(&self) -> Option<u64> {
        self.family.number(PhoneField::OldStatusId as usize)
    }

    /// The new status, wire name `new_status_id`; `None` if the status was removed.
    #[must_use]
    pub fn new_status_id(&self) -> Option<u64> {
        self.family.number(PhoneField::NewStatusId as usize)
    }

    /// The time of the change, wire name `change_dt`, as sent: its format is not documented.
    #[must_use]
    pub fn change_dt(&self) -> Option<&str> {
        self.family.text(PhoneField::ChangeDt as usize)
    }
}
