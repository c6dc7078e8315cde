//! The client and the test PBX over real loopback sockets.

use std::time::Duration;

use basix_cti::session::{Reconnect, SessionOptions};
use basix_cti::{Client, ElementKind, Endpoint, Event};
use basix_cti_testing::{Fault, Faults, Pbx, Random, Server, Traffic};

use crate::follower::{Follower, Seen};

/// Only a failure takes this long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bursts of traffic in a run.
const BURSTS: u32 = 12;

/// Faults without long waits; the model's runs have the other kinds.
fn faults(random: &mut Random) -> Faults {
    let mut faults = Faults::none();
    for connection in 0..5 {
        for _ in 0..random.below(4) {
            let element = *random.pick(&ElementKind::KNOWN).unwrap();
            let fault = match random.below(18) {
                0 => Fault::Cut,
                1 | 2 => Fault::CutMidMessage,
                3 => Fault::HalfFrame,
                4 => Fault::Garbage,
                5 => Fault::GarbageInstead,
                6 => Fault::TextMessage,
                7 => Fault::Oversize(1 << 20),
                8 => Fault::Silence(None),
                9 => Fault::SlowWrite,
                10 => Fault::Close(1001),
                11 => Fault::Logout,
                12 => Fault::OtherOrder,
                13 => Fault::DuplicateInitialInfo(element),
                14 => Fault::MissingInitialInfo(element),
                15 => Fault::LateInitialInfo(element, Duration::from_millis(20)),
                16 => Fault::WebPage,
                _ => Fault::Refuse(http::StatusCode::SERVICE_UNAVAILABLE),
            };
            let message = if fault.is_at_opening() { 0 } else { random.below(60) as u64 };
            faults = faults.with(connection, message, fault);
        }
    }
    faults
}

fn options(random: &mut Random) -> SessionOptions {
    SessionOptions::default()
        .with_reconnect(Reconnect::fixed(Duration::from_millis(1)))
        .with_events(4 + random.below(200))
        .with_message_size(1 << 19)
        .with_settle(Duration::from_millis(2))
        .with_ping_interval(Duration::from_millis(100))
        .with_ping_timeout(Duration::from_millis(400))
        .with_stale_limit(Some(Duration::from_millis(600)))
}

struct Run {
    server: Server,
    client: Client,
    follower: Follower,
}

impl Run {
    /// Sends a mark on every connection, which shows how far the client has read.
    fn mark(&self, mark: &str) {
        self.server.with(|pbx| {
            let connections: Vec<_> = pbx.connections().collect();
            connections.into_iter().for_each(|connection| pbx.send_message(connection, mark));
        });
    }

    /// Polls events until the client has read everything.
    async fn catch_up(&mut self, mark: &str) -> Result<(), String> {
        self.mark(mark);
        let mut anew = false;
        let mut after_lag = false;
        loop {
            let event = self.client.next().await.ok_or("the events ended")?;
            self.follower.handle_event(&event, &self.client.store())?;
            let is_mark = |event: &Event| match event {
                Event::Message(notice) => notice
                    .as_payload()
                    .term()
                    .and_then(|term| term.as_text())
                    .is_some_and(|text| text == *mark),
                _ => false,
            };
            let repeats = std::mem::replace(&mut after_lag, matches!(event, Event::Lagged { .. }));
            match event {
                Event::Connected => anew = true,
                // The mark may have been missed.
                Event::Lagged { .. } => self.mark(mark),
                // Everything in the PBX is older than this connection.
                Event::Resynced if anew && !repeats => return self.check(),
                // A mark that came before does not count.
                Event::Resynced if !repeats => self.mark(mark),
                event if is_mark(&event) && self.follower.is_current => return self.check(),
                _ => {}
            }
        }
    }

    /// Polls no events until the store has everything, or the program is no longer busy.
    async fn be_late(&self) {
        for _ in 0..2000 {
            if self.server.look(|pbx| pbx.compare(&self.client.store())).is_ok() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Asserts that a current store equals the idle PBX.
    fn check(&self) -> Result<(), String> {
        let store = self.client.store();
        let compare = |pbx: &Pbx| match pbx.connections().last() {
            Some(connection) => pbx.compare_for(connection, &store),
            None => pbx.compare(&store),
        };
        self.server.look(compare).map_err(|it| it.to_string())?;
        self.follower.check(&store)
    }
}

async fn run(seed: u64) -> Result<Seen, String> {
    let mut random = Random::new(seed ^ 0x50c4);
    let mut pbx = Pbx::new(seed);
    pbx.vary_wire_form();
    pbx.set_odd_records(true);
    let mut traffic = Traffic::new(seed).with_pace(Duration::ZERO);
    (0..30).for_each(|_| traffic.step(&mut pbx));
    let faults = faults(&mut random);
    let plan = faults.to_string();
    pbx.set_faults(faults);
    let server = Server::start(pbx).await.map_err(|error| error.to_string())?;
    let endpoint = Endpoint::new(server.origin(), "example.test", "token");
    let client = Client::builder().session(options(&mut random)).start(endpoint);
    let client = client.map_err(|it| it.to_string())?;
    let mut run = Run { server, client, follower: Follower::default() };
    for burst in 0..BURSTS {
        // The client has caught up before each burst; so whenever it connects, all of it is over.
        let steps = if burst == 0 { 0 } else { random.below(40) };
        run.server.with(|pbx| (0..steps).for_each(|_| traffic.step(pbx)));
        if random.once_in(3) {
            run.be_late().await;
        }
        let mark = format!("burst {burst}");
        let caught_up = tokio::time::timeout(PATIENCE, run.catch_up(&mark)).await;
        caught_up
            .unwrap_or_else(|_| Err("it never catches up".into()))
            .map_err(|what| format!("{what}, after burst {burst}\n{plan}"))?;
    }
    let seen = run.follower.seen;
    run.client.close().await;
    run.server.stop().await;
    Ok(seen)
}

// B80, B102
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_sockets_the_store_is_as_the_pbx_is_whenever_the_client_says_so() {
    let mut total = Seen::default();
    let seeds = crate::seeds(50);
    for seed in seeds.clone() {
        let seen = run(seed).await.unwrap_or_else(|what| {
            panic!("seed {seed} over sockets: {what}\nTRUTH_SEED={seed} runs it alone")
        });
        total.add(seen);
    }
    eprintln!("{} seeds over sockets: {total:?}", seeds.end - seeds.start);
    if seeds.end - seeds.start >= 10 {
        for count in [total.changes, total.resynced, total.stale, total.refused] {
            assert!(count > 2, "{total:?}");
        }
    }
}
