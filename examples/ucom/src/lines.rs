//! Lines of bytes, cut at a limit.

use std::io::{self, BufRead};

/// The next line without its end (`\n` or `\r\n`), or `None` after the last.
///
/// Of a line longer than `limit` bytes the first `limit + 1` are given, so that the caller sees
/// that it is too long; the rest is read and forgotten.
///
/// # Errors
///
/// Those of the reader.
pub fn read_line(input: &mut impl BufRead, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut length = 0_usize;
    let mut last = None;
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            if length == 0 {
                return Ok(None);
            }
            break;
        }
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        // One more than the limit, and a carriage return that may follow it.
        let room = (limit + 2).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        last = part.last().copied().or(last);
        // A line of no bytes is a line too.
        length += part.len() + usize::from(end.is_some());
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            length -= 1;
            break;
        }
    }
    if last == Some(b'\r') {
        length -= 1;
    }
    line.truncate(length.min(limit + 1));
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use super::read_line;

    fn lines(input: &[u8], limit: usize) -> Vec<Vec<u8>> {
        let mut reader = std::io::BufReader::with_capacity(3, input);
        std::iter::from_fn(|| read_line(&mut reader, limit).unwrap()).collect()
    }

    #[test]
    fn every_line_is_given_empty_ones_too_without_its_end() {
        assert_eq!(lines(b"", 9), Vec::<Vec<u8>>::new());
        assert_eq!(lines(b"\n", 9), [b""]);
        assert_eq!(lines(b"a\n\n\r\nb\r\nc", 9), [&b"a"[..], b"", b"", b"b", b"c"]);
        assert_eq!(lines(b"a\r\r\nb\r", 9), [&b"a\r"[..], b"b"]);
    }

    #[test]
    fn a_long_line_shows_that_it_is_too_long_and_the_next_one_is_whole() {
        assert_eq!(
            lines(b"abcd\r\nabcde\nabcdefgh\nx", 4),
            [&b"abcd"[..], b"abcde", b"abcde", b"x"]
        );
    }
}
