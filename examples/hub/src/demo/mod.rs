//! Pretend PBXs of all four kinds, with traffic by seed, over real sockets on loopback.

mod basix;
mod gravitel;
mod load;
mod story;
mod ucom;
mod vodia;

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, StatusCode};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use voip_module::HttpTransport as _;

use self::story::{Act, Plan, Progress, Random};
use crate::config::SourceConfig;
use crate::http_client::HttpClient;

/// Calls of a PBX at one time, beside those that somebody asked for.
const MAX_CALLS: usize = 5;
/// Calls that were asked for and have not begun.
const MAX_ASKED: usize = 32;

/// A PBX that plays calls.
#[async_trait]
trait PretendPbx: Send + Sync {
    /// Its configuration in the hub.
    fn source(&self) -> SourceConfig;

    /// Reports an act, which `progress` has taken in, to the hub.
    async fn perform(&self, plan: &Plan, progress: &Progress, act: Act);
}

/// A call that was asked for with a command.
struct Asked {
    id: String,
    agent: usize,
    number: String,
}

/// The calls of a PBX in progress, so that a command can end one.
#[derive(Clone, Default)]
struct Playing(Arc<Mutex<HashMap<String, Arc<Notify>>>>);

impl Playing {
    fn begin(&self, id: &str) -> Arc<Notify> {
        let mut playing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        playing.entry(id.to_owned()).or_default().clone()
    }

    /// Ends a call; returns whether there is one.
    fn hang_up(&self, id: &str) -> bool {
        let playing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        playing.get(id).map(|ended| ended.notify_one()).is_some()
    }

    fn end(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// A PBX with its traffic.
struct Stage {
    pbx: Arc<dyn PretendPbx>,
    seed: u64,
    prefix: &'static str,
    asked: mpsc::Receiver<Asked>,
    playing: Playing,
}

/// The pretend PBXs.
pub struct Demo {
    stages: Vec<Stage>,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").finish_non_exhaustive()
    }
}

impl Demo {
    /// Starts the PBXs, which will send to the hub at this address.
    ///
    /// # Errors
    ///
    /// If no socket can be opened.
    pub async fn start(hub: SocketAddr) -> io::Result<Self> {
        let client = HttpClient::new().map_err(io::Error::other)?;
        let mut stages = Vec::new();
        let mut add = |pbx: Arc<dyn PretendPbx>, prefix, asked, playing| {
            let seed = stages.len() as u64 + 1;
            stages.push(Stage { pbx, seed, prefix, asked, playing });
        };
        let (_unused, asked) = mpsc::channel(1);
        add(Arc::new(basix::Basix::start().await?), "b", asked, Playing::default());
        let (sender, asked) = mpsc::channel(MAX_ASKED);
        let gravitel = gravitel::Gravitel::start(hub, client.clone(), sender).await?;
        add(Arc::new(gravitel), "g", asked, Playing::default());
        let (_unused, asked) = mpsc::channel(1);
        add(Arc::new(ucom::Ucom::new(hub, client)), "u", asked, Playing::default());
        let ((sender, asked), playing) = (mpsc::channel(MAX_ASKED), Playing::default());
        let vodia = vodia::Vodia::start(hub, sender, playing.clone())?;
        add(Arc::new(vodia), "v", asked, playing);
        Ok(Self { stages })
    }

    /// The PBXs' configuration in the hub.
    pub fn sources(&self) -> impl Iterator<Item = SourceConfig> {
        self.stages.iter().map(|stage| stage.pbx.source())
    }

    /// Plays calls until it is dropped.
    pub(crate) async fn run(self) {
        let mut tasks = JoinSet::new();
        for stage in self.stages {
            tasks.spawn(stage.run());
        }
        while tasks.join_next().await.is_some() {}
    }
}

impl Stage {
    async fn run(mut self) {
        let mut random = Random::new(self.seed);
        let mut calls = JoinSet::new();
        // Ids differ from one run to the next, as those of a real PBX do.
        let start = now() / 1_000_000;
        // After the hub has connected, so that it sees the first call from its beginning.
        let mut next = tokio::time::Instant::now() + Duration::from_secs(1);
        for number in 0_u64.. {
            let id = format!("{}{start}-{number}", self.prefix);
            let plan = tokio::select! {
                Some(asked) = self.asked.recv() => {
                    Plan::outbound(asked.id, (asked.number, ""), asked.agent, &mut random)
                }
                () = tokio::time::sleep_until(next) => {
                    next += random.pause(3_000, 9_000);
                    if calls.len() >= MAX_CALLS {
                        while calls.try_join_next().is_some() {}
                        continue;
                    }
                    Plan::random(id, &mut random)
                }
            };
            calls.spawn(play(self.pbx.clone(), plan, self.playing.clone()));
            while calls.try_join_next().is_some() {}
        }
    }
}

async fn play(pbx: Arc<dyn PretendPbx>, plan: Plan, playing: Playing) {
    let ended = playing.begin(&plan.id);
    let mut progress = Progress::default();
    for (pause, act) in &plan.acts {
        let is_ended = tokio::select! {
            () = tokio::time::sleep(*pause) => false,
            () = ended.notified() => true,
        };
        let act = if is_ended { Act::End } else { *act };
        progress.apply(act, now());
        pbx.perform(&plan, &progress, act).await;
        if act == Act::End {
            break;
        }
    }
    playing.end(&plan.id);
}

/// Sends a request until it is answered with success, a few times.
async fn deliver(client: &HttpClient, request: impl Fn() -> http::Result<Request<Bytes>>) {
    for pause in [0, 200, 1_000, 3_000] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let Ok(request) = request() else { return };
        match client.send(request).await {
            Ok(response) if response.status().is_success() => return,
            Ok(response) if response.status() != StatusCode::SERVICE_UNAVAILABLE => {
                tracing::warn!(status = response.status().as_u16(), "the hub refuses a request");
                return;
            }
            _ => {}
        }
    }
}

/// Serves a PBX's commands on a free port.
async fn serve(app: axum::Router) -> io::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    // Ends with the program, as the PBX does.
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// The part of the first asked-for call's id that differs from one run to the next.
fn first_asked() -> AtomicU64 {
    AtomicU64::new(now().unsigned_abs())
}

/// Microseconds since 1970, by the clock of the PBXs.
fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// A token of this run.
fn token() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!("{:016x}{:016x}", RandomState::new().hash_one(1), RandomState::new().hash_one(2))
}
