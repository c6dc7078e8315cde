//! Status changes of phones, for subscriptions to a whole PBX (§3.5, §4.4).

use std::fmt;

use crate::event::vocabulary::{Pairs, vocabulary};
use crate::extension::ExtensionId;
use crate::form::{Fields, Slice, digits};

vocabulary! {
    PhoneField {
        EventType = "event_type",
        ClientId = "client_id",
        ExtensionId = "extension_id",
        ExtensionName = "extension_name",
        OldStatusId = "old_status_id",
        NewStatusId = "new_status_id",
        ChangeDt = "change_dt",
    }
}

/// The status of a phone has changed.
///
/// Subscribed to as `extension-call-status`, delivered as `call-status-change` (C9).
#[derive(Clone)]
pub struct PhoneStatusEvent {
    fields: Fields,
    values: [Slice; PhoneField::COUNT],
    warnings: Vec<&'static str>,
}

impl PhoneStatusEvent {
    /// The value of `event_type` that marks this family.
    pub const EVENT_TYPE: &'static str = "call-status-change";
    /// The event type to subscribe to.
    pub const SUBSCRIPTION: &'static str = "extension-call-status";

    pub(crate) fn is_marked(fields: &Fields, pairs: &Pairs<{ PhoneField::COUNT }>) -> bool {
        let value = pairs.value(fields, PhoneField::EventType as usize);
        fields.slice(value) == Self::EVENT_TYPE.as_bytes()
    }

    pub(crate) fn read(fields: Fields, pairs: &Pairs<{ PhoneField::COUNT }>) -> Self {
        let mut values: [Slice; PhoneField::COUNT] =
            std::array::from_fn(|field| pairs.value(&fields, field));
        // How a form writes null is not documented: a PHP or Python sender would do this.
        for status in [PhoneField::OldStatusId, PhoneField::NewStatusId] {
            if matches!(fields.slice(values[status as usize]), b"null" | b"None") {
                values[status as usize] = Slice::default();
            }
        }
        let mut event = Self { fields, values, warnings: Vec::new() };
        for field in [
            PhoneField::ClientId,
            PhoneField::ExtensionId,
            PhoneField::ExtensionName,
            PhoneField::OldStatusId,
            PhoneField::NewStatusId,
            PhoneField::ChangeDt,
        ] {
            let slice = event.values[field as usize];
            let readable = match field {
                PhoneField::ExtensionName | PhoneField::ChangeDt => event.text(field).is_some(),
                _ => event.number(field).is_some(),
            };
            if !slice.is_empty() && !readable {
                event.warnings.push(PhoneField::WIRE[field as usize]);
            }
        }
        event
    }

    fn text(&self, field: PhoneField) -> Option<&str> {
        let slice = self.values[field as usize];
        if slice.is_empty() { None } else { std::str::from_utf8(self.fields.slice(slice)).ok() }
    }

    fn number(&self, field: PhoneField) -> Option<u64> {
        digits(self.fields.slice(self.values[field as usize]))
    }

    /// The client, wire name `client_id`.
    #[must_use]
    pub fn client_id(&self) -> Option<u64> {
        self.number(PhoneField::ClientId)
    }

    /// The phone's id, wire name `extension_id`.
    #[must_use]
    pub fn extension_id(&self) -> Option<ExtensionId> {
        self.number(PhoneField::ExtensionId).map(ExtensionId::new)
    }

    /// The phone's number, wire name `extension_name`.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.text(PhoneField::ExtensionName)
    }

    /// The status before, wire name `old_status_id`; `None` if a status has appeared.
    ///
    /// What the numbers mean is not documented.
    #[must_use]
    pub fn old_status_id(&self) -> Option<u64> {
        self.number(PhoneField::OldStatusId)
    }

    /// The status now, wire name `new_status_id`; `None` if the status is gone.
    #[must_use]
    pub fn new_status_id(&self) -> Option<u64> {
        self.number(PhoneField::NewStatusId)
    }

    /// When, wire name `change_dt`, as sent: its format is not documented.
    #[must_use]
    pub fn change_dt(&self) -> Option<&str> {
        self.text(PhoneField::ChangeDt)
    }

    /// Wire names of fields that could not be read; each of them is `None`.
    #[must_use]
    pub fn warnings(&self) -> &[&'static str] {
        &self.warnings
    }

    /// Pairs whose names this version does not know, in order.
    pub fn unknown(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().filter(|(name, _)| PhoneField::find(name).is_none())
    }

    /// Every pair as it was sent.
    #[must_use]
    pub const fn fields(&self) -> &Fields {
        &self.fields
    }
}

impl PartialEq for PhoneStatusEvent {
    fn eq(&self, other: &Self) -> bool {
        PhoneField::WIRE.iter().enumerate().all(|(field, _)| {
            self.fields.slice(self.values[field]) == other.fields.slice(other.values[field])
        }) && super::same_unknown(self.unknown(), other.unknown())
    }
}

impl Eq for PhoneStatusEvent {}

impl fmt::Debug for PhoneStatusEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PhoneStatusEvent").field(&self.fields).finish()
    }
}
