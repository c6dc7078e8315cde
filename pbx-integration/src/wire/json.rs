//! One JSON value, seen by its text.

use std::borrow::Cow;

use crate::wire::error::{Bad, Found};

/// A JSON value by its text. Numbers stay the digits they are, so that nothing passes through
/// binary floating point.
#[derive(Debug)]
pub(crate) enum Json<'a> {
    Null,
    Boolean(bool),
    Number(&'a str),
    /// A number that is an integer, where its digits need not be looked at.
    Integer(u64),
    Text(Cow<'a, str>),
    /// Half of a surrogate pair stands in it.
    NotUnicode,
    List,
    Object,
}

impl<'a> Json<'a> {
    /// Looks at the text of a well-formed value.
    pub(crate) fn of(raw: &'a str) -> Self {
        match raw.as_bytes().first() {
            Some(b'"') => {
                let inside = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
                if !inside.as_bytes().contains(&b'\\') {
                    return Self::Text(Cow::Borrowed(inside));
                }
                serde_json::from_str(raw)
                    .map_or(Self::NotUnicode, |text| Self::Text(Cow::Owned(text)))
            }
            Some(b'{') => Self::Object,
            Some(b'[') => Self::List,
            Some(b't') => Self::Boolean(true),
            Some(b'f') => Self::Boolean(false),
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(raw),
        }
    }

    pub(crate) fn found(&self) -> Found {
        match self {
            Self::Null => Found::Nothing,
            Self::Boolean(_) => Found::Boolean,
            Self::Number(_) | Self::Integer(_) => Found::Number,
            Self::Text(text) if text.is_empty() => Found::Nothing,
            Self::Text(_) | Self::NotUnicode => Found::Text,
            Self::List => Found::List,
            Self::Object => Found::Object,
        }
    }

    /// This value is not what the field wants.
    pub(crate) fn bad(&self, rule: u16, expected: &'static str) -> Bad {
        Bad::new(rule, expected, self.found())
    }
}
