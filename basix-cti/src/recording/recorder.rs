//! Writing a recording.

use std::io::{self, Write};
use std::time::Duration;

use super::event::{MAGIC, Recorded, RecordedEvent, VERSION, kind};
use crate::element::Timestamp;

/// Records the messages of a connection, across reconnects.
///
/// Each event is one call of the writer: wrap files in a [`BufWriter`](io::BufWriter) if that is
/// too slow. A recording that a killed program left behind can be read.
///
/// A recording contains call data and no credentials.
///
/// # Format
///
/// ```text
/// recording = magic (89 43 54 49 0D 0A 1A 0A), version (u16, 1), started (i64), entry…
/// entry     = kind (u8), at (u64), length (u32), that many bytes
/// ```
///
/// Numbers are big-endian, times microseconds: `started` since 1970-01-01 UTC, `at` since then.
/// Kinds are 1 opened, 2 binary message, 3 text message, 4 closed.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use basix_cti::recording::{Recorded, Recorder, Recording};
/// use basix_cti::Timestamp;
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
    /// The event in progress.
    buffer: Vec<u8>,
}

impl<W: Write> Recorder<W> {
    /// Starts a recording at `started`, from which the times of events count.
    ///
    /// # Errors
    ///
    /// If the writer fails.
    pub fn new(mut out: W, started: Timestamp) -> io::Result<Self> {
        let mut header = MAGIC.to_vec();
        header.extend(VERSION.to_be_bytes());
        header.extend(started.as_micros().to_be_bytes());
        out.write_all(&header)?;
        Ok(Self { out, buffer: header })
    }

    /// Records that a connection was opened.
    ///
    /// # Errors
    ///
    /// If the writer fails.
    pub fn opened(&mut self, at: Duration) -> io::Result<()> {
        self.put(at, kind::OPENED, &[])
    }

    /// Records a binary message.
    ///
    /// # Errors
    ///
    /// If the writer fails, or the message has 4 GiB or more.
    pub fn binary(&mut self, at: Duration, message: &[u8]) -> io::Result<()> {
        self.put(at, kind::BINARY, message)
    }

    /// Records a text message.
    ///
    /// # Errors
    ///
    /// If the writer fails, or the message has 4 GiB or more.
    pub fn text(&mut self, at: Duration, message: &str) -> io::Result<()> {
        self.put(at, kind::TEXT, message.as_bytes())
    }

    /// Records that the connection was closed or lost.
    ///
    /// # Errors
    ///
    /// If the writer fails.
    pub fn closed(&mut self, at: Duration) -> io::Result<()> {
        self.put(at, kind::CLOSED, &[])
    }

    /// Records an event of another recording.
    ///
    /// # Errors
    ///
    /// If the writer fails, or the data has 4 GiB or more.
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

    /// Flushes the writer.
    ///
    /// # Errors
    ///
    /// If the writer fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.out
    }
}
