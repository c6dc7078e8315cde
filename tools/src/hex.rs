//! Bytes written as hexadecimal digits.

use std::error::Error;
use std::fmt::{self, Display, Formatter, Write};

/// The reason why a text is not pairs of hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HexError {
    /// The position in the line, counted from 1.
    pub column: usize,
    /// The character there; `None` at the end of the text.
    pub found: Option<char>,
}

impl Display for HexError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.found {
            Some(char) => write!(f, "expected a hexadecimal digit, found {char:?}"),
            None => f.write_str("expected the second digit of a byte, found the end of the line"),
        }
    }
}

impl Error for HexError {}

/// Decodes pairs of hexadecimal digits. Spaces, tabs and carriage returns are ignored.
///
/// # Errors
///
/// The first character that is neither a digit nor a blank, or a missing last digit.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (at, byte) in text.iter().enumerate() {
        if matches!(byte, b' ' | b'\t' | b'\r') {
            continue;
        }
        let Some(digit) = char::from(*byte).to_digit(16) else {
            return Err(HexError { column: at + 1, found: first_char(&text[at..]) });
        };
        // A digit is below 16.
        let digit = digit as u8;
        match high.take() {
            None => high = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    match high {
        None => Ok(bytes),
        Some(_) => Err(HexError { column: text.len() + 1, found: None }),
    }
}

/// The column of a byte's first digit, or of the end of the text, counted from 1.
#[must_use]
pub fn column_of(text: &[u8], byte: usize) -> usize {
    let digits = text.iter().enumerate().filter(|(_, char)| char.is_ascii_hexdigit());
    digits.map(|(at, _)| at).nth(byte.saturating_mul(2)).unwrap_or(text.len()) + 1
}

/// The number of whole bytes before a column.
#[must_use]
pub fn bytes_before(text: &[u8], column: usize) -> usize {
    let before = text.get(..column.saturating_sub(1)).unwrap_or(text);
    before.iter().filter(|char| char.is_ascii_hexdigit()).count() / 2
}

fn first_char(text: &[u8]) -> Option<char> {
    // The longest character has four bytes.
    String::from_utf8_lossy(text.get(..4).unwrap_or(text)).chars().next()
}

/// The bytes as lower-case hexadecimal digits.
#[must_use]
pub fn encode(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes.into_iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
