//! Telephone numbers in one form, whichever PBX they come from.

/// Fewer digits are an extension or a number without its country code.
const MIN_INTERNATIONAL: usize = 11;
/// The most digits of a number, by E.164.
const MAX_INTERNATIONAL: usize = 15;

/// Digits, with `+` before a country code: the form in which numbers are shown and found. A text
/// that is no number stays.
///
/// 11 to 15 digits have a country code, with or without `+` or `00`, unless they begin with 0 or 8,
/// which PBXs dial before numbers of their own country.
#[must_use]
pub fn number(text: &str) -> String {
    let Some(text) = without_marks(text) else { return text.trim().to_owned() };
    let is_international = (MIN_INTERNATIONAL..=MAX_INTERNATIONAL).contains(&text.len())
        && !text.starts_with(['+', '0', '8']);
    if is_international { format!("+{text}") } else { text }
}

/// A number, or a part of one, without the marks between its digits, and with `+` for `00`; `None`
/// if the text is no number.
pub(crate) fn without_marks(text: &str) -> Option<String> {
    let is_mark = |sign: char| matches!(sign, ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')');
    let text: String = text.chars().filter(|sign| !is_mark(*sign)).collect();
    let text = match text.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => text,
    };
    let digits = text.strip_prefix('+').unwrap_or(&text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_has_one_form_however_it_is_written() {
        for text in ["+79990000001", "79990000001", "0079990000001", "+7 (999) 000-00-01"] {
            assert_eq!(number(text), "+79990000001", "{text}");
        }
        assert_eq!(number("+49 30\u{a0}901.820"), "+4930901820");
    }

    #[test]
    fn extensions_national_numbers_and_other_texts_stay() {
        for text in [
            "701",
            "89990000001",
            "0312345678",
            "453*106",
            "anonymous",
            "",
            "+",
            "1781000000000000",
        ] {
            assert_eq!(number(text), text);
        }
        assert_eq!(number(" sip:a b@x "), "sip:a b@x");
    }
}
