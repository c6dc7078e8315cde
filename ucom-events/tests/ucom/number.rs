//! Extension numbers and withheld numbers.

use ucom_events::ExtensionType;
use ucom_events::number::{ExtensionNumber, is_withheld, short_name, user};

// R6.
const NUMBERS: &[(&str, bool)] = &[
    ("453*106", true),
    ("000*094", true),
    ("13596*099", true),
    ("123456*1234", true),
    ("453*106@sip.example.com", false),
    ("45*106", false),
    ("1234567*106", false),
    ("453*1", false),
    ("453*12345", false),
    ("00500*0003*100", false),
    ("74951234567", false),
    ("+74951234567", false),
    ("106", false),
    ("", false),
    ("453*106 ", false),
    (" 453*106", false),
    ("٤٥٣*106", false),
    ("453*10６", false),
    ("*", false),
    ("453*", false),
    ("*106", false),
    ("453**106", false),
];

#[test]
fn full_numbers_are_three_to_six_digits_a_star_and_two_to_four_digits() {
    for &(text, is_full) in NUMBERS {
        assert_eq!(ExtensionNumber::is_valid(text.as_bytes()), is_full, "{text:?}");
        assert_eq!(text.parse::<ExtensionNumber>().is_ok(), is_full, "{text:?}");
    }
}

/// As a regular expression, the printed pattern repeats the digits before the star. A small matcher
/// of that reading gives the verdict of a regex engine.
#[test]
fn the_printed_pattern_as_a_regular_expression_decides_the_opposite() {
    // `[0-9]{3,6}*[0-9]{2,4}`, anchored: any number of groups of 3 to 6 digits, then 2 to 4 digits.
    fn as_regex(text: &str) -> bool {
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        is_digits
            && (2..=4).any(|tail| {
                let Some(groups) = text.len().checked_sub(tail) else { return false };
                // A sum of numbers from 3 to 6: all but 1 and 2.
                groups == 0 || groups >= 3
            })
    }
    for (text, by_regex) in [("74951234567", true), ("106", true), ("453*106", false)] {
        assert_eq!(as_regex(text), by_regex, "{text}");
        assert_eq!(ExtensionNumber::is_valid(text.as_bytes()), !by_regex, "{text}");
    }
}

#[test]
fn leading_zeros_of_prefix_and_name_are_kept() {
    let number: ExtensionNumber = "000*094".parse().unwrap();
    assert_eq!((number.prefix(), number.name(), number.as_str()), ("000", "094", "000*094"));
    assert_eq!(serde_json::to_string(&number).unwrap(), r#""000*094""#);
    assert_eq!(serde_json::from_str::<ExtensionNumber>(r#""000*094""#).unwrap(), number);
    assert!(serde_json::from_str::<ExtensionNumber>(r#""94""#).is_err());
}

#[test]
fn a_text_that_is_not_a_number_is_refused_with_the_expected_form() {
    assert_eq!(
        "45*106".parse::<ExtensionNumber>().unwrap_err().to_string(),
        "expected a full extension number: 3 to 6 digits, a star, 2 to 4 digits"
    );
}

#[test]
fn an_address_is_cut_at_its_first_at() {
    assert_eq!(user("453*106@sip.example.com"), "453*106");
    assert_eq!(short_name("453*106@sip.example.com"), "106");
    assert_eq!((user("a@b@c"), short_name("a@b@c")), ("a", "a"));
    assert_eq!((user("anonymous"), short_name("106")), ("anonymous", "106"));
}

// D23.
#[test]
fn words_in_place_of_a_number_mean_that_it_is_withheld() {
    for word in [
        "anonymous",
        "ANONYMOUS",
        "Restricted",
        "private",
        "withheld",
        "hidden",
        "Blocked",
        "unavailable",
        "unknown",
        "<unknown>",
        "\"Anonymous\"",
        " anonymous ",
        "anonymous@sip.test",
        "<private@sip.test>",
        "\"hidden\"@sip.test",
        "\" unknown \"",
    ] {
        assert!(is_withheld(word), "{word:?}");
    }
    for number in ["", "anonymous7", "+4930901820", "106", "unknown caller", "@anonymous", "anon"] {
        assert!(!is_withheld(number), "{number:?}");
    }
}

#[test]
fn types_are_read_in_any_case_and_written_in_lower_case() {
    assert_eq!(ExtensionType::from("IVR"), ExtensionType::Ivr);
    assert_eq!(ExtensionType::Ivr.as_str(), "ivr");
    let other = ExtensionType::from("Conference");
    assert!(!other.is_known() && !other.is_service());
    assert_eq!(other.as_str(), "Conference");
    assert!(ExtensionType::Queue.is_service() && !ExtensionType::Phone.is_service());
}
