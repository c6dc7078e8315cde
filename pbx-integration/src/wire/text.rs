//! Text that is not valid UTF-8.

use std::borrow::Cow;

/// The origin of half a surrogate pair in three bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surrogates {
    /// Three bytes of the wire, which are invalid.
    Raw,
    /// `serde_json` wrote them for an escape such as `\ud83d`: one character was meant.
    Escaped,
}

/// Repairs bytes to valid UTF-8; `None` if they are valid already.
///
/// CESU-8, in which engines of the ES5 age write characters above U+FFFF as two surrogates of three
/// bytes each, becomes the character; other invalid bytes become U+FFFD per maximal subpart.
// P186
pub(crate) fn repair(bytes: &[u8], surrogates: Surrogates) -> Option<String> {
    let mut rest = bytes;
    let mut text = String::new();
    loop {
        let error = match std::str::from_utf8(rest) {
            Ok(_) if text.is_empty() && rest.len() == bytes.len() => return None,
            Ok(valid) => {
                text.push_str(valid);
                return Some(text);
            }
            Err(error) => error,
        };
        let (valid, invalid) = rest.split_at(error.valid_up_to());
        text.push_str(&String::from_utf8_lossy(valid));
        let high = surrogate(invalid, 0xA0..=0xAF);
        let low = invalid.get(3..).and_then(|after| surrogate(after, 0xB0..=0xBF));
        let (character, length) = match (high, low) {
            (Some(high), Some(low)) => {
                let code = 0x1_0000 + ((high & 0x3FF) << 10) + (low & 0x3FF);
                (char::from_u32(code), 6)
            }
            _ if surrogates == Surrogates::Escaped && surrogate(invalid, 0xA0..=0xBF).is_some() => {
                (None, 3)
            }
            _ => (None, error.error_len().unwrap_or(invalid.len())),
        };
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = invalid.get(length..).unwrap_or_default();
    }
}

/// Returns the surrogate in the first three bytes, if its second byte is in the range.
fn surrogate(bytes: &[u8], second: std::ops::RangeInclusive<u8>) -> Option<u32> {
    match bytes {
        [0xED, middle, last @ 0x80..=0xBF, ..] if second.contains(middle) => {
            Some(0xD000 | u32::from(middle & 0x3F) << 6 | u32::from(last & 0x3F))
        }
        _ => None,
    }
}

/// Returns the text of a well-formed JSON string, and whether half a surrogate pair was replaced.
pub(crate) fn unescape(json: &str) -> (Cow<'_, str>, bool) {
    let inside = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
    if !inside.contains('\\') {
        return (Cow::Borrowed(inside), false);
    }
    if let Ok(text) = serde_json::from_str(json) {
        return (Cow::Owned(text), false);
    }
    let bytes: Bytes = serde_json::from_str(json).unwrap_or_default();
    bytes.into_text()
}

/// The bytes of a string, which `serde_json` returns for invalid text.
#[derive(Debug, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    pub(crate) fn into_text(self) -> (Cow<'static, str>, bool) {
        match repair(&self.0, Surrogates::Escaped) {
            Some(text) => (Cow::Owned(text), true),
            None => (Cow::Owned(String::from_utf8_lossy(&self.0).into_owned()), false),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Bytes, E> {
                Ok(Bytes(text.as_bytes().to_vec()))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{Surrogates, repair, unescape};

    #[test]
    fn cesu_8_becomes_the_character_and_other_bytes_the_replacement_character() {
        for (bytes, text) in [
            (&b"Jos\xE9"[..], "Jos\u{FFFD}"),
            (b"a\xED\xA0\xBC\xED\xBC\x99b", "a\u{1F319}b"),
            (b"\xED\xA0\xBC", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xED\xBC\x99\xED\xA0\xBC", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xF0\x9F\x98", "\u{FFFD}"),
            (b"\xC3(\xE2\x82", "\u{FFFD}(\u{FFFD}"),
        ] {
            assert_eq!(repair(bytes, Surrogates::Raw).as_deref(), Some(text), "{bytes:x?}");
        }
        assert_eq!(repair("Jos\u{E9}".as_bytes(), Surrogates::Raw), None);
    }

    #[test]
    fn half_a_pair_as_an_escape_becomes_one_replacement_character() {
        assert_eq!(unescape(r#""Kim \ud83c""#), ("Kim \u{FFFD}".into(), true));
        assert_eq!(
            unescape(r#""\udf19\ud83c\ud83c\udf19""#),
            ("\u{FFFD}\u{FFFD}\u{1F319}".into(), true)
        );
        assert_eq!(unescape(r#""\ud83c\udf19 é\n""#), ("\u{1F319} é\n".into(), false));
    }
}
