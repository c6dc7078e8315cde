//! Percent-encoded parts of `end_user`, `origination` and `whoscall`.

use std::borrow::Cow;

/// Decodes a part as UTF-8. A part whose sequences are malformed or not UTF-8 is kept unchanged,
/// `+` included.
pub(crate) fn decode(part: &str, plus_is_space: bool) -> Cow<'_, str> {
    if plus_is_space && part.contains('+') {
        let spaced = part.replace('+', " ");
        return match decode_strict(&spaced) {
            Some(decoded) => Cow::Owned(decoded.into_owned()),
            None => Cow::Borrowed(part),
        };
    }
    decode_strict(part).unwrap_or(Cow::Borrowed(part))
}

/// Decodes text as UTF-8; `None` if a sequence in it is malformed or not UTF-8.
pub(crate) fn decode_strict(text: &str) -> Option<Cow<'_, str>> {
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let mut sequences = text.split('%').skip(1).map(str::as_bytes);
    if !sequences.all(|after| is_hex(after.first()) && is_hex(after.get(1))) {
        return None;
    }
    percent_encoding::percent_decode_str(text).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn a_part_that_cannot_be_decoded_stays_as_sent() {
        for part in ["100%", "%4", "%zz+x", "a+%e3%81", "%ff", "%C3+%A9"] {
            assert_eq!(decode(part, true), part);
        }
    }

    #[test]
    fn plus_is_a_space_in_end_user_and_itself_in_origination() {
        assert_eq!(decode("a+b%2B%20", true), "a b+ ");
        assert_eq!(decode("a+b%2B%20", false), "a+b+ ");
    }

    #[test]
    fn characters_beside_percent_sequences_stay() {
        assert_eq!(decode("田%E4%B8%AD", true), "田中");
    }
}
