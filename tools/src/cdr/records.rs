//! Records in an input: one a line, over several lines, or in an array.

use std::io::{self, BufRead, Cursor, Read};

/// A raw record of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawRecord {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its bytes; one more than the limit if it is longer.
    pub json: Vec<u8>,
}

/// Splits an input into records, one at a time.
///
/// A line whose brackets close is a record; one that leaves brackets open is joined with the following
/// ones. If the input begins with `[`, the elements of that array are the records. A line that begins with
/// `{` always begins a record, so that one cut off takes no other with it.
#[derive(Debug)]
pub struct Records<R> {
    input: io::Chain<Cursor<Vec<u8>>, R>,
    splitter: Splitter,
}

/// The state of the splitting up to the present byte.
#[derive(Debug)]
struct Splitter {
    limit: usize,
    form: Form,
    line: u64,
    is_line_start: bool,
    record: RawRecord,
    /// Bytes of the record so far, kept or not, and up to its last one that is not white space.
    size: usize,
    length: usize,
    /// The brackets open in the record, and how many of them are braces.
    open: Vec<u8>,
    braces: usize,
    is_in_text: bool,
    is_escaped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Nothing but white space so far.
    Unknown,
    Lines,
    Array,
}

/// The most open brackets tracked; deeper records are refused anyway.
const MAX_OPEN: usize = 1 << 16;

impl<R: BufRead> Records<R> {
    /// Splits an input, keeping at most `limit` bytes of a record and one more.
    ///
    /// # Errors
    ///
    /// Those of the input.
    pub fn new(mut input: R, limit: usize) -> io::Result<Self> {
        let mut head = Vec::new();
        input.by_ref().take(3).read_to_end(&mut head)?;
        if head == b"\xef\xbb\xbf" {
            head.clear(); // a byte order mark
        }
        Ok(Self {
            input: Cursor::new(head).chain(input),
            splitter: Splitter {
                limit,
                form: Form::Unknown,
                line: 1,
                is_line_start: true,
                record: RawRecord { line: 1, json: Vec::new() },
                size: 0,
                length: 0,
                open: Vec::new(),
                braces: 0,
                is_in_text: false,
                is_escaped: false,
            },
        })
    }

    /// The next record; `None` after the last.
    ///
    /// # Errors
    ///
    /// Those of the input.
    pub fn next_record(&mut self) -> io::Result<Option<RawRecord>> {
        let Self { input, splitter } = self;
        loop {
            let chunk = input.fill_buf()?;
            if chunk.is_empty() {
                return Ok(splitter.finish());
            }
            let mut records = chunk.iter().map(|byte| splitter.handle_byte(*byte)).enumerate();
            match records.find_map(|(at, record)| Some((at, record?))) {
                Some((at, record)) => {
                    input.consume(at + 1);
                    return Ok(Some(record));
                }
                None => {
                    let length = chunk.len();
                    input.consume(length);
                }
            }
        }
    }
}

impl Splitter {
    fn handle_byte(&mut self, byte: u8) -> Option<RawRecord> {
        let is_line_start = std::mem::replace(&mut self.is_line_start, byte == b'\n');
        if byte == b'\n' {
            return self.end_line();
        }
        let mut ended = None;
        if is_line_start && byte == b'{' {
            ended = self.finish();
        }
        if self.form == Form::Unknown && !byte.is_ascii_whitespace() {
            self.form = if byte == b'[' { Form::Array } else { Form::Lines };
            if self.form == Form::Array {
                return ended;
            }
        }
        if self.form == Form::Array && self.open.is_empty() && !self.is_in_text {
            match byte {
                b',' => return self.finish(),
                b']' => {
                    self.form = Form::Lines;
                    return self.finish();
                }
                // The comma between two elements is missing.
                b'{' | b'[' if ended.is_none() => ended = self.finish(),
                _ => {}
            }
        }
        self.track(byte);
        self.keep(byte);
        ended
    }

    fn end_line(&mut self) -> Option<RawRecord> {
        self.line += 1;
        // A text does not go over the end of a line.
        (self.is_in_text, self.is_escaped) = (false, false);
        if self.form == Form::Lines && self.open.is_empty() {
            return self.finish();
        }
        self.keep(b'\n');
        None
    }

    /// Follows brackets and texts.
    fn track(&mut self, byte: u8) {
        if self.is_in_text {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_in_text = false,
                _ => {}
            }
            return;
        }
        let opening = match byte {
            b'"' => {
                self.is_in_text = true;
                return;
            }
            b'{' | b'[' if self.open.len() < MAX_OPEN => {
                self.braces += usize::from(byte == b'{');
                return self.open.push(byte);
            }
            b'}' if self.braces > 0 => b'{',
            b']' if self.braces < self.open.len() => b'[',
            _ => return,
        };
        // What was left open inside is closed with it.
        while let Some(open) = self.open.pop() {
            self.braces -= usize::from(open == b'{');
            if open == opening {
                break;
            }
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.record.json.is_empty() {
            if byte.is_ascii_whitespace() {
                return;
            }
            self.record.line = self.line;
        }
        self.size += 1;
        if !byte.is_ascii_whitespace() {
            self.length = self.size;
        }
        if self.record.json.len() <= self.limit {
            self.record.json.push(byte);
        }
    }

    /// Ends the record, if there is one.
    fn finish(&mut self) -> Option<RawRecord> {
        (self.is_in_text, self.is_escaped) = (false, false);
        self.open.clear();
        self.braces = 0;
        let record = RawRecord { line: self.line, json: Vec::new() };
        let mut record = std::mem::replace(&mut self.record, record);
        // White space at the end does not count; a record that is too long stays so.
        record.json.truncate(self.length);
        (self.size, self.length) = (0, 0);
        (!record.json.is_empty()).then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::Records;

    fn records(input: &str) -> Vec<(u64, String)> {
        let input = std::io::BufReader::with_capacity(3, input.as_bytes());
        let mut records = Records::new(input, 20).unwrap();
        std::iter::from_fn(|| records.next_record().unwrap())
            .map(|record| {
                (record.line, String::from_utf8(record.json).unwrap().trim_end().to_owned())
            })
            .collect()
    }

    #[track_caller]
    fn check(input: &str, expected: &[(u64, &str)]) {
        let expected: Vec<_> =
            expected.iter().map(|(line, json)| (*line, (*json).to_owned())).collect();
        assert_eq!(records(input), expected);
    }

    #[test]
    fn a_line_whose_brackets_close_is_one_record() {
        check("", &[]);
        check(
            "\u{feff}{\"a\":1}\r\n\n \n{\"b\":2} x\n7",
            &[(1, "{\"a\":1}"), (4, "{\"b\":2} x"), (5, "7")],
        );
        check("{\"a\":\"}{\\\"\"}\n}\n", &[(1, "{\"a\":\"}{\\\"\"}"), (2, "}")]);
    }

    #[test]
    fn a_record_over_several_lines_is_joined_and_a_cut_off_one_takes_no_other_with_it() {
        check("\n{\n \"a\":[\n1]}\n{}", &[(2, "{\n \"a\":[\n1]}"), (5, "{}")]);
        check(
            "{\"a\":\"x\n{\"b\":2}\n{\"c\":",
            &[(1, "{\"a\":\"x"), (2, "{\"b\":2}"), (3, "{\"c\":")],
        );
    }

    #[test]
    fn elements_of_an_array_are_split_by_their_brackets() {
        check(
            " [{\"a\":1},\n {\"b\":[1}, 5, {\"c\":3}]\n{}",
            &[(1, "{\"a\":1}"), (2, "{\"b\":[1}"), (2, "5"), (2, "{\"c\":3}"), (3, "{}")],
        );
        check(
            "[{\"a\":1} {\"b\":2}{\"c\":3} x]",
            &[(1, "{\"a\":1}"), (1, "{\"b\":2}"), (1, "{\"c\":3} x")],
        );
        check("[\n{\"a\":{\n{\"b\":1}\n]", &[(2, "{\"a\":{"), (3, "{\"b\":1}")]);
    }

    // Comparing each one with all that is open would take hours.
    #[test]
    fn closing_brackets_that_close_nothing_cost_no_more_than_other_bytes() {
        let input = format!("{}{}", "[".repeat(1 << 16), "}".repeat(2 << 20));
        assert_eq!(records(&format!("x{input}\n{{}}")).len(), 2);
    }

    #[test]
    fn a_long_record_is_cut_one_byte_beyond_the_limit() {
        let (first, second) = records(&format!("{{\"a\":\"{}\"}}\n[1]", "x".repeat(99)))
            .split_first()
            .map(|(first, rest)| (first.1.len(), rest.to_vec()))
            .unwrap();
        assert_eq!((first, second), (21, vec![(2, "[1]".to_owned())]));
    }
}
