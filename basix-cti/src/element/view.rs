//! Typed views of records: an accessor for each field, which decodes that one value.

use crate::record::{ElementKind, Record};

/// A typed view of a record: [`Channel`](crate::Channel), [`User`](crate::User) and the others. Only
/// this crate implements it.
#[expect(private_bounds, reason = "seals the trait")]
pub trait TypedElement<'a>: Copy + Sealed {
    /// The elements whose records have this type.
    const KINDS: &'static [ElementKind];

    /// The view of a record; `None` if the record is of another element, or lacks an identity that
    /// the view has.
    fn from_record(record: Record<'a>) -> Option<Self>;

    /// The record behind the view, with everything as the PBX sent it.
    fn record(&self) -> &Record<'a>;
}

/// Keeps [`TypedElement`] to this crate.
pub(crate) trait Sealed {}

/// Defines a view and its accessors from the fields of a layout.
///
/// With `needs`, a record has this type only if those accessors have a value, which they return
/// without an `Option`.
macro_rules! view {
    (
        $(#[$meta:meta])*
        pub struct $name:ident of [$($kind:ident),+ $(,)?] in $layout:ident
        $(needs { $($(#[$need_doc:meta])* $need:ident: $need_type:ident = $need_wire:literal,)+ })?
        {
            $($(#[$doc:meta])* $field:ident: $type:ty = $wire:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq)]
        pub struct $name<'a>($crate::record::Record<'a>);

        impl<'a> $name<'a> {
            $($(
                $(#[$need_doc])*
                #[must_use]
                pub fn $need(&self) -> $need_type {
                    const PLACE: usize = $crate::record::layout::$layout.place($need_wire);
                    let value: Option<$need_type> =
                        self.0.field(PLACE).and_then($crate::element::field::Field::of);
                    // Without a value the view would not have been made.
                    value.unwrap_or($need_type(0))
                }
            )+)?
            $(
                $(#[$doc])*
                #[must_use]
                #[cfg_attr(not(debug_assertions), inline(always))]
                pub fn $field(&self) -> $type {
                    const PLACE: usize = $crate::record::layout::$layout.place($wire);
                    let start = self.0.field(PLACE);
                    start.map_or_else(Default::default, $crate::element::field::Field::of)
                }
            )*

            /// The record behind the view, with everything as the PBX sent it.
            #[must_use]
            pub const fn record(&self) -> &$crate::record::Record<'a> {
                &self.0
            }
        }

        impl $crate::element::view::Sealed for $name<'_> {}

        impl<'a> $crate::element::view::TypedElement<'a> for $name<'a> {
            const KINDS: &'static [$crate::record::ElementKind] =
                &[$($crate::record::ElementKind::$kind),+];

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn from_record(record: $crate::record::Record<'a>) -> Option<Self> {
                let is_seen = matches!(record.kind(), $($crate::record::ElementKind::$kind)|+)
                    $($(&& {
                        const PLACE: usize = $crate::record::layout::$layout.place($need_wire);
                        let value: Option<$need_type> =
                            record.field(PLACE).and_then($crate::element::field::Field::of);
                        value.is_some()
                    })+)?;
                is_seen.then_some(Self(record))
            }

            fn record(&self) -> &$crate::record::Record<'a> {
                &self.0
            }
        }

        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $($(.field(stringify!($need), &self.$need()))+)?
                    $(.field(stringify!($field), &self.$field()))*
                    .finish()
            }
        }
    };
}

pub(crate) use view;
