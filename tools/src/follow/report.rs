//! The output of a program that follows a PBX: lines for people, or one JSON object a line.

mod json;
mod text;

use std::io::{self, Write};

use basix_cti::{Change, Event, Store, Timestamp};

use super::records::Records;

/// The format of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the two that there are")]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Writes changes and events, line by line.
#[derive(Debug)]
pub struct Report<W> {
    out: W,
    format: Format,
    records: Records,
    is_current: bool,
}

impl<W: Write> Report<W> {
    /// A report that begins.
    pub fn new(out: W, format: Format) -> Self {
        Self { out, format, records: Records::default(), is_current: false }
    }

    /// Writes an event. `store` returns a view of the store, which may be ahead of the event.
    ///
    /// # Errors
    ///
    /// If the output fails.
    pub fn event(
        &mut self,
        time: Timestamp,
        event: &Event,
        store: impl FnOnce() -> Store,
    ) -> io::Result<()> {
        match event {
            Event::Changed(change) => return self.change(time, change),
            Event::Resynced => self.is_current = true,
            Event::Stale | Event::Disconnected(_) => self.is_current = false,
            _ => {}
        }
        let line = match self.format {
            Format::Text => text::event(time, event, &self.records),
            Format::Json => json::event(time, event).map(|line| line.to_string()),
        };
        if let Some(line) = line {
            writeln!(self.out, "{line}")?;
        }
        if matches!(event, Event::Lagged { .. }) {
            // The store has the missed changes.
            self.records.replace(&store());
            if self.format == Format::Json {
                writeln!(self.out, "{}", json::records(time, &self.records)?)?;
            }
        }
        Ok(())
    }

    fn change(&mut self, time: Timestamp, change: &Change) -> io::Result<()> {
        let line = match self.format {
            Format::Text => text::change(time, change, &self.records),
            Format::Json => Some(json::change(time, change)?),
        };
        let is_news = self.records.apply(change);
        line.filter(|_| is_news).map_or(Ok(()), |line| writeln!(self.out, "{line}"))
    }

    /// Writes the present records at the end.
    ///
    /// # Errors
    ///
    /// If the output fails.
    pub fn end(&mut self, time: Timestamp) -> io::Result<()> {
        match self.format {
            Format::Text => text::end(&mut self.out, time, &self.records, self.is_current)?,
            Format::Json => {
                writeln!(self.out, "{}", json::end(time, &self.records, self.is_current)?)?;
            }
        }
        self.flush()
    }

    /// A line of the program itself, for people only.
    ///
    /// # Errors
    ///
    /// If the output fails.
    pub fn remark(&mut self, time: Timestamp, remark: &str) -> io::Result<()> {
        match self.format {
            Format::Text => writeln!(self.out, "{}", text::line(time, "--", remark)),
            Format::Json => Ok(()),
        }
    }

    /// Flushes the output.
    ///
    /// # Errors
    ///
    /// If the output fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Converts a time for printing; one outside the calendar becomes 1970.
fn moment(time: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(time.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}
