//! Messages of the PBX byte for byte, for the program's observer.

use std::time::Instant;

use tokio_tungstenite::tungstenite::Message;

/// A message of the PBX as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a websocket has two kinds of messages")]
pub enum RawMessage<'a> {
    /// A binary message: one Erlang term.
    Binary(&'a [u8]),
    /// A text message, which the protocol does not have.
    Text(&'a str),
}

type Observer = Box<dyn FnMut(Instant, RawMessage<'_>) + Send>;

/// The program's observer, and the messages that it has not seen yet. They wait until the lock of
/// the session is released, since the observer may use the client's handle.
pub(super) struct Tap {
    observer: Observer,
    waiting: Vec<(Instant, Message)>,
    bytes: usize,
}

impl Tap {
    /// Bytes that may wait, beside one message.
    const MAX_BYTES: usize = 1 << 20;

    pub(super) fn new(observer: impl FnMut(Instant, RawMessage<'_>) + Send + 'static) -> Self {
        Self { observer: Box::new(observer), waiting: Vec::new(), bytes: 0 }
    }

    /// Keeps a message for the observer. Its bytes are shared, not copied.
    pub(super) fn push(&mut self, now: Instant, message: &Message) {
        self.bytes += message.len();
        self.waiting.push((now, message.clone()));
    }

    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= Self::MAX_BYTES
    }

    /// Passes the waiting messages to the observer.
    pub(super) fn flush(&mut self) {
        self.bytes = 0;
        for (at, message) in self.waiting.drain(..) {
            match &message {
                Message::Binary(bytes) => (self.observer)(at, RawMessage::Binary(bytes)),
                Message::Text(text) => (self.observer)(at, RawMessage::Text(text)),
                _ => {}
            }
        }
    }
}
