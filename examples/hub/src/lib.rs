//! A program where the four crates meet: calls of several PBXs in one log, on one page, and sent on
//! as events. See the README beside this package's manifest.

#![forbid(unsafe_code)]

pub mod config;
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

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

pub use self::config::Config;
use self::http_client::HttpClient;
use self::live::Live;
pub use self::outbound::{KeyError, OutboundError};
use self::sources::{Control, Receiver};
use self::store::{Store, StoreError};
use self::timeline::Micros;

/// Readers of the event stream, at most.
const MAX_READERS: usize = 256;
/// How long requests and tasks get to come to an end.
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

/// What page, API and sources share.
struct Shared {
    config: Config,
    store: Arc<Store>,
    live: Arc<Live>,
    sources: BTreeMap<String, SourceParts>,
    /// Receivers of changes.
    receivers: Vec<Arc<outbound::TargetFigures>>,
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
            pages: config.database_pages,
            targets: outbound::names(&config),
            outbox_rows: config.outbox_rows,
            inbox_hours: config.inbox_hours,
        };
        let store = Arc::new(Store::open(options, live.clone()).map_err(store_error)?);
        for call in store.open_calls().await.map_err(store_error)? {
            live.set_call(call);
        }
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(tick(store.clone(), stopped.clone()));
        let client = HttpClient::new().map_err(StartError::HttpClient)?;
        let receivers = outbound::start(&config, &store, &client, &stopped, &mut tasks).await?;
        let sources = BTreeMap::new();
        let readers = Arc::new(Semaphore::new(MAX_READERS));
        let stop_signal = stopped.clone();
        let shared = Shared { config, store, live, sources, receivers, readers, stop: stop_signal };
        let shared = Arc::new(shared);
        tasks.spawn(web::serve(listener, shared.clone(), stopped));
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

async fn tick(store: Arc<Store>, mut stop: watch::Receiver<bool>) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = second.tick() => store.tick(),
        }
    }
}

/// Microseconds since 1970, by the wall clock.
pub(crate) fn now() -> Micros {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX))
}
