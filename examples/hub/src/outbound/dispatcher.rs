//! Sends the outbox's changes to one receiver.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::lanes::{Delivery, Fate, Lanes};
use super::{Target, TargetFigures};
use crate::live::Live;
use crate::store::{OutboxRow, Settled, Store};
use crate::timeline::Receiver;

/// Pause after an error of the database.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);
/// Time that attempts under way have when the hub stops.
const GRACE: Duration = Duration::from_secs(3);
/// Rows read at a time.
const BATCH: u32 = 256;
/// Settled changes whose removal from the outbox may be pending.
const MAX_UNRECORDED: usize = 4_096;

/// Result of a commit: true if a change was set aside, or what could not be committed.
type Recorded = Result<bool, Vec<Settled>>;

struct Dispatcher {
    target: Arc<dyn Target>,
    store: Arc<Store>,
    live: Arc<Live>,
    figures: Arc<TargetFigures>,
    lanes: Lanes,
    /// The last row read.
    position: i64,
    /// Set while there may be rows after it.
    has_more: bool,
    read_at: Instant,
    attempts: JoinSet<(Arc<OutboxRow>, Delivery)>,
    /// Taken or refused, and still waiting in the outbox.
    settled: Vec<Settled>,
    /// At most one commit at a time.
    recording: JoinSet<Recorded>,
    record_at: Instant,
    start: Instant,
}

/// Sends changes until `stop` becomes true.
pub(super) async fn run(
    target: Arc<dyn Target>,
    (store, live): (Arc<Store>, Arc<Live>),
    figures: Arc<TargetFigures>,
    mut stop: watch::Receiver<bool>,
) {
    let mut news = store.outbox_news();
    let start = Instant::now();
    let mut dispatcher = Dispatcher {
        target,
        store,
        live,
        figures,
        lanes: Lanes::default(),
        position: 0,
        has_more: true,
        read_at: start,
        attempts: JoinSet::new(),
        settled: Vec::new(),
        recording: JoinSet::new(),
        record_at: start,
        start,
    };
    dispatcher.show().await;
    while !*stop.borrow() {
        dispatcher.read().await;
        dispatcher.send();
        dispatcher.record();
        let wake = dispatcher.wake_at();
        tokio::select! {
            Some(Ok((row, delivery))) = dispatcher.attempts.join_next() => {
                dispatcher.settle(&row, delivery);
            }
            Some(Ok(recorded)) = dispatcher.recording.join_next() => {
                dispatcher.recorded(recorded).await;
            }
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
        if !is_wanted || Instant::now() < self.read_at || self.settled.len() >= MAX_UNRECORDED {
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

    fn settle(&mut self, row: &OutboxRow, delivery: Delivery) {
        let receiver = &*self.figures.name;
        if let Delivery::Unavailable { reason, .. } = &delivery
            && !self.lanes.is_failing()
        {
            tracing::warn!(receiver, %reason, "a change was not taken and will be tried again");
        }
        // The keys of std's hash maps are random.
        let random = RandomState::new().hash_one(());
        let refusal = match self.lanes.settle(row, delivery, self.start.elapsed(), random) {
            Fate::Delivered => {
                self.figures.delivered.fetch_add(1, Relaxed);
                Some(None)
            }
            Fate::Refused(reason) => {
                let id = &*row.message_id;
                tracing::warn!(receiver, id, %reason, "a change was refused and is set aside");
                Some(Some(reason))
            }
            Fate::Waits => {
                self.figures.failures.fetch_add(1, Relaxed);
                None
            }
        };
        let sequence = row.sequence;
        self.settled.extend(refusal.map(|refusal| Settled { sequence, refusal }));
        let is_away = self.lanes.is_failing();
        if self.figures.is_away.swap(is_away, Relaxed) != is_away {
            if !is_away {
                tracing::info!(receiver, "the receiver is back");
            }
            self.publish();
        }
    }

    /// Shows the receiver on the page.
    fn publish(&self) {
        self.live.set_receiver(Receiver {
            name: self.figures.name.clone(),
            is_away: self.figures.is_away.load(Relaxed),
            refused: self.figures.refused.load(Relaxed),
        });
    }

    /// Counts the refused changes, and shows the receiver on the page.
    async fn show(&self) {
        if let Ok(refused) = self.store.refused(&self.figures.name).await {
            self.figures.refused.store(refused, Relaxed);
        }
        self.publish();
    }

    /// Removes what is settled from the outbox, in one commit at a time.
    fn record(&mut self) {
        let is_due = self.recording.is_empty() && self.record_at <= Instant::now();
        if self.settled.is_empty() || !is_due {
            return;
        }
        let (store, settled) = (self.store.clone(), std::mem::take(&mut self.settled));
        self.recording.spawn(async move {
            let has_refused = settled.iter().any(|settled| settled.refusal.is_some());
            match store.settle(settled.clone()).await {
                Ok(()) => Ok(has_refused),
                Err(_) => Err(settled),
            }
        });
    }

    async fn recorded(&mut self, recorded: Recorded) {
        match recorded {
            Ok(false) => {}
            Ok(true) => self.show().await,
            Err(settled) => {
                self.record_at = Instant::now() + DATABASE_PAUSE;
                self.settled.extend(settled);
            }
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
                self.settle(&row, delivery);
            }
        }
        while let Some(recorded) = self.recording.join_next().await {
            self.settled.extend(recorded.ok().and_then(Result::err).unwrap_or_default());
        }
        let _ = self.store.settle(std::mem::take(&mut self.settled)).await;
    }
}
