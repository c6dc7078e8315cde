//! The origin of a channel that an API call made, and its tags.

use std::borrow::Cow;

use crate::bert::Text;
use crate::element::field::Part;
use crate::percent;

/// The API call that made the channel: typically the method and its arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origination<'a>(Text<'a>);

impl<'a> Origination<'a> {
    /// The underlying text; empty if the PBX sent no value.
    #[must_use]
    pub const fn as_text(self) -> Text<'a> {
        self.0
    }

    pub(crate) const fn from_text(text: Text<'a>) -> Self {
        Self(text)
    }

    /// The parts, decoded; none for the empty text.
    pub fn parts(self) -> impl Iterator<Item = Cow<'a, str>> {
        split(self.0, '*').map(|part| match part {
            Cow::Borrowed(part) => percent::decode(part, false),
            Cow::Owned(part) => Cow::Owned(percent::decode(&part, false).into_owned()),
        })
    }
}

/// Tags of a channel, such as `monitoring_required`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a>(Text<'a>);

impl<'a> Tags<'a> {
    /// The underlying text; empty if the PBX sent no value.
    #[must_use]
    pub const fn as_text(self) -> Text<'a> {
        self.0
    }

    pub(crate) const fn from_text(text: Text<'a>) -> Self {
        Self(text)
    }

    /// The tags; none for the empty text. A tag may be empty.
    pub fn iter(self) -> impl Iterator<Item = Cow<'a, str>> {
        split(self.0, ';')
    }

    /// Returns true if the channel has the tag.
    #[must_use]
    pub fn contains(self, tag: &str) -> bool {
        self.iter().any(|own| own == tag)
    }
}

/// The parts of a text that is not empty.
fn split<'a>(text: Text<'a>, separator: char) -> impl Iterator<Item = Cow<'a, str>> {
    let text = text.to_str();
    let mut next = (!text.is_empty()).then_some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let found = text.get(start..)?.find(separator);
        let end = found.map_or(text.len(), |at| start + at);
        next = found.map(|_| end + separator.len_utf8());
        Some(match &text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(start..end)?),
            Cow::Owned(text) => Cow::Owned(text.get(start..end)?.to_owned()),
        })
    })
}

impl<'a> Part<'a> for Origination<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (text, rest) = Text::read(start);
        (Self(text), rest)
    }
}

impl<'a> Part<'a> for Tags<'a> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (text, rest) = Text::read(start);
        (Self(text), rest)
    }
}
