//! Notices for screens of users.

// D40.

use serde::{Deserialize, Serialize};

use crate::event::{CallId, SubCallId};
use crate::track::call::Call;
use crate::track::leg::{Moment, NoticeState, Rank};
use crate::track::options::TrackerOptions;
use crate::track::record::words;
use crate::track::view::{AttemptView, Role, View};

/// A change of an outside call, for a user's screen.
///
/// Every `Ringing` and `Dialing` is followed by exactly one `Closed` for the same leg and extension; so is
/// a `Taken` that no `Ringing` came before. Notices are never revised; the log has its own records.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Notice {
    /// The kind of change.
    #[serde(rename = "notice")]
    pub kind: NoticeKind,
    /// The call.
    pub call_id: CallId,
    /// The leg.
    pub sub_call_id: Option<SubCallId>,
    /// The extension whose user is shown the notice.
    pub extension: Option<String>,
    /// The outside number, if it is known.
    pub party: Option<String>,
    /// `true` if the caller hides the number.
    pub withheld: bool,
    /// The public number that was called.
    pub did: Option<String>,
    /// The party that answered: of `Taken`, or of `Closed` if another answered.
    pub by: Option<String>,
}

words! {
    /// The kind of a notice.
    NoticeKind {
        /// The extension rings.
        Ringing = "ringing",
        /// The extension makes an outside call.
        Dialing = "dialing",
        /// The call was answered at this extension.
        Taken = "taken",
        /// The notice can be removed.
        Closed = "closed",
    }
}

/// The notices of one step, with the events that keep their state: leg and position.
type Changes = Vec<(Notice, (usize, usize), NoticeState)>;

impl<'c> View<'c> {
    /// Makes a notice; `open` is the event that keeps the one before it.
    pub(super) fn make_notice(
        &self,
        attempt: &AttemptView<'c>,
        open: Option<usize>,
        kind: NoticeKind,
        by: Option<&str>,
    ) -> Notice {
        let leg = self.leg_of(attempt);
        let text = |text: Option<&str>| text.map(str::to_owned);
        let extension = match open {
            Some(at) => leg.leg.events[at].shown_at.as_deref(),
            None => leg.extension,
        };
        Notice {
            kind,
            call_id: self.call.id.clone(),
            sub_call_id: leg.leg.has_sub_call_id.then(|| SubCallId::new(&leg.leg.key)),
            extension: text(extension),
            party: text(self.party()),
            withheld: self.is_withheld(),
            did: text(self.did()),
            by: text(by),
        }
    }

    /// Returns the event that keeps the notice of an attempt, if it is open.
    pub(super) fn open_notice(&self, attempt: &AttemptView<'c>) -> Option<usize> {
        let (at, state) = self.notice(attempt)?;
        matches!(state, NoticeState::Ringing | NoticeState::Taken).then_some(at)
    }

    /// Adds the notice of the new event itself.
    fn own_notice(&self, leg: usize, moment: Moment, changes: &mut Changes) {
        let events = &self.legs[leg].leg.events;
        let Some(at) = events.iter().position(|event| event.moment == moment) else { return };
        let own = self.attempts.iter().find(|one| one.leg == leg && one.events.contains(&at));
        let Some(attempt) = own else { return };
        let role = self.role(attempt);
        let is_shown = role == Role::Phone || self.outbound_entry() == Some(leg);
        if !is_shown || attempt.end.is_some() || !self.is_outside() {
            return;
        }
        let state = self.notice(attempt);
        match (moment.rank(), state) {
            (Rank::Dial, None) if !attempt.is_answered => {
                let kind = match role {
                    Role::Outbound => NoticeKind::Dialing,
                    _ => NoticeKind::Ringing,
                };
                let notice = self.make_notice(attempt, None, kind, None);
                changes.push((notice, (leg, at), NoticeState::Ringing));
            }
            (Rank::Answer, None | Some((_, NoticeState::Ringing))) => {
                let by = match role {
                    Role::Outbound => self.party(),
                    _ => self.leg_of(attempt).extension,
                };
                let notice =
                    self.make_notice(attempt, state.map(|(at, _)| at), NoticeKind::Taken, by);
                let kept_at = state.map_or(at, |(kept_at, _)| kept_at);
                changes.push((notice, (leg, kept_at), NoticeState::Taken));
            }
            _ => {}
        }
    }

    /// Closes notices of ended attempts, those of the event's own leg first.
    fn closed(
        &self,
        own: Option<usize>,
        lost: Option<(u64, &TrackerOptions)>,
        changes: &mut Changes,
    ) {
        let is_own = |attempt: &&AttemptView<'c>| Some(attempt.leg) == own;
        let others = self.attempts.iter().filter(|attempt| !is_own(attempt));
        for attempt in self.attempts.iter().filter(is_own).chain(others) {
            let is_lost =
                || lost.is_some_and(|(now, options)| self.lost_at(attempt, options) <= now);
            if attempt.end.is_none() && !is_lost() {
                continue;
            }
            let Some(at) = self.open_notice(attempt) else { continue };
            let by = attempt.ended_by.and_then(|by| self.who(&self.attempts[by]));
            let notice = self.make_notice(attempt, Some(at), NoticeKind::Closed, by);
            changes.push((notice, (attempt.leg, at), NoticeState::Closed));
        }
    }

    /// Time when the first notice closes without a further event.
    pub(super) fn next_close(&self, options: &TrackerOptions) -> Option<u64> {
        let is_open = |attempt: &&AttemptView<'c>| {
            attempt.end.is_none() && self.open_notice(attempt).is_some()
        };
        self.attempts.iter().filter(is_open).map(|one| self.lost_at(one, options)).min()
    }

    /// Returns the notices that an event causes.
    pub(super) fn notices_of(&self, leg: usize, moment: Moment) -> Changes {
        let mut changes = Vec::new();
        self.own_notice(leg, moment, &mut changes);
        self.closed(Some(leg), None, &mut changes);
        changes
    }

    /// Returns the notices that close by time.
    pub(super) fn notices_at(&self, now: u64, options: &TrackerOptions) -> Changes {
        let mut changes = Vec::new();
        self.closed(None, Some((now, options)), &mut changes);
        changes
    }
}

impl Call {
    /// Stores the states of notices, and returns the notices.
    pub(super) fn keep_notices(&mut self, changes: Changes) -> Vec<Notice> {
        changes
            .into_iter()
            .map(|(notice, (leg, at), state)| {
                let event = &mut self.legs[leg].events[at];
                event.notice = state;
                event.shown_at = match state {
                    NoticeState::Closed => None,
                    _ => notice.extension.as_deref().map(Box::from),
                };
                notice
            })
            .collect()
    }
}
