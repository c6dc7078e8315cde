//! The payloads that one integration has handled and is handling.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::report::{Deliverable, Deliveries, Delivery, Look};

/// The payloads that one integration has handled and is handling. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Memory(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    deliveries: Deliveries,
    in_flight: HashSet<u64>,
}

/// The admission of a payload.
pub(super) enum Admission {
    /// Handle it, and commit the ticket.
    Handle(Ticket),
    /// Handled before.
    Known(Delivery),
    /// An earlier delivery is being handled.
    InFlight,
}

/// The right to handle a payload. Dropping it without a commit leaves no trace.
pub(super) struct Ticket {
    memory: Memory,
    look: Look,
}

impl Memory {
    pub(super) fn new(capacity: usize) -> Self {
        let deliveries = Deliveries::new(capacity);
        Self(Arc::new(Mutex::new(State { deliveries, in_flight: HashSet::new() })))
    }

    pub(super) fn admit(&self, payload: &impl Deliverable) -> Admission {
        let mut state = self.state();
        let look = state.deliveries.look(payload);
        if !look.delivery().is_news() {
            return Admission::Known(look.delivery());
        }
        if !state.in_flight.insert(look.lane) {
            return Admission::InFlight;
        }
        Admission::Handle(Ticket { memory: self.clone(), look })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Records that the payload was handled.
    pub(super) fn commit(self) {
        self.memory.state().deliveries.commit(self.look);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.memory.state().in_flight.remove(&self.look.lane);
    }
}
