//! Events of a session as input of [`Calls`].

use super::Event;
use crate::calls::Calls;
use crate::element::Timestamp;

impl Calls {
    /// Handles an event of a [`Session`](crate::Session) or client: changes, gaps and the end of
    /// gaps. After [`Event::Lagged`], call [`reconcile`](Self::reconcile) as well.
    pub fn handle_event(&mut self, now: Timestamp, event: &Event) {
        match event {
            Event::Changed(change) => self.handle_change(now, change),
            Event::Connected | Event::Disconnected(_) | Event::Stale => self.handle_stale(now),
            Event::Refused(_) | Event::Lagged { .. } => self.handle_gap(now),
            Event::Resynced => self.handle_resynced(now),
            _ => self.handle_timeout(now),
        }
    }
}
