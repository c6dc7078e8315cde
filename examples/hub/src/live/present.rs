//! The present state, and what follows from its calls.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::timeline::{Call, Presence, Queue, Receiver, Source, State, User, Waiting};

/// A source and an id at it.
pub(super) type Key = (String, String);

#[derive(Debug, Default)]
pub(super) struct Present {
    pub(super) sequence: u64,
    pub(super) calls: BTreeMap<Key, Call>,
    pub(super) queues: BTreeMap<Key, Queue>,
    /// Users without regard to calls.
    pub(super) users: BTreeMap<Key, User>,
    /// Users as they were published.
    pub(super) shown: BTreeMap<Key, User>,
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) receivers: BTreeMap<String, Receiver>,
}

/// The state at one moment.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// The place of the last change that is in it.
    pub sequence: u64,
    /// The calls that go on, the earliest first.
    pub calls: Vec<Call>,
    /// The queues.
    pub queues: Vec<Queue>,
    /// The users.
    pub users: Vec<User>,
    /// The receivers of changes.
    pub receivers: Vec<Receiver>,
}

impl Present {
    pub(super) fn snapshot(&self) -> Snapshot {
        let mut calls: Vec<Call> = self.calls.values().cloned().collect();
        calls.sort_by_key(|call| call.started_at_us);
        Snapshot {
            sequence: self.sequence,
            calls,
            queues: self.queues.values().cloned().collect(),
            users: self.shown.values().cloned().collect(),
            receivers: self.receivers.values().cloned().collect(),
        }
    }

    fn of_source<'a>(&'a self, source: &'a str) -> impl Iterator<Item = &'a Call> {
        let start = (source.to_owned(), String::new());
        self.calls
            .range(start..)
            .take_while(move |((own, _), _)| own == source)
            .map(|(_, call)| call)
    }

    pub(super) fn waiting(&self, source: &str, queue: &str) -> Vec<Waiting> {
        let waits = |call: &&Call| {
            call.queue.as_deref() == Some(queue)
                && matches!(call.state, State::Waiting | State::Ringing)
        };
        let calls = self.of_source(source).filter(waits);
        let mut waiting: Vec<Waiting> = calls
            .map(|call| Waiting {
                call_id: call.id.clone(),
                number: call.customer.clone(),
                since_us: call.started_at_us,
            })
            .collect();
        waiting.sort_by_key(|waiting| waiting.since_us);
        waiting
    }

    pub(super) fn presence(&self, user: &User) -> Presence {
        let mut presence = user.state;
        for call in self.of_source(&user.source) {
            let is = |id: &Option<String>| id.as_ref() == Some(&user.id);
            match call.state {
                State::Talking | State::Held if is(&call.answered_by) || is(&call.placed_by) => {
                    return Presence::Busy;
                }
                State::Ringing | State::Waiting if is(&call.placed_by) => return Presence::Busy,
                State::Ringing if call.rang.contains(&user.id) => presence = Presence::Ringing,
                _ => {}
            }
        }
        presence
    }
}
