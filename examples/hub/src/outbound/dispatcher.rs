//! Sends the outbox's changes to one receiver.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::lanes::{Delivery, Lanes};
use super::{Target, TargetFigures};
use crate::store::{OutboxRow, Store};

/// Pause after an error of the database.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);
/// Time that attempts under way have when the hub stops.
const GRACE: Duration = Duration::from_secs(3);
/// Rows read at a time.
const BATCH: u32 = 256;
/// Delivered changes whose removal from the outbox may be pending.
const MAX_UNRECORDED: usize = 4_096;

struct Dispatcher {
    target: Arc<dyn Target>,
    store: Arc<Store>,
    figures: Arc<TargetFigures>,
    lanes: Lanes,
    /// The last row read.
    position: i64,
    /// Set while there may be rows after it.
    has_more: bool,
    read_at: Instant,
    attempts: JoinSet<(Arc<OutboxRow>, Delivery)>,
    /// Delivered, but still in the outbox.
    delivered: Vec<i64>,
    /// At most one removal at a time; yields what could not be removed.
    recording: JoinSet<Vec<i64>>,
    record_at: Instant,
    start: Instant,
}

/// Sends changes until `stop` becomes true.
pub(super) async fn run(
    target: Arc<dyn Target>,
    store: Arc<Store>,
    figures: Arc<TargetFigures>,
    mut stop: watch::Receiver<bool>,
) {
    let mut news = store.outbox_news();
    let start = Instant::now();
    let mut dispatcher = Dispatcher {
        target,
        store,
        figures,
        lanes: Lanes::default(),
        position: 0,
        has_more: true,
        read_at: start,
        attempts: JoinSet::new(),
        delivered: Vec::new(),
        recording: JoinSet::new(),
        record_at: start,
        start,
    };
    while !*stop.borrow() {
        dispatcher.read().await;
        dispatcher.send();
        dispatcher.record();
        let wake = dispatcher.wake_at();
        tokio::select! {
            Some(Ok((row, delivery))) = dispatcher.attempts.join_next() => {
                dispatcher.settle(&row, &delivery);
            }
            Some(Ok(failed)) = dispatcher.recording.join_next() => dispatcher.recorded(failed),
            Ok(()) = news.changed() => dispatcher.has_more = true,
            () = sleep_until(wake) => {}
            _ = stop.changed() => {}
        }
    }
    // What was delivered but not recorded would be sent again after the next start.
    let _ = timeout(GRACE, dispatcher.finish()).await;
}

impl Dispatcher {
    async fn read(&mut self) {
        let is_wanted = self.has_more && self.lanes.room() >= BATCH as usize;
        if !is_wanted || Instant::now() < self.read_at || self.delivered.len() >= MAX_UNRECORDED {
            return;
        }
        match self.store.outbox(&self.figures.name, self.position, BATCH).await {
            Ok(rows) => {
                self.has_more = rows.len() == BATCH as usize;
                self.position = rows.last().map_or(self.position, |row| row.sequence);
                rows.into_iter().for_each(|row| self.lanes.push(row));
            }
            Err(error) => {
                tracing::error!(receiver = self.figures.name, %error, "the outbox cannot be read");
                self.read_at = Instant::now() + DATABASE_PAUSE;
            }
        }
    }

    fn send(&mut self) {
        while let Some(row) = self.lanes.take(self.start.elapsed()) {
            let target = self.target.clone();
            self.attempts.spawn(async move {
                let delivery = target.deliver(&row).await;
                (row, delivery)
            });
        }
    }

    fn settle(&mut self, row: &OutboxRow, delivery: &Delivery) {
        // The keys of std's hash maps are random.
        let random = RandomState::new().hash_one(());
        if self.lanes.settle(row, delivery, self.start.elapsed(), random) {
            self.delivered.push(row.sequence);
            self.figures.delivered.fetch_add(1, Relaxed);
        } else {
            self.figures.failures.fetch_add(1, Relaxed);
        }
        let receiver = &*self.figures.name;
        let was_away = self.figures.is_away.swap(self.lanes.is_failing(), Relaxed);
        match delivery {
            Delivery::Unavailable { reason, .. } if !was_away => {
                tracing::warn!(receiver, %reason, "the receiver is away; changes wait");
            }
            Delivery::Refused(reason) => {
                tracing::warn!(receiver, %reason, "a change was refused and will be tried again");
            }
            Delivery::Accepted if was_away => tracing::info!(receiver, "the receiver is back"),
            _ => {}
        }
    }

    /// Removes what was delivered from the outbox, in one commit at a time.
    fn record(&mut self) {
        let is_due = self.recording.is_empty() && self.record_at <= Instant::now();
        if self.delivered.is_empty() || !is_due {
            return;
        }
        let (store, sequences) = (self.store.clone(), std::mem::take(&mut self.delivered));
        self.recording.spawn(async move {
            match store.acknowledge(sequences.clone()).await {
                Ok(()) => Vec::new(),
                Err(_) => sequences,
            }
        });
    }

    fn recorded(&mut self, failed: Vec<i64>) {
        if !failed.is_empty() {
            self.record_at = Instant::now() + DATABASE_PAUSE;
            self.delivered.extend(failed);
        }
    }

    fn wake_at(&self) -> Instant {
        let now = Instant::now();
        let lanes = self.lanes.wake_at(self.start.elapsed()).map(|at| self.start + at);
        let pauses = [lanes, Some(self.read_at), Some(self.record_at)];
        let next = pauses.into_iter().flatten().filter(|at| *at > now).min();
        next.unwrap_or_else(|| now + Duration::from_secs(3_600))
    }

    async fn finish(&mut self) {
        while let Some(attempt) = self.attempts.join_next().await {
            if let Ok((row, delivery)) = attempt {
                self.settle(&row, &delivery);
            }
        }
        while let Some(failed) = self.recording.join_next().await {
            self.delivered.extend(failed.unwrap_or_default());
        }
        let _ = self.store.acknowledge(std::mem::take(&mut self.delivered)).await;
    }
}
