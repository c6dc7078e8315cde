//! Typed elements: structs whose fields are read in the order that the PBX announced.

use crate::bert::Fail;
use crate::bert::reader::{self, between};
use crate::record::{ElementKind, Record, Schema};

/// An element of the protocol as a Rust type: [`Channel`](crate::Channel), [`User`](crate::User)
/// and the others. Only this crate implements it.
#[expect(private_bounds, reason = "reading is the crate's own business, and seals the trait")]
pub trait TypedElement<'a>: ReadElement<'a> {
    /// The elements whose records have this type.
    const KINDS: &'static [ElementKind];

    /// The record behind the value.
    fn record(&self) -> Record<'a>;
}

/// What the crate itself needs of a typed element.
pub(crate) trait ReadElement<'a>: Sized {
    /// The names of the fields, in the order of the struct.
    const FIELDS: &'static [&'static str];
    /// How many of the first fields the PBX usually announces, in this order.
    const USUAL: usize;

    /// A value without any fields.
    fn empty(record: Record<'a>) -> Self;

    /// Reads the values of a record that is opened into an empty value; gives what follows the
    /// record.
    fn fill(&mut self, record: RecordValues<'a>) -> Result<&'a [u8], Fail>;
}

/// A record that is opened: its head has been read, its values have not.
#[derive(Clone, Copy)]
pub(crate) struct RecordValues<'a> {
    pub(crate) schema: &'a std::sync::Arc<Schema>,
    pub(crate) start: &'a [u8],
    pub(crate) values: &'a [u8],
    pub(crate) count: u32,
    pub(crate) is_list: bool,
    /// How many containers a value may open.
    pub(crate) depth: u32,
}

impl<'a> RecordValues<'a> {
    /// The record before its end is known.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn record(self) -> Record<'a> {
        Record::new(self.schema, &[])
    }

    /// The end of the record, and the record itself.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn close(self, rest: &'a [u8]) -> Result<(Record<'a>, &'a [u8]), Fail> {
        let rest = if self.is_list { reader::nil(rest)? } else { rest };
        Ok((Record::new(self.schema, between(self.start, rest)), rest))
    }

    /// Whether the values are those of a typed element, in its order.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_habitual(&self, usual: usize) -> bool {
        self.schema.is_habitual() && self.count as usize == usual
    }
}

/// Defines a typed element from its fields, each with its type and its name on the wire: first
/// those that the PBX usually announces, in that order, then others that it may announce.
macro_rules! typed_element {
    (
        $(#[$meta:meta])*
        pub struct $name:ident of [$($kind:ident),+ $(,)?] {
            $($(#[$doc:meta])* $field:ident: $type:ty = $wire:literal,)+
        }
        $(and {
            $($(#[$more_doc:meta])* $more:ident: $more_type:ty = $more_wire:literal,)+
        })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $name<'a> {
            $($(#[$doc])* pub $field: $type,)+
            $($($(#[$more_doc])* pub $more: $more_type,)+)?
            /// The record as it was sent.
            pub record: $crate::record::Record<'a>,
        }

        impl<'a> $crate::element::typed::TypedElement<'a> for $name<'a> {
            const KINDS: &'static [$crate::record::ElementKind] =
                &[$($crate::record::ElementKind::$kind),+];

            fn record(&self) -> $crate::record::Record<'a> {
                self.record
            }
        }

        impl<'a> $crate::element::typed::ReadElement<'a> for $name<'a> {
            const FIELDS: &'static [&'static str] = &[$($wire,)+ $($($more_wire,)+)?];
            const USUAL: usize = [$($wire),+].len();

            #[inline]
            fn empty(record: $crate::record::Record<'a>) -> Self {
                Self {
                    $($field: Default::default(),)+
                    $($($more: Default::default(),)+)?
                    record,
                }
            }

            #[inline]
            fn fill(
                &mut self,
                record: $crate::element::typed::RecordValues<'a>,
            ) -> Result<&'a [u8], $crate::bert::Fail> {
                use $crate::element::field::{Field, other};

                mod place {
                    #![expect(non_upper_case_globals, reason = "named after the fields")]
                    #[expect(non_camel_case_types, reason = "named after the fields")]
                    enum Place { $($field,)+ $($($more,)+)? }
                    $(pub(super) const $field: u8 = Place::$field as u8;)+
                    $($(pub(super) const $more: u8 = Place::$more as u8;)+)?
                }

                let depth = record.depth;
                let mut rest = record.values;
                if record.is_habitual(Self::USUAL) {
                    $(rest = self.$field.read_into(rest, depth)?;)+
                } else {
                    let mut plan = record.schema.plan().iter();
                    for _ in 0..record.count {
                        rest = match plan.next().copied().unwrap_or(u8::MAX) {
                            $(place::$field => self.$field.read_into(rest, depth)?,)+
                            $($(place::$more => self.$more.read_into(rest, depth)?,)+)?
                            _ => other(rest, depth)?,
                        };
                    }
                }
                let (record, rest) = record.close(rest)?;
                self.record = record;
                Ok(rest)
            }
        }
    };
}

pub(crate) use typed_element;
