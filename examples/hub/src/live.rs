//! The present state in memory, and a broadcast of its changes.

mod present;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

pub use self::present::Snapshot;
use self::present::{Key, Present};
use crate::timeline::{Call, Change, Queue, Receiver, Source, User};

/// Changes kept for a slow reader; beyond that it has to fetch the state again.
const MAX_CHANGES: usize = 1_024;
/// Present calls; beyond that the earliest are dropped from the page, not from the log.
const MAX_CALLS: usize = 20_000;

/// The present state: calls that go on, queues, users, sources.
#[derive(Debug)]
pub struct Live {
    state: Mutex<Present>,
    changes: broadcast::Sender<Update>,
}

/// A change with its place in the order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Update {
    /// Its place in the order.
    pub sequence: u64,
    /// The change; `None` if the state has to be fetched again.
    pub change: Option<Change>,
}

impl Default for Live {
    fn default() -> Self {
        Self { state: Mutex::default(), changes: broadcast::channel(MAX_CHANGES).0 }
    }
}

impl Live {
    fn state(&self) -> MutexGuard<'_, Present> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the present facts of a call.
    pub fn set_call(&self, call: Call) {
        let mut state = self.state();
        let key = (call.source.clone(), call.id.clone());
        let before = match call.is_open() {
            true => state.calls.insert(key, call.clone()),
            false => state.calls.remove(&key),
        };
        if before.as_ref() == Some(&call) {
            return;
        }
        if state.calls.len() > MAX_CALLS {
            let oldest = state.calls.iter().min_by_key(|(_, call)| call.started_at_us);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.and_then(|key| state.calls.remove(&key));
        }
        self.send(&mut state, Some(Change::Call(Box::new(call.clone()))));
        self.update_around(&mut state, [before.as_ref(), Some(&call)]);
    }

    /// Forgets a call that turned out to be part of another.
    pub fn remove_call(&self, source: &str, id: &str) {
        let mut state = self.state();
        if state.calls.remove(&(source.to_owned(), id.to_owned())).is_some() {
            self.send(&mut state, None);
        }
    }

    /// Sets the queues of a source.
    pub fn set_queues(&self, source: &str, queues: Vec<Queue>) {
        let mut state = self.state();
        let before = state.queues.len();
        let ids: BTreeSet<&str> = queues.iter().map(|queue| queue.id.as_str()).collect();
        state.queues.retain(|(own, id), _| own != source || ids.contains(id.as_str()));
        if state.queues.len() != before {
            self.send(&mut state, None);
        }
        for mut queue in queues {
            queue.waiting = state.waiting(source, &queue.id);
            let key = (source.to_owned(), queue.id.clone());
            if state.queues.get(&key) != Some(&queue) {
                state.queues.insert(key, queue.clone());
                self.send(&mut state, Some(Change::Queue(queue)));
            }
        }
    }

    /// Adds a queue that an event has named, or renames it.
    pub fn name_queue(&self, source: &str, id: &str, name: Option<&str>) {
        let mut state = self.state();
        let key = (source.to_owned(), id.to_owned());
        let known = state.queues.get(&key).map(|queue| queue.name.clone());
        let name = name.map(str::to_owned).or_else(|| known.clone()).unwrap_or_else(|| id.into());
        if known.as_ref() == Some(&name) || (known.is_none() && state.queues.len() >= MAX_CALLS) {
            return;
        }
        let mut queue = state.queues.remove(&key).unwrap_or_default();
        (queue.source, queue.id, queue.name) = (source.into(), id.into(), name);
        queue.waiting = state.waiting(source, id);
        state.queues.insert(key, queue.clone());
        self.send(&mut state, Some(Change::Queue(queue)));
    }

    /// Sets the users of a source; their calls are taken into account here.
    pub fn set_users(&self, source: &str, users: Vec<User>) {
        let mut state = self.state();
        let ids: BTreeSet<&str> = users.iter().map(|user| user.id.as_str()).collect();
        let before = state.users.len();
        state.users.retain(|(own, id), _| own != source || ids.contains(id.as_str()));
        state.shown.retain(|(own, id), _| own != source || ids.contains(id.as_str()));
        if state.users.len() != before {
            self.send(&mut state, None);
        }
        for user in users {
            let key = (source.to_owned(), user.id.clone());
            // Their calls are taken into account as these change.
            if state.users.insert(key.clone(), user.clone()) != Some(user) {
                self.show_user(&mut state, &key);
            }
        }
    }

    /// Adds a user whom an event has named, or renames the user.
    pub fn name_user(&self, source: &str, id: &str, name: Option<&str>) {
        let mut state = self.state();
        let key = (source.to_owned(), id.to_owned());
        let known = state.users.get(&key).map(|user| user.name.clone());
        let name = name.map(str::to_owned).or_else(|| known.clone()).unwrap_or_else(|| id.into());
        if known.as_ref() == Some(&name) || (known.is_none() && state.users.len() >= MAX_CALLS) {
            return;
        }
        let mut user = state.users.remove(&key).unwrap_or_default();
        (user.source, user.id, user.name) = (source.into(), id.into(), name);
        state.users.insert(key.clone(), user);
        self.show_user(&mut state, &key);
    }

    /// Sets a source's connection and what it offers.
    pub fn set_source(&self, source: Source) {
        let mut state = self.state();
        if state.sources.get(&source.name) != Some(&source) {
            state.sources.insert(source.name.clone(), source.clone());
            self.send(&mut state, Some(Change::Source(source)));
        }
    }

    /// Sets the state of a receiver of changes.
    pub fn set_receiver(&self, receiver: Receiver) {
        let mut state = self.state();
        if state.receivers.get(&receiver.name) != Some(&receiver) {
            state.receivers.insert(receiver.name.clone(), receiver.clone());
            self.send(&mut state, Some(Change::Receiver(receiver)));
        }
    }

    /// Changes a source.
    pub fn update_source(&self, name: &str, change: impl FnOnce(&mut Source)) {
        let source = self.state().sources.get(name).cloned();
        if let Some(mut source) = source {
            change(&mut source);
            self.set_source(source);
        }
    }

    /// A source has said something: it is there, and what it says is present.
    pub fn has_spoken(&self, name: &str) {
        self.update_source(name, |source| (source.is_connected, source.is_current) = (true, true));
    }

    /// The sources, by name.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        self.state().sources.values().cloned().collect()
    }

    /// Returns whether no call goes on.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.state().calls.is_empty()
    }

    /// A call that goes on.
    #[must_use]
    pub fn call(&self, source: &str, id: &str) -> Option<Call> {
        self.state().calls.get(&(source.to_owned(), id.to_owned())).cloned()
    }

    /// The present state.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let state = self.state();
        state.snapshot()
    }

    /// The present state, and every change after it.
    #[must_use]
    pub fn follow(&self) -> (Snapshot, broadcast::Receiver<Update>) {
        let state = self.state();
        (state.snapshot(), self.changes.subscribe())
    }

    /// Publishes the queues and users whose state follows from a call.
    fn update_around(&self, state: &mut Present, calls: [Option<&Call>; 2]) {
        let (mut queues, mut users) = (Vec::new(), Vec::new());
        for call in calls.into_iter().flatten() {
            queues.extend(call.queue.iter().map(|id| (call.source.clone(), id.clone())));
            let ids = call.rang.iter().chain(&call.answered_by).chain(&call.placed_by);
            users.extend(ids.map(|id| (call.source.clone(), id.clone())));
        }
        queues.sort_unstable();
        queues.dedup();
        for key in queues {
            let waiting = state.waiting(&key.0, &key.1);
            let Some(queue) = state.queues.get_mut(&key) else { continue };
            if queue.waiting != waiting {
                queue.waiting = waiting;
                let queue = queue.clone();
                self.send(state, Some(Change::Queue(queue)));
            }
        }
        users.sort_unstable();
        users.dedup();
        for key in users {
            self.show_user(state, &key);
        }
    }

    fn show_user(&self, state: &mut Present, key: &Key) {
        let Some(mut user) = state.users.get(key).cloned() else { return };
        user.state = state.presence(&user);
        if state.shown.get(key) != Some(&user) {
            state.shown.insert(key.clone(), user.clone());
            self.send(state, Some(Change::User(user)));
        }
    }

    fn send(&self, state: &mut Present, change: Option<Change>) {
        state.sequence += 1;
        // Without readers it goes nowhere.
        let _ = self.changes.send(Update { sequence: state.sequence, change });
    }
}
