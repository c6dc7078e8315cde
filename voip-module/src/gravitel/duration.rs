//! The `duration` of a history push.

/// Reads seconds: digits, digits with a fraction (cut), `m:ss` or `h:mm:ss`. Returns `None` for
/// anything else.
// V99
pub(super) fn seconds(text: &str) -> Option<i64> {
    let digits = |text: &str| {
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_digits.then(|| text.parse::<i64>().ok()).flatten()
    };
    if let Some((whole, fraction)) = text.split_once(['.', ',']) {
        let is_fraction = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
        return digits(whole).filter(|_| is_fraction);
    }
    let mut parts = text.split(':');
    let mut total = digits(parts.next()?)?;
    for (at, part) in parts.enumerate() {
        let sixtieth = digits(part).filter(|number| at < 2 && part.len() == 2 && *number < 60)?;
        total = total.checked_mul(60)?.checked_add(sixtieth)?;
    }
    Some(total)
}

/// Returns whether a text is digits only.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{is_plain, seconds};

    // V99
    #[test]
    fn seconds_are_digits_a_fraction_or_a_clock() {
        for (text, expected) in [
            ("124", Some(124)),
            ("007", Some(7)),
            ("12.9", Some(12)),
            ("12,5", Some(12)),
            ("1:23", Some(83)),
            ("90:00", Some(5_400)),
            ("1:02:03", Some(3_723)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("9223372036854775807:00", None),
            ("1:2", None),
            ("1:60", None),
            ("1:02:03:04", None),
            (":05", None),
            ("12.", None),
            (".5", None),
            ("1.2.3", None),
            ("-5", None),
            ("+5", None),
            ("0x10", None),
            ("null", None),
            ("٣", None),
            ("", None),
        ] {
            assert_eq!(seconds(text), expected, "{text:?}");
        }
        assert!(is_plain("124") && !is_plain("1:23") && !is_plain("9223372036854775808"));
    }
}
