//! Recorded sessions, in both forms: plain, messages in order, each as a big-endian u32 length and
//! that many bytes; and with times and reconnects, as [`basix_cti::recording::Recorder`] writes them.

use std::fmt;
use std::io::{self, Chain, Cursor, Read};

use basix_cti::recording::{Recorded, Recording, RecordingError};

/// A recorded session in either form, detected by its first bytes. A plain one has binary messages
/// only.
#[derive(Debug)]
pub struct Session<R>(Form<R>);

/// The first bytes, which gave the form, and the others.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

#[derive(Debug)]
enum Form<R> {
    Plain(Frames<Whole<R>>),
    Recording(Recording<Whole<R>>),
    /// The end, or an error.
    Done,
}

impl<R: Read> Session<R> {
    /// Reads a session from `input`.
    ///
    /// # Errors
    ///
    /// If the beginning cannot be read.
    pub fn new(mut input: R) -> Result<Self, FrameError> {
        let magic = Recording::<R>::MAGIC;
        let mut start = Vec::new();
        input.by_ref().take(magic.len() as u64).read_to_end(&mut start)?;
        let is_recording = start == magic;
        let whole = Cursor::new(start).chain(input);
        Ok(Self(if is_recording {
            Form::Recording(Recording::new(whole)?)
        } else {
            Form::Plain(Frames::new(whole))
        }))
    }
}

impl<R: Read> Iterator for Session<R> {
    type Item = Result<Recorded, FrameError>;

    fn next(&mut self) -> Option<Self::Item> {
        let event = match &mut self.0 {
            Form::Plain(frames) => {
                let mut message = Vec::new();
                match frames.next_into(&mut message) {
                    Ok(Some(_)) => Some(Ok(Recorded::Binary(message))),
                    Ok(None) => None,
                    Err(error) => Some(Err(error)),
                }
            }
            Form::Recording(recording) => {
                let event = recording.next();
                event.map(|event| Ok(event?.kind))
            }
            Form::Done => None,
        };
        if !matches!(event, Some(Ok(_))) {
            self.0 = Form::Done;
        }
        event
    }
}

/// Reads one message of a plain session after the other.
#[derive(Debug)]
pub struct Frames<R> {
    input: R,
    /// Bytes read so far, for error messages.
    offset: u64,
}

/// The reason why a message cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum FrameError {
    /// The input could not be read.
    Io(io::Error),
    /// The input ends inside a length or a message that starts at this byte.
    Cut(u64),
    /// The recording with times cannot be read.
    Recording(RecordingError),
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
            Self::Recording(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FrameError {}

impl From<RecordingError> for FrameError {
    fn from(error: RecordingError) -> Self {
        Self::Recording(error)
    }
}

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
    /// If the input cannot be read, or ends inside a message.
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
        // Reads the bytes present: a declared length reserves no memory.
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
