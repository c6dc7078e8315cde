//! Percent-encoded parts of `end_user` and `origination` (B63, B64, B66).

use std::borrow::Cow;

/// Decodes a part as UTF-8. A part whose sequences are malformed or not UTF-8 is kept as it is,
/// `+` included (B64).
pub(crate) fn decode(part: &str, plus_is_space: bool) -> Cow<'_, str> {
    let encoded = part.contains('%') || plus_is_space && part.contains('+');
    if !encoded {
        return Cow::Borrowed(part);
    }
    let mut decoded = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    loop {
        rest = match rest {
            [b'%', after @ ..] => match after {
                [high, low, after @ ..] => match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => {
                        decoded.push(high << 4 | low);
                        after
                    }
                    _ => return Cow::Borrowed(part),
                },
                _ => return Cow::Borrowed(part),
            },
            [b'+', after @ ..] if plus_is_space => {
                decoded.push(b' ');
                after
            }
            [byte, after @ ..] => {
                decoded.push(*byte);
                after
            }
            [] => break,
        }
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(part), Cow::Owned)
}

fn digit(char: u8) -> Option<u8> {
    char::from(char).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn a_part_that_cannot_be_decoded_stays_as_sent_b64() {
        for part in ["100%", "%4", "%zz+x", "a+%e3%81", "%ff", "%C3+%A9"] {
            assert_eq!(decode(part, true), part);
        }
    }

    #[test]
    fn plus_is_a_space_in_end_user_and_itself_in_origination_b63_b66() {
        assert_eq!(decode("a+b%2B%20", true), "a b+ ");
        assert_eq!(decode("a+b%2B%20", false), "a+b+ ");
    }

    #[test]
    fn characters_beside_percent_sequences_stay() {
        assert_eq!(decode("田%E4%B8%AD", true), "田中");
    }
}
