//! Replay of a recording, at any speed.

use std::io::Read;
use std::time::Duration;

use super::event::RecordedEvent;
use super::reader::{Recording, RecordingError};

impl<R: Read> Recording<R> {
    /// The events with their due times at `factor` times the recorded speed: 1 is real speed, with
    /// [`f64::INFINITY`] everything is due at once.
    ///
    /// # Errors
    ///
    /// If the factor is not a number above 0.
    pub fn at_speed(self, factor: f64) -> Result<Replay<R>, RecordingError> {
        // NaN is not above 0 either.
        if factor > 0.0 {
            Ok(Replay { recording: self, factor, due: Duration::ZERO })
        } else {
            Err(RecordingError::Speed)
        }
    }

    /// The events, all due at once.
    #[must_use]
    pub const fn at_full_speed(self) -> Replay<R> {
        Replay { recording: self, factor: f64::INFINITY, due: Duration::ZERO }
    }
}

/// The events of a [`Recording`], each with its due time since the start of the replay. Made by
/// [`Recording::at_speed`] and [`Recording::at_full_speed`].
///
/// The caller waits until then; the iterator itself never waits.
///
/// ```
/// use std::time::Duration;
/// use basix_cti::recording::{Recorder, Recording};
/// use basix_cti::Timestamp;
///
/// let mut recorder = Recorder::new(Vec::new(), Timestamp::from_micros(0))?;
/// recorder.opened(Duration::from_secs(10))?;
/// recorder.closed(Duration::from_secs(60))?;
/// let file = recorder.into_inner();
///
/// let due: Vec<Duration> = Recording::new(&*file)?
///     .at_speed(10.0)?
///     .map(|event| Ok(event?.at))
///     .collect::<Result<_, basix_cti::recording::RecordingError>>()?;
/// assert_eq!(due, [Duration::from_secs(1), Duration::from_secs(6)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Replay<R> {
    recording: Recording<R>,
    factor: f64,
    /// Due time of the latest event.
    due: Duration,
}

impl<R: Read> Iterator for Replay<R> {
    type Item = Result<RecordedEvent, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        let event = self.recording.next()?;
        Some(event.map(|event| {
            // Times of a damaged recording may go back; due times never do.
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
