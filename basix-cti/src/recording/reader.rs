//! Reading a recording.

use std::io::{self, Read};
use std::time::Duration;

use super::event::{MAGIC, Recorded, RecordedEvent, VERSION, kind};
use crate::element::Timestamp;

/// An error of reading a recording. Contains none of its data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// Reading the input failed.
    #[error("recording cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The file does not begin as a recording.
    #[error("this is not a recording of a connection: it begins with other bytes")]
    NotARecording,
    /// A later version wrote the recording.
    #[error("recording has format version {version}, and this program reads version {VERSION}")]
    Version {
        /// The version.
        version: u16,
    },
    /// The recording ends too early.
    #[error("recording ends inside what starts at byte {offset}: it was cut short")]
    Cut {
        /// Start of the incomplete part, in bytes from the start.
        offset: u64,
    },
    /// A message is longer than the limit.
    #[error("recording has a message of {length} bytes at byte {offset}, more than {limit}")]
    TooLong {
        /// Place of the message, in bytes from the start.
        offset: u64,
        /// Bytes of the message.
        length: u32,
        /// The limit.
        limit: u32,
    },
    /// A text message is not UTF-8.
    #[error("recording has a text message that is not utf-8 at byte {offset}")]
    Text {
        /// Place of the message, in bytes from the start.
        offset: u64,
    },
    /// The speed of a replay is not above 0.
    #[error("speed of a replay has to be a number above 0")]
    Speed,
}

/// Reads the events that a [`Recorder`](crate::recording::Recorder) wrote, one at a time.
///
/// Holds one event at a time. The iterator ends after an error, and has returned every complete
/// event before it. Reads in small pieces: wrap files in a [`BufReader`](io::BufReader).
#[derive(Debug)]
pub struct Recording<R> {
    input: R,
    started: Timestamp,
    limit: u32,
    /// Bytes read so far.
    offset: u64,
    has_failed: bool,
}

impl<R: Read> Recording<R> {
    /// The first bytes of every recording. As the length of a message they would be above 2 GB, so
    /// a file of plain messages cannot begin with them.
    pub const MAGIC: [u8; 8] = MAGIC;

    /// Default limit of a message, in bytes.
    pub const LIMIT: u32 = 64 << 20;

    /// Reads the beginning of a recording.
    ///
    /// # Errors
    ///
    /// If reading fails, or the input is not a recording of this version.
    pub fn new(input: R) -> Result<Self, RecordingError> {
        let mut this = Self {
            input,
            started: Timestamp::from_micros(0),
            limit: Self::LIMIT,
            offset: 0,
            has_failed: false,
        };
        let mut header = Vec::with_capacity(MAGIC.len() + 10);
        this.read_up_to(MAGIC.len() as u64, &mut header)?;
        if !MAGIC.starts_with(&header) {
            return Err(RecordingError::NotARecording);
        }
        this.read_up_to(10, &mut header)?;
        let [_, _, _, _, _, _, _, _, a, b, started @ ..] = header.as_slice() else {
            return Err(RecordingError::Cut { offset: 0 });
        };
        let version = u16::from_be_bytes([*a, *b]);
        if version != VERSION {
            return Err(RecordingError::Version { version });
        }
        let Ok(started) = started.try_into() else {
            return Err(RecordingError::Cut { offset: 0 });
        };
        this.started = Timestamp::from_micros(i64::from_be_bytes(started));
        Ok(this)
    }

    /// Sets the limit of a message, in bytes.
    #[must_use]
    pub fn with_limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    /// Start of the recording by the recorder's clock; the times of events count from it.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        self.started
    }

    fn read_event(&mut self) -> Result<Option<RecordedEvent>, RecordingError> {
        let offset = self.offset;
        let mut bytes = Vec::with_capacity(13);
        if self.read_up_to(13, &mut bytes)? == 0 {
            return Ok(None);
        }
        let [kind, a, b, c, d, e, f, g, h, i, j, k, l] = bytes[..] else {
            return Err(RecordingError::Cut { offset });
        };
        let at = Duration::from_micros(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        let length = u32::from_be_bytes([i, j, k, l]);
        if length > self.limit {
            return Err(RecordingError::TooLong { offset, length, limit: self.limit });
        }
        // Reads the bytes present: a declared length reserves no memory.
        let mut data = Vec::new();
        if self.read_up_to(length.into(), &mut data)? < u64::from(length) {
            return Err(RecordingError::Cut { offset });
        }
        let kind = match kind {
            kind::OPENED if data.is_empty() => Recorded::Opened,
            kind::CLOSED if data.is_empty() => Recorded::Closed,
            kind::BINARY => Recorded::Binary(data),
            kind::TEXT => Recorded::Text(
                String::from_utf8(data).map_err(|_| RecordingError::Text { offset })?,
            ),
            kind => Recorded::Unknown { kind, data },
        };
        Ok(Some(RecordedEvent { at, kind }))
    }

    /// Reads up to `length` bytes and returns their number.
    fn read_up_to(&mut self, length: u64, buffer: &mut Vec<u8>) -> io::Result<u64> {
        let read = self.input.by_ref().take(length).read_to_end(buffer)? as u64;
        self.offset += read;
        Ok(read)
    }
}

impl<R: Read> Iterator for Recording<R> {
    type Item = Result<RecordedEvent, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let event = self.read_event().transpose();
        // The iterator stays at its end even if the file grows.
        self.has_failed = !matches!(event, Some(Ok(_)));
        event
    }
}

impl<R: Read> std::iter::FusedIterator for Recording<R> {}
