//! The calls of a source that may still change, and their way to the database.

use std::collections::{BTreeSet, HashMap};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::{Arrival, Clock};
use crate::live::Live;
use crate::store::{Store, StoreError};
use crate::timeline::{Call, Micros};

/// Calls kept in memory; beyond that those that ended first are dropped, and read again when they
/// change.
const MAX_CALLS: usize = 20_000;
/// Time after its end for which a call is kept in memory.
const REMEMBERED: Duration = Duration::from_secs(600);
/// Time without a word of it after which a call counts as ended.
pub(crate) const MAX_SILENCE: Duration = Duration::from_secs(4 * 3600);
/// Calls recorded together after a replay.
const CHUNK: usize = 500;

/// The wait for a commit.
pub(crate) type Commit = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// The calls of a source that may still change. `N` is what its fold remembers beside a call.
#[derive(Debug)]
pub(crate) struct Book<N> {
    source: String,
    store: Arc<Store>,
    live: Arc<Live>,
    clock: Clock,
    pages: Mutex<Pages<N>>,
}

#[derive(Debug)]
struct Pages<N> {
    entries: HashMap<String, Entry<N>>,
    /// The calls changed by a replay, which are recorded at its end; `None` after it.
    replayed: Option<BTreeSet<String>>,
}

/// A call, and what its fold remembers beside it.
#[derive(Clone, Debug)]
pub(crate) struct Entry<N> {
    pub(crate) call: Call,
    pub(crate) notes: N,
    /// The time at which the call counts as ended, or is forgotten. Monotonic: a stepped clock ends no call.
    pub(crate) due: Instant,
}

impl<N: Default + Clone + Send> Book<N> {
    /// A book with the calls that the database holds as open, in replay.
    pub(crate) fn new(
        source: &str,
        store: Arc<Store>,
        live: Arc<Live>,
        clock: Clock,
        open: &[Call],
    ) -> Self {
        let due = Instant::now() + MAX_SILENCE;
        let open = open
            .iter()
            .filter(|call| call.source == source)
            .map(|call| (call.id.clone(), Entry { call: call.clone(), notes: N::default(), due }));
        let pages = Pages { entries: open.collect(), replayed: Some(BTreeSet::new()) };
        Self { source: source.into(), store, live, clock, pages: Mutex::new(pages) }
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) const fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// Refuses if too many changes wait for receivers. Of requests in the inbox, that was asked.
    pub(crate) fn has_room(&self) -> Result<(), StoreError> {
        self.store.has_room()
    }

    /// The present, by the hub's clock.
    pub(crate) fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Notes that an event has arrived.
    pub(crate) fn arrive(&self) -> Arrival {
        self.clock.arrive()
    }

    fn pages(&self) -> MutexGuard<'_, Pages<N>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a call, and records it: [`queue`](Self::queue), and the wait for the commit.
    pub(crate) async fn change(
        &self,
        id: &str,
        fold: impl FnOnce(Option<Entry<N>>) -> Option<Entry<N>> + Send,
    ) -> Result<(), StoreError> {
        match self.queue(id, fold).await? {
            Some(committed) => committed.await,
            None => Ok(()),
        }
    }

    /// Changes a call, and queues it for the database. `fold` gets what is known of it and returns
    /// what is known now; `None` changes nothing.
    ///
    /// The book is changed although the commit may fail: the database keeps trying. It is not
    /// changed if there is no place in the queue. A call that is not changed is queued as well,
    /// so that the wait for its commit includes an earlier one that has failed or goes on.
    pub(crate) async fn queue(
        &self,
        id: &str,
        fold: impl FnOnce(Option<Entry<N>>) -> Option<Entry<N>> + Send,
    ) -> Result<Option<Commit>, StoreError> {
        let is_known = self.pages().entries.contains_key(id);
        let stored = if is_known { None } else { self.store.call(&self.source, id).await? };
        let place = self.store.place().await?;
        let committed: Commit = {
            let mut pages = self.pages();
            let due = Instant::now() + MAX_SILENCE;
            let stored = stored.map(|call| Entry { call, notes: N::default(), due });
            let known = pages.entries.get(id).cloned().or(stored);
            let before = known.as_ref().map(|entry| entry.call.clone());
            let Some(entry) = fold(known.clone()).or(known) else { return Ok(None) };
            let call = entry.call.clone();
            pages.insert(id, entry);
            if let Some(replayed) = &mut pages.replayed {
                if before.as_ref() != Some(&call) {
                    replayed.insert(id.to_owned());
                }
                return Ok(None);
            }
            // Queued while the book is locked, so that the database sees the same order.
            Box::pin(place.record(vec![call]))
        };
        Ok(Some(committed))
    }

    /// Logs a failure; the database keeps what it could not write.
    pub(crate) fn report(&self, result: Result<(), StoreError>) {
        if let Err(error) = result {
            tracing::warn!(source = self.source, %error, "calls are not recorded yet");
        }
    }

    /// Records what a replay has changed, and ends it.
    pub(crate) async fn replayed(&self) -> Result<(), StoreError> {
        let ids = self.pages().replayed.take().unwrap_or_default();
        let ids: Vec<String> = ids.into_iter().collect();
        for chunk in ids.chunks(CHUNK) {
            let place = self.store.place().await?;
            let committed = {
                let pages = self.pages();
                let entries = chunk.iter().filter_map(|id| pages.entries.get(id));
                place.record(entries.map(|entry| entry.call.clone()).collect())
            };
            committed.await?;
        }
        Ok(())
    }

    /// Ends calls that nothing was heard of for long, and forgets those that ended a while ago.
    /// `end` says how a call ends whose time has come.
    pub(crate) async fn sweep(
        &self,
        now: Instant,
        end: impl Fn(&mut Entry<N>) + Send + Sync,
    ) -> Result<(), StoreError> {
        let due: Vec<String> = {
            let mut pages = self.pages();
            pages.entries.retain(|_, entry| entry.call.is_open() || entry.due > now);
            let due = pages.entries.iter().filter(|(_, entry)| entry.due <= now);
            due.map(|(id, _)| id.clone()).collect()
        };
        for id in due {
            self.change(&id, |known| {
                let mut entry = known.filter(|entry| entry.due <= now)?;
                end(&mut entry);
                Some(entry)
            })
            .await?;
        }
        Ok(())
    }
}

impl<N> Pages<N> {
    fn insert(&mut self, id: &str, mut entry: Entry<N>) {
        if !entry.call.is_open() {
            entry.due = Instant::now() + REMEMBERED;
        }
        self.entries.insert(id.to_owned(), entry);
        if self.entries.len() > MAX_CALLS && self.replayed.is_none() {
            let ended = self.entries.iter().filter(|(_, entry)| !entry.call.is_open());
            let first = ended.min_by_key(|(_, entry)| entry.due).map(|(id, _)| id.clone());
            first.and_then(|id| self.entries.remove(&id));
        }
    }
}

impl<N> Entry<N> {
    /// Ends a call of which nothing was heard for long.
    pub(crate) fn lose(&mut self) {
        let last = self.call.steps.last().map_or(self.call.started_at_us, |step| step.at_us);
        self.call.lose(last);
    }
}
