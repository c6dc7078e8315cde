//! Following a recording.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::pin::Pin;
use std::time::Duration;

use basix_cti::recording::{Recorded, RecordedEvent, Recording, RecordingError};
use basix_cti::session::{DisconnectReason, Reconnect, SessionOptions};
use basix_cti::{Session, Timestamp};
use tokio::time::Instant;
use tools::follow::Report;
use tools::usage::Failure;

/// The due time of an event, and the event with its recorded time.
type Due = Result<(Duration, RecordedEvent), RecordingError>;

/// Follows a recording until its end, or until `stop` is ready.
pub(crate) async fn follow(
    file: &str,
    speed: f64,
    mut stop: Pin<&mut impl Future<Output = ()>>,
    report: &mut Report<impl Write>,
) -> Result<(), Failure> {
    let refused = |error: RecordingError| Failure::in_file(file, error);
    let input = File::open(file).map_err(RecordingError::from).map_err(refused)?;
    let recording = Recording::new(BufReader::new(input)).map_err(refused)?;
    let started = recording.started();
    let mut player = Player::new();
    let mut time = started;
    let begin = Instant::now();
    for event in at_speed(recording, speed).map_err(refused)? {
        let (due, event) = match event {
            Ok(event) => event,
            Err(error) => {
                // All whole events are printed.
                report.end(time)?;
                return Err(refused(error));
            }
        };
        if !due.is_zero() {
            report.flush()?;
        }
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = wait(begin, due) => {}
        }
        let micros = i64::try_from(event.at.as_micros()).unwrap_or(i64::MAX);
        time = Timestamp::from_micros(started.as_micros().saturating_add(micros));
        player.play(event);
        while let Some(event) = player.session.poll_event() {
            report.event(time, &event, || player.session.store().clone())?;
        }
    }
    Ok(report.end(time)?)
}

fn at_speed<R: Read + 'static>(
    recording: Recording<R>,
    speed: f64,
) -> Result<Box<dyn Iterator<Item = Due>>, RecordingError> {
    if speed.is_infinite() {
        return Ok(Box::new(recording.map(|event| Ok((Duration::ZERO, event?)))));
    }
    Ok(Box::new(recording.at_speed(speed)?.map(move |event| {
        let RecordedEvent { at: due, kind, .. } = event?;
        let at = Duration::try_from_secs_f64(due.as_secs_f64() * speed).unwrap_or(Duration::MAX);
        Ok((due, RecordedEvent::new(at, kind)))
    })))
}

async fn wait(begin: Instant, due: Duration) {
    match begin.checked_add(due) {
        Some(due) => tokio::time::sleep_until(due).await,
        // Beyond the range of the clock.
        None => std::future::pending().await,
    }
}

/// A session whose connections are those of a recording.
struct Player {
    session: Session,
    start: std::time::Instant,
}

impl Player {
    fn new() -> Self {
        let options = SessionOptions::default()
            .with_reconnect(Reconnect::fixed(Duration::ZERO))
            .with_settle(Duration::ZERO)
            .with_events(usize::MAX);
        let start = std::time::Instant::now();
        Self { session: Session::new(start, options), start }
    }

    fn play(&mut self, event: RecordedEvent) {
        let now = self.start.checked_add(event.at).unwrap_or(self.start);
        match event.kind {
            Recorded::Opened => {
                self.closed(now);
                self.session.handle_connected(now);
                if !self.session.is_connected() {
                    // It waits for the time of its next attempt, which is now.
                    let until = self.session.poll_timeout().unwrap_or(now);
                    self.session.handle_timeout(until);
                    self.session.handle_connected(now);
                }
            }
            Recorded::Binary(frame) => self.session.handle_frame(now, &frame),
            Recorded::Text(text) => self.session.handle_text(now, &text),
            // The next connection ends this one. After the last one, what was present is printed.
            Recorded::Closed => {}
            // Events of later versions are not messages.
            _ => {}
        }
        // A recording has no receiver.
        while self.session.poll_transmit().is_some() {}
    }

    fn closed(&mut self, now: std::time::Instant) {
        if self.session.is_connected() {
            self.session.handle_closed(
                now,
                DisconnectReason::Closed { code: None, reason: Box::default() },
            );
        }
    }
}
