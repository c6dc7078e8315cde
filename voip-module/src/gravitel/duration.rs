//! The `duration` of a history push (V99, V135).

use crate::error::ParseError;

/// As a script's `parseInt` reads it; what would be `NaN` is 0 (V119). What is beyond the type is
/// its greatest value.
pub(super) fn as_script(text: &str) -> i64 {
    let is_space = |character: char| {
        character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
    };
    let text = text.trim_start_matches(is_space);
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (radix, text) = hexadecimal.map_or((10, text), |rest| (16, rest));
    let mut value: i64 = 0;
    for digit in text.chars().map_while(|character| character.to_digit(radix)) {
        value = value.saturating_mul(i64::from(radix)).saturating_add(i64::from(digit));
    }
    if negative { -value } else { value }
}

/// Decimal digits, with white space around them; nothing is 0.
pub(super) fn strict(text: &str) -> Result<i64, ParseError> {
    let digits = text.trim();
    if digits.is_empty() {
        return Ok(0);
    }
    let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or(ParseError::InvalidField {
        field: "duration",
        reason: "expected seconds in decimal digits",
    })
}

#[cfg(test)]
mod tests {
    use super::{as_script, strict};

    #[test]
    fn v99_v135_the_sample_reads_a_leading_integer() {
        for (text, seconds) in [
            ("124", 124),
            ("12.9", 12),
            ("12abc", 12),
            ("1:23", 1),
            ("0x10", 16),
            ("0XfF", 255),
            ("-0x10", -16),
            ("-5", -5),
            ("+5", 5),
            (" \t\n\u{a0}\u{feff}7 ", 7),
            ("\u{85}7", 0),
            ("007", 7),
            ("1e3", 1),
            ("", 0),
            ("abc", 0),
            ("0x", 0),
            ("- 5", 0),
            ("Infinity", 0),
            ("٣", 0),
            ("9223372036854775807", i64::MAX),
            ("99999999999999999999", i64::MAX),
            ("-99999999999999999999", -i64::MAX),
        ] {
            assert_eq!(as_script(text), seconds, "{text:?}");
        }
    }

    #[test]
    fn v99_v135_the_default_takes_decimal_digits_only() {
        for (text, seconds) in [("124", 124), (" 7 ", 7), ("007", 7), ("", 0), ("  ", 0)] {
            assert_eq!(strict(text), Ok(seconds), "{text:?}");
        }
        assert_eq!(strict("9223372036854775807"), Ok(i64::MAX));
        for text in ["12.9", "12abc", "1:23", "0x10", "-5", "+5", "٣", "1 2", "9223372036854775808"]
        {
            let error = strict(text).unwrap_err();
            assert_eq!(
                error.to_string(),
                "invalid field `duration`: expected seconds in decimal digits",
                "{text:?}"
            );
        }
    }
}
