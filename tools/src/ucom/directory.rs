//! The file of a client's numbers.

use ucom_events::Directory;

use crate::usage::Failure;

/// Reads a directory: `{"extensions": {"106": "phone"}, "prefixes": ["453"], "own_numbers":
/// ["+78125550100"]}`, each member optional, or only the extensions.
///
/// # Errors
///
/// If the file cannot be read or is not a directory.
pub fn read_directory(path: &str) -> Result<Directory, Failure> {
    let text = std::fs::read(path);
    let text =
        text.map_err(|error| Failure::in_file(path, format_args!("cannot be read: {error}")))?;
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let expected = "expected a JSON object of extensions, prefixes and own numbers";
    serde_json::from_slice(text)
        .map_err(|error| Failure::in_file(path, format_args!("{expected}: {error}")))
}
