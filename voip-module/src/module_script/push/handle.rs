//! The handle of a pusher, and what they share.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use event_listener::Event;
use url::Url;

use super::message::PushMessage;
use super::outcome::PushOutcome;
use super::policy::PushPolicy;
use super::queue::{PushQueue, PushRequest};
use super::spool::{Spool, SpoolError, Spooled};
use super::status::PushStatus;
use super::target::PushTarget;
use crate::error::Error;
use crate::guard::{Boxed, catch};
use crate::log;
use crate::router::{Clock, Delivery, Sink, SinkError};

/// Ids that are removed from the spool at once.
const REMOVED_AT_ONCE: usize = 256;

/// A handle of a [`Pusher`](super::Pusher). As a [`Sink`] it takes the events and records of a
/// [`WebhookRouter`](crate::WebhookRouter) or of a connection to the PBX; clones share one queue.
///
/// A delivery is taken once it is in the queue, and in the spool if there is one. Deliveries are not
/// compared: what is delivered twice is pushed twice, with two ids. A delivery of a notice alone has
/// nothing for the platform and is dropped.
#[derive(Clone, Debug)]
pub struct PushHandle(Arc<Shared>);

impl PushHandle {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// Sets the webhook URL, with its token. Ends a block; what waits is sent there.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the URL is not absolute and `https` (or `http`, if allowed).
    // W153
    pub fn set_target(&self, url: Url) -> Result<(), Error> {
        let shared = &self.0;
        let target = PushTarget::new(url, shared.allow_http)?;
        let mut state = shared.state();
        state.target = Some(target);
        state.queue.open();
        drop(state);
        shared.changed.notify(usize::MAX);
        Ok(())
    }

    /// Returns state and counters.
    #[must_use]
    pub fn status(&self) -> PushStatus {
        self.0.state().queue.status(self.0.clock.now())
    }

    /// Ends [`Pusher::run`](super::Pusher::run) soon: what is due is sent once. Messages that are left
    /// stay in the spool; without one they are lost, and the log says how many.
    // W125
    pub fn begin_shutdown(&self) {
        let now = self.0.clock.now();
        let mut state = self.0.state();
        if state.end.is_none() {
            state.end = Some(now.saturating_add(self.0.grace));
            state.queue.begin_shutdown(now);
        }
        drop(state);
        self.0.changed.notify(usize::MAX);
    }
}

#[async_trait]
impl Sink for PushHandle {
    // W156
    async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let shared = &*self.0;
        let (event, record) = (delivery.event.as_ref(), delivery.record.as_ref());
        let Some(message) = PushMessage::new(&shared.next_id(), event, record) else {
            return Ok(());
        };
        let Some(reserved) = shared.reserve(&message)? else { return Ok(()) };
        if let Some(spool) = &shared.spool {
            spool.put(Spooled { place: reserved.place, at: shared.unix_time(), message }).await?;
        }
        reserved.commit();
        Ok(())
    }
}

/// A place in the queue; one that is dropped without `commit` is given back.
struct Reserved<'a> {
    shared: &'a Shared,
    place: u64,
}

impl Reserved<'_> {
    fn commit(self) {
        let now = self.shared.clock.now();
        self.shared.state().queue.commit(now, self.place);
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let now = self.shared.clock.now();
        // Does nothing after `commit`.
        self.shared.state().queue.withdraw(now, self.place);
        self.shared.changed.notify(usize::MAX);
    }
}

/// The common part of a pusher and its handles.
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) changed: Event,
    pub(super) clock: Box<dyn Clock>,
    wall_clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    spool: Option<Box<dyn Spool>>,
    allow_http: bool,
    grace: Duration,
    /// Ids are this process and a number.
    process: u64,
    number: AtomicU64,
}

pub(super) struct State {
    pub(super) queue: PushQueue,
    target: Option<PushTarget>,
    /// End of the grace period, after `begin_shutdown`.
    pub(super) end: Option<Duration>,
    has_ended: bool,
}

impl State {
    pub(super) fn next(&mut self, now: Duration) -> Option<(PushRequest, PushTarget)> {
        let target = self.target.as_ref()?;
        Some((self.queue.next(now)?, target.clone()))
    }
}

impl Shared {
    pub(super) fn new(
        policy: PushPolicy,
        clock: Box<dyn Clock>,
        wall_clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
        spool: Option<Box<dyn Spool>>,
        allow_http: bool,
    ) -> Result<Self, SpoolError> {
        let process = RandomState::new().hash_one(0_u8);
        let grace = policy.grace;
        let mut queue = PushQueue::new(policy, process);
        if let Some(spool) = &spool {
            let (now, wall) = (clock.now(), unix_time(wall_clock()));
            for Spooled { place, at, message } in spool.recover()? {
                let age = Duration::from_secs(wall.saturating_sub(at));
                queue.restore(now, age, place, message);
            }
        }
        let state = State { queue, target: None, end: None, has_ended: false };
        Ok(Self {
            state: Mutex::new(state),
            changed: Event::new(),
            clock,
            wall_clock,
            spool,
            allow_http,
            grace,
            process,
            number: AtomicU64::new(0),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the place of a message; `None` if it is too large.
    fn reserve(&self, message: &PushMessage) -> Result<Option<Reserved<'_>>, SinkError> {
        let mut state = self.state();
        if state.has_ended && self.spool.is_none() {
            return Err("the service is stopping; send the event again later".into());
        }
        let (now, is_spooled) = (self.clock.now(), self.spool.is_some());
        let place = state.queue.reserve(now, message.clone(), is_spooled)?;
        Ok(place.map(|place| Reserved { shared: self, place }))
    }

    pub(super) fn answer(&self, id: &str, outcome: PushOutcome) -> Option<PushMessage> {
        self.state().queue.answer(self.clock.now(), id, outcome)
    }

    pub(super) fn unix_time(&self) -> u64 {
        unix_time((self.wall_clock)())
    }

    fn next_id(&self) -> String {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}{number:016x}", self.process)
    }

    /// Returns the work of removing finished messages from the spool; `None` if there are none.
    pub(super) fn removal(&self) -> Option<Boxed<'_, ()>> {
        let Some(spool) = &self.spool else {
            return None;
        };
        let ids: Vec<_> = self.state().queue.retired().take(REMOVED_AT_ONCE).cloned().collect();
        if ids.is_empty() {
            return None;
        }
        Some(Box::pin(async move {
            let removed = catch(spool.remove(&ids)).await;
            if !matches!(removed, Ok(Ok(()))) {
                log::warning("delivered pushes stay in the spool and come again after a restart");
            }
            // Only now, so that a dropped `run` forgets none.
            self.state().queue.forget_retired(ids.len());
        }))
    }

    /// Notes that nothing is sent any more.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.has_ended = true;
        let left = state.queue.status(self.clock.now()).queued;
        if left > 0 && self.spool.is_none() {
            log::warning(&format!("{left} pushes were not delivered, and there is no spool"));
        }
    }
}

fn unix_time(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (target, status) = {
            let state = self.state();
            (state.target.clone(), state.queue.status(self.clock.now()))
        };
        f.debug_struct("Push")
            .field("target", &target)
            .field("status", &status)
            .field("has_spool", &self.spool.is_some())
            .finish_non_exhaustive()
    }
}
