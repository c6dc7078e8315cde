//! The session under the test's clock: its events, work and deadlines.

mod command;
mod connection;
mod current;
mod events;
mod supervisor;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use basix_cti::bert::Encoder;
use basix_cti::session::{CommandOutcome, DisconnectReason, SessionOptions, Transmit};
use basix_cti::store::Origin;
use basix_cti::{Event, Session};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// A session with its clock.
pub(super) struct Run {
    pub(super) session: Session,
    pub(super) now: Instant,
}

impl Run {
    /// A session whose first connection is open.
    pub(super) fn open(options: SessionOptions) -> Self {
        let mut run = Self::new(options);
        run.connect();
        assert_eq!(run.said(), ["Connected"]);
        run
    }

    /// A session without a settle time.
    pub(super) fn new(options: SessionOptions) -> Self {
        Self::settling(options.with_settle(Duration::ZERO))
    }

    pub(super) fn settling(options: SessionOptions) -> Self {
        let now = Instant::now();
        Self { session: Session::new(now, options), now }
    }

    /// Opens the connection that the session requests.
    #[track_caller]
    pub(super) fn connect(&mut self) {
        assert_eq!(self.session.poll_transmit(), Some(Transmit::Connect));
        assert_eq!(self.session.poll_transmit(), None);
        self.session.handle_connected(self.now);
    }

    pub(super) fn frame(&mut self, frame: &[u8]) {
        self.session.handle_frame(self.now, frame);
    }

    /// Announces elements with the fields uuid, id and state.
    pub(super) fn announce(&mut self, elements: &[&str]) {
        for element in elements {
            self.frame(&spec(element));
        }
    }

    pub(super) fn list(&mut self, element: &str, keys: &[&str]) {
        self.frame(&list(element, keys));
    }

    pub(super) fn event(&mut self, element: &str, key: &str, state: &str, event: &str) {
        self.frame(&info_event(element, key, state, event));
    }

    /// A connection over which channels and users are followed.
    pub(super) fn current(options: SessionOptions) -> Self {
        let mut run = Self::open(options);
        let mut said = Vec::new();
        for frame in [spec("channel"), spec("user"), list("channel", &["c-1"])] {
            run.frame(&frame);
            said.extend(run.said());
        }
        run.event("channel", "c-2", "bridged", "added");
        run.list("user", &["7"]);
        said.extend(run.said());
        assert_eq!(
            said,
            [
                "found: added channel c-1",
                "listed channel 1",
                "added channel c-2",
                "found: added user 7",
                "listed user 1",
                "Resynced"
            ]
        );
        run
    }

    pub(super) fn closed(&mut self, reason: DisconnectReason) {
        self.session.handle_closed(self.now, reason);
    }

    /// Advances the time, and executes the session's work at each deadline.
    pub(super) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.session.poll_timeout().filter(|deadline| *deadline <= end) {
            self.now = deadline.max(self.now);
            self.session.handle_timeout(self.now);
        }
        self.now = end;
        self.session.handle_timeout(end);
    }

    /// Returns all events in short form.
    pub(super) fn said(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.session.poll_event()).map(|event| short(&event)).collect()
    }

    pub(super) fn outcomes(&mut self) -> Vec<CommandOutcome> {
        std::iter::from_fn(|| self.session.poll_outcome()).map(|(_, outcome)| outcome).collect()
    }

    pub(super) fn transmits(&mut self) -> Vec<Transmit> {
        std::iter::from_fn(|| self.session.poll_transmit()).collect()
    }
}

pub(super) fn short(event: &Event) -> String {
    match event {
        Event::Connected => "Connected".into(),
        Event::Listed { element, records } => format!("listed {element} {records}"),
        Event::Changed(change) => match change.origin() {
            Origin::List => format!("found: {change}"),
            Origin::Disconnect => format!("lost: {change}"),
            _ => change.to_string(),
        },
        Event::Unchanged(unchanged) => {
            let event_name = unchanged.event_name.as_deref().unwrap_or("all");
            format!("unchanged {} {event_name} {}", unchanged.element, unchanged.records.len())
        }
        Event::Unavailable(kind) => format!("unavailable: {kind}"),
        Event::System(payload) => {
            format!("system {:?}", payload.as_payload().system_message())
        }
        Event::Message(payload) => format!("message {:?}", payload.as_payload().term()),
        Event::Unknown(term) => format!("unknown {}", term.as_term()),
        Event::Refused(refused) => {
            format!("refused {:?} at {} of {}", refused.class(), refused.offset(), refused.size())
        }
        Event::Full(kind) => format!("full of {kind}"),
        Event::Stale => "Stale".into(),
        Event::Resynced => "Resynced".into(),
        Event::Disconnected(end) => end.to_string(),
        Event::Lagged { missed, generation } => format!("lagged {missed} up to {generation}"),
        other => panic!("{other:?}"),
    }
}

pub(super) fn spec(element: &str) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("field_spec").string(element).list(3);
    encoder.atom("uuid").atom("id").atom("state").finish().unwrap()
}

pub(super) fn record<'a>(
    encoder: &'a mut Encoder,
    element: &str,
    key: &str,
    state: &str,
) -> &'a mut Encoder {
    encoder.tuple(3);
    if element.contains("channel") {
        encoder.binary(key).atom("undefined");
    } else {
        encoder.atom("undefined").integer(key.parse::<i64>().unwrap());
    }
    match state {
        "park" => encoder.tuple(3).integer(1).atom("park").integer(901),
        state => encoder.tuple(2).integer(1).atom(state),
    }
}

pub(super) fn list(element: &str, keys: &[&str]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(3).atom("initial_info").string(element).list(keys.len());
    for key in keys {
        record(&mut encoder, element, key, "bridged");
    }
    encoder.finish().unwrap()
}

pub(super) fn info_event(element: &str, key: &str, state: &str, event: &str) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.tuple(4).atom("info_event").string(element);
    record(&mut encoder, element, key, state).atom(event).finish().unwrap()
}

pub(super) fn system(payload: &str) -> Vec<u8> {
    Encoder::new().tuple(2).atom("system_msg").atom(payload).finish().unwrap()
}

pub(super) fn lost() -> DisconnectReason {
    DisconnectReason::Lost(ErrorKind::ConnectionReset)
}
