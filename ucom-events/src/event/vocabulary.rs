//! The names that a family of events has, and where a request holds their values.

use crate::form::{Fields, Slice, is_blank};

/// Defines the fields of one family: an enum with a wire name for each.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($field:ident = $wire:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum $name { $($field,)+ }

        impl $name {
            pub(crate) const WIRE: &'static [&'static str] = &[$($wire),+];
            pub(crate) const COUNT: usize = Self::WIRE.len();

            /// The index of a name: exactly this one, or in another letter case.
            pub(crate) fn find(name: &[u8]) -> Option<$crate::event::vocabulary::Found> {
                use $crate::event::vocabulary::Found;
                $(if name == $wire.as_bytes() {
                    return Some(Found { field: Self::$field as usize, exact: true });
                })+
                $(if name.eq_ignore_ascii_case($wire.as_bytes()) {
                    return Some(Found { field: Self::$field as usize, exact: false });
                })+
                None
            }
        }
    };
}

pub(crate) use vocabulary;

/// The field that a name stands for.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) field: usize,
    pub(crate) exact: bool,
}

/// The pair that counts for each field: the first of the exact name, else the first of the name in
/// another letter case (§6.1 nos. 6 and 7).
#[derive(Clone, Copy)]
pub(crate) struct Pairs<const N: usize>([Option<u16>; N]);

impl<const N: usize> Pairs<N> {
    pub(crate) fn find(fields: &Fields, find: impl Fn(&[u8]) -> Option<Found>) -> Self {
        let (mut exact, mut folded) = ([None; N], [None; N]);
        for (index, (name, _)) in fields.iter().enumerate() {
            if let Some(found) = find(name) {
                let table = if found.exact { &mut exact } else { &mut folded };
                if table[found.field].is_none() {
                    table[found.field] = Some(index as u16);
                }
            }
        }
        for (exact, folded) in exact.iter_mut().zip(folded) {
            *exact = exact.or(folded);
        }
        Self(exact)
    }

    /// Whether the request has the name, even with an empty value.
    pub(crate) const fn has(&self, field: usize) -> bool {
        self.0[field].is_some()
    }

    /// The index of the pair that counts.
    pub(crate) const fn index(&self, field: usize) -> Option<u16> {
        self.0[field]
    }

    /// The value that counts; an empty one or one of blanks is absent.
    pub(crate) fn value(&self, fields: &Fields, field: usize) -> Slice {
        let Some(index) = self.0[field] else { return Slice::default() };
        let slice = fields.value_slice(usize::from(index));
        if is_blank(fields.slice(slice)) { Slice::default() } else { slice }
    }
}

/// A number of a telephone, with the plus that a careless sender has lost (D5): exactly one leading
/// blank, then digits alone.
pub(crate) fn with_plus(fields: &mut Fields, slice: Slice) -> Slice {
    match fields.slice(slice) {
        [b' ', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            let digits = digits.to_vec();
            fields.derived([b"+", &digits])
        }
        _ => slice,
    }
}
