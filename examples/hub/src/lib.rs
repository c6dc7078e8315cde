//! A program where the four crates meet: calls of several PBXs in one log, on one page, and sent on
//! as events. See the README beside this package's manifest.

#![forbid(unsafe_code)]

mod clock;
pub mod config;
pub mod demo;
mod http_client;
mod inbox;
pub mod live;
mod outbound;
mod sources;
pub mod store;
pub mod timeline;
mod web;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use voip_module::HttpTransport as _;

pub use self::clock::Clock;
pub use self::config::Config;
use self::demo::Demo;
use self::http_client::HttpClient;
use self::live::Live;
pub use self::outbound::{KeyError, OutboundError};
use self::sources::{Control, Receiver};
use self::store::{Filter, Store, StoreError};
use self::timeline::Call;

/// Readers of the event stream, at most.
const MAX_READERS: usize = 256;
/// Time for requests and tasks to come to an end.
const GRACE: Duration = Duration::from_secs(5);

/// The reason why a hub does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens there, or the address is not this machine's.
    #[error("cannot listen on {address}: {error}; set another `listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        error: std::io::Error,
    },
    /// The database cannot be used.
    #[error("{}: {error}", path.as_deref().unwrap_or("temporary database"))]
    Store {
        /// The file.
        path: Option<String>,
        /// The reason.
        error: StoreError,
    },
    /// A pretend PBX has not started.
    #[error("a pretend PBX has not started: {0}")]
    Demo(#[from] std::io::Error),
    /// A source cannot be set up.
    #[error("source {name}: {reason}")]
    Source {
        /// Its name.
        name: String,
        /// The reason.
        reason: String,
    },
    /// Changes cannot be sent.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    HttpClient(voip_module::Error),
}

/// A source as the web server sees it.
#[derive(Default)]
struct SourceParts {
    receiver: Option<Arc<dyn Receiver>>,
    control: Option<Arc<dyn Control>>,
}

/// The parts that page, API and sources share.
struct Shared {
    config: Config,
    store: Arc<Store>,
    live: Arc<Live>,
    sources: BTreeMap<String, SourceParts>,
    /// Receivers of changes.
    targets: Vec<Arc<outbound::TargetFigures>>,
    /// Places of readers of the event stream.
    readers: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

/// A hub: starts sources, web server and senders in this process.
#[derive(Debug)]
#[non_exhaustive]
pub struct Hub;

/// A hub that runs.
pub struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Hub {
    /// Starts a hub.
    ///
    /// # Errors
    ///
    /// If the address is taken, the database cannot be used, or a source cannot be set up.
    pub async fn start(config: Config) -> Result<Running, StartError> {
        let address = config.listen;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| StartError::Listen { address, error })?;
        let address =
            listener.local_addr().map_err(|error| StartError::Listen { address, error })?;
        let path = config.database.as_ref().map(|path| path.display().to_string());
        let store_error = |error| StartError::Store { path: path.clone(), error };
        let live = Arc::new(Live::default());
        let options = store::Options {
            path: config.database.clone(),
            clock: config.clock.clone(),
            pages: config.database_pages,
            targets: outbound::names(&config),
            outbox_rows: config.outbox_rows,
            inbox_hours: config.inbox_hours,
        };
        let store = Arc::new(Store::open(options, live.clone()).map_err(store_error)?);
        let open = store.open_calls().await.map_err(store_error)?;
        open.iter().for_each(|call| live.set_call(call.clone()));
        let (stop, stopped) = watch::channel(false);
        let demo = if config.is_demo { Some(Demo::start(address).await?) } else { None };
        let mut config = config;
        config.sources.extend(demo.iter().flat_map(Demo::sources));
        let mut tasks = JoinSet::new();
        let (mut sources, mut receivers, mut started) =
            (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for source in &config.sources {
            let name = source.name.clone();
            let built = sources::build(source, &store, &live, &config.clock, &open)
                .map_err(|reason| StartError::Source { name: name.clone(), reason })?;
            if let Some(receiver) = &built.receiver {
                receivers.insert(name.clone(), receiver.clone());
            }
            let parts = SourceParts { receiver: built.receiver, control: built.control };
            sources.insert(name, parts);
            started.push(built.task);
        }
        let since = config.clock.now() - i64::from(config.inbox_hours) * 3_600_000_000;
        sources::replay(&store, since, &receivers).await.map_err(store_error)?;
        for task in
            started
                .into_iter()
                .chain([tick(store.clone(), live.clone(), config.clock.clone()).boxed()])
        {
            tasks.spawn(until(stopped.clone(), task));
        }
        let client = HttpClient::new().map_err(StartError::HttpClient)?;
        let targets =
            outbound::start(&config, (&store, &live), &client, &stopped, &mut tasks).await?;
        let shared = Arc::new(Shared {
            config,
            store,
            live,
            sources,
            targets,
            readers: Arc::new(Semaphore::new(MAX_READERS)),
            stop: stopped.clone(),
        });
        tasks.spawn(web::serve(listener, shared.clone(), stopped.clone()));
        if let Some(demo) = demo {
            tasks.spawn(until(stopped, demo.run().boxed()));
        }
        Ok(Running { address, shared, stop, tasks })
    }
}

impl Running {
    /// The address of page, API and webhooks.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The present state.
    #[must_use]
    pub fn live(&self) -> &Live {
        &self.shared.live
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Checks that the hub answers, that its database is written, and that it has seen a call of
    /// each source; returns the latest one of each.
    ///
    /// # Errors
    ///
    /// What is wrong, for people.
    pub async fn check(&self) -> Result<Vec<Call>, String> {
        let client = HttpClient::new().map_err(|error| error.to_string())?;
        for path in ["healthz", "readyz"] {
            let request = http::Request::get(format!("http://{}/{path}", self.address))
                .body(bytes::Bytes::new())
                .map_err(|error| error.to_string())?;
            let response =
                client.send(request).await.map_err(|error| format!("/{path}: {error}"))?;
            if !response.status().is_success() {
                let reason = String::from_utf8_lossy(response.body()).trim().to_owned();
                return Err(format!("/{path}: {} {reason}", response.status().as_u16()));
            }
        }
        let mut calls = Vec::new();
        for source in self.shared.sources.keys() {
            let filter = Filter { source: Some(source.clone()), ..Filter::default() };
            let page =
                self.shared.store.calls(filter, 1).await.map_err(|error| error.to_string())?;
            if page.calls.is_empty() {
                return Err(format!("no call was seen from source {source}"));
            }
            calls.extend(page.calls);
        }
        Ok(calls)
    }

    /// Ends everything: requests in progress are answered, and what waits is committed.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            self.tasks.shutdown().await;
        }
        self.shared.store.close().await;
    }
}

/// Runs a task until the hub stops.
async fn until(mut stop: watch::Receiver<bool>, task: BoxFuture<'static, ()>) {
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        () = task => {}
    }
}

async fn tick(store: Arc<Store>, live: Arc<Live>, clock: Clock) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        store.tick();
        clock.follow(|| live.is_idle());
    }
}
