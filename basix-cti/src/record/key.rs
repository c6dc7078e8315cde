//! The keys of records.

use std::borrow::Cow;

use super::{ElementKind, Record};
use crate::bert::{Term, Text, reader};

/// The bytes of a key as UTF-8 text. Borrowed from the record if its bytes are UTF-8 already.
pub(crate) type Key<'a> = Cow<'a, [u8]>;

impl<'a> Record<'a> {
    /// The key of the record among those of its element, as text; `None` if the record has none.
    ///
    /// It is the first of these fields that has a value: `uuid` (only for channels of all kinds),
    /// `id`, `uuid`, `user_id:group_id` (only for memberships), `name`. Numbers are in decimal.
    #[must_use]
    pub fn key(&self) -> Option<Cow<'a, str>> {
        // The bytes are UTF-8.
        Some(match self.key_bytes()? {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).unwrap_or_default()),
        })
    }

    /// Returns the same key as [`key`](Self::key), without checking ASCII for UTF-8.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn key_bytes(&self) -> Option<Key<'a>> {
        /// `uuid` comes first in the layouts of channels, and `id` in the others.
        const FIRST: usize = 0;
        if self.kind() != ElementKind::Unknown {
            if let Some(bytes) = self.field(FIRST).and_then(plain) {
                return Some(Cow::Borrowed(bytes));
            }
        }
        self.other_key()
    }

    #[inline(never)]
    fn other_key(&self) -> Option<Key<'a>> {
        let kind = self.kind();
        let is_known = kind != ElementKind::Unknown;
        let first = kind.is_channel().then_some("uuid");
        let part = |name: &str| key_part(self.get(name)?, is_known);
        let key = first.into_iter().chain(["id", "uuid"]).find_map(part).or_else(|| {
            if kind == ElementKind::GroupMember {
                if let (Some(user), Some(group)) = (part("user_id"), part("group_id")) {
                    return Some(Cow::Owned(format!("{user}:{group}")));
                }
            }
            part("name")
        })?;
        Some(match key {
            Cow::Borrowed(key) => Cow::Borrowed(key.as_bytes()),
            Cow::Owned(key) => Cow::Owned(key.into_bytes()),
        })
    }
}

/// The bytes of a binary or STRING in ASCII, of which there is at least one.
#[cfg_attr(not(debug_assertions), inline(always))]
fn plain(start: &[u8]) -> Option<&[u8]> {
    use crate::bert::tag;
    let bytes = match start {
        [tag::BINARY, a, b, c, d, body @ ..] => {
            body.get(..u32::from_be_bytes([*a, *b, *c, *d]) as usize)?
        }
        [tag::STRING, a, b, body @ ..] => body.get(..usize::from(u16::from_be_bytes([*a, *b])))?,
        _ => return None,
    };
    (!bytes.is_empty() && reader::is_ascii(bytes)).then_some(bytes)
}

/// A value as text; `None` if it is missing or empty. In a record of a known element, a list of code
/// points is text.
pub(crate) fn key_part(term: Term<'_>, is_known: bool) -> Option<Cow<'_, str>> {
    if term.is_none() {
        return None;
    }
    let text = if is_known { term.as_charlist() } else { term.as_text() };
    let part = match (text, term.as_integer()) {
        // Atoms `true` and `false` read the same either way.
        (Some(text), _) => Text::to_str(text),
        (None, Some(integer)) => Cow::Owned(integer.to_string()),
        (None, None) => Cow::Owned(serde_json::to_string(&term).ok()?),
    };
    (!part.is_empty()).then_some(part)
}
