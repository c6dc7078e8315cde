//! Numbers of the client.

use ucom_events::{Directory, ExtensionType};

// D21, D22.
#[test]
fn extensions_short_names_and_public_numbers_are_ours() {
    let directory = Directory::new()
        .with_prefix("731")
        .with_prefix("732")
        .with_extension("731*20", "phone")
        .with_extension("200", "queue")
        .with_own_number("+49 (30) 123-45");
    for ours in ["731*20", "732*99", "731*20@pbx.test", "20", "200", "493012345", "+49 30 12345"] {
        assert!(directory.is_ours(ours), "{ours}");
    }
    for other in ["999*20", "21", "4930123456", "*97", "", "anonymous", "00500*0731*100"] {
        assert!(!directory.is_ours(other), "{other}");
    }
    assert_eq!(directory.extension_type("731*20@pbx.test"), Some(&ExtensionType::Phone));
    assert_eq!(directory.extension_type("200"), Some(&ExtensionType::Queue));
    assert_eq!(directory.extension_type("999*200"), None);
    assert!(Directory::new().is_ours("999*200"), "without prefixes every full number is ours");
}

#[test]
fn json_has_a_short_and_a_long_form() {
    let read = |json: &str| serde_json::from_str::<Directory>(json).unwrap();
    let short = read(r#"{"106": "phone", "300": "QUEUE"}"#);
    assert_eq!(short.extension_type("300"), Some(&ExtensionType::Queue));
    let long = read(
        r#"{"extensions": {"106": "phone"}, "prefixes": ["453"], "own_numbers": ["+78125550100"],
            "later": "member"}"#,
    );
    assert_eq!(long.extension_type("453*106"), Some(&ExtensionType::Phone));
    assert!(long.is_ours("78125550100") && !long.is_ours("999*101") && !long.is_ours("later"));
    assert_eq!(read("{}"), Directory::new());
    assert_eq!(read(&serde_json::to_string(&long).unwrap()), long);
    assert!(serde_json::from_str::<Directory>("[]").is_err());
}
