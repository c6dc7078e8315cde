//! Replies to actions on calls, kept so that a repeated ask does not act twice.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::module_script::protocol::Function;
use crate::router::journal::IdentityKey;

const AGE: Duration = Duration::from_secs(600);
const MAX_ENTRIES: usize = 10_000;

/// A reply as it was sent.
pub(super) type Sent = (StatusCode, Bytes);

/// The answer to an ask that may be a repetition.
pub(super) enum Begun<'a> {
    /// The ask is new.
    New(Running<'a>),
    /// The same ask was answered.
    Answered(Sent),
    /// The same ask is running.
    InProgress,
    /// Another ask had this id.
    Reused,
}

/// The replies by request id. Numbers are no identity: two presses of a button are two calls.
// W107, W108
pub(super) struct Replies {
    key: IdentityKey,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<String, Entry>,
    /// Ids in the order of their asks.
    order: VecDeque<(Duration, String)>,
}

struct Entry {
    content: u128,
    /// `None` while the ask is running.
    sent: Option<Sent>,
}

impl Replies {
    pub(super) fn new() -> Self {
        Self { key: IdentityKey::random(), state: Mutex::default() }
    }

    pub(super) fn begin(
        &self,
        now: Duration,
        function: Function,
        id: &str,
        args: &str,
    ) -> Begun<'_> {
        let content = self.key.of_texts([function.as_str(), args]);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget(now, MAX_ENTRIES);
        match state.entries.get(id) {
            Some(entry) if entry.content != content => Begun::Reused,
            Some(Entry { sent: Some(sent), .. }) => Begun::Answered(sent.clone()),
            Some(_) => Begun::InProgress,
            None => {
                state.forget(now, MAX_ENTRIES - 1);
                state.entries.insert(id.to_owned(), Entry { content, sent: None });
                state.order.push_back((now, id.to_owned()));
                Begun::New(Running { replies: self, id: id.to_owned(), sent: None })
            }
        }
    }
}

impl State {
    /// Forgets old replies, and the oldest ones beyond a number.
    fn forget(&mut self, now: Duration, most: usize) {
        // Running ones go to the end, so each is looked at once.
        for _ in 0..self.order.len() {
            let Some((at, id)) = self.order.front() else { return };
            if self.entries.len() <= most && now.saturating_sub(*at) < AGE {
                return;
            }
            let (id, is_running) =
                (id.clone(), self.entries.get(id).is_some_and(|it| it.sent.is_none()));
            self.order.pop_front();
            if is_running {
                self.order.push_back((now, id));
            } else {
                self.entries.remove(&id);
            }
        }
    }
}

/// A running ask. Dropping it without an answer, such as when the sender gives up, leaves a reply
/// that says so: the action may have been carried out.
pub(super) struct Running<'a> {
    replies: &'a Replies,
    id: String,
    sent: Option<Sent>,
}

impl Running<'_> {
    /// Keeps the reply.
    pub(super) fn finish(mut self, sent: Sent) {
        self.sent = Some(sent);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let sent = self.sent.take().unwrap_or_else(|| super::answer::timed_out(&self.id));
        let mut state = self.replies.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = state.entries.get_mut(&self.id) {
            entry.sent = Some(sent);
        }
    }
}
