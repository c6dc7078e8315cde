//! How to talk with Gravitel, and which of two behaviours to have (§11).

use std::time::Duration;

use crate::form::FormDialect;
use crate::model::PlatformVersion;

/// How commands are written (V53).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// JSON, as in the vendor's example.
    #[default]
    Json,
    /// A form, as other clients of the protocol send it.
    Form,
}

/// Which number goes into `srcPhone` and which into `dstPhone` (V77).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberOrder {
    /// Who calls, then who is called (V20).
    #[default]
    ByDirection,
    /// The client, then the operator, whoever calls (V21).
    ClientFirst,
}

/// How numbers are written in commands (V56).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PhoneFormat {
    /// As they are.
    #[default]
    AsIs,
    /// Digits only, for operators that refuse a leading `+`.
    DigitsOnly,
}

/// What stands for the operator when a push has no `ext` (V97).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperatorId {
    /// Nothing.
    #[default]
    Ext,
    /// The direct number `telnum`, or else the login `user` if it is a person's.
    ExtOrTelnumOrUser,
}

/// What to do about an event of a type that is not known (V91).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownEvent {
    /// Answer 400.
    #[default]
    Refuse,
    /// Answer 200 and do nothing.
    Ignore,
}

/// Which column of the specification's tables holds (§11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the specification has these two columns")]
pub enum Preset {
    /// The robust behaviour.
    #[default]
    Default,
    /// What the vendor's published example does.
    Sample,
}

/// How to talk with Gravitel.
///
/// [`GravitelOptions::default`] is robust. [`GravitelOptions::sample_compat`] equals the vendor's
/// published example in every observable result (§11), for who replaces that module and must not
/// change what the platform sees. What the types cannot hold there is replaced (V119): where the
/// example has `undefined` there is `""`, where it has `NaN` there is `0`. The texts of errors are
/// this crate's own in both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GravitelOptions {
    /// How commands are written.
    pub encoding: Encoding,
    /// Which number goes where.
    pub number_order: NumberOrder,
    /// How numbers are written in commands.
    pub phone_format: PhoneFormat,
    /// What stands for the operator when there is no extension.
    pub operator_id: OperatorId,
    /// What to do about events of unknown type.
    pub unknown_event: UnknownEvent,
    /// Whether pushes may be JSON objects (V82). Default no.
    pub accept_json: bool,
    /// Which newer fields are written (V47).
    pub platform_version: PlatformVersion,
    /// How long a `contact` push waits for the look-up (V66). Default 1.2 s.
    pub contact_budget: Duration,
    preset: Preset,
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
            platform_version: PlatformVersion::default(),
            contact_budget: Duration::from_millis(1_200),
            preset: Preset::Default,
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
    /// Sets how commands are written.
    with_encoding encoding: Encoding,
    /// Sets which number goes where.
    with_number_order number_order: NumberOrder,
    /// Sets how numbers are written in commands.
    with_phone_format phone_format: PhoneFormat,
    /// Sets what stands for the operator when there is no extension.
    with_operator_id operator_id: OperatorId,
    /// Sets what to do about events of unknown type.
    with_unknown_event unknown_event: UnknownEvent,
    /// Sets whether pushes may be JSON objects.
    with_accept_json accept_json: bool,
    /// Sets which newer fields are written.
    with_platform_version platform_version: PlatformVersion,
    /// Sets how long a `contact` push waits for the look-up.
    with_contact_budget contact_budget: Duration,
}

impl GravitelOptions {
    /// The behaviour of the vendor's published example.
    #[must_use]
    pub fn sample_compat() -> Self {
        Self { number_order: NumberOrder::ClientFirst, preset: Preset::Sample, ..Self::default() }
    }

    /// Which behaviour these options began with.
    #[must_use]
    pub const fn preset(&self) -> Preset {
        self.preset
    }

    pub(crate) const fn is_sample(&self) -> bool {
        matches!(self.preset, Preset::Sample)
    }

    pub(crate) const fn form_dialect(&self) -> FormDialect {
        match self.preset {
            Preset::Default => FormDialect::Robust,
            Preset::Sample => FormDialect::Sample,
        }
    }
}
