//! Options of a tracker.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::number::is_same_extension;

/// Times, limits and switches of a [`Tracker`](crate::Tracker).
///
/// ```
/// use std::time::Duration;
/// use ucom_events::TrackerOptions;
///
/// let options = TrackerOptions::default()
///     .with_ring_limit(Duration::from_secs(300))
///     .without_answer_on(["106", "107"]);
/// assert_eq!(options.quiet, Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackerOptions {
    /// Wait after the last event of a call that is over. Default 5 s.
    pub settle: Duration,
    /// Wait while the caller may still be connected to the PBX. Default 60 s.
    pub quiet: Duration,
    /// Wait while a caller is known to be in an IVR or queue. Default 1 h.
    pub wait_limit: Duration,
    /// End of a ringing leg whose hangup never comes. Default 3 min.
    pub ring_limit: Duration,
    /// End of a talking leg whose hangup never comes. Default 4 h.
    pub lost_after: Duration,
    /// `true` emits notices. Default `true`.
    pub notices: bool,
    /// Maximum memory of the tracker in bytes, without records that wait to be polled. Default 64
    /// MiB.
    pub budget: usize,
    /// Extensions without a subscription to `answer`; `None` for all of them.
    pub(super) without_answer: Option<BTreeSet<String>>,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(5),
            quiet: Duration::from_secs(60),
            wait_limit: Duration::from_secs(3600),
            ring_limit: Duration::from_secs(180),
            lost_after: Duration::from_secs(4 * 3600),
            notices: true,
            budget: 64 << 20,
            without_answer: Some(BTreeSet::new()),
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $field:ident, $type:ty;)+) => {$(
        $(#[$doc])*
        #[must_use]
        pub const fn $name(mut self, $field: $type) -> Self {
            self.$field = $field;
            self
        }
    )+};
}

impl TrackerOptions {
    setters! {
        /// Sets [`settle`](Self::settle).
        with_settle: settle, Duration;
        /// Sets [`quiet`](Self::quiet).
        with_quiet: quiet, Duration;
        /// Sets [`wait_limit`](Self::wait_limit).
        with_wait_limit: wait_limit, Duration;
        /// Sets [`ring_limit`](Self::ring_limit).
        with_ring_limit: ring_limit, Duration;
        /// Sets [`lost_after`](Self::lost_after).
        with_lost_after: lost_after, Duration;
        /// Sets whether notices are emitted.
        with_notices: notices, bool;
        /// Sets the [`budget`](Self::budget), in bytes.
        with_budget: budget, usize;
    }

    /// Declares that no extension has a subscription to `answer`: a ringing phone may be talking,
    /// so the longer limit applies.
    #[must_use]
    pub fn without_answer(mut self) -> Self {
        self.without_answer = None;
        self
    }

    /// Declares that these extensions have no subscription to `answer`, by short or full number.
    #[must_use]
    pub fn without_answer_on<T: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = T>,
    ) -> Self {
        if let Some(known) = &mut self.without_answer {
            known.extend(names.into_iter().map(T::into));
        }
        self
    }

    /// Time for which a leg may ring or talk without an event before it counts as lost.
    pub(super) fn patience(&self, is_answered: bool, extension: Option<&str>) -> Duration {
        let hears_answer = |names: &BTreeSet<String>| {
            extension.is_none_or(|own| !names.iter().any(|name| is_same_extension(name, own)))
        };
        let hears_answer = self.without_answer.as_ref().is_some_and(hears_answer);
        if is_answered || !hears_answer { self.lost_after } else { self.ring_limit }
    }
}
