//! Recorded sessions: messages in order, each as a big-endian u32 length and that many bytes.

use std::fmt;
use std::io::{self, Read};

/// Reads one message after the other.
#[derive(Debug)]
pub struct Frames<R> {
    input: R,
    /// Bytes read so far, for error messages.
    offset: u64,
}

/// Why there is no further message.
#[derive(Debug)]
#[non_exhaustive]
pub enum FrameError {
    /// The input could not be read.
    Io(io::Error),
    /// The input ends inside a length or a message that starts at this byte.
    Cut(u64),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::Cut(offset) => write!(
                f,
                "ends inside the message that starts at byte {offset}: the recording was cut short \
                 or is not a recorded session"
            ),
        }
    }
}

impl std::error::Error for FrameError {}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<R: Read> Frames<R> {
    /// Reads messages from `input`.
    pub const fn new(input: R) -> Self {
        Self { input, offset: 0 }
    }

    /// The next message, or `None` at the end.
    ///
    /// # Errors
    ///
    /// When the input cannot be read, or ends inside a message.
    pub fn next_into<'b>(
        &mut self,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<&'b [u8]>, FrameError> {
        let start = self.offset;
        buffer.clear();
        let header = self.take(4, buffer)?;
        if header == 0 {
            return Ok(None);
        }
        let length = match buffer.as_slice() {
            [a, b, c, d] => u32::from_be_bytes([*a, *b, *c, *d]),
            _ => return Err(FrameError::Cut(start)),
        };
        buffer.clear();
        // Reads what is there: a length that promises more reserves nothing.
        if self.take(u64::from(length), buffer)? < length as usize {
            return Err(FrameError::Cut(start));
        }
        Ok(Some(buffer))
    }

    fn take(&mut self, length: u64, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let read = self.input.by_ref().take(length).read_to_end(buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}
