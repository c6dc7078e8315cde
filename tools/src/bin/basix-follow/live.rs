//! Following a PBX over a websocket, the one in this process or any other.

use std::io::{self, Write};
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use basix_cti::client::ClientBuilder;
use basix_cti::element::GroupType;
use basix_cti::session::{DisconnectReason, Reconnect, SessionOptions};
use basix_cti::{Endpoint, Event, Timestamp};
use basix_cti_testing::{Fault, Faults, Pbx, Server};
use tools::follow::Report;
use tools::usage::Failure;

/// Options for following a PBX: the intervals of the vendor's client, and room for events while the
/// output is slow.
pub(crate) fn session() -> SessionOptions {
    SessionOptions::default().with_events(16 << 10)
}

/// Follows a PBX until `stop` is ready.
pub(crate) async fn follow(
    endpoint: Endpoint,
    builder: ClientBuilder,
    mut stop: Pin<&mut impl Future<Output = ()>>,
    report: &mut Report<impl Write>,
) -> Result<(), Failure> {
    let connected = tokio::select! {
        biased;
        () = &mut stop => return Ok(report.end(now())?),
        client = builder.connect(endpoint) => client,
    };
    let connected = connected.map_err(|error| Failure::Failed(error.to_string()));
    let (mut client, mut is_stopping) = (connected?, false);
    loop {
        tokio::select! {
            biased;
            () = &mut stop, if !is_stopping => {
                // Events that arrived by now are still printed.
                client.handle().close();
                is_stopping = true;
            }
            event = client.next() => match event {
                Some(Event::Disconnected(end)) if matches!(end.reason, DisconnectReason::Requested) => {
                    report.end(now())?;
                    client.close().await;
                    return Ok(());
                }
                Some(event) => {
                    report.event(now(), &event, || client.store())?;
                    report.flush()?;
                }
                None => return Ok(report.end(now())?),
            }
        }
    }
}

pub(crate) fn now() -> Timestamp {
    SystemTime::now().into()
}

/// A PBX in this process with random traffic, at a readable pace.
pub(crate) struct TestPbx(Endpoint);

/// Steps in a second; most change several records.
const STEPS_PER_SECOND: u32 = 12;
/// A fixed seed, so that every run is the same.
const SEED: u64 = 2;

impl TestPbx {
    /// Starts the PBX, which ends with the runtime.
    pub(crate) async fn start() -> io::Result<Self> {
        let mut pbx = Pbx::new(SEED);
        pbx.advance_to(now());
        let users =
            ["anna", "ben", "chloe", "david", "emma", "finn"].map(|name| pbx.add_user(name));
        for (name, group_type) in [("sales", GroupType::Ring), ("support", GroupType::Hunt)] {
            let group = pbx.add_group(name, group_type);
            for user in users {
                // Both exist.
                let _ = pbx.join(group, user);
            }
        }
        // The snapshot takes some twenty messages.
        pbx.set_faults(
            Faults::none()
                .with(0, 45, Fault::CutMidMessage)
                .with(1, 0, Fault::OtherOrder)
                .with(1, 90, Fault::Message)
                .with(1, 150, Fault::Close(1012))
                .with(2, 200, Fault::Garbage)
                .with(3, 300, Fault::SlowWrite),
        );
        let server = Server::start(pbx).await?;
        let endpoint = Endpoint::new(server.origin(), "example.test", "token")
            .app_name("basix-follow")
            .full_events();
        tokio::spawn(async move { server.run_random(SEED, Some(STEPS_PER_SECOND)).await });
        Ok(Self(endpoint))
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        self.0.clone()
    }

    /// The options of [`session`] with shorter intervals, so that reconnects show.
    pub(crate) fn session(&self) -> SessionOptions {
        session()
            .with_reconnect(Reconnect::fixed(Duration::from_millis(300)))
            .with_stale_limit(Some(Duration::from_secs(2)))
    }
}
