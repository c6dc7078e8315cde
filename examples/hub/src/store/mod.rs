//! The database: calls, the inbox of raw requests and the outbox of changes.
//!
//! One thread writes. What waits for it is committed together, so that the disk is waited for once.

mod day;
mod error;
mod outbox;
mod read;
mod rows;
mod schema;
mod write;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

pub use self::day::{Day, Hour};
pub use self::error::StoreError;
pub use self::outbox::{OutboxRow, Settled};
pub use self::read::{CallPage, Filter};
pub use self::schema::VERSION;
use self::write::{Job, Writer};
use crate::clock::Clock;
use crate::live::Live;
use crate::timeline::{Call, Micros};

/// Requests and calls that wait for the writing thread.
const MAX_WAITING: usize = 4_096;
/// Time for which a request waits for a place among them.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time for which another program may lock the database.
const MAX_LOCKED: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 5_000 });
/// Connections that read at one time.
const READERS: usize = 4;
/// Exports at one time. They last as long as their readers like, and no other question waits for them.
const EXPORTS: usize = 2;

/// A kept request of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboxRow {
    /// The source's name.
    pub source: String,
    /// Time of arrival.
    pub received_at_us: Micros,
    /// Method, path and content type, as JSON.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The size of the database, for `/metrics`.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) outbox: AtomicU64,
    pub(crate) changes: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) failures: AtomicU64,
    /// Calls whose writing has failed, and which are tried again.
    pub(crate) unwritten: AtomicU64,
}

/// The database.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    jobs: mpsc::Sender<Job>,
    figures: Arc<Figures>,
    health: Arc<Mutex<Option<String>>>,
    outbox_rows: u64,
    news: watch::Receiver<u64>,
    readers: Semaphore,
    exports: Semaphore,
    idle: Arc<Mutex<Vec<Connection>>>,
    /// Held while this hub runs.
    _lock: File,
    _folder: Option<TempDir>,
}

/// Options of the database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// `None` for a temporary one.
    pub(crate) path: Option<PathBuf>,
    pub(crate) clock: Clock,
    pub(crate) pages: Option<u32>,
    /// Names of the receivers of changes.
    pub(crate) targets: Vec<String>,
    pub(crate) outbox_rows: u32,
    pub(crate) inbox_hours: u32,
}

impl Store {
    /// Opens the database, and brings it to the present version.
    pub(crate) fn open(options: Options, live: Arc<Live>) -> Result<Self, StoreError> {
        let folder = match &options.path {
            Some(_) => None,
            None => Some(TempDir::new().map_err(StoreError::Open)?),
        };
        let path = match (&options.path, &folder) {
            (Some(path), _) => path.clone(),
            (None, Some(folder)) => folder.path().join("hub.sqlite3"),
            (None, None) => return Err(StoreError::Closed),
        };
        let lock = lock(&path)?;
        let mut connection = Connection::open(&path)?;
        // Before anything is changed: the version may be a newer one.
        connection.busy_timeout(MAX_LOCKED)?;
        schema::migrate(&mut connection)?;
        schema::prepare(&connection, options.pages)?;
        let waiting = outbox::waiting(&connection, &options.targets)?;
        let figures = Arc::new(Figures { outbox: waiting.into(), ..Figures::default() });
        let health = Arc::new(Mutex::new(None));
        let (jobs, queue) = mpsc::channel(MAX_WAITING);
        let (news_sender, news) = watch::channel(0);
        let writer = Writer {
            connection,
            clock: options.clock,
            targets: options.targets,
            inbox_us: i64::from(options.inbox_hours) * 3_600_000_000,
            live,
            figures: figures.clone(),
            health: health.clone(),
            news: news_sender,
            unwritten: write::Unwritten::default(),
            pruned_at: None,
        };
        std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer.run(queue))
            .map_err(StoreError::Open)?;
        Ok(Self {
            path,
            jobs,
            figures,
            health,
            outbox_rows: options.outbox_rows.into(),
            news,
            readers: Semaphore::new(READERS),
            exports: Semaphore::new(EXPORTS),
            idle: Arc::default(),
            _lock: lock,
            _folder: folder,
        })
    }

    /// Commits a raw request. After this returns, it is not lost.
    pub(crate) async fn receive(&self, row: InboxRow) -> Result<(), StoreError> {
        self.has_room()?;
        let (done, committed) = oneshot::channel();
        self.place().await?.send(Job::Receive { row, done });
        committed.await.map_err(|_| StoreError::Closed)?
    }

    /// Refuses if too many changes wait for receivers.
    pub(crate) fn has_room(&self) -> Result<(), StoreError> {
        match self.figures.outbox.load(Ordering::Relaxed) < self.outbox_rows {
            true => Ok(()),
            false => Err(StoreError::Busy("changes for receivers")),
        }
    }

    /// A place for calls to be recorded. Take it before anything is changed that only a record
    /// of calls makes up for.
    pub(crate) async fn place(&self) -> Result<Place<'_>, StoreError> {
        let permit = tokio::time::timeout(PATIENCE, self.jobs.reserve()).await;
        let permit = permit.map_err(|_| StoreError::Busy("requests"))?;
        Ok(Place(permit.map_err(|_| StoreError::Closed)?))
    }

    /// Records the present facts of calls; those that are known already change nothing.
    ///
    /// # Errors
    ///
    /// If they could not be committed. They are kept, and tried again.
    pub async fn record(&self, calls: Vec<Call>) -> Result<(), StoreError> {
        self.place().await?.record(calls).await
    }

    /// The last error of writing; `None` if the last commit went well.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        if self.jobs.is_closed() {
            return Some(StoreError::Closed.to_string());
        }
        if let Err(error) = self.has_room() {
            return Some(error.to_string());
        }
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tries calls again that could not be written, and removes old requests.
    pub(crate) fn tick(&self) {
        // A queue that is full needs no reminder.
        let _ = self.jobs.try_send(Job::Tick);
    }

    /// Commits everything that waits, and closes the database.
    pub(crate) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

/// A place in the queue of the writing thread.
#[derive(Debug)]
pub(crate) struct Place<'a>(mpsc::Permit<'a, Job>);

impl Place<'_> {
    fn send(self, job: Job) {
        self.0.send(job);
    }

    /// Queues calls at once; the result comes when they are committed, or could not be.
    pub(crate) fn record(
        self,
        calls: Vec<Call>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
        let (done, committed) = oneshot::channel();
        if calls.is_empty() {
            let _ = done.send(Ok(()));
        } else {
            self.send(Job::Record { calls, removed: Vec::new(), done });
        }
        async move { committed.await.map_err(|_| StoreError::Closed)? }
    }

    /// Queues calls, and removes those that turned out to be parts of them.
    pub(crate) fn replace(
        self,
        calls: Vec<Call>,
        removed: Vec<(String, String)>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + use<> {
        let (done, committed) = oneshot::channel();
        self.send(Job::Record { calls, removed, done });
        async move { committed.await.map_err(|_| StoreError::Closed)? }
    }
}

/// Locks a file beside the database: two hubs would send every change twice.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(name)
        .map_err(StoreError::Open)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(std::fs::TryLockError::Error(error)) => Err(StoreError::Open(error)),
    }
}

#[cfg(test)]
mod tests;
