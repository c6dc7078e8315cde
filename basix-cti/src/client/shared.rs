//! What the task and its client share.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::sync::oneshot;

use crate::session::{CommandId, CommandOutcome, Event, Session};

/// What the task and its client share.
#[derive(Debug)]
pub(super) struct Shared(Mutex<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) session: Session,
    /// Who waits for the outcome of a command.
    pub(super) awaited: HashMap<CommandId, oneshot::Sender<CommandOutcome>>,
    /// Whoever waits for events.
    pub(super) consumer: Option<Waker>,
    pub(super) driver: Option<Waker>,
    /// The task waits a moment for events to be taken.
    pub(super) is_giving_time: bool,
    /// The task has ended; no further event comes.
    pub(super) is_done: bool,
}

impl Shared {
    pub(super) fn new(session: Session) -> Self {
        Self(Mutex::new(Inner {
            session,
            awaited: HashMap::new(),
            consumer: None,
            driver: None,
            is_giving_time: false,
            is_done: false,
        }))
    }

    /// Nothing that holds the lock waits for anything.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Has the task look at what the session wants done.
    pub(super) fn wake_driver(&self) {
        if let Some(driver) = &self.driver {
            driver.wake_by_ref();
        }
    }

    /// Takes all events there are.
    pub(super) fn take_events(&mut self, to: &mut VecDeque<Event>) {
        self.session.drain_events(to);
        if std::mem::take(&mut self.is_giving_time) {
            self.wake_driver();
        }
    }

    /// Tells those who wait what there is for them.
    pub(super) fn wake_others(&mut self) {
        while let Some((id, outcome)) = self.session.poll_outcome() {
            if let Some(awaited) = self.awaited.remove(&id) {
                // Nobody has to wait for it.
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
