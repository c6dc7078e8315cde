//! A web server that takes events in.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri};
use ucom_events::api::ClientDirectory;
use ucom_events::{
    Event, EventUrls, Limits, Policy, Timestamp, TokenTable, Tracker, TrackerEvent, classify,
    parse_request,
};

/// What the server knows, and what it has heard.
#[derive(Clone, Debug)]
pub struct Listener(Arc<Mutex<Heard>>);

/// Inside a [`Listener`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Heard {
    urls: EventUrls,
    rows: TokenTable<String>,
    directory: ClientDirectory,
    tracker: Tracker,
    /// The time; the example's own, so that each run is the same.
    pub now: Timestamp,
    /// Lines for people, to be taken away.
    pub lines: Vec<String>,
    /// The records of outside calls.
    pub log: Vec<ucom_events::LegRecord>,
}

impl Listener {
    /// Takes events in for the rows of a table.
    #[must_use]
    pub fn new(
        urls: EventUrls,
        rows: TokenTable<String>,
        directory: ClientDirectory,
        tracker: Tracker,
    ) -> Self {
        let (now, lines, log) = (Timestamp::default(), Vec::new(), Vec::new());
        Self(Arc::new(Mutex::new(Heard { urls, rows, directory, tracker, now, lines, log })))
    }

    /// What it has heard.
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server.
    pub fn router(&self) -> Router {
        let limit = DefaultBodyLimit::max(Limits::default().bytes);
        Router::new().fallback(take).layer(limit).with_state(self.clone())
    }
}

impl Heard {
    /// Lets time pass: tells what is known by then.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = now;
        self.tracker.handle_timeout(now);
        self.drain();
    }

    /// The time at which all calls are decided.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        self.tracker.poll_timeout()
    }

    fn take(&mut self, method: &Method, uri: &Uri, body: &[u8]) -> StatusCode {
        // First the token: who does not have one is not heard.
        let row = self
            .urls
            .read_opaque(uri.path())
            .and_then(|(_, candidate)| self.rows.find(candidate).cloned());
        let Some(row) = row else {
            self.lines.push("  refused: no such event URL".to_owned());
            return StatusCode::NOT_FOUND;
        };
        let event = match parse_request(method, uri, body) {
            Ok(event) => event,
            Err(error) => {
                self.lines.push(format!("  {row}: {error}"));
                return StatusCode::BAD_REQUEST;
            }
        };
        let line = match &event {
            Event::Extension(event) => {
                let scope = classify(event, &Policy::default(), Some(&self.directory));
                format!("{:<8} {:<16} {}", event.kind(), scope, scope.reason())
            }
            Event::Agent(event) => event.to_string(),
            other => format!("{} fields", other.fields().len()),
        };
        self.lines.push(format!("  {row:<9} {line}"));
        self.tracker.handle_event(self.now, &event);
        self.drain();
        StatusCode::OK
    }

    fn drain(&mut self) {
        while let Some(event) = self.tracker.poll_event() {
            match event {
                TrackerEvent::CallLogged(record) => self.log.push(record),
                TrackerEvent::LegLeftOut(record, why) => {
                    let extension = record.extension.as_deref().unwrap_or("?");
                    self.lines.push(format!("            left out of the log: {extension}, {why}"));
                }
                TrackerEvent::AgentChanged(agent) => {
                    let ready = if agent.is_ready() { "ready" } else { "not ready" };
                    self.lines.push(format!("            agent {} is {ready}", agent.agent_id));
                }
                _ => {}
            }
        }
    }
}

async fn take(
    State(listener): State<Listener>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let status = listener.heard().take(&method, &uri, &body);
    (status, if status == StatusCode::OK { "OK" } else { "" })
}
