//! The log has neither tokens nor call data. A second test would need its own binary: both loggers
//! belong to the process.

use std::fmt::{Debug, Write as _};
use std::sync::Mutex;
use std::time::Duration;

use basix_cti::session::{Reconnect, SessionOptions};
use basix_cti::{Client, Command, Endpoint, Event};
use basix_cti_testing::{Callee, Pbx, Server};
use tracing::field::{Field, Visit};
use tracing::span;

const TOKEN: &str = "s3cr3t-T0KEN-0f-the-log";
/// The token as HTTP sends it, after `example.test:`.
const ENCODED: &str = "MzY3IzdC1UMEtFTi0wZi10aGUtbG9n";
const CALLER: &str = "09056161879";

/// Everything that either logger received.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        writeln!(LOGGED.lock().unwrap(), "log {} {}", record.target(), record.args()).unwrap();
    }

    fn flush(&self) {}
}

struct Subscriber;

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut logged = LOGGED.lock().unwrap();
        write!(logged, "tracing {}", event.metadata().target()).unwrap();
        event.record(&mut Line(&mut logged));
        logged.push('\n');
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn tokens_are_in_no_log_and_call_data_is_in_none_of_ours() {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Subscriber).unwrap();

    let mut pbx = Pbx::new(1);
    pbx.set_token(TOKEN);
    let boss = pbx.add_administrator("boss");
    let uuid = pbx.offer(CALLER, Callee::User(boss)).unwrap();
    let server = Server::start(pbx).await.unwrap();
    let session =
        SessionOptions::default().with_reconnect(Reconnect::fixed(Duration::from_millis(1)));
    let builder = || Client::builder().session(session.clone()).supervisor(boss);
    let wrong = Endpoint::new(server.origin(), "example.test", format!("{TOKEN}!"));
    assert!(builder().connect(wrong).await.is_err());

    let endpoint = Endpoint::new(server.origin(), "example.test", TOKEN);
    let mut client = builder().connect(endpoint).await.unwrap();
    let mut shown = format!("{client:?} {:#?}", builder());
    let handle = client.handle();
    let mut listened = None;
    let mut cut = false;
    while let Some(event) = client.next().await {
        match event {
            Event::Resynced if !cut => {
                let sent = handle.eavesdrop(Command::eavesdrop(&*uuid)).unwrap();
                handle.send(Command::park(&*uuid)).unwrap();
                listened = Some(tokio::spawn(sent));
            }
            Event::Changed(_) if !cut && handle.helper_leg().is_some() => {
                cut = true;
                server.with(|pbx| {
                    let connections: Vec<_> = pbx.connections().collect();
                    for connection in connections {
                        pbx.send_frame(connection, CALLER.as_bytes().into());
                        pbx.send_close(connection, 1001);
                    }
                });
            }
            Event::Refused(_) | Event::Disconnected(_) => {
                write!(shown, "{event:?}").unwrap();
            }
            Event::Resynced => break,
            _ => {}
        }
    }
    listened.unwrap().await.unwrap();
    client.close().await;
    server.stop().await;

    let logged = LOGGED.lock().unwrap().clone();
    for text in [&logged, &shown] {
        assert!(!text.contains(TOKEN), "{text}");
        assert!(!text.contains(ENCODED) && !text.contains("Authorization"), "{text}");
    }
    let ours: Vec<&str> = logged.lines().filter(|line| line.contains(" basix_cti")).collect();
    for expected in ["connected", "resynced", "disconnected", "message refused", "command"] {
        assert!(ours.iter().any(|line| line.contains(expected)), "{expected}: {ours:#?}");
    }
    for line in ours {
        assert!(!line.contains(CALLER) && !line.contains(&uuid), "{line}");
    }
}
