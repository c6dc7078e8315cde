//! Lines of bytes of which only so much is kept.

use std::io::{self, BufRead, Read};

/// The next line without its end, or `None` after the last.
///
/// Of a line longer than `limit` bytes only `limit + 1` are given, so that whoever reads it sees that
/// it is too long; the rest is skipped.
///
/// # Errors
///
/// Those of the input.
pub fn read_line(input: &mut impl BufRead, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    // Room for the line's end, of one byte or two.
    let room = (limit as u64).saturating_add(3);
    if input.take(room).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() as u64 == room {
        skip_line(input)?;
    }
    line.truncate(limit.saturating_add(1));
    Ok(Some(line))
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let chunk = input.fill_buf()?;
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let used = end.map_or(chunk.len(), |end| end + 1);
        let is_last = end.is_some() || chunk.is_empty();
        input.consume(used);
        if is_last {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read_line;

    fn lines(input: &[u8], limit: usize) -> Vec<Vec<u8>> {
        let mut reader = std::io::BufReader::with_capacity(3, input);
        std::iter::from_fn(|| read_line(&mut reader, limit).unwrap()).collect()
    }

    #[test]
    fn every_line_is_given_without_its_end() {
        assert_eq!(lines(b"", 9), Vec::<Vec<u8>>::new());
        assert_eq!(lines(b"a\n\n\r\nb\r\nc", 9), [&b"a"[..], b"", b"", b"b", b"c"]);
    }

    #[test]
    fn a_long_line_shows_that_it_is_too_long_and_the_next_one_is_whole() {
        assert_eq!(
            lines(b"abcd\r\nabcde\nabcdefgh\nabcdefghijkl\nx", 4),
            [&b"abcd"[..], b"abcde", b"abcde", b"abcde", b"x"]
        );
    }
}
