//! Search for a secret in text, in every form that it may take.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The forms of a secret: plain, reversed, percent-encoded, as numbers, and in base64 with any text
/// before and after it.
fn forms(secret: &str) -> Vec<String> {
    let hex = |separator: &str, upper: bool| {
        let digits = secret.bytes().map(|byte| match upper {
            true => format!("{separator}{byte:02X}"),
            false => format!("{separator}{byte:02x}"),
        });
        digits.collect::<String>()
    };
    let numbers: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
    let mut forms = vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        hex("%", true),
        hex("%", false),
        hex("", true),
        hex("", false),
        numbers.join(", "),
    ];
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend(secret.as_bytes());
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            // Only digits that the secret's bytes alone decide.
            let first = (before * 8).div_ceil(6);
            forms.push(text[first..bytes.len() * 8 / 6].to_owned());
        }
    }
    forms
}

/// Fails if `text` reveals a secret.
#[track_caller]
pub(crate) fn hides(secret: &str, text: &str) {
    for form in forms(secret) {
        assert!(!text.contains(&form), "{form} shows in: {text}");
    }
}

#[test]
fn every_form_of_a_secret_is_found() {
    for text in [
        "a T0K3N-9fQ b",
        "Qf9-N3K0T",
        "Basic bXktZG9tYWluOlQwSzNOLTlmUQ==",
        "Basic ZDpUMEszTi05ZlE=",
        "%54%30%4B%33%4E%2D%39%66%51",
        "[84, 48, 75, 51, 78, 45, 57, 102, 81]",
    ] {
        let found = std::panic::catch_unwind(|| hides("T0K3N-9fQ", text));
        assert!(found.is_err(), "{text}");
    }
    hides("T0K3N-9fQ", "Endpoint { server: \"wss://pbx.example.net\" }");
}
