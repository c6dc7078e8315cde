//! The facts about one leg.

use serde::{Deserialize, Serialize};

use crate::event::{CallFlow, EventKind, ExtensionEvent};
use crate::track::text::{MAX_NAME, MAX_NUMBER, cut, cut_id};

/// Maximum number of attempts of a leg.
const MAX_ATTEMPTS: usize = 20;
/// Maximum number of events of a leg: three of each attempt.
const MAX_EVENTS: usize = 3 * MAX_ATTEMPTS;

// D27.
/// Earliest valid time of an event, 2001-01-01, in microseconds.
const FIRST_TIME: u64 = 978_307_200_000_000;

/// Latest time that leaves room for the rank of [`Moment`].
const LAST_TIME: u64 = u64::MAX >> 2;

/// The time and the rank of an event: the order of a leg's events, independent of their arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Moment(u64);

impl Moment {
    const fn new(time: u64, rank: Rank) -> Self {
        let time = if time > LAST_TIME { LAST_TIME } else { time };
        Self(time << 2 | rank as u64)
    }

    /// Microseconds since 1970.
    pub(super) const fn time(self) -> u64 {
        self.0 >> 2
    }

    pub(super) const fn rank(self) -> Rank {
        match self.0 & 3 {
            0 => Rank::Dial,
            1 => Rank::Answer,
            _ => Rank::Hangup,
        }
    }
}

/// The stages of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    Dial = 0,
    Answer = 1,
    Hangup = 2,
}

impl Rank {
    pub(super) const fn of(kind: &EventKind) -> Option<Self> {
        match kind {
            EventKind::DialIn | EventKind::DialOut => Some(Self::Dial),
            EventKind::Answer => Some(Self::Answer),
            EventKind::Hangup => Some(Self::Hangup),
            _ => None,
        }
    }
}

/// The state of an attempt's notices; kept at the event that opened them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum NoticeState {
    #[default]
    None,
    Ringing,
    Taken,
    Closed,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LegEvent {
    pub(super) moment: Moment,
    pub(super) notice: NoticeState,
    /// The extension that the notice was shown to. The leg's own may become known later, or change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shown_at: Option<Box<str>>,
    pub(super) hangup: Option<Box<Hangup>>,
}

/// The facts of a hangup.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Hangup {
    pub(super) status: Option<Box<str>>,
    pub(super) duration: Option<u64>,
    pub(super) bridged_duration: Option<u64>,
    pub(super) bridged: Option<bool>,
    pub(super) recording: Option<Box<str>>,
}

impl Hangup {
    fn read(event: &ExtensionEvent, key: &[u8; 16]) -> Self {
        let micros = |duration: std::time::Duration| duration.as_micros() as u64;
        Self {
            status: event.call_status().map(|status| cut(status.as_str(), MAX_NUMBER).into()),
            duration: event.duration().map(micros),
            bridged_duration: event.bridged_duration().map(micros),
            bridged: event.bridged(),
            recording: event.recording_id().map(|id| cut_id(id, key).into()),
        }
    }

    /// Fills in missing facts.
    fn fill(&mut self, later: &Self) {
        fn missing<T: Clone>(first: &mut Option<T>, later: &Option<T>) {
            if first.is_none() {
                first.clone_from(later);
            }
        }
        missing(&mut self.status, &later.status);
        missing(&mut self.duration, &later.duration);
        missing(&mut self.bridged_duration, &later.bridged_duration);
        missing(&mut self.bridged, &later.bridged);
        missing(&mut self.recording, &later.recording);
    }
}

/// A text of a leg and its moment. The earliest wins, so that arrival does not matter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Fact(Option<(Moment, Box<str>)>);

impl Fact {
    fn offer(&mut self, moment: Moment, text: Option<&str>, max: usize) {
        let Some(text) = text else { return };
        if self.0.as_ref().is_none_or(|(known, _)| moment < *known) {
            self.0 = Some((moment, cut(text, max).into()));
        }
    }

    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_ref().map(|(_, text)| &**text)
    }

    fn bytes(&self) -> usize {
        self.get().map_or(0, allocation)
    }
}

/// One leg of a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Leg {
    /// The `SubCallID`, or the extension if that is missing.
    pub(super) key: Box<str>,
    pub(super) has_sub_call_id: bool,
    pub(super) caller: Fact,
    pub(super) name: Fact,
    pub(super) called: Fact,
    pub(super) called_extension: Fact,
    pub(super) caller_extension: Fact,
    pub(super) remote: Fact,
    pub(super) did: Fact,
    flow: Option<(Moment, bool)>,
    pub(super) is_transferred: bool,
    /// True if an event has the field `Bridged`.
    pub(super) has_bridged: bool,
    pub(super) has_blank_caller: bool,
    pub(super) has_dial_in: bool,
    /// In order of their moments.
    pub(super) events: Vec<LegEvent>,
    /// Time when the last event arrived, on the tracker's clock.
    pub(super) last_event: u64,
}

impl Leg {
    pub(super) fn new(key: &str, has_sub_call_id: bool) -> Self {
        Self {
            key: key.into(),
            has_sub_call_id,
            caller: Fact::default(),
            name: Fact::default(),
            called: Fact::default(),
            called_extension: Fact::default(),
            caller_extension: Fact::default(),
            remote: Fact::default(),
            did: Fact::default(),
            flow: None,
            is_transferred: false,
            has_bridged: false,
            has_blank_caller: false,
            has_dial_in: false,
            events: Vec::new(),
            last_event: 0,
        }
    }

    /// Adds an event; returns its moment, or `None` for a copy of a known one.
    pub(super) fn add(
        &mut self,
        event: &ExtensionEvent,
        rank: Rank,
        arrived: u64,
        key: &[u8; 16],
    ) -> Option<Moment> {
        let sent =
            event.event_time().map(|time| time.as_micros()).filter(|&time| time >= FIRST_TIME);
        let moment = Moment::new(sent.unwrap_or(arrived), rank);
        let at = self.events.partition_point(|known| known.moment < moment);
        let is_copy = match sent {
            Some(_) => self.events.get(at).is_some_and(|known| known.moment == moment),
            None => self.events.iter().any(|known| known.moment.rank() == rank),
        };
        if is_copy {
            return None;
        }
        let hangup = (rank == Rank::Hangup).then(|| Box::new(Hangup::read(event, key)));
        self.events
            .insert(at, LegEvent { moment, notice: NoticeState::None, shown_at: None, hangup });
        self.caller.offer(moment, event.caller(), MAX_NUMBER);
        self.name.offer(moment, event.caller_name(), MAX_NAME);
        self.called.offer(moment, event.called(), MAX_NUMBER);
        self.called_extension.offer(moment, event.called_extension(), MAX_NUMBER);
        self.caller_extension.offer(moment, event.caller_extension(), MAX_NUMBER);
        self.remote.offer(moment, event.remote_number(), MAX_NUMBER);
        self.did.offer(moment, event.called_did(), MAX_NUMBER);
        if let Some(flow) = event.flow() {
            if self.flow.is_none_or(|(known, _)| moment < known) {
                self.flow = Some((moment, flow == CallFlow::Out));
            }
        }
        self.is_transferred |= event.transferred() == Some(true);
        self.has_bridged |= event.bridged().is_some();
        self.has_blank_caller |= event.has_blank_caller();
        self.has_dial_in |= *event.kind() == EventKind::DialIn;
        Some(moment)
    }

    /// Returns whether the leg is outbound, if an event shows it.
    pub(super) fn is_out(&self) -> Option<bool> {
        self.flow.map(|(_, is_out)| is_out)
    }

    /// Returns whether a cap is exceeded, so that an attempt has to be folded.
    pub(super) fn is_full(&self) -> bool {
        self.has_too_many_events()
            || (self.events.len() > MAX_ATTEMPTS && attempts(&self.events).len() > MAX_ATTEMPTS)
    }

    /// Returns whether some events may be redundant.
    pub(super) fn has_too_many_events(&self) -> bool {
        self.events.len() > MAX_EVENTS
    }

    /// Drops redundant events: of one attempt, all except the first dial, answer and hangup.
    pub(super) fn compact(&mut self) {
        let (mut kept, mut seen) = (Vec::<LegEvent>::new(), [false; 3]);
        for event in self.events.drain(..) {
            let rank = event.moment.rank();
            if rank != Rank::Hangup && seen[Rank::Hangup as usize] {
                seen = [false; 3];
            }
            // A dial after the answer is redundant too.
            let is_idle =
                seen[rank as usize] || (rank == Rank::Dial && seen[Rank::Answer as usize]);
            seen[rank as usize] = true;
            if !is_idle || event.notice != NoticeState::None {
                kept.push(event);
            } else if let (Some(first), Some(later)) =
                (kept.iter_mut().rev().find_map(|known| known.hangup.as_mut()), event.hangup)
            {
                first.fill(&later);
            }
        }
        kept.shrink_to_fit();
        self.events = kept;
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        let shown: usize =
            self.events.iter().filter_map(|event| event.shown_at.as_deref()).map(allocation).sum();
        let hangups = self.events.iter().filter_map(|event| event.hangup.as_deref());
        let hangups = hangups.map(|hangup| {
            let text = |text: &Option<Box<str>>| text.as_deref().map_or(0, allocation);
            size_of::<Hangup>() + 16 + text(&hangup.status) + text(&hangup.recording)
        });
        let facts = [
            &self.caller,
            &self.name,
            &self.called,
            &self.called_extension,
            &self.caller_extension,
            &self.remote,
            &self.did,
        ];
        allocation(&self.key)
            + shown
            + self.events.capacity() * size_of::<LegEvent>()
            + 16
            + hangups.sum::<usize>()
            + facts.into_iter().map(Fact::bytes).sum::<usize>()
    }
}

/// Bytes of a boxed text, including the allocator's overhead.
pub(super) fn allocation(text: &str) -> usize {
    if text.is_empty() { 0 } else { text.len().next_multiple_of(16) + 16 }
}

/// One ringing of a leg, from its dial to its hangup.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempt<'l> {
    /// Positions of its events in the leg.
    pub(super) events: std::ops::Range<usize>,
    pub(super) dialed: Option<u64>,
    pub(super) answered: Option<u64>,
    pub(super) hung_up: Option<u64>,
    pub(super) status: Option<&'l str>,
    pub(super) duration: Option<u64>,
    pub(super) bridged_duration: Option<u64>,
    pub(super) bridged: Option<bool>,
    pub(super) recording: Option<&'l str>,
}

// D27.
/// Returns the attempts of a leg: a dial or answer after a hangup begins a new one.
pub(super) fn attempts(events: &[LegEvent]) -> Vec<Attempt<'_>> {
    let mut attempts = Vec::<Attempt<'_>>::new();
    for (at, event) in events.iter().enumerate() {
        let rank = event.moment.rank();
        let is_over = |last: &Attempt<'_>| rank != Rank::Hangup && last.hung_up.is_some();
        if attempts.last().is_none_or(is_over) {
            attempts.push(Attempt { events: at..at, ..Attempt::default() });
        }
        let Some(attempt) = attempts.last_mut() else { break };
        attempt.events.end = at + 1;
        let time = event.moment.time();
        match rank {
            Rank::Dial => _ = attempt.dialed.get_or_insert(time),
            Rank::Answer => _ = attempt.answered.get_or_insert(time),
            Rank::Hangup => {
                attempt.hung_up.get_or_insert(time);
                // A second hangup fills in facts that the first lacks.
                if let Some(hangup) = &event.hangup {
                    attempt.status = attempt.status.or(hangup.status.as_deref());
                    attempt.duration = attempt.duration.or(hangup.duration);
                    attempt.bridged_duration = attempt.bridged_duration.or(hangup.bridged_duration);
                    attempt.bridged = attempt.bridged.or(hangup.bridged);
                    attempt.recording = attempt.recording.or(hangup.recording.as_deref());
                }
            }
        }
    }
    attempts
}
