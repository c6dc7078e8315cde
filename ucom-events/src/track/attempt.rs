//! One attempt by itself: its answer, its end and its talk time.

use crate::track::leg::Attempt;

pub(super) struct AttemptView<'c> {
    pub(super) leg: usize,
    pub(super) events: std::ops::Range<usize>,
    pub(super) dialed: Option<u64>,
    hung_up: Option<u64>,
    pub(super) is_answered: bool,
    pub(super) answered_at: Option<u64>,
    pub(super) talk: Option<u64>,
    /// Time of its first event.
    pub(super) start: u64,
    /// True if that is a dial or the start of a stay in a service.
    pub(super) is_start_known: bool,
    /// Its end, inferred ends included.
    pub(super) end: Option<u64>,
    /// The attempt whose answer ended it.
    pub(super) ended_by: Option<usize>,
    pub(super) status: Option<&'c str>,
    pub(super) bridged: Option<bool>,
    pub(super) recording: Option<&'c str>,
}

impl AttemptView<'_> {
    /// Time of its own hangup.
    pub(super) const fn own_end(&self) -> Option<u64> {
        self.hung_up
    }
}

// D29.
/// Returns the view of an attempt by itself.
pub(super) fn attempt_view(attempt: Attempt<'_>, leg: usize, is_service: bool) -> AttemptView<'_> {
    let above_zero = |duration: Option<u64>| duration.filter(|&micros| micros > 0);
    let duration = above_zero(attempt.bridged_duration).or_else(|| above_zero(attempt.duration));
    let has_duration = attempt.duration.is_some() || attempt.bridged_duration.is_some();
    let says_answer = attempt.status == Some("ANSWER");
    let is_answered = !is_service
        && (attempt.answered.is_some() || (says_answer && (duration.is_some() || !has_duration)));
    let between = || Some(attempt.hung_up?.saturating_sub(attempt.answered?));
    let talk = attempt.hung_up.and_then(|_| duration.or_else(between)).filter(|_| is_answered);
    let derived = || Some(attempt.hung_up?.saturating_sub(talk?));
    let answered_at = attempt.answered.or_else(derived).filter(|_| is_answered);
    let stay = || Some(attempt.hung_up?.saturating_sub(attempt.duration?));
    let service_start = if is_service && attempt.dialed.is_none() { stay() } else { None };
    let known = [attempt.dialed, service_start, answered_at, attempt.answered, attempt.hung_up];
    let start = known.into_iter().flatten().min().unwrap_or_default();
    AttemptView {
        leg,
        dialed: attempt.dialed,
        hung_up: attempt.hung_up,
        is_answered,
        answered_at,
        talk,
        start,
        is_start_known: attempt.dialed == Some(start) || service_start == Some(start),
        end: attempt.hung_up,
        ended_by: None,
        status: attempt.status,
        bridged: attempt.bridged,
        recording: attempt.recording,
        events: attempt.events,
    }
}
