//! Values of fields, before they are encoded.

use std::borrow::Cow;

/// The value of a field or of a position in a tuple.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// No value: `undefined`.
    None,
    Integer(i64),
    Float(f64),
    Bool(bool),
    /// A word of a fixed set, which Erlang programs have as an atom.
    Word(Cow<'a, str>),
    /// Free text.
    Text(Cow<'a, str>),
    Tuple(Vec<Self>),
    List(Vec<Self>),
}

impl<'a> Value<'a> {
    pub(crate) fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub(crate) fn word(word: impl Into<Cow<'a, str>>) -> Self {
        Self::Word(word.into())
    }

    /// A value, or none.
    pub(crate) fn or_none<T>(value: Option<T>, some: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::None, some)
    }
}
