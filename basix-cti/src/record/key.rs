//! Which record of its element a record is (B40).

use std::borrow::Cow;

use super::{ElementKind, Record};
use crate::bert::Term;

impl<'a> Record<'a> {
    /// The key of the record among those of its element (B40): the first that has a value of
    /// `uuid` (only for channels of all kinds), `id`, `uuid`, `user_id:group_id` (only for
    /// memberships), `name`. Numbers are in decimal.
    #[must_use]
    pub fn key(self) -> Option<Cow<'a, str>> {
        let kind = self.schema().known_element();
        let first = kind.is_some_and(ElementKind::is_channel).then_some("uuid");
        let part = |name: &str| self.key_part(name, kind.is_some());
        if let Some(key) = first.into_iter().chain(["id", "uuid"]).find_map(part) {
            return Some(key);
        }
        if kind == Some(ElementKind::GroupMember) {
            if let (Some(user), Some(group)) = (part("user_id"), part("group_id")) {
                return Some(Cow::Owned(format!("{user}:{group}")));
            }
        }
        part("name")
    }

    /// The value of a field as text, unless it is none or empty. Fields of `known` elements may be
    /// lists of code points (B26).
    fn key_part(self, name: &str, known: bool) -> Option<Cow<'a, str>> {
        let term: Term<'a> = self.get(name)?;
        if term.is_none() {
            return None;
        }
        let text = if known { term.as_charlist() } else { term.as_text() };
        let part = match (text, term.as_integer()) {
            // Atoms `true` and `false` read the same either way.
            (Some(text), _) => text.to_str(),
            (None, Some(integer)) => Cow::Owned(integer.to_string()),
            (None, None) => Cow::Owned(serde_json::to_string(&term).ok()?),
        };
        (!part.is_empty()).then_some(part)
    }
}
