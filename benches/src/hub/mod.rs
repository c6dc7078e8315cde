//! The hub in this process, with its pretend PBXs of all four kinds on loopback sockets.
//!
//! Hub and PBXs run on threads of their own, so that their processor times are known apart.

mod figures;

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hub::demo::Demo;
use hub::{Config, Hub, Running};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use self::figures::{Others, Sizes, hub_time, peak_memory};

/// The method, for the report.
pub const METHOD: &str = "\
The hub of `examples/hub` with its database in a file, and its pretend PBXs of all four kinds, in one \
process on the same cores, over loopback sockets. Each PBX plays calls without pauses, 16 at a time; an \
HTTP request is answered once it is committed to disk. An event is a step of a call: it begins, a phone \
rings or stops, somebody answers, it ends.

Page latency: from the moment at which a PBX sends that a phone rings, to the event in an open event \
stream of the page; a call every 50 ms, at each PBX in turn. The hub looks at a Basix PBX's changes at a \
pace of its own.

In the crates: the kept requests are handled again as at a start of the hub after a crash, which is \
the crates and the folding of their output without HTTP and commits. That time for each request, taken \
for each event of all PBXs, is about what the crates and the folding need; the rest is outside.";

/// Calls of each PBX at one time.
const AT_ONCE: usize = 16;
/// Pause between the calls that measure the latency.
const PAUSE: Duration = Duration::from_millis(50);
/// Calls that measure the latency without load.
const QUIET: usize = 400;

/// A hub and its PBXs.
struct Bench {
    hub_threads: Runtime,
    pbx_threads: Runtime,
    config: Config,
    demo: Arc<Demo>,
}

/// Calls that are about to appear on the page, by number.
type Watched = Arc<Mutex<HashMap<String, oneshot::Sender<Instant>>>>;

fn runtime(name: &str) -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).thread_name(name).enable_all().build()
}

/// Measures, and gives the table as Markdown.
///
/// # Errors
///
/// If the hub does not start or loses a call.
pub fn report(calls: u64) -> Result<String, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("hub.sqlite3");
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let (hub_threads, pbx_threads) = (runtime("hub")?, runtime("pbx")?);
    // On a thread with their name, which their own threads inherit.
    let started = pbx_threads.spawn(Demo::start(address));
    let demo = Arc::new(pbx_threads.block_on(started)??);
    let mut config = Config::new();
    (config.listen, config.database) = (address, Some(path.clone()));
    config.sources = demo.sources().collect();
    let bench = Bench { hub_threads, pbx_threads, config, demo };

    let hub = bench.start()?;
    let quiet = bench.latencies(address, |measured| measured >= QUIET)?;
    let logged = bench.logged(&hub)?;
    let (start, time_before, others_before) = (Instant::now(), hub_time(), Others::read());
    let (events, busy) = bench.load(address, calls)?;
    let elapsed = start.elapsed().as_secs_f64();
    let hub_seconds = hub_time() - time_before;
    let others = Others::read().share_since(&others_before);
    let wanted = calls * bench.demo.len() as u64;
    let measured = (busy.0.len() + busy.1) as u64;
    let start = Instant::now();
    // The Basix PBX does not wait for the hub.
    while bench.logged(&hub)? < logged + wanted + measured {
        if start.elapsed() > Duration::from_secs(60) {
            let found = bench.logged(&hub)? - logged;
            return Err(format!("of {} calls {found} are in the log", wanted + measured).into());
        }
        std::thread::sleep(PAUSE);
    }
    bench.hub_threads.block_on(hub.shutdown());
    let memory = peak_memory();
    let sizes = Sizes::read(&path)?;
    let replay = bench.replay()?;

    let mut table = String::from("\n| | |\n|---|--:|\n");
    let mut row = |name: &str, value: String| {
        let _ = writeln!(table, "| {name} | {value} |");
    };
    let per_million = |bytes: u64| format!("{:.2} GB", bytes as f64 / sizes.calls as f64 / 1e3);
    row("events a second, all four PBXs", format!("{:.0}", events as f64 / elapsed));
    row("calls a second", format!("{:.0}", wanted as f64 / elapsed));
    row("processor time of the hub for each event", micros(hub_seconds / events as f64));
    let inside = replay * events as f64 / hub_seconds;
    row("share of it outside the crates, about", percent(1.0 - inside));
    row("kept requests handled again at a start, each", micros(replay));
    row("most memory of the process, PBXs included", format!("{:.0} MB", memory as f64 / 1e6));
    row(&format!("database, a million calls (from {})", sizes.calls), per_million(sizes.log));
    row("requests of these calls, kept for `inbox_hours`", per_million(sizes.inbox));
    row("event to page, without load", quantiles(quiet));
    row("event to page, under this load", quantiles(busy));
    row("processors busy with other programs meanwhile", percent(others));
    Ok(table)
}

impl Bench {
    /// Starts the hub, on its own threads only.
    fn start(&self) -> Result<Running, Box<dyn Error>> {
        let started = self.hub_threads.spawn(Hub::start(self.config.clone()));
        Ok(self.hub_threads.block_on(started)??)
    }

    /// Plays calls at all PBXs; returns the number of events, and the latencies meanwhile.
    fn load(&self, address: SocketAddr, calls: u64) -> Result<(usize, Latencies), Box<dyn Error>> {
        let (next, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
        let events = Arc::new(AtomicUsize::new(0));
        for _ in 0..AT_ONCE {
            let (next, done) = (next.clone(), done.clone());
            let (events, demo) = (events.clone(), self.demo.clone());
            self.pbx_threads.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Relaxed);
                    if number >= calls {
                        break;
                    }
                    events.fetch_add(demo.play(number).await, Relaxed);
                }
                done.fetch_add(1, Relaxed);
            });
        }
        let latencies = self.latencies(address, |_| done.load(Relaxed) == AT_ONCE)?;
        Ok((events.load(Relaxed), latencies))
    }

    /// Measures the page's latency until `is_enough` of the number of measured calls.
    fn latencies(
        &self,
        address: SocketAddr,
        is_enough: impl Fn(usize) -> bool,
    ) -> Result<Latencies, Box<dyn Error>> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let watched = Watched::default();
        self.pbx_threads.block_on(async {
            let reader = tokio::spawn(read_page(address, watched.clone()));
            let (mut calls, mut count) = (JoinSet::new(), 0);
            while !is_enough(count) {
                let number = format!("+4989{:07}", NUMBER.fetch_add(1, Relaxed));
                let (sender, seen) = oneshot::channel();
                lock(&watched).insert(number.clone(), sender);
                let (demo, pbx) = (self.demo.clone(), count % self.demo.len());
                calls.spawn(async move {
                    let seen = tokio::time::timeout(Duration::from_secs(10), seen);
                    let seen = async { seen.await.ok().and_then(Result::ok) };
                    demo.ring(pbx, &number, seen).await
                });
                count += 1;
                tokio::time::sleep(PAUSE).await;
            }
            let all = calls.join_all().await;
            reader.abort();
            let mut seen: Vec<Duration> = all.into_iter().flatten().collect();
            seen.sort_unstable();
            let missed = count - seen.len();
            Ok((seen, missed))
        })
    }

    /// The number of ended calls in the log.
    fn logged(&self, hub: &Running) -> Result<u64, Box<dyn Error>> {
        let today = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
        let mut count = 0;
        for date in [today.yesterday()?, today] {
            let day = hub.store().day(date, jiff::tz::TimeZone::UTC);
            let day = self.hub_threads.block_on(day)?;
            count += day.hours.iter().map(|it| it.answered + it.missed + it.other).sum::<u64>();
        }
        Ok(count)
    }

    /// Seconds of processor time that a start needs for each request that it handles again.
    fn replay(&self) -> Result<f64, Box<dyn Error>> {
        let path = self.config.database.as_deref();
        let requests = Sizes::read(path.unwrap_or_else(|| Path::new("")))?.requests;
        let before = hub_time();
        let hub = self.start()?;
        let seconds = hub_time() - before;
        self.hub_threads.block_on(hub.shutdown());
        Ok(seconds / requests as f64)
    }
}

/// Latencies in order, and the number of calls that were not seen.
type Latencies = (Vec<Duration>, usize);

fn lock(watched: &Watched) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Instant>>> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the page's event stream, and notes when a watched call rings.
async fn read_page(address: SocketAddr, watched: Watched) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /api/events HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next_line().await? {
        let Some(data) = line.strip_prefix("data: ") else { continue };
        let Ok(call) = serde_json::from_str::<serde_json::Value>(data) else { continue };
        let has_rung = call["rang"].as_array().is_some_and(|rang| !rang.is_empty());
        let Some(number) = call["customer"].as_str().filter(|_| has_rung) else { continue };
        let watcher = lock(&watched).remove(number);
        watcher.map(|watcher| watcher.send(Instant::now()));
    }
    Ok(())
}

fn micros(seconds: f64) -> String {
    format!("{:.0} µs", seconds * 1e6)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn quantiles((seen, missed): Latencies) -> String {
    let at = |share: f64| {
        let place = (seen.len().saturating_sub(1) as f64 * share).round() as usize;
        seen.get(place).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    let note = if missed > 0 { format!(", {missed} not seen") } else { String::new() };
    format!("median {:.1} ms, p99 {:.1} ms{note}", at(0.5), at(0.99))
}
