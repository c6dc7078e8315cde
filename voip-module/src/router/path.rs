//! The registered path.

use percent_encoding::percent_decode_str;

/// The path of the webhook URL, compared percent-decoded and byte by byte.
// V185
#[derive(Clone, Debug, Default)]
pub(super) struct RegisteredPath {
    /// Decoded, without a slash at the end.
    bytes: Vec<u8>,
}

impl RegisteredPath {
    pub(super) fn new(path: &str) -> Self {
        let path = path.trim_matches('/');
        if path.is_empty() {
            return Self::default();
        }
        let decoded = percent_decode_str(path);
        Self { bytes: std::iter::once(b'/').chain(decoded).collect() }
    }

    /// Returns the rest behind the registered path, without a leading slash; `None` for another
    /// path.
    pub(super) fn suffix_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut rest = path.as_bytes();
        for expected in &self.bytes {
            let (byte, after) = next_byte(rest)?;
            if byte != *expected {
                return None;
            }
            rest = after;
        }
        match next_byte(rest) {
            None => Some(""),
            Some((b'/', after)) => path.get(path.len() - after.len()..),
            Some(_) => None,
        }
    }
}

/// The first decoded byte of a path, and the rest.
fn next_byte(path: &[u8]) -> Option<(u8, &[u8])> {
    let digit = |at: usize| char::from(*path.get(at)?).to_digit(16);
    let (&first, rest) = path.split_first()?;
    let escaped = (first == b'%').then(|| Some(digit(1)? * 16 + digit(2)?)).flatten();
    match escaped.and_then(|byte| u8::try_from(byte).ok()) {
        Some(byte) => Some((byte, path.get(3..)?)),
        None => Some((first, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::RegisteredPath;

    // V43, V185
    #[test]
    fn paths_compare_decoded_byte_by_byte() {
        for (registered, path, suffix) in [
            ("hook/", "/hook", Some("")),
            ("/hook", "/hook/", Some("")),
            ("/hook", "/hook/event/7", Some("event/7")),
            ("/hook", "/%68oo%6B/event", Some("event")),
            ("/hook", "/hook%2Fevent", Some("event")),
            ("/hook", "/hooks", None),
            ("/hook", "/Hook", None),
            ("/hook", "/hook%", None),
            ("/hook", "/a/../hook", None),
            ("/вебхук", "/%D0%B2%D0%B5%D0%B1%D1%85%D1%83%D0%BA/x", Some("x")),
            (
                "/%d0%b2%d0%b5%d0%b1%d1%85%d1%83%d0%ba",
                "/%D0%B2%D0%B5%D0%B1%D1%85%D1%83%D0%BA",
                Some(""),
            ),
            ("/a b", "/a%20b", Some("")),
            ("/", "/any/path", Some("any/path")),
            ("", "/", Some("")),
        ] {
            assert_eq!(
                RegisteredPath::new(registered).suffix_of(path),
                suffix,
                "{registered} {path}"
            );
        }
    }
}
