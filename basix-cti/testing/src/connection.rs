//! A connection to the model: messages waiting to be sent, and those sent.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::delivered::{Delivered, Effect};
use super::fault::Fault;
use super::pbx::Caller;
use super::random::Random;
use super::record::Entry;
use super::wire::{Layout, Payload};
use basix_cti::element::UserId;
use basix_cti::{ElementKind, Timestamp};

/// Identity of a connection to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(super) u64);

impl ConnectionId {
    /// Number of connections requested before this one, refused ones included.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The next output of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sent {
    /// A binary message.
    Frame(Arc<[u8]>),
    /// A binary message that is written in small pieces with pauses.
    SlowFrame(Arc<[u8]>),
    /// A text message, which the protocol does not have.
    Text(String),
    /// The PBX closes the connection with this code. Nothing follows.
    Close(u16),
    /// The connection is lost, in the middle of this message if there is one. Nothing follows.
    Cut(Option<Arc<[u8]>>),
}

/// Bytes that may wait on a connection; one that is slower is cut.
const OUTBOX_BYTES: usize = 256 << 20;

#[derive(Clone, Debug)]
struct Waiting {
    sent: Sent,
    effect: Effect,
}

#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) app_name: String,
    /// The login that connections share.
    pub(super) owner: Caller,
    /// The only user whose channels are sent; with `None`, all channels are.
    pub(super) only: Option<UserId>,
    pub(super) layout: Arc<Layout>,
    pub(super) random: Random,
    /// Lists that come later.
    pub(super) late: Vec<(Timestamp, ElementKind)>,
    outbox: VecDeque<Waiting>,
    outbox_bytes: usize,
    /// Messages polled so far.
    polled: u64,
    /// Faults before the next message, that were planned or injected.
    faults: VecDeque<Fault>,
    /// True if the faults before the next message were looked up.
    looked_up: bool,
    slow: bool,
    held_until: Option<Timestamp>,
    silent_until: Option<Timestamp>,
    ended: bool,
    /// The state of a client that reads every message; `None` if it is not tracked.
    pub(super) delivered: Option<Delivered>,
}

/// A moment that never comes.
const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

impl Connection {
    pub(super) fn new(owner: Caller, layout: Arc<Layout>, random: Random) -> Self {
        Self {
            app_name: String::new(),
            owner,
            only: None,
            layout,
            random,
            late: Vec::new(),
            outbox: VecDeque::new(),
            outbox_bytes: 0,
            polled: 0,
            faults: VecDeque::new(),
            looked_up: false,
            slow: false,
            held_until: None,
            silent_until: None,
            ended: false,
            delivered: None,
        }
    }

    pub(super) fn sees(&self, entry: &Entry) -> bool {
        match (self.only, entry.only_for()) {
            (None, _) | (_, None) => true,
            (Some(only), Some(user)) => user == Some(only),
        }
    }

    /// Returns true if the PBX has closed the connection or is about to.
    pub(super) fn is_leaving(&self) -> bool {
        let last = self.outbox.back();
        self.ended || last.is_some_and(|last| matches!(last.sent, Sent::Close(_) | Sent::Cut(_)))
    }

    pub(super) const fn is_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn is_silent(&self, now: Timestamp) -> bool {
        self.silent_until.is_some_and(|until| now < until)
    }

    /// Returns true if everything due has been polled.
    pub(super) fn is_drained(&self) -> bool {
        self.ended || self.outbox.is_empty() && self.late.is_empty()
    }

    pub(super) fn inject(&mut self, fault: Fault) {
        self.faults.push_back(fault);
    }

    pub(super) fn send(&mut self, frame: Arc<[u8]>, effect: Effect) {
        if self.is_leaving() {
            return;
        }
        self.outbox_bytes += frame.len();
        if self.outbox_bytes > OUTBOX_BYTES {
            self.outbox.clear();
            self.outbox_bytes = 0;
            return self
                .outbox
                .push_back(Waiting { sent: Sent::Cut(None), effect: Effect::Nothing });
        }
        self.outbox.push_back(Waiting { sent: Sent::Frame(frame), effect });
    }

    pub(super) fn send_close(&mut self, code: u16) {
        if self.is_leaving() {
            return;
        }
        self.outbox.push_back(Waiting { sent: Sent::Close(code), effect: Effect::Nothing });
    }

    pub(super) fn send_text(&mut self, text: &str) {
        if self.is_leaving() {
            return;
        }
        let sent = Sent::Text(text.to_owned());
        self.outbox.push_back(Waiting { sent, effect: Effect::Nothing });
    }

    pub(super) fn notify(&mut self, payload: Payload<'_>) {
        let layout = Arc::clone(&self.layout);
        let notice = layout.notice(payload, &mut self.random);
        self.send(notice, Effect::Nothing);
    }

    /// Time of the next output that is not due yet.
    pub(super) fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let late = self.late.iter().map(|(due, _)| *due);
        let silence = self.silent_until.filter(|until| *until != NEVER);
        let due = late.chain(silence).chain(self.held_until).filter(|due| *due > now).min();
        due.filter(|_| !self.ended)
    }

    /// The next output. `planned` returns the faults before a message.
    pub(super) fn poll(
        &mut self,
        now: Timestamp,
        planned: impl Fn(u64) -> Vec<Fault>,
    ) -> Option<Sent> {
        loop {
            if self.ended || self.is_silent(now) || self.held_until.is_some_and(|it| now < it) {
                return None;
            }
            self.silent_until = None;
            self.held_until = None;
            // A fault happens to a message, so faults wait for one.
            if self.outbox.is_empty() {
                return None;
            }
            if !self.looked_up {
                self.looked_up = true;
                self.faults.extend(planned(self.polled));
            }
            let Some(fault) = self.faults.pop_front() else { break };
            if let Some(sent) = self.fail(now, fault) {
                return Some(sent);
            }
        }
        let Waiting { sent, effect } = self.next()?;
        self.ended = matches!(sent, Sent::Close(_) | Sent::Cut(_));
        if let Some(delivered) = &mut self.delivered {
            delivered.deliver(effect);
        }
        Some(match sent {
            Sent::Frame(frame) if std::mem::take(&mut self.slow) => Sent::SlowFrame(frame),
            sent => sent,
        })
    }

    fn next(&mut self) -> Option<Waiting> {
        let next = self.outbox.pop_front()?;
        if let Sent::Frame(frame) = &next.sent {
            self.outbox_bytes = self.outbox_bytes.saturating_sub(frame.len());
        }
        self.polled += 1;
        self.looked_up = false;
        Some(next)
    }

    /// Applies a fault; returns the output it causes.
    fn fail(&mut self, now: Timestamp, fault: Fault) -> Option<Sent> {
        let layout = Arc::clone(&self.layout);
        let mut notice = |payload| Some(Sent::Frame(layout.notice(payload, &mut self.random)));
        match fault {
            Fault::Cut => {
                self.ended = true;
                Some(Sent::Cut(None))
            }
            Fault::CutMidMessage => {
                // Nothing that could show the loss follows.
                let frame = self.next().and_then(|waiting| match waiting.sent {
                    Sent::Frame(frame) => Some(frame),
                    _ => None,
                });
                self.ended = true;
                Some(Sent::Cut(frame))
            }
            Fault::Garbage => Some(Sent::Frame(garbage(&mut self.random))),
            Fault::HalfFrame => Some(match self.lose()? {
                Sent::Frame(frame) => {
                    Sent::Frame(frame.get(..frame.len() / 2).unwrap_or_default().into())
                }
                sent => sent,
            }),
            Fault::GarbageInstead => Some(match self.lose()? {
                Sent::Frame(_) => Sent::Frame(garbage(&mut self.random)),
                sent => sent,
            }),
            Fault::TextMessage => Some(Sent::Text("a text message".to_owned())),
            Fault::Oversize(bytes) => Some(Sent::Frame(oversize(bytes))),
            Fault::Silence(time) => {
                self.silent_until = Some(time.map_or(NEVER, |time| after(now, time)));
                None
            }
            Fault::Delay(time) => {
                self.held_until = Some(after(now, time));
                None
            }
            Fault::SlowWrite => {
                self.slow = true;
                None
            }
            Fault::Close(code) => {
                self.ended = true;
                Some(Sent::Close(code))
            }
            Fault::Logout => notice(Payload::System("logout")),
            Fault::UnknownSystemMessage => notice(Payload::System("webphone_auto_answer")),
            Fault::Message => notice(Payload::Message("meeting at noon")),
            Fault::UnknownKind => notice(Payload::Unknown("call_statistics")),
            // Too late for these.
            Fault::Refuse(_)
            | Fault::WebPage
            | Fault::Unreachable
            | Fault::OtherOrder
            | Fault::DuplicateInitialInfo(_)
            | Fault::MissingInitialInfo(_)
            | Fault::LateInitialInfo(..) => None,
        }
    }

    /// The next message, which the client will be unable to read.
    fn lose(&mut self) -> Option<Sent> {
        let Waiting { sent, effect } = self.next()?;
        self.ended = matches!(sent, Sent::Close(_) | Sent::Cut(_));
        if let Some(delivered) = &mut self.delivered {
            delivered.lose(&effect);
        }
        Some(sent)
    }
}

pub(super) fn after(now: Timestamp, time: Duration) -> Timestamp {
    let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.as_micros().saturating_add(micros))
}

/// Bytes that are not a term: the version byte is wrong.
fn garbage(random: &mut Random) -> Arc<[u8]> {
    let mut bytes: Vec<u8> = (0..random.below(200)).map(|_| random.below(256) as u8).collect();
    if let Some(first) = bytes.first_mut() {
        *first = first.wrapping_add(u8::from(*first == 131));
    }
    bytes.into()
}

/// A message of exactly this size, or of the least size that a message has: `{msg, <<0, …>>}`.
fn oversize(bytes: usize) -> Arc<[u8]> {
    let around = 2 + 1 + 2 + 3 + 4;
    let mut encoder = basix_cti::bert::Encoder::new();
    encoder.tuple(2).atom("msg").binary(vec![0; bytes.saturating_sub(around + 1)]);
    encoder.finish().unwrap_or_default().into()
}
