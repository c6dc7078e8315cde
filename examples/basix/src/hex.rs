//! Bytes written as hexadecimal digits.

use std::fmt::Write;

/// The bytes that `text` spells, or `None` if it is not pairs of hexadecimal digits.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    digits.collect()
}

fn digit(char: u8) -> Option<u8> {
    char::from(char).to_digit(16).map(|value| value as u8)
}

/// The bytes as lower-case hexadecimal digits.
#[must_use]
pub fn encode(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
