//! The input of a program: a file or standard input, as bytes or as lines.

use std::fmt::{self, Debug, Display, Formatter};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};

use crate::usage::Failure;

/// An input with its name, for errors.
pub struct Input {
    name: String,
    reader: Box<dyn BufRead>,
    line: u64,
}

impl Debug for Input {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("name", &self.name).field("line", &self.line).finish()
    }
}

impl Input {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened.
    pub fn open(name: &str) -> Result<Self, Failure> {
        Ok(match name {
            "-" => Self::new(name, io::stdin().lock()),
            path => match File::open(path) {
                Ok(file) => Self::new(name, BufReader::with_capacity(1 << 16, file)),
                Err(error) => return Err(cannot_be_read(name, &error)),
            },
        })
    }

    /// An input that is open.
    pub fn new(name: &str, reader: impl BufRead + 'static) -> Self {
        Self { name: name.to_owned(), reader: Box::new(reader), line: 0 }
    }

    /// The name of the file, or `-`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the line that was read last, from 1.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The bytes.
    pub fn reader(&mut self) -> &mut dyn BufRead {
        &mut self.reader
    }

    /// The next line without its end (`\n` or `\r\n`), or `None` after the last.
    ///
    /// Of a line longer than `limit` bytes, the first `limit + 1` are returned, so that the caller
    /// sees that it is too long; the rest is discarded.
    ///
    /// # Errors
    ///
    /// Those of the reader, with file and line.
    pub fn next_line(&mut self, limit: usize) -> Result<Option<Vec<u8>>, Failure> {
        self.line += 1;
        self.read_line(limit)
            .map_err(|error| cannot_be_read(&format!("{}:{}", self.name, self.line), &error))
    }

    fn read_line(&mut self, limit: usize) -> io::Result<Option<Vec<u8>>> {
        // One byte more than the limit, and the end of the line.
        let most = limit.saturating_add(2);
        let mut line = Vec::new();
        (&mut self.reader).take(most as u64).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        if line.pop_if(|last| *last == b'\n').is_none() && line.len() == most {
            self.reader.skip_until(b'\n')?;
            line.truncate(limit + 1);
        } else {
            line.pop_if(|last| *last == b'\r');
        }
        Ok(Some(line))
    }
}

fn cannot_be_read(place: &str, error: &dyn Display) -> Failure {
    Failure::in_file(place, format_args!("cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::Input;

    fn lines(input: &'static [u8], limit: usize) -> Vec<Vec<u8>> {
        let mut input = Input::new("-", BufReader::with_capacity(3, input));
        std::iter::from_fn(|| input.next_line(limit).unwrap()).collect()
    }

    #[test]
    fn lines_come_without_their_ends_and_empty_ones_too() {
        assert_eq!(lines(b"", 9), Vec::<Vec<u8>>::new());
        assert_eq!(lines(b"\n", 9), [b""]);
        assert_eq!(lines(b"a\n\n\r\nb\r\nc", 9), [&b"a"[..], b"", b"", b"b", b"c"]);
        assert_eq!(lines(b"a\r\r\nb\r", 9), [&b"a\r"[..], b"b"]);
        assert_eq!(lines(b"a\nb", usize::MAX), [b"a", b"b"]);
    }

    #[test]
    fn a_line_beyond_the_limit_is_cut_one_byte_later_and_the_next_one_is_whole() {
        assert_eq!(
            lines(b"abcd\r\nabcde\nabcde\r\nabcdefgh\nx", 4),
            [&b"abcd"[..], b"abcde", b"abcde", b"abcde", b"x"]
        );
        assert_eq!(lines(b"abcde\r", 4), [b"abcde"]);
        assert_eq!(lines(b"abcd\r\rx\ny", 4), [&b"abcd\r"[..], b"y"]);
    }
}
