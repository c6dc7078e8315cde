//! The number of asks at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use event_listener::Event;

/// Counts asks, and refuses those beyond a limit.
pub(super) struct Gate {
    limit: usize,
    running: AtomicUsize,
}

impl Gate {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, running: AtomicUsize::new(0) }
    }

    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// Takes a place. `left` is notified when the place is free again.
    pub(super) fn enter<'a>(&'a self, left: &'a Event) -> Option<Place<'a>> {
        let take = |running| (running < self.limit).then_some(running + 1);
        self.running.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).ok()?;
        Some(Place { gate: self, left })
    }
}

/// A place, free again when this is dropped: also if the sender gives up.
pub(super) struct Place<'a> {
    gate: &'a Gate,
    left: &'a Event,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.gate.running.fetch_sub(1, Ordering::SeqCst);
        self.left.notify(usize::MAX);
    }
}
