//! Transfers of a call.

// D34.

use crate::classify::present;
use crate::number::is_same_extension;
use crate::track::record::{Transfer, TransferKind};
use crate::track::view::{AttemptView, Role, View};

/// Maximum number of transfers of a call.
const MAX_TRANSFERS: usize = 50;

/// Returns the transfers of an answered call, in order of start.
pub(super) fn transfers(view: &View<'_>) -> Vec<Transfer> {
    let mut found = forwards(view);
    let named: Vec<_> = found.iter().filter_map(|(_, transfer)| transfer.to.clone()).collect();
    let is_named = |transfer: &Transfer| {
        transfer
            .to
            .as_deref()
            .is_some_and(|to| named.iter().any(|name| is_same_extension(name, to)))
    };
    found.extend(handovers(view).into_iter().filter(|(_, transfer)| !is_named(transfer)));
    found.sort_by_key(|(start, _)| *start);
    found.truncate(MAX_TRANSFERS);
    found.into_iter().map(|(_, transfer)| transfer).collect()
}

/// Returns transfers from legs that the PBX marks as forwarded.
fn forwards(view: &View<'_>) -> Vec<(u64, Transfer)> {
    let mut seen = std::collections::HashSet::new();
    let mut found = Vec::new();
    for first in view.of_role(Role::Forward).filter(|attempt| seen.insert(attempt.leg)) {
        let leg = view.leg_of(first);
        let (from, to) =
            (leg.extension, present(leg.leg.called.get()).and_then(|_| view.who(first)));
        let is_of = |attempt: &AttemptView<'_>, name: Option<&str>| {
            let own = view.leg_of(attempt).extension;
            matches!(view.role(attempt), Role::Phone | Role::Outbound)
                && own.zip(name).is_some_and(|(own, name)| is_same_extension(own, name))
        };
        let answers = |attempt: &&AttemptView<'_>| {
            attempt.leg == first.leg || (view.role(attempt) == Role::Phone && is_of(attempt, to))
        };
        let answered = view
            .attempts
            .iter()
            .filter(answers)
            .filter(|attempt| attempt.is_answered && attempt.start >= first.start)
            .filter_map(|attempt| attempt.answered_at.or(attempt.end))
            .min();
        let talked = view
            .attempts
            .iter()
            .filter(|attempt| is_of(attempt, from) && attempt.is_answered)
            .filter(|attempt| attempt.answered_at.is_some_and(|at| at <= first.start))
            .max_by_key(|attempt| attempt.answered_at);
        let kind = match talked {
            None => TransferKind::Forward,
            Some(talk) if was_before(answered, talk.end) => TransferKind::Attended,
            Some(_) => TransferKind::Blind,
        };
        let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
        found.push((first.start, Transfer { from, to, kind, taken: answered.is_some() }));
    }
    found
}

/// Returns transfers from legs that began while another talked, and outlived it.
fn handovers(view: &View<'_>) -> Vec<(u64, Transfer)> {
    let entry = view.outbound_entry();
    let is_talking = |attempt: &&AttemptView<'_>| {
        let talks = view.role(attempt) == Role::Phone || Some(attempt.leg) == entry;
        talks && attempt.is_answered && attempt.answered_at.is_some() && attempt.end.is_some()
    };
    let mut talking: Vec<_> = view.attempts.iter().filter(is_talking).collect();
    talking.sort_by_key(|attempt| attempt.answered_at);
    // For each talking leg, the best of its candidates.
    let mut chosen: Vec<Option<&AttemptView<'_>>> = vec![None; talking.len()];
    for next in &view.attempts {
        let is_candidate = view.role(next) == Role::Phone
            || (view.role(next) == Role::Outbound && Some(next.leg) != entry);
        if !is_candidate {
            continue;
        }
        let started_after = talking.partition_point(|talk| talk.answered_at <= Some(next.start));
        let from = talking[..started_after].iter().rposition(|talk| {
            talk.leg != next.leg && next.end.is_none_or(|end| talk.end.is_some_and(|own| end > own))
        });
        let Some(from) = from else { continue };
        let answered = |attempt: &AttemptView<'_>| {
            (
                !attempt.is_answered,
                attempt.answered_at.or(attempt.end).filter(|_| attempt.is_answered),
            )
        };
        let best = &mut chosen[from];
        // Candidates come in order of start, so the first unanswered one stays.
        if best.is_none_or(|known| answered(next) < answered(known)) {
            *best = Some(next);
        }
    }
    let pairs = talking.iter().zip(chosen).filter_map(|(talk, next)| Some((talk, next?)));
    pairs
        .map(|(talk, next)| {
            let answered = next.answered_at.filter(|_| next.is_answered);
            let kind = if was_before(answered, talk.end) {
                TransferKind::Attended
            } else {
                TransferKind::Blind
            };
            let from = view.leg_of(talk).extension.map(str::to_owned);
            let to = view.who(next).map(str::to_owned);
            (next.start, Transfer { from, to, kind, taken: next.is_answered })
        })
        .collect()
}

/// Returns whether a moment is before an end; an unknown end is in the future.
fn was_before(moment: Option<u64>, end: Option<u64>) -> bool {
    moment.is_some_and(|moment| end.is_none_or(|end| moment < end))
}
