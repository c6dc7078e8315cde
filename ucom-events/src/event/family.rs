//! The fields of an event: one implementation for the three families.

use std::collections::BTreeMap;
use std::fmt;

use crate::form::{Fields, Slice, digits, is_blank};

/// Fields of the largest family.
const MAX_FIELDS: usize = 26;

/// The reader of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// A telephone number, whose plus may be lost for lack of escaping.
    Phone,
    /// ASCII digits only.
    Digits,
    /// Digits; `null` and `None` count as absent.
    Nullable,
    YesNo,
}

/// Names and kinds of a family's fields.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [(&'static str, Kind)],
    /// Fields with a second spelling, and the index of that. Second spellings come last.
    pub(crate) spellings: &'static [(usize, usize)],
}

/// Defines the fields of one family: an enum of indices, and the vocabulary.
macro_rules! vocabulary {
    ($field:ident, $vocabulary:ident = $name:literal, spellings $spellings:expr, {
        $($variant:ident: $kind:ident = $wire:literal,)+
    }) => {
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum $field { $($variant,)+ }

        pub(crate) static $vocabulary: $crate::event::family::Vocabulary =
            $crate::event::family::Vocabulary {
                name: $name,
                fields: &[$(($wire, $crate::event::family::Kind::$kind)),+],
                spellings: $spellings,
            };
    };
}
pub(crate) use vocabulary;

/// The public methods that all families share.
macro_rules! family_methods {
    ($name:ident) => {
        impl $name {
            /// Wire names of the fields that are present and cannot be read, in the vendor's order.
            /// Each of them is `None`; its text stays in [`fields`](Self::fields).
            pub fn warnings(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
                self.family.warnings()
            }

            /// Pairs that this version does not know, in order; also a second spelling of a known
            /// field that contradicts the first.
            pub fn unknown(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
                self.family.unknown()
            }

            /// Every pair as sent.
            #[must_use]
            pub const fn fields(&self) -> &$crate::form::Fields {
                self.family.fields()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.family.fmt(f)
            }
        }
    };
}
pub(crate) use family_methods;

impl Vocabulary {
    /// Finds the field of a name, and whether the name is spelled exactly as the vendor's.
    fn find(&self, name: &[u8]) -> Option<(usize, bool)> {
        let exact = self.fields.iter().position(|(wire, _)| name == wire.as_bytes());
        exact.map(|field| (field, true)).or_else(|| {
            let folded = |(wire, _): &(&str, Kind)| name.eq_ignore_ascii_case(wire.as_bytes());
            self.fields.iter().position(folded).map(|field| (field, false))
        })
    }

    /// Returns the number of fields with values; second spellings have none of their own.
    const fn values(&self) -> usize {
        self.fields.len() - self.spellings.len()
    }
}

/// The pair of each field: the first with the exact name, else the first in another letter case.
#[derive(Clone, Copy)]
pub(crate) struct Pairs([Option<u16>; MAX_FIELDS]);

impl Pairs {
    pub(crate) fn find(vocabulary: &Vocabulary, fields: &Fields) -> Self {
        let (mut exact, mut folded) = ([None; MAX_FIELDS], [None; MAX_FIELDS]);
        for (index, (name, _)) in fields.iter().enumerate() {
            if let Some((field, is_exact)) = vocabulary.find(name) {
                let table = if is_exact { &mut exact } else { &mut folded };
                if table[field].is_none() {
                    table[field] = Some(index as u16);
                }
            }
        }
        for (exact, folded) in exact.iter_mut().zip(folded) {
            *exact = exact.or(folded);
        }
        Self(exact)
    }

    /// Returns whether the request has the name, even with an empty value.
    pub(crate) const fn has(&self, field: usize) -> bool {
        self.0[field].is_some()
    }

    /// Returns the value of a field; an empty or blank one is absent.
    pub(crate) fn value(&self, fields: &Fields, field: usize) -> Slice {
        let Some(index) = self.0[field] else { return Slice::default() };
        let slice = fields.value_slice(usize::from(index));
        if is_blank(fields.slice(slice)) { Slice::default() } else { slice }
    }
}

/// The pairs of an event, and the places of its family's values.
#[derive(Clone)]
pub(crate) struct Family {
    vocabulary: &'static Vocabulary,
    fields: Fields,
    values: [Slice; MAX_FIELDS],
    /// One bit for each field that is present, blank or not.
    present: u32,
    /// One bit for each field that cannot be read.
    unreadable: u32,
    /// Pairs of a second spelling that contradict the first.
    differing: [Option<u16>; 3],
}

impl Family {
    pub(crate) fn read(vocabulary: &'static Vocabulary, mut fields: Fields, pairs: &Pairs) -> Self {
        let mut values = [Slice::default(); MAX_FIELDS];
        let mut present = 0;
        for (field, value) in values.iter_mut().enumerate().take(vocabulary.values()) {
            *value = pairs.value(&fields, field);
            present |= u32::from(pairs.has(field)) << field;
        }
        let mut differing = [None; 3];
        for (other, &(first, second)) in differing.iter_mut().zip(vocabulary.spellings) {
            let sent = pairs.value(&fields, second);
            present |= u32::from(pairs.has(second)) << first;
            if values[first].is_empty() {
                values[first] = sent;
            } else if !sent.is_empty() && fields.slice(sent) != fields.slice(values[first]) {
                *other = pairs.0[second];
            }
        }
        let mut unreadable = 0;
        for (field, (_, kind)) in vocabulary.fields.iter().enumerate().take(vocabulary.values()) {
            let value = &mut values[field];
            if *kind == Kind::Phone {
                *value = with_plus(&mut fields, *value);
            }
            // The form of null is not documented; PHP and Python senders would write these.
            if *kind == Kind::Nullable && matches!(fields.slice(*value), b"null" | b"None") {
                *value = Slice::default();
            }
            let raw = fields.slice(*value);
            let is_readable = raw.is_empty()
                || match kind {
                    Kind::Text | Kind::Phone => std::str::from_utf8(raw).is_ok(),
                    Kind::Digits | Kind::Nullable => digits(raw).is_some(),
                    Kind::YesNo => yes_or_no(raw).is_some(),
                };
            unreadable |= u32::from(!is_readable) << field;
        }
        Self { vocabulary, fields, values, present, unreadable, differing }
    }

    /// The bytes of a field's value, empty if absent.
    pub(crate) fn raw(&self, field: usize) -> &[u8] {
        self.fields.slice(self.values[field])
    }

    pub(crate) fn text(&self, field: usize) -> Option<&str> {
        match self.raw(field) {
            [] => None,
            bytes => std::str::from_utf8(bytes).ok(),
        }
    }

    pub(crate) fn number(&self, field: usize) -> Option<u64> {
        digits(self.raw(field))
    }

    pub(crate) fn yes_or_no(&self, field: usize) -> Option<bool> {
        yes_or_no(self.raw(field))
    }

    /// Returns whether a field is present with an empty or blank value.
    pub(crate) fn is_blank(&self, field: usize) -> bool {
        self.present >> field & 1 == 1 && self.values[field].is_empty()
    }

    pub(crate) fn warnings(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        let (vocabulary, unreadable) = (self.vocabulary, self.unreadable);
        (0..vocabulary.values())
            .filter(move |field| unreadable >> field & 1 == 1)
            .map(|field| vocabulary.fields[field].0)
    }

    pub(crate) fn unknown(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.fields.iter().enumerate().filter_map(|(index, pair)| {
            let differs = |other: &Option<u16>| other.is_some_and(|at| usize::from(at) == index);
            let is_unknown =
                self.vocabulary.find(pair.0).is_none() || self.differing.iter().any(differs);
            is_unknown.then_some(pair)
        })
    }

    pub(crate) const fn fields(&self) -> &Fields {
        &self.fields
    }
}

/// Compares fields, and unknown pairs by name; the order of different names does not matter.
impl PartialEq for Family {
    fn eq(&self, other: &Self) -> bool {
        fn by_name(family: &Family) -> BTreeMap<&[u8], Vec<&[u8]>> {
            let mut names = BTreeMap::<_, Vec<_>>::new();
            for (name, value) in family.unknown() {
                names.entry(name).or_default().push(value);
            }
            names
        }
        (0..self.vocabulary.values()).all(|field| self.raw(field) == other.raw(field))
            && by_name(self) == by_name(other)
    }
}

impl Eq for Family {}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(self.vocabulary.name).field(&self.fields).finish()
    }
}

fn yes_or_no(value: &[u8]) -> Option<bool> {
    match value {
        _ if value.eq_ignore_ascii_case(b"yes") => Some(true),
        _ if value.eq_ignore_ascii_case(b"no") => Some(false),
        _ => None,
    }
}

// D5.
/// Restores a lost plus: exactly one leading blank, then digits only.
fn with_plus(fields: &mut Fields, slice: Slice) -> Slice {
    match fields.slice(slice) {
        [b' ', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            let digits = digits.to_vec();
            fields.derived([b"+", &digits])
        }
        _ => slice,
    }
}
