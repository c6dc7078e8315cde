//! The output of a program that follows a PBX: lines for people, or one JSON object a line.

mod json;
mod text;

use std::io::{self, Write};

use basix_cti::{Event, Store, Timestamp};

use crate::mirror::{Mirror, Step};

/// How the output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the two that there are")]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Writes down what happens, line by line.
#[derive(Debug)]
pub struct Report<W> {
    out: W,
    format: Format,
    mirror: Mirror,
    is_current: bool,
}

impl<W: Write> Report<W> {
    /// A report that begins.
    pub fn new(out: W, format: Format) -> Self {
        Self { out, format, mirror: Mirror::default(), is_current: false }
    }

    /// Writes down an event. `store` gives a view of the store; it may be ahead of the event.
    ///
    /// # Errors
    ///
    /// When the output fails.
    pub fn event(
        &mut self,
        time: Timestamp,
        event: &Event,
        store: impl FnOnce() -> Store,
    ) -> io::Result<()> {
        match event {
            Event::Changed(change) => return self.step(time, &Step::from(change)),
            Event::Resynced => self.is_current = true,
            Event::Stale | Event::Disconnected(_) => self.is_current = false,
            _ => {}
        }
        let view = matches!(event, Event::Resynced).then(store);
        let line = match self.format {
            Format::Text => text::event(time, event, view.as_ref()),
            Format::Json => json::event(time, event).map(|line| line.to_string()),
        };
        if let Some(line) = line {
            writeln!(self.out, "{line}")?;
        }
        // What was not told one by one: the snapshot, and what was missed.
        let steps = view.map(|view| self.mirror.difference(&view)).unwrap_or_default();
        steps.iter().try_for_each(|step| self.step(time, step))
    }

    fn step(&mut self, time: Timestamp, step: &Step) -> io::Result<()> {
        let line = match self.format {
            Format::Text => text::step(time, step, &self.mirror),
            Format::Json => Some(json::step(time, step)?),
        };
        self.mirror.apply(step);
        line.map_or(Ok(()), |line| writeln!(self.out, "{line}"))
    }

    /// Writes down what is there at the end.
    ///
    /// # Errors
    ///
    /// When the output fails.
    pub fn end(&mut self, time: Timestamp) -> io::Result<()> {
        match self.format {
            Format::Text => text::end(&mut self.out, time, &self.mirror, self.is_current)?,
            Format::Json => {
                writeln!(self.out, "{}", json::end(time, &self.mirror, self.is_current)?)?;
            }
        }
        self.flush()
    }

    /// A line of the program itself, for people only.
    ///
    /// # Errors
    ///
    /// When the output fails.
    pub fn remark(&mut self, time: Timestamp, remark: &str) -> io::Result<()> {
        match self.format {
            Format::Text => writeln!(self.out, "{}", text::line(time, "--", remark)),
            Format::Json => Ok(()),
        }
    }

    /// Hands on what is written so far.
    ///
    /// # Errors
    ///
    /// When the output fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A time for printing; what no calendar has is shown as 1970.
fn moment(time: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(time.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}
