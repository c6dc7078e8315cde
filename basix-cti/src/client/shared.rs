//! State shared by the task and its client.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::connect::Network;
use crate::element::{Channel, Timestamp};
use crate::endpoint::Endpoint;
use crate::helper_leg::Supervisor;
use crate::session::{ClockOffset, CommandId, CommandOutcome, Event, Session};
use crate::store::Change;

/// State shared by the task and its client.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) network: Network,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) session: Session,
    pub(super) supervisor: Option<Supervisor>,
    /// The endpoint of the latest connection.
    pub(super) endpoint: Option<Endpoint>,
    /// Commands whose outcome is awaited.
    pub(super) awaited: HashMap<CommandId, oneshot::Sender<CommandOutcome>>,
    /// The consumer, if it waits for events.
    pub(super) consumer: Option<Waker>,
    pub(super) driver: Option<Waker>,
    /// True while the task waits briefly for events to be polled.
    pub(super) is_in_grace: bool,
    /// True if the task has ended, so that no further event follows.
    pub(super) is_done: bool,
    pub(super) clock: ClockOffset,
    /// Time of the last observation of the clock.
    clock_observed: Option<Instant>,
}

impl Shared {
    pub(super) fn new(session: Session, supervisor: Option<Supervisor>, network: Network) -> Self {
        let inner = Mutex::new(Inner {
            session,
            supervisor,
            endpoint: None,
            awaited: HashMap::new(),
            consumer: None,
            driver: None,
            is_in_grace: false,
            is_done: false,
            clock: ClockOffset::new(),
            clock_observed: None,
        });
        Self { network, inner }
    }

    /// Locks the state. Nothing waits or calls the program's code while it holds the lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Wakes the task to poll the session.
    pub(super) fn wake_driver(&self) {
        if let Some(driver) = &self.driver {
            driver.wake_by_ref();
        }
    }

    /// Moves all events to the end of `to`.
    pub(super) fn take_events(&mut self, to: &mut VecDeque<Event>) {
        self.session.drain_events(to);
        if let Some(Event::Changed(change)) = to.back() {
            self.observe_clock(Instant::now(), change);
        }
        if std::mem::take(&mut self.is_in_grace) {
            self.wake_driver();
        }
    }

    /// Compares the clocks by the latest event, from time to time.
    fn observe_clock(&mut self, now: Instant, change: &Change) {
        const INTERVAL: Duration = Duration::from_millis(100);
        if self.clock_observed.is_some_and(|last| now.saturating_duration_since(last) < INTERVAL) {
            return;
        }
        if let Some(timestamp) = newest_timestamp(change) {
            self.clock_observed = Some(now);
            self.clock.observe(now, Timestamp::now(), timestamp);
        }
    }

    /// Returns the time when the session or the supervisor is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let supervisor = self.supervisor.as_ref().and_then(Supervisor::poll_timeout);
        self.session.poll_timeout().into_iter().chain(supervisor).min()
    }

    /// Delivers the outcomes of commands, and wakes the consumer if there are events.
    pub(super) fn wake_others(&mut self) {
        while let Some((id, outcome)) = self.session.poll_outcome() {
            if let Some(awaited) = self.awaited.remove(&id) {
                // The receiver may have been dropped.
                let _ = awaited.send(outcome);
            }
        }
        if self.session.has_events() || self.is_done {
            if let Some(consumer) = self.consumer.take() {
                consumer.wake();
            }
        }
    }
}

/// Returns the newest timestamp of a channel: that of the event, if the event set one.
fn newest_timestamp(change: &Change) -> Option<Timestamp> {
    let record = change.after().or_else(|| change.last())?;
    let channel: Channel<'_> = record.typed()?;
    let since = channel.state().and_then(|state| state.since);
    let others =
        [channel.offer_timestamp(), channel.answer_timestamp(), channel.hangup_timestamp()];
    others.into_iter().chain([since]).flatten().max()
}

impl Timestamp {
    /// Returns the present time by the local clock.
    ///
    /// The PBX's clock may differ; see [`Handle::pbx_now`](crate::client::Handle::pbx_now).
    #[must_use]
    #[cfg_attr(docsrs, doc(cfg(feature = "client")))]
    pub fn now() -> Self {
        std::time::SystemTime::now().into()
    }
}
