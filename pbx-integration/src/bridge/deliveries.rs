//! Delivery ids that were handled, and those being handled.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The number of ids that are remembered.
const CAPACITY: usize = 10_000;

/// Delivery ids of one script. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Deliveries(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    known: HashSet<Arc<str>>,
    order: VecDeque<Arc<str>>,
    in_flight: HashSet<Arc<str>>,
}

/// The admission of a delivery.
#[derive(Debug)]
pub(super) enum Admission {
    /// Handle it, and commit the ticket.
    Handle(Ticket),
    /// It was handled before.
    Known,
    /// An earlier try is being handled.
    InFlight,
}

/// The right to handle a delivery. Dropped without a commit, it leaves no trace.
#[derive(Debug)]
pub(super) struct Ticket {
    deliveries: Deliveries,
    id: Arc<str>,
}

impl Deliveries {
    // X20
    pub(super) fn admit(&self, id: &str) -> Admission {
        let mut state = self.state();
        if state.known.contains(id) {
            return Admission::Known;
        }
        let id: Arc<str> = id.into();
        if !state.in_flight.insert(id.clone()) {
            return Admission::InFlight;
        }
        Admission::Handle(Ticket { deliveries: self.clone(), id })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Remembers that the delivery was handled.
    pub(super) fn commit(self) {
        let mut state = self.deliveries.state();
        if state.known.insert(self.id.clone()) {
            state.order.push_back(self.id.clone());
        }
        if state.order.len() > CAPACITY {
            if let Some(oldest) = state.order.pop_front() {
                state.known.remove(&oldest);
            }
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.deliveries.state().in_flight.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::{Admission, CAPACITY, Deliveries};

    #[test]
    fn x20_a_delivery_is_known_after_its_commit_and_not_before() {
        let deliveries = Deliveries::default();
        let Admission::Handle(ticket) = deliveries.admit("b-1") else { panic!("not new") };
        assert!(matches!(deliveries.admit("b-1"), Admission::InFlight));
        drop(ticket);
        let Admission::Handle(ticket) = deliveries.admit("b-1") else { panic!("a trace is left") };
        ticket.commit();
        assert!(matches!(deliveries.admit("b-1"), Admission::Known));
    }

    #[test]
    fn x20_the_oldest_of_ten_thousand_is_forgotten() {
        let deliveries = Deliveries::default();
        for number in 0..=CAPACITY {
            let Admission::Handle(ticket) = deliveries.admit(&format!("b-{number}")) else {
                panic!("{number} is known")
            };
            ticket.commit();
        }
        assert!(matches!(deliveries.admit("b-1"), Admission::Known));
        assert!(matches!(deliveries.admit("b-0"), Admission::Handle(_)));
    }
}
