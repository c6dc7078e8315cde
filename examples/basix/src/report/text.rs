//! Lines for people.

use std::io::{self, Write};

use basix_cti::bert::Term;
use basix_cti::{
    ChangeKind, Channel, ElementKind, Event, GroupMember, Notice, OwnedRecord, Record, Store,
    Timestamp, WaitingChannel,
};
use jiff::tz::TimeZone;

use crate::mirror::{Mirror, Step};
use crate::wording;

/// One line: when, what about, and what. What the PBX sends cannot steer the terminal.
pub(super) fn line(time: Timestamp, about: &str, what: &str) -> String {
    let time = super::moment(time).to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S%.3f");
    let line = format!("{time}  {about:<8}  {what}");
    line.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// What happened to a record.
pub(super) fn step(time: Timestamp, step: &Step, mirror: &Mirror) -> Option<String> {
    // The first list of users, groups and the rest is no news.
    if step.is_found && step.element != ElementKind::Channel {
        return None;
    }
    let before = step.before.as_ref();
    let record = step.after.as_ref().or(before)?;
    let element = step.element;
    let (about, what) = match step.element {
        ElementKind::Channel => return Some(line(time, about_call(step), &call(step, mirror)?)),
        ElementKind::ChannelWaiting => ("queue", "waits"),
        ElementKind::QueuedChannel => ("queue", "waits in the ring queue"),
        ElementKind::ParkedChannel => ("slot", "is parked"),
        _ => {
            let what = match step.kind() {
                ChangeKind::Added => "is new".to_owned(),
                ChangeKind::Removed => "is gone".to_owned(),
                ChangeKind::Updated => differences(before, record).join(", "),
            };
            let name = name(element, record.as_record(), mirror);
            let about =
                if element == ElementKind::GroupMember { "member" } else { element.as_str() };
            return Some(line(time, about, &format!("{name}: {what}")));
        }
    };
    let waiting: WaitingChannel<'_> = record.typed()?;
    let what = match step.kind() {
        ChangeKind::Removed => format!("{what} no more"),
        ChangeKind::Added => what.to_owned(),
        ChangeKind::Updated => format!("still {what}; {}", differences(before, record).join(", ")),
    };
    Some(line(time, about, &format!("{} {what}", waiting.peer_number())))
}

const fn about_call(step: &Step) -> &'static str {
    match (step.kind(), step.is_found) {
        (ChangeKind::Added, false) => "new call",
        (ChangeKind::Removed, _) => "ended",
        _ => "call",
    }
}

/// Who with whom, in which state, and for how long in the one before.
fn call(step: &Step, mirror: &Mirror) -> Option<String> {
    let before: Option<Channel<'_>> = step.before.as_ref().and_then(OwnedRecord::typed);
    let Some(channel) = step.after.as_ref().and_then(OwnedRecord::typed::<Channel<'_>>) else {
        let before = before?;
        let last = step.last.as_ref().and_then(OwnedRecord::typed::<Channel<'_>>);
        let hangup = last.and_then(|last| last.hangup());
        let how = hangup.map_or_else(|| "ended meanwhile".to_owned(), |it| wording::ending(&it));
        let lasted = last.and_then(|last| wording::lasted(&last)).unwrap_or_default();
        return Some(columns(&wording::who(&before, mirror), &format!("{how} {lasted}")));
    };
    let mut what = wording::state(&channel, mirror);
    if let Some(before) = before {
        let earlier = wording::state(&before, mirror);
        let since = before.state().and_then(|state| state.since);
        let until = channel.state().and_then(|state| state.since);
        match since.zip(until).map(|(since, until)| since.elapsed_at(until)) {
            _ if earlier == what => {
                let names = changed(step.before.as_ref(), *channel.record());
                if !names.is_empty() {
                    what = format!("{what}; changed: {}", names.join(", "));
                }
            }
            Some(time) => what = format!("{what}; {earlier} for {}", wording::clock(time)),
            None => what = format!("{what}; {earlier} before"),
        }
    }
    Some(columns(&wording::who(&channel, mirror), &what))
}

fn columns(who: &str, what: &str) -> String {
    format!("{who:<32}  {}", what.trim_end())
}

/// The names of the fields that are not as they were.
fn changed(before: Option<&OwnedRecord>, after: Record<'_>) -> Vec<String> {
    let before = before.map(OwnedRecord::as_record);
    let changed = after.fields().filter(|(name, value)| {
        // These go with every change.
        !matches!(*name, "last_event" | "last_event_data" | "state")
            && before.and_then(|before| before.get(name)) != Some(*value)
    });
    changed.map(|(name, _)| name.to_owned()).collect()
}

/// The fields that are not as they were, before and now.
fn differences(before: Option<&OwnedRecord>, after: &OwnedRecord) -> Vec<String> {
    let before = before.map(OwnedRecord::as_record);
    let shown = |record: Option<Record<'_>>| {
        let printed = record.and_then(|record| serde_json::to_value(record.printed(None)).ok());
        printed.unwrap_or_default()
    };
    let (was, is) = (shown(before), shown(Some(after.as_record())));
    let changed = changed(before.map(|before| before.to_owned()).as_ref(), after.as_record());
    let difference = |name: String| format!("{name} {} -> {}", was[&name], is[&name]);
    changed.into_iter().map(difference).collect()
}

/// What a record is called.
fn name(element: ElementKind, record: Record<'_>, mirror: &Mirror) -> String {
    if element == ElementKind::GroupMember
        && let Some(member) = record.typed::<GroupMember<'_>>()
    {
        let (user, group) = (member.user_id(), member.group_id());
        return format!("{} in {}", mirror.user_name(user), mirror.group_name(group));
    }
    let names = ["label", "name"].into_iter().filter_map(|name| record.get(name)?.as_charlist());
    let name = names.map(|name| name.to_string()).find(|name| !name.is_empty());
    name.or_else(|| record.key().map(std::borrow::Cow::into_owned)).unwrap_or_default()
}

/// What happened on the connection; nothing for what changes nothing.
pub(super) fn event(time: Timestamp, event: &Event, view: Option<&Store>) -> Option<String> {
    let what = match event {
        Event::Connected => "connected".to_owned(),
        Event::Snapshot(list) => format!("snapshot: {} of {}", list.records, list.element),
        Event::System(notice) => format!("notice of the PBX: {}", words(notice)),
        Event::Message(notice) => format!("message: {}", words(notice)),
        Event::Unknown(_) => "a message of a kind that is not known".to_owned(),
        Event::Refused(refused) => format!("a message was refused: {refused}"),
        Event::Full(element) => format!("the store is full: records of {element} are left out"),
        Event::RecordingFailed(kind) => format!("the recording has ended: {kind}"),
        Event::Stale => "stale: no longer as the PBX is".to_owned(),
        Event::Resynced => {
            let count = |kind| view.and_then(|view| view.table(kind)).map_or(0, |it| it.len());
            format!(
                "resynced: as the PBX is, with {} calls, {} users, {} groups",
                count(ElementKind::Channel),
                count(ElementKind::User),
                count(ElementKind::Group),
            )
        }
        Event::Disconnected(end) => format!("disconnected: {end}"),
        Event::Lagged { missed, generation } => {
            format!("lagged: {missed} events were missed, up to generation {generation}")
        }
        _ => return None,
    };
    Some(line(time, "--", &what))
}

fn words(notice: &Notice) -> String {
    let text = notice.term().and_then(Term::as_charlist).map(|text| text.to_string());
    text.or_else(|| Some(notice.term()?.to_string())).unwrap_or_default()
}

/// The present calls as a table.
pub(super) fn end(
    out: &mut impl Write,
    time: Timestamp,
    mirror: &Mirror,
    is_current: bool,
) -> io::Result<()> {
    let mut channels: Vec<Channel<'_>> = mirror.channels().collect();
    channels.sort_by_key(|channel| (channel.offer_timestamp(), channel.uuid()));
    let known = if is_current { "" } else { ", as last known: not connected or not in step" };
    writeln!(out, "\nPresent calls: {}{known}", channels.len())?;
    if channels.is_empty() {
        return Ok(());
    }
    writeln!(out, "{:<32}  {:<40}  {:>8}", "who", "state", "for")?;
    for channel in channels {
        let who = wording::who(&channel, mirror);
        let (state, clock) = (wording::state(&channel, mirror), channel.in_state_for(time));
        let row =
            format!("{who:<32}  {state:<40}  {:>8}", clock.map(wording::clock).unwrap_or_default());
        let row: String = row.chars().filter(|char| !char.is_control()).collect();
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}
