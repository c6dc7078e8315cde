//! Calls that do not go backwards and end once.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use super::bounded::Bounded;
use crate::model::{VoipCallDisposition, VoipCallRecord, VoipWebhookEvent, VoipWebhookRequest};

/// Follows calls, and tells events that carry them on from events that came late or twice (§13).
///
/// A call is known by its `callId`, or without one by its numbers and direction (V16). It goes from
/// ringing to answered to ended, and ends once:
///
/// - A cancelled leg is not the end of the call while another leg rings or talks (V64).
/// - Nothing that comes after the end moves the call back. (Without a `callId` a new start begins a
///   new call: the numbers alone cannot tell.)
///
/// Memory is bounded: so many calls, for so long after their last event.
///
/// ```
/// use std::time::Duration;
/// use voip_module::router::{CallTracker, Verdict};
/// use voip_module::{VoipCallDirection as Direction, VoipWebhookEvent as Event, VoipWebhookRequest};
///
/// let event = |event| VoipWebhookRequest::new(event, Direction::In, "79990000001", "701").call_id("C-1");
/// let mut tracker = CallTracker::default();
/// let now = Duration::ZERO;
/// assert_eq!(tracker.handle_event(now, &event(Event::NotifyAnswer)), Verdict::New);
/// assert_eq!(tracker.handle_event(now, &event(Event::NotifyStart)), Verdict::Backwards);
/// assert_eq!(tracker.handle_event(now, &event(Event::NotifyEnd)), Verdict::New);
/// assert_eq!(tracker.handle_event(now, &event(Event::NotifyEnd)), Verdict::AlreadyEnded);
/// ```
#[derive(Debug)]
pub struct CallTracker {
    calls: Bounded<Call>,
    /// Makes legs small, so that long numbers do not make calls large.
    hasher: RandomState,
}

/// What an event does to its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It carries the call on.
    New,
    /// It would move the call backwards.
    Backwards,
    /// The call has ended already.
    AlreadyEnded,
    /// One leg has ended; others ring or talk.
    OtherLegsRemain,
}

#[derive(Clone, Debug, Default)]
struct Call {
    ended: bool,
    legs: Vec<(u64, Leg)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Leg {
    Ringing,
    Talking,
    Ended,
}

/// Legs of one call that are told apart; a call with more is followed by these.
const LEGS: usize = 256;

/// 10,000 calls, each for 6 hours after its last event.
impl Default for CallTracker {
    fn default() -> Self {
        Self::new(10_000, Duration::from_secs(6 * 60 * 60))
    }
}

impl CallTracker {
    /// Keeps at most `capacity` calls, each for at most `keep` after its last event.
    #[must_use]
    pub fn new(capacity: usize, keep: Duration) -> Self {
        Self { calls: Bounded::new(capacity, keep), hasher: RandomState::new() }
    }

    /// How many calls are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether no call is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes note of an event. Whatever is not [`Verdict::New`] should not be shown.
    pub fn handle_event(&mut self, now: Duration, event: &VoipWebhookRequest) -> Verdict {
        self.handle(now, event).0
    }

    /// As [`handle_event`](Self::handle_event), with what takes it back.
    pub(crate) fn handle(&mut self, now: Duration, event: &VoipWebhookRequest) -> (Verdict, Undo) {
        let key = call_key(event);
        let before = self.calls.get(now, &key).cloned();
        let mut call = before.clone().unwrap_or_default();
        if call.ended && event.call_id.is_none() && event.event == VoipWebhookEvent::NotifyStart {
            call = Call::default();
        }
        let leg = self.hasher.hash_one((&event.src_phone, &event.dst_phone));
        let verdict = call.handle(leg, event);
        self.calls.insert(now, &key, call);
        (verdict, Undo { key, before })
    }

    /// Takes an event back that could not be handed on.
    pub(crate) fn undo(&mut self, now: Duration, undo: Undo) {
        match undo.before {
            Some(call) => self.calls.insert(now, &undo.key, call),
            None => drop(self.calls.remove(&undo.key)),
        }
    }
}

pub(crate) struct Undo {
    key: String,
    before: Option<Call>,
}

impl Call {
    fn handle(&mut self, leg: u64, event: &VoipWebhookRequest) -> Verdict {
        if self.ended {
            return match event.event {
                VoipWebhookEvent::NotifyEnd => Verdict::AlreadyEnded,
                _ => Verdict::Backwards,
            };
        }
        let at = self.legs.iter().position(|(name, _)| *name == leg);
        let state = at.map(|at| self.legs[at].1);
        let talking = self.legs.iter().any(|(_, leg)| *leg == Leg::Talking);
        let (verdict, state) = match event.event {
            VoipWebhookEvent::NotifyStart if talking || state > Some(Leg::Ringing) => {
                return Verdict::Backwards;
            }
            VoipWebhookEvent::NotifyStart => (Verdict::New, Leg::Ringing),
            VoipWebhookEvent::NotifyAnswer if state == Some(Leg::Ended) => {
                return Verdict::Backwards;
            }
            VoipWebhookEvent::NotifyAnswer => (Verdict::New, Leg::Talking),
            VoipWebhookEvent::NotifyEnd => {
                let gave_up =
                    event.disposition == VoipCallDisposition::Cancel && state != Some(Leg::Talking);
                let others = self.legs.iter().enumerate();
                let others =
                    others.filter(|(other, (_, leg))| Some(*other) != at && *leg != Leg::Ended);
                if gave_up && others.count() > 0 {
                    (Verdict::OtherLegsRemain, Leg::Ended)
                } else {
                    self.ended = true;
                    (Verdict::New, Leg::Ended)
                }
            }
        };
        match at {
            Some(at) => self.legs[at].1 = state,
            None if self.legs.len() < LEGS => self.legs.push((leg, state)),
            None => {}
        }
        verdict
    }
}

/// What tells calls apart (V16).
fn call_key(event: &VoipWebhookRequest) -> String {
    let VoipWebhookRequest { src_phone, dst_phone, src_phone_ext, dst_phone_ext, .. } = event;
    match &event.call_id {
        Some(id) => format!("id\0{id}"),
        None => format!(
            "numbers\0{src_phone}\0{dst_phone}\0{}\0{}\0{}",
            event.direction,
            src_phone_ext.as_deref().unwrap_or_default(),
            dst_phone_ext.as_deref().unwrap_or_default(),
        ),
    }
}

/// A table from the numbers of a call to its last seen `callId`, for providers whose call controls
/// need an id (V33). Memory is bounded.
#[derive(Debug)]
pub struct CallIds(Bounded<String>);

/// 10,000 calls, each for 6 hours.
impl Default for CallIds {
    fn default() -> Self {
        Self::new(10_000, Duration::from_secs(6 * 60 * 60))
    }
}

impl CallIds {
    /// Keeps at most `capacity` calls, each for at most `keep`.
    #[must_use]
    pub fn new(capacity: usize, keep: Duration) -> Self {
        Self(Bounded::new(capacity, keep))
    }

    /// Takes note of an event: an end forgets the call, anything else keeps its id.
    pub fn handle_event(&mut self, now: Duration, event: &VoipWebhookRequest) {
        let Some(id) = &event.call_id else { return };
        let key = number_key(&event.src_phone, &event.dst_phone);
        if event.event != VoipWebhookEvent::NotifyEnd {
            self.0.insert(now, &key, id.clone());
        } else if self.0.get(now, &key) == Some(id) {
            self.0.remove(&key);
        }
    }

    /// Takes note of a record: its call is over.
    pub fn handle_record(&mut self, now: Duration, record: &VoipCallRecord) {
        let key = number_key(&record.src_phone, &record.dst_phone);
        if record.call_id.is_some() && self.0.get(now, &key) == record.call_id.as_ref() {
            self.0.remove(&key);
        }
    }

    /// The id of the last call between two numbers.
    #[must_use]
    pub fn find(&self, now: Duration, src_phone: &str, dst_phone: &str) -> Option<&str> {
        self.0.get(now, &number_key(src_phone, dst_phone)).map(String::as_str)
    }
}

fn number_key(src_phone: &str, dst_phone: &str) -> String {
    format!("{src_phone}\0{dst_phone}")
}
