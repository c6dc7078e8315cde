//! Extension numbers, §2.

use ucom_events::{Directory, ExtensionAddress, ExtensionNumber, ExtensionType};

use crate::support::directory;

/// The table of §2.2.
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
fn full_numbers_are_three_to_six_digits_a_star_and_two_to_four_digits_r6() {
    for &(text, is_full) in NUMBERS {
        assert_eq!(ExtensionNumber::is_valid(text.as_bytes()), is_full, "{text:?}");
        assert_eq!(text.parse::<ExtensionNumber>().is_ok(), is_full, "{text:?}");
    }
}

/// The trap of §2.2: taken as a regular expression the printed pattern repeats the digits before the
/// star. A small matcher of just that reading shows what a regex engine would say.
#[test]
fn the_printed_pattern_as_a_regular_expression_says_the_opposite() {
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
    assert_eq!(ExtensionNumber::new("000", "094").unwrap(), number);
    assert_eq!(serde_json::to_string(&number).unwrap(), r#""000*094""#);
    assert_eq!(serde_json::from_str::<ExtensionNumber>(r#""000*094""#).unwrap(), number);
    assert!(serde_json::from_str::<ExtensionNumber>(r#""94""#).is_err());
}

#[test]
fn what_is_no_number_says_what_one_is() {
    assert_eq!(
        ExtensionNumber::new("45", "106").unwrap_err().to_string(),
        "not a full extension number: 3 to 6 digits, a star, 2 to 4 digits"
    );
}

#[test]
fn an_address_is_cut_at_its_first_at() {
    let address = ExtensionAddress::new("453*106@sip.example.com");
    assert_eq!((address.user(), address.domain()), ("453*106", Some("sip.example.com")));
    assert_eq!(address.short_name(), "106");
    assert_eq!(address.number().unwrap().as_str(), "453*106");
    let odd = ExtensionAddress::new("a@b@c");
    assert_eq!((odd.user(), odd.domain(), odd.short_name()), ("a", Some("b@c"), "a"));
    assert_eq!(ExtensionAddress::new("anonymous").domain(), None);
}

#[test]
fn types_are_read_in_any_case_and_written_in_lower_case_c10() {
    assert_eq!(ExtensionType::from("IVR"), ExtensionType::Ivr);
    assert_eq!(ExtensionType::Ivr.as_str(), "ivr");
    let other = ExtensionType::from("Conference");
    assert!(!other.is_known() && !other.is_service());
    assert_eq!(other.as_str(), "Conference");
    assert!(ExtensionType::Queue.is_service() && !ExtensionType::Phone.is_service());
}

#[test]
fn a_directory_may_be_a_map_or_a_pointer_to_one() {
    let directory = std::sync::Arc::new(directory());
    assert!(directory.contains("106"));
    assert_eq!(directory.extension_type("300"), Some(ExtensionType::Queue));
    assert!(!directory.contains("108"));
}
