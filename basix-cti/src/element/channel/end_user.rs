//! The customers on a call, as the CRM knows them.

use std::borrow::Cow;

use crate::bert::Text;
use crate::element::field::{Part, word};
use crate::percent;

/// The customers on a call, decoded on access.
///
/// ```
/// use basix_cti::element::EndUsers;
/// use basix_cti::bert::decode;
///
/// let message = b"\x83m\0\0\0\x14_MANY_:3|7*Ann+Lee|8";
/// let users = EndUsers::from_text(decode(message)?.as_text().ok_or("text")?).ok_or("nobody")?;
/// assert_eq!(users.count(), 3); // one more than was sent
/// let names: Vec<_> = users.iter().map(|user| user.name).collect();
/// assert_eq!(names, [Some("Ann Lee".into()), None]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndUsers<'a>(Text<'a>);

/// One customer. `None` is a part that was not sent; a part may also be sent empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndUser<'a> {
    /// Identity in the CRM.
    pub id: Option<Cow<'a, str>>,
    /// Name.
    pub name: Option<Cow<'a, str>>,
    /// Company.
    pub organization: Option<Cow<'a, str>>,
    /// Picture, see [`BaseUrl::end_user_avatar`](crate::element::BaseUrl::end_user_avatar).
    pub avatar: Option<Cow<'a, str>>,
    /// Prefecture.
    pub prefecture: Option<Cow<'a, str>>,
}

const MANY: &str = "_MANY_:";

impl<'a> EndUsers<'a> {
    /// Parses the customers in a text; `None` if it is empty or only stars.
    #[must_use]
    pub fn from_text(text: Text<'a>) -> Option<Self> {
        if text.chars().all(|char| char == '*') { None } else { Some(Self(text)) }
    }

    /// The text they were read from.
    #[must_use]
    pub const fn as_text(self) -> Text<'a> {
        self.0
    }

    /// The number of customers that match. May be more than [`iter`](Self::iter) returns: the PBX
    /// sends only some of many.
    #[must_use]
    pub fn count(self) -> u64 {
        match self.declared() {
            Some(digits) => digits.parse().unwrap_or(u64::MAX),
            None => self.iter().count() as u64,
        }
    }

    /// The decimal digits of the number that the PBX declares, if it does.
    pub(crate) fn declared(self) -> Option<String> {
        let text = self.0.to_str();
        let count = text.strip_prefix(MANY)?.split('|').next()?;
        let digits = count.split(|char: char| !char.is_ascii_digit()).next()?;
        (!digits.is_empty()).then(|| digits.to_owned())
    }

    /// The customers in the message.
    pub fn iter(self) -> impl Iterator<Item = EndUser<'a>> {
        let text = self.0.to_str();
        let rest = match text.strip_prefix(MANY) {
            None => Some(0),
            Some(many) => many.find('|').map(|bar| MANY.len() + bar + 1),
        };
        Items { one: !text.starts_with(MANY), text, rest }
    }
}

struct Items<'a> {
    text: Cow<'a, str>,
    /// True if there is one customer, so that `|` separates nothing.
    one: bool,
    /// The start of the next item.
    rest: Option<usize>,
}

impl<'a> Iterator for Items<'a> {
    type Item = EndUser<'a>;

    fn next(&mut self) -> Option<EndUser<'a>> {
        let start = self.rest?;
        let bar = if self.one { None } else { self.text.get(start..)?.find('|') };
        let end = bar.map_or(self.text.len(), |bar| start + bar);
        self.rest = bar.map(|_| end + 1);
        Some(match &self.text {
            Cow::Borrowed(text) => item(text.get(start..end)?),
            Cow::Owned(text) => item(text.get(start..end)?).into_owned(),
        })
    }
}

fn item(text: &str) -> EndUser<'_> {
    let mut parts = text.split('*').map(|part| percent::decode(part, true));
    EndUser {
        id: parts.next(),
        name: parts.next(),
        organization: parts.next(),
        avatar: parts.next(),
        prefecture: parts.next(),
    }
}

impl EndUser<'_> {
    /// The same customer, independent of the message.
    #[must_use]
    pub fn into_owned(self) -> EndUser<'static> {
        let own = |part: Option<Cow<'_, str>>| part.map(|part| Cow::Owned(part.into_owned()));
        EndUser {
            id: own(self.id),
            name: own(self.name),
            organization: own(self.organization),
            avatar: own(self.avatar),
            prefecture: own(self.prefecture),
        }
    }
}

impl<'a> Part<'a> for Option<EndUsers<'a>> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn read(start: &'a [u8]) -> (Self, &'a [u8]) {
        let (word, rest) = word(start);
        let users = match word {
            None => None,
            Some(word) => match word.bytes {
                [first, ..] if *first != b'*' => Some(EndUsers(word.text)),
                _ => EndUsers::from_text(word.text),
            },
        };
        (users, rest)
    }
}
