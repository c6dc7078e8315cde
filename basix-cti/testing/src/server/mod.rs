//! The model behind a real socket.

mod request;
mod shared;
mod socket;
mod stream;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::connection::ConnectionId;
use crate::handshake::CTI_PATH;
use crate::pbx::{Pbx, Traffic};
use shared::{Flood, Shared, run_clock};

/// A [`Pbx`] behind a real websocket on this machine, and behind HTTP for `call_user`, on one port.
///
/// Needs the feature `sockets`, and a tokio runtime with time and IO. The model's clock follows the
/// runtime's, and the model's faults happen on the socket: a message is cut in the middle of its
/// bytes, written in small pieces, or nothing is written and no ping answered. An unreachable PBX
/// accepts a connection and drops it at once; [`stop_listening`](Self::stop_listening) refuses
/// connections.
///
/// ```
/// # #[cfg(feature = "sockets")]
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use basix_cti_testing::{Pbx, Server};
///
/// let mut pbx = Pbx::new(1);
/// let anna = pbx.add_user("anna");
/// let server = Server::start(pbx).await?;
///
/// // Connect to `server.url()` with the domain `example.test` and the token `token`.
/// assert!(server.url().starts_with("ws://127.0.0.1:"));
/// let uuid = server.with(|pbx| pbx.offer("0312345678", anna))?; // is sent out at once
/// assert!(server.look(|pbx| pbx.channel(&uuid).is_some()));
/// server.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    addr: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    listening: Option<Listening>,
    /// Connections whose listener was stopped live on.
    former: Vec<AbortHandle>,
    clock: AbortHandle,
    /// The next step of [`run_random`](Self::run_random), by seed.
    random: Mutex<BTreeMap<u64, RandomRun>>,
}

#[derive(Debug)]
struct RandomRun {
    traffic: Traffic,
    /// Time of the next step.
    due: Instant,
}

#[derive(Debug)]
struct Listening {
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
    task: AbortHandle,
}

/// Time for clients to close when the server stops.
const STOP_TIME: Duration = Duration::from_secs(3);

impl Server {
    /// Serves a PBX on a free port of 127.0.0.1, without TLS.
    ///
    /// # Errors
    ///
    /// If no port is available.
    pub async fn start(pbx: Pbx) -> io::Result<Self> {
        Self::bind(pbx, None).await
    }

    /// Serves a PBX on a free port of 127.0.0.1 with TLS.
    ///
    /// # Errors
    ///
    /// If no port is available.
    pub async fn start_tls(pbx: Pbx, config: Arc<ServerConfig>) -> io::Result<Self> {
        Self::bind(pbx, Some(config)).await
    }

    async fn bind(pbx: Pbx, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared::new(pbx));
        let clock = tokio::spawn(run_clock(Arc::clone(&shared))).abort_handle();
        let random = Mutex::default();
        let (listening, former) = (None, Vec::new());
        let mut server = Self { shared, addr, tls, listening, former, clock, random };
        server.listen(listener);
        Ok(server)
    }

    fn listen(&mut self, listener: TcpListener) {
        let (stop, stopping) = oneshot::channel();
        let (ended, stopped) = oneshot::channel();
        let (shared, tls) = (Arc::clone(&self.shared), self.tls.clone().map(TlsAcceptor::from));
        let task = tokio::spawn(accept(shared, tls, listener, stopping, ended)).abort_handle();
        self.listening = Some(Listening { stop, stopped, task });
    }

    /// The address.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Scheme, host and port: `ws://127.0.0.1:51234`.
    #[must_use]
    pub fn origin(&self) -> String {
        let scheme = if self.tls.is_some() { "wss" } else { "ws" };
        format!("{scheme}://{}", self.addr)
    }

    /// The address of the websocket, without credentials:
    /// `ws://127.0.0.1:51234/basix/api/ws_cti`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{CTI_PATH}", self.origin())
    }

    /// Changes the model and sends the resulting messages at once.
    pub fn with<T>(&self, change: impl FnOnce(&mut Pbx) -> T) -> T {
        self.shared.with(change)
    }

    /// Reads the model.
    pub fn look<T>(&self, look: impl FnOnce(&Pbx) -> T) -> T {
        self.shared.look(look)
    }

    /// Waits until a condition holds in the model, for ever if it never does.
    pub async fn until(&self, is: impl Fn(&Pbx) -> bool) {
        let mut changes = self.shared.changes();
        loop {
            changes.borrow_and_update();
            if self.look(&is) || changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Runs random traffic at a number of steps a second, or as fast as possible with `None`; never
    /// ends.
    ///
    /// Cancel safe: a later call with the same seed resumes the traffic where it was, and no step is
    /// lost or repeated. Calls with the same seed at the same time share one traffic.
    pub async fn run_random(&self, seed: u64, events_per_second: Option<u32>) {
        let pace = events_per_second.map(|events| Duration::from_secs(1) / events.max(1));
        loop {
            // No await separates a step from the time of the next one.
            let due = self.random_step(seed, pace);
            match pace {
                Some(_) => tokio::time::sleep_until(due).await,
                None => tokio::task::yield_now().await,
            }
        }
    }

    /// Takes the next step of this traffic if it is due; returns the time of the step after it.
    fn random_step(&self, seed: u64, pace: Option<Duration>) -> Instant {
        let now = Instant::now();
        let mut runs = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let run = runs.entry(seed).or_insert_with(|| RandomRun {
            // The clock is the runtime's.
            traffic: Traffic::new(seed).with_pace(Duration::ZERO),
            due: now,
        });
        if pace.is_none() || run.due <= now {
            self.with(|pbx| run.traffic.step(pbx));
            run.due = now + pace.unwrap_or_default();
        }
        run.due
    }

    /// Sends `count` messages on a connection, cycling through these; for load. Waits until they
    /// are written or the connection is gone.
    ///
    /// Messages of the model go first. A message is shared, not copied, between repetitions and
    /// connections.
    pub async fn flood(&self, connection: ConnectionId, frames: Vec<Arc<[u8]>>, count: u64) {
        let (done, written) = oneshot::channel();
        let left = if frames.is_empty() { 0 } else { count };
        self.shared.flood(connection, Flood { frames, left, next: 0, done: Some(done) });
        // An error means that the connection is gone.
        let _ = written.await;
    }

    /// Stops accepting connections; they are refused. Open connections stay.
    pub async fn stop_listening(&mut self) {
        if let Some(Listening { stop, stopped, task }) = self.listening.take() {
            let _ = stop.send(());
            let _ = stopped.await;
            self.former.push(task);
        }
    }

    /// Accepts connections again, at the same address.
    ///
    /// # Errors
    ///
    /// If another program has taken the port.
    pub async fn listen_again(&mut self) -> io::Result<()> {
        if self.listening.is_none() {
            let listener = TcpListener::bind(self.addr).await?;
            self.listen(listener);
        }
        Ok(())
    }

    /// Closes all connections with code 1001 and waits up to three seconds for the clients to close
    /// too. A server that is only dropped cuts its connections.
    pub async fn stop(mut self) {
        self.stop_listening().await;
        self.with(|pbx| {
            let open: Vec<ConnectionId> = pbx.connections().collect();
            open.into_iter().for_each(|connection| pbx.send_close(connection, 1001));
        });
        let closed = self.until(|pbx| pbx.connections().next().is_none());
        let _ = tokio::time::timeout(STOP_TIME, closed).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.clock.abort();
        self.former.iter().for_each(AbortHandle::abort);
        if let Some(listening) = &self.listening {
            listening.task.abort();
        }
    }
}

/// Accepts connections until asked to stop, then serves those that are open. Aborting it cuts them.
async fn accept(
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
    listener: TcpListener,
    mut stopping: oneshot::Receiver<()>,
    stopped: oneshot::Sender<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = match future::select(Box::pin(listener.accept()), &mut stopping).await {
            future::Either::Left((accepted, _)) => accepted,
            future::Either::Right(_) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(serve(Arc::clone(&shared), tls.clone(), stream));
            }
            // Out of file descriptors, or the client has left.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    drop(listener);
    let _ = stopped.send(());
    while connections.join_next().await.is_some() {}
}

async fn serve(shared: Arc<Shared>, tls: Option<TlsAcceptor>, stream: TcpStream) {
    // Small messages are not held back.
    let _ = stream.set_nodelay(true);
    match tls {
        None => socket::serve(shared, stream).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                socket::serve(shared, stream).await;
            }
        }
    }
}
