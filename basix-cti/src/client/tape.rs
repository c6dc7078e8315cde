//! Recording of a client's connection in a file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::Path;
use std::time::Instant;

use crate::element::Timestamp;
use crate::recording::Recorder;

/// Recording of a client's connection in a file.
pub(super) struct Tape {
    recorder: Recorder<BufWriter<File>>,
    started: Instant,
    unwritten: bool,
}

impl Tape {
    /// Starts a recording in a new file that only its owner may read.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = BufWriter::new(options.open(path)?);
        let recorder = Recorder::new(file, Timestamp::now())?;
        Ok(Self { recorder, started: Instant::now(), unwritten: true })
    }

    pub(super) fn opened(&mut self, now: Instant) -> io::Result<()> {
        self.unwritten = true;
        self.recorder.opened(now.saturating_duration_since(self.started))
    }

    pub(super) fn binary(&mut self, now: Instant, frame: &[u8]) -> io::Result<()> {
        self.unwritten = true;
        self.recorder.binary(now.saturating_duration_since(self.started), frame)
    }

    pub(super) fn text(&mut self, now: Instant, text: &str) -> io::Result<()> {
        self.unwritten = true;
        self.recorder.text(now.saturating_duration_since(self.started), text)
    }

    pub(super) fn closed(&mut self, now: Instant) -> io::Result<()> {
        self.unwritten = true;
        self.recorder.closed(now.saturating_duration_since(self.started))
    }

    /// Flushes the recording.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.unwritten) { self.recorder.flush() } else { Ok(()) }
    }
}
