//! Recorded events, played through a tracker with their own clock.

use std::io::{self, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ucom_events::track::Snapshot;
use ucom_events::{
    CallRecord, Directory, Event, Output, Timestamp, Tracker, TrackerOptions, parse_body,
};

/// A tracker, and the clock that the input sets.
#[derive(Debug)]
pub struct Player<W> {
    options: TrackerOptions,
    directory: Directory,
    tracker: Tracker,
    /// Microseconds since 1970.
    now: u64,
    /// Records of this very moment: notices of the same moment come first.
    held: Vec<Line<Box<CallRecord>>>,
    out: W,
}

#[derive(Debug, Serialize)]
struct Line<T> {
    kind: &'static str,
    at: u64,
    #[serde(flatten)]
    content: T,
}

impl<W: Write> Player<W> {
    /// A player that prints to `out`.
    #[must_use]
    pub fn new(options: TrackerOptions, directory: Directory, out: W) -> Self {
        // The output does not depend on it, and no two runs should differ.
        let random = [0; 16];
        let tracker = Tracker::new(options.clone(), directory.clone(), random);
        Self { options, directory, tracker, now: 0, held: Vec::new(), out }
    }

    /// Plays one line: an object with `at` and `body`, or a body that comes at its own time.
    ///
    /// Returns the error of a line that is not an event, which changes nothing.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn line(&mut self, line: &[u8]) -> io::Result<Option<String>> {
        #[derive(Deserialize)]
        struct Delivery {
            at: u64,
            body: String,
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let (at, event) = match serde_json::from_slice::<Delivery>(line) {
            Ok(delivery) => (Some(delivery.at), parse_body(delivery.body)),
            Err(_) => (None, parse_body(line)),
        };
        let event = match event {
            Ok(event) => event,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let at = at.unwrap_or_else(|| {
            let sent = event.as_extension().and_then(|event| event.event_time());
            sent.map_or(self.now, |time| time.as_micros().max(self.now))
        });
        self.run_to(at)?;
        self.handle(&event)?;
        Ok(None)
    }

    fn handle(&mut self, event: &Event) -> io::Result<()> {
        let arrived = Timestamp::from_micros(self.now);
        self.tracker.handle_event(Duration::from_micros(self.now), arrived, event);
        self.print()
    }

    /// Runs the clock up to a time; everything due on the way happens at its own time.
    fn run_to(&mut self, at: u64) -> io::Result<()> {
        while let Some(due) = self.due().filter(|due| *due <= at) {
            self.step(due)?;
        }
        self.step(at)
    }

    fn due(&self) -> Option<u64> {
        let reading = self.tracker.poll_timeout()?;
        u64::try_from(reading.as_micros()).ok()
    }

    fn step(&mut self, at: u64) -> io::Result<()> {
        if at != self.now {
            self.print_held()?;
        }
        self.now = at;
        self.tracker.handle_timeout(Duration::from_micros(at));
        self.print()
    }

    /// Turns the tracker into JSON and back.
    ///
    /// # Errors
    ///
    /// If that fails.
    pub fn restart(&mut self) -> io::Result<()> {
        let json = serde_json::to_string(&self.tracker.snapshot())?;
        let snapshot: Snapshot = serde_json::from_str(&json)?;
        let now = Duration::from_micros(self.now);
        let (options, directory) = (self.options.clone(), self.directory.clone());
        self.tracker = Tracker::restore(options, directory, snapshot, now)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok(())
    }

    /// Runs the clock until every call is decided.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn end(&mut self) -> io::Result<()> {
        while self.tracker.has_open_calls() {
            let Some(due) = self.due() else { break };
            self.step(due)?;
        }
        Ok(())
    }

    fn print(&mut self) -> io::Result<()> {
        let at = self.now;
        while let Some(output) = self.tracker.poll() {
            match output {
                Output::Notice(content) => {
                    self.print_line(&Line { kind: "notice", at, content })?
                }
                Output::Call(content) => self.held.push(Line { kind: "call", at, content }),
                Output::Revised(content) => self.held.push(Line { kind: "revised", at, content }),
                _ => {}
            }
        }
        Ok(())
    }

    fn print_held(&mut self) -> io::Result<()> {
        for line in std::mem::take(&mut self.held) {
            self.print_line(&line)?;
        }
        Ok(())
    }

    fn print_line(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }

    /// Prints all held lines.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.print_held()?;
        self.out.flush()
    }
}
