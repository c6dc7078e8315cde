//! A bounded queue of events.

use std::collections::VecDeque;

use super::{Event, log};
use crate::record::schema_use::SchemaUse;

/// The events of a session, in order.
#[derive(Debug)]
pub(super) struct EventQueue {
    events: VecDeque<Event>,
    limit: usize,
    /// The bytes that the events hold, without the schemas of their records.
    bytes: usize,
    schemas: SchemaUse,
    byte_limit: usize,
}

/// Room for [`Event::Lagged`] and the event after it.
const MIN_CAPACITY: usize = 4;

impl EventQueue {
    pub(super) fn new(limit: usize, byte_limit: usize) -> Self {
        let schemas = SchemaUse::default();
        let limit = limit.max(MIN_CAPACITY);
        Self { events: VecDeque::new(), limit, bytes: 0, schemas, byte_limit }
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let event = self.events.pop_front()?;
        self.bytes -= event.bytes();
        event.schemas().for_each(|schema| self.schemas.remove(schema));
        Some(event)
    }

    #[cfg(feature = "client")]
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    #[cfg(feature = "client")]
    pub(super) fn is_nearly_full(&self) -> bool {
        self.events.len() >= self.limit.min(128) / 4 * 3
    }

    /// Moves all events to the end of `to`.
    #[cfg(feature = "client")]
    pub(super) fn drain_into(&mut self, to: &mut VecDeque<Event>) {
        self.clear_bytes();
        if to.is_empty() {
            std::mem::swap(to, &mut self.events);
        } else {
            to.append(&mut self.events);
        }
    }

    /// Adds an event. If the queue is full, it drops all waiting events and this one, and keeps
    /// only `Lagged` and the currency of the store.
    pub(super) fn push(&mut self, event: Event, generation: u64, current: bool) {
        self.bytes = self.bytes.saturating_add(event.bytes());
        event.schemas().for_each(|schema| self.schemas.add(schema));
        let bytes = self.bytes.saturating_add(self.schemas.bytes());
        // A single event of any size is kept, since its message was within the limit.
        let fits = bytes <= self.byte_limit || self.events.is_empty();
        if self.events.len() < self.limit && fits {
            self.events.push_back(event);
            return;
        }
        self.clear_bytes();
        let mut missed = 1;
        // The event after it only repeats the currency of the store.
        let mut after_lagged = false;
        for event in self.events.drain(..) {
            missed += match event {
                Event::Lagged { missed, .. } => missed,
                _ => u64::from(!after_lagged),
            };
            after_lagged = matches!(event, Event::Lagged { .. });
        }
        log::lagged(missed);
        // `event` itself decides, if it is one of the two.
        let current = match event {
            Event::Resynced => true,
            Event::Stale => false,
            _ => current,
        };
        self.events.push_back(Event::Lagged { missed, generation });
        self.events.push_back(if current { Event::Resynced } else { Event::Stale });
    }

    fn clear_bytes(&mut self) {
        self.bytes = 0;
        self.schemas = SchemaUse::default();
    }
}
