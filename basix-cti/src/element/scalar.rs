//! Values whose type the vendor does not document.

use std::fmt;

use crate::bert::{Term, Text};

/// A value of a type that the vendor does not document: a number, a text or any other term.
#[derive(Clone, Copy, Default)]
pub struct Scalar<'a> {
    /// One checked term, or nothing.
    wire: &'a [u8],
}

impl<'a> Scalar<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) const fn from_wire(wire: &'a [u8]) -> Self {
        Self { wire }
    }

    /// The term; `None` if it is missing or stands for no value.
    #[must_use]
    pub fn term(self) -> Option<Term<'a>> {
        if self.wire.is_empty() {
            return None;
        }
        Some(Term::from_wire(self.wire)).filter(|term| !term.is_none())
    }

    /// Returns true if there is no value.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.term().is_none()
    }

    /// The integer, if it is one.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        self.term()?.as_i64()
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(self) -> Option<Text<'a>> {
        self.term()?.as_charlist()
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        self.term()?.as_bool()
    }
}

impl PartialEq for Scalar<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.term() == other.term()
    }
}

impl fmt::Debug for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.term().fmt(f)
    }
}

/// Text verbatim, other values in Erlang syntax, an empty string for no value.
impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.as_text(), self.term()) {
            (Some(text), _) => fmt::Display::fmt(&text, f),
            (None, Some(term)) => fmt::Display::fmt(&term, f),
            (None, None) => Ok(()),
        }
    }
}
