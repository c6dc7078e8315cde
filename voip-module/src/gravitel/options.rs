//! Options of the Gravitel provider.

use std::time::Duration;

/// The encoding of commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// JSON, as in the vendor's example.
    #[default]
    Json,
    /// A form, as other clients of the protocol send it.
    Form,
}

/// The order of `srcPhone` and `dstPhone`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberOrder {
    /// The calling number, then the called one, as the platform's reference has it.
    #[default]
    ByDirection,
    /// The client, then the operator, as the vendor's example has it.
    ClientFirst,
}

/// The notation of numbers in commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PhoneFormat {
    /// Unchanged.
    #[default]
    AsIs,
    /// Digits only, for operators that refuse a leading `+`.
    DigitsOnly,
}

/// The notation of operators, in pushes and in the members' list alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperatorId {
    /// The extension; without one the login, then the direct number.
    #[default]
    Ext,
    /// The login; without one the extension, then the direct number.
    Login,
}

/// The treatment of events of an unknown type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownEvent {
    /// Answer 400.
    #[default]
    Refuse,
    /// Answer 200 and do nothing.
    Ignore,
}

/// Options of the Gravitel provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GravitelOptions {
    /// The encoding of commands.
    pub encoding: Encoding,
    /// The order of numbers.
    pub number_order: NumberOrder,
    /// The notation of numbers in commands.
    pub phone_format: PhoneFormat,
    /// The notation of operators.
    pub operator_id: OperatorId,
    /// The treatment of events of an unknown type.
    pub unknown_event: UnknownEvent,
    /// `true` accepts pushes that are JSON objects. Default `false`.
    pub accept_json: bool,
    /// The deadline of the look-up for a `contact` push. Default 1.2 s.
    pub contact_budget: Duration,
}

impl Default for GravitelOptions {
    fn default() -> Self {
        Self {
            encoding: Encoding::Json,
            number_order: NumberOrder::ByDirection,
            phone_format: PhoneFormat::AsIs,
            operator_id: OperatorId::Ext,
            unknown_event: UnknownEvent::Refuse,
            accept_json: false,
            contact_budget: Duration::from_millis(1_200),
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident $field:ident: $type:ty,)+) => {
        impl GravitelOptions {$(
            $(#[$doc])*
            #[must_use]
            pub const fn $setter(mut self, $field: $type) -> Self {
                self.$field = $field;
                self
            }
        )+}
    };
}

setters! {
    /// Sets the encoding of commands.
    with_encoding encoding: Encoding,
    /// Sets the order of numbers.
    with_number_order number_order: NumberOrder,
    /// Sets the notation of numbers in commands.
    with_phone_format phone_format: PhoneFormat,
    /// Sets the notation of operators.
    with_operator_id operator_id: OperatorId,
    /// Sets the treatment of events of an unknown type.
    with_unknown_event unknown_event: UnknownEvent,
    /// Sets whether pushes may be JSON objects.
    with_accept_json accept_json: bool,
    /// Sets the deadline of the look-up for a `contact` push.
    with_contact_budget contact_budget: Duration,
}
