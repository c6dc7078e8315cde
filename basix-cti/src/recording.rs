//! Recorded connections: what came, and when, in a file.
//!
//! ```text
//! recording = magic (8 bytes: 89 43 54 49 0D 0A 1A 0A), version (u16), started (i64), entry…
//! entry     = kind (u8), at (u64), length (u32), that many bytes
//! ```
//!
//! Numbers are big-endian, times microseconds: `started` since 1970-01-01 UTC, `at` since then.

use std::io::{self, Read, Write};
use std::time::Duration;

use crate::element::Timestamp;

const MAGIC: [u8; 8] = *b"\x89CTI\r\n\x1a\n";
const VERSION: u16 = 1;

/// One thing that happened on a recorded connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// When, since the recording was started.
    pub at: Duration,
    /// What.
    pub kind: Recorded,
}

/// What happened on a recorded connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recorded {
    /// A connection was opened: field names that were announced before are void (B86).
    Opened,
    /// A binary message came.
    Binary(Vec<u8>),
    /// A text message came. The PBX sends none (B5).
    Text(String),
    /// The connection was closed or lost.
    Closed,
    /// Something that this version does not know.
    Unknown {
        /// Its number.
        kind: u8,
        /// Its data.
        data: Vec<u8>,
    },
}

impl RecordedEvent {
    /// Something that happened.
    #[must_use]
    pub const fn new(at: Duration, kind: Recorded) -> Self {
        Self { at, kind }
    }
}

mod kind {
    pub(super) const OPENED: u8 = 1;
    pub(super) const BINARY: u8 = 2;
    pub(super) const TEXT: u8 = 3;
    pub(super) const CLOSED: u8 = 4;
}

/// Writes down what happens on a connection, across reconnects.
///
/// Each event is handed to the writer in one piece: give it a [`BufWriter`](io::BufWriter) if that
/// is too often. What was written when a program is killed can be read.
///
/// A recording holds call data, and no credentials.
///
/// ```
/// use std::time::Duration;
/// use basix_cti::{Recorded, Recorder, Recording, Timestamp};
///
/// let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(1_546_839_040_024_071))?;
/// recorder.opened(Duration::ZERO)?;
/// recorder.binary(Duration::from_millis(3), b"\x83j")?;
/// recorder.closed(Duration::from_secs(9))?;
/// let file = recorder.into_inner();
///
/// let recording = Recording::new(file.as_slice())?;
/// assert_eq!(recording.started(), Timestamp::from_micros(1_546_839_040_024_071));
/// let events = recording.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(events[1].at, Duration::from_millis(3));
/// assert_eq!(events[1].kind, Recorded::Binary(b"\x83j".to_vec()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Recorder<W> {
    out: W,
    /// The event that is being written.
    buffer: Vec<u8>,
}

impl<W: Write> Recorder<W> {
    /// Starts a recording at this moment, from which the times of events count.
    ///
    /// # Errors
    ///
    /// When the writer fails.
    pub fn new(mut out: W, started: Timestamp) -> io::Result<Self> {
        let mut header = MAGIC.to_vec();
        header.extend(VERSION.to_be_bytes());
        header.extend(started.as_micros().to_be_bytes());
        out.write_all(&header)?;
        Ok(Self { out, buffer: header })
    }

    /// A connection was opened.
    ///
    /// # Errors
    ///
    /// When the writer fails.
    pub fn opened(&mut self, at: Duration) -> io::Result<()> {
        self.put(at, kind::OPENED, &[])
    }

    /// A binary message came.
    ///
    /// # Errors
    ///
    /// When the writer fails, or the message has 4 GiB or more.
    pub fn binary(&mut self, at: Duration, message: &[u8]) -> io::Result<()> {
        self.put(at, kind::BINARY, message)
    }

    /// A text message came.
    ///
    /// # Errors
    ///
    /// When the writer fails, or the message has 4 GiB or more.
    pub fn text(&mut self, at: Duration, message: &str) -> io::Result<()> {
        self.put(at, kind::TEXT, message.as_bytes())
    }

    /// The connection was closed or lost.
    ///
    /// # Errors
    ///
    /// When the writer fails.
    pub fn closed(&mut self, at: Duration) -> io::Result<()> {
        self.put(at, kind::CLOSED, &[])
    }

    /// Something of another recording happened.
    ///
    /// # Errors
    ///
    /// When the writer fails, or there is data of 4 GiB or more.
    pub fn event(&mut self, event: &RecordedEvent) -> io::Result<()> {
        match &event.kind {
            Recorded::Opened => self.opened(event.at),
            Recorded::Binary(message) => self.binary(event.at, message),
            Recorded::Text(message) => self.text(event.at, message),
            Recorded::Closed => self.closed(event.at),
            Recorded::Unknown { kind, data } => self.put(event.at, *kind, data),
        }
    }

    fn put(&mut self, at: Duration, kind: u8, data: &[u8]) -> io::Result<()> {
        let length = u32::try_from(data.len()).map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a message of 4 GiB or more is not recorded",
            )
        })?;
        // 584,000 years are enough.
        let at = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
        self.buffer.clear();
        self.buffer.push(kind);
        self.buffer.extend(at.to_be_bytes());
        self.buffer.extend(length.to_be_bytes());
        self.buffer.extend(data);
        self.out.write_all(&self.buffer)
    }

    /// Hands on what the writer still holds.
    ///
    /// # Errors
    ///
    /// When the writer fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }
}

/// Why a recording cannot be read on. Holds nothing of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The input fails.
    #[error("recording cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It begins in another way.
    #[error("this is not a recording of a connection: it begins with other bytes")]
    NotARecording,
    /// A later version wrote it.
    #[error("recording has format version {version}, and this program reads version {VERSION}")]
    Version {
        /// The version.
        version: u16,
    },
    /// It ends too early.
    #[error("recording ends inside what starts at byte {offset}: it was cut short")]
    Cut {
        /// Where the incomplete part starts, in bytes from the start.
        offset: u64,
    },
    /// A message is longer than is taken.
    #[error("recording has a message of {length} bytes at byte {offset}, more than {limit}")]
    TooLong {
        /// Where, in bytes from the start.
        offset: u64,
        /// Bytes of the message.
        length: u32,
        /// The limit.
        limit: u32,
    },
    /// A text message is no text.
    #[error("recording has a text message that is not utf-8 at byte {offset}")]
    Text {
        /// Where, in bytes from the start.
        offset: u64,
    },
    /// Replay at no speed.
    #[error("speed of a replay has to be a number above 0")]
    Speed,
}

/// Reads what a [`Recorder`] has written, one event after the other.
///
/// Holds one event at a time. After an error there is nothing more; what was whole before it has
/// been given. Reads in small pieces: give it a [`BufReader`](io::BufReader) where that costs.
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
    /// What every recording begins with. As the length of a message it would be above 2 GB, so
    /// that no file of plain messages begins so.
    pub const MAGIC: [u8; 8] = MAGIC;

    /// Bytes of the longest message that is taken by default.
    pub const LIMIT: u32 = 64 << 20;

    /// Reads the beginning of a recording.
    ///
    /// # Errors
    ///
    /// When the input fails or is no recording of this version.
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

    /// Takes messages up to another length.
    #[must_use]
    pub fn with_limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    /// The moment from which the times of events count, by the clock of whoever recorded.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        self.started
    }

    /// The events with the times at which they are due when they are replayed `factor` times as
    /// fast as they came: 1 is real speed, [`f64::INFINITY`] makes everything due at once.
    ///
    /// # Errors
    ///
    /// When the factor is not a number above 0.
    pub fn at_speed(self, factor: f64) -> Result<Replay<R>, RecordingError> {
        // NaN is not above 0 either.
        if factor > 0.0 {
            Ok(Replay { recording: self, factor, due: Duration::ZERO })
        } else {
            Err(RecordingError::Speed)
        }
    }

    /// The events, all of them due at once.
    #[must_use]
    pub const fn at_full_speed(self) -> Replay<R> {
        Replay { recording: self, factor: f64::INFINITY, due: Duration::ZERO }
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
        // Reads what is there: a length that promises more reserves nothing.
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

    /// Reads up to so many bytes; gives how many there were.
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
        // The end is an end also of a file that grows.
        self.has_failed = !matches!(event, Some(Ok(_)));
        event
    }
}

impl<R: Read> std::iter::FusedIterator for Recording<R> {}

/// The events of a [`Recording`], each with the time at which it is due, counted from the start
/// of the replay. Made by [`Recording::at_speed`] and [`Recording::at_full_speed`].
///
/// Whoever replays waits until then; nothing waits here.
///
/// ```
/// use std::time::Duration;
/// use basix_cti::{Recorder, Recording, Timestamp};
///
/// let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(0))?;
/// recorder.opened(Duration::from_secs(10))?;
/// recorder.closed(Duration::from_secs(60))?;
/// let file = recorder.into_inner();
///
/// let due: Vec<Duration> = Recording::new(&*file)?
///     .at_speed(10.0)?
///     .map(|event| Ok(event?.at))
///     .collect::<Result<_, basix_cti::RecordingError>>()?;
/// assert_eq!(due, [Duration::from_secs(1), Duration::from_secs(6)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replay<R> {
    recording: Recording<R>,
    factor: f64,
    /// When the latest event was due.
    due: Duration,
}

impl<R: Read> Iterator for Replay<R> {
    type Item = Result<RecordedEvent, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        let event = self.recording.next()?;
        Some(event.map(|event| {
            // Times of a damaged recording may go back; what is due never does.
            self.due = self.due.max(scaled(event.at, self.factor));
            RecordedEvent { at: self.due, ..event }
        }))
    }
}

impl<R: Read> std::iter::FusedIterator for Replay<R> {}

/// A time divided by a factor above 0, or the longest there is.
#[expect(clippy::float_cmp, reason = "at real speed times are exact")]
fn scaled(at: Duration, factor: f64) -> Duration {
    if factor == 1.0 {
        return at;
    }
    Duration::try_from_secs_f64(at.as_secs_f64() / factor).unwrap_or(Duration::MAX)
}
