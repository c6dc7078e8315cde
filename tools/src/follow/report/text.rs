//! Readable lines.

use std::io::{self, Write};

use basix_cti::bert::{Term, Text};
use basix_cti::element::{Direction, GroupMember, StateKind, WaitingChannel};
use basix_cti::message::OwnedPayload;
use basix_cti::record::OwnedRecord;
use basix_cti::store::{ChangeKind, Origin};
use basix_cti::{Change, Channel, ElementKind, Event, Record, Timestamp};
use jiff::tz::TimeZone;

use crate::follow::records::Records;
use crate::follow::wording;

/// One line: time, subject and text, without control characters from the PBX.
pub(super) fn line(time: Timestamp, about: &str, what: &str) -> String {
    let time = super::moment(time).to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S%.3f");
    let line = format!("{time}  {about:<8}  {what}");
    line.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// The line of a changed record.
pub(super) fn change(time: Timestamp, change: &Change, records: &Records) -> Option<String> {
    // The first lists are not printed, except channels.
    if change.is_found() && change.element() != ElementKind::Channel {
        return None;
    }
    let before = change.before();
    let record = change.after().or(before)?;
    let element = change.element();
    let (about, what) = match change.element() {
        ElementKind::Channel => {
            return Some(line(time, about_call(change), &call(change, records)?));
        }
        ElementKind::ChannelWaiting => ("queue", "waits"),
        ElementKind::QueuedChannel => ("queue", "waits in the ring queue"),
        ElementKind::ParkedChannel => ("slot", "is parked"),
        _ => {
            let what = match change.kind() {
                ChangeKind::Added => "is new".to_owned(),
                ChangeKind::Removed => "is gone".to_owned(),
                ChangeKind::Updated => differences(before, record).join(", "),
            };
            let name = name(element, record.as_record(), records);
            let about =
                if element == ElementKind::GroupMember { "member" } else { element.as_str() };
            return Some(line(time, about, &format!("{name}: {what}")));
        }
    };
    let waiting: WaitingChannel<'_> = record.typed()?;
    let is_parked = matches!(waiting.state().map(|it| it.kind), Some(StateKind::Park { .. }));
    let (about, what) = if is_parked { ("slot", "is parked") } else { (about, what) };
    let what = match change.kind() {
        ChangeKind::Removed => format!("{what} no more"),
        ChangeKind::Added => what.to_owned(),
        ChangeKind::Updated => format!("still {what}; {}", differences(before, record).join(", ")),
    };
    Some(line(time, about, &format!("{} {what}", waiting_number(&waiting))))
}

/// The number of the waiting or parked peer, which only the deprecated elements have as a field.
fn waiting_number<'a>(waiting: &WaitingChannel<'a>) -> Text<'a> {
    match waiting.direction() {
        _ if !waiting.peer_number().is_empty() => waiting.peer_number(),
        Some(Direction::Outbound) => waiting.called_number(),
        _ => waiting.calling_number(),
    }
}

const fn about_call(change: &Change) -> &'static str {
    match (change.kind(), change.origin()) {
        (ChangeKind::Added, Origin::Event) => "new call",
        (ChangeKind::Removed, Origin::Disconnect) => "lost",
        (ChangeKind::Removed, _) => "ended",
        _ => "call",
    }
}

/// The parties of a call, its state, and the duration of the previous state.
fn call(change: &Change, records: &Records) -> Option<String> {
    let before: Option<Channel<'_>> = change.before().and_then(OwnedRecord::typed);
    let Some(channel) = change.after().and_then(OwnedRecord::typed::<Channel<'_>>) else {
        let before = before?;
        let last = change.last().and_then(OwnedRecord::typed::<Channel<'_>>);
        let hangup = last.and_then(|last| last.hangup());
        let how = match (hangup, change.origin()) {
            (Some(hangup), _) => wording::ending(&hangup),
            (None, Origin::Disconnect) => "out of sight".to_owned(),
            (None, _) => "ended meanwhile".to_owned(),
        };
        let lasted = last.and_then(|last| wording::lasted(&last)).unwrap_or_default();
        return Some(columns(&wording::who(&before, records), &format!("{how} {lasted}")));
    };
    let mut what = wording::state(&channel, records);
    if let Some(before) = before {
        let earlier = wording::state(&before, records);
        let since = before.state().and_then(|state| state.since);
        let until = channel.state().and_then(|state| state.since);
        match since.zip(until).map(|(since, until)| since.elapsed_at(until)) {
            _ if earlier == what => {
                let names = changed(change.before(), *channel.record());
                if !names.is_empty() {
                    what = format!("{what}; changed: {}", names.join(", "));
                }
            }
            Some(time) => what = format!("{what}; {earlier} for {}", wording::clock(time)),
            None => what = format!("{what}; {earlier} before"),
        }
    }
    Some(columns(&wording::who(&channel, records), &what))
}

fn columns(who: &str, what: &str) -> String {
    format!("{who:<32}  {}", what.trim_end())
}

/// The names of the changed fields.
fn changed(before: Option<&OwnedRecord>, after: Record<'_>) -> Vec<String> {
    let before = before.map(OwnedRecord::as_record);
    let changed = after.fields().filter(|(name, value)| {
        // These go with every change.
        !matches!(*name, "last_event" | "last_event_data" | "state")
            && before.and_then(|before| before.get(name)) != Some(*value)
    });
    changed.map(|(name, _)| name.to_owned()).collect()
}

/// The changed fields, before and after.
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

/// The name of a record.
fn name(element: ElementKind, record: Record<'_>, records: &Records) -> String {
    if element == ElementKind::GroupMember
        && let Some(member) = record.typed::<GroupMember<'_>>()
    {
        let (user, group) = (member.user_id(), member.group_id());
        return format!("{} in {}", records.user_name(user), records.group_name(group));
    }
    let names = ["label", "name"].into_iter().filter_map(|name| record.get(name)?.as_charlist());
    let name = names.map(|name| name.to_string()).find(|name| !name.is_empty());
    name.or_else(|| record.key().map(std::borrow::Cow::into_owned)).unwrap_or_default()
}

/// The line of an event of the connection; `None` for events without a line.
pub(super) fn event(time: Timestamp, event: &Event, records: &Records) -> Option<String> {
    let what = match event {
        Event::Connected => "connected".to_owned(),
        Event::Listed { element, records } => format!("listed: {records} of {element}"),
        Event::System(payload) => format!("notice of the PBX: {}", words(payload)),
        Event::Message(payload) => format!("message: {}", words(payload)),
        Event::Unknown(_) => "a message of a kind that is not known".to_owned(),
        Event::Refused(refused) => format!("a message was refused: {refused}"),
        Event::Unavailable(element) => format!("the lists of {element} are refused"),
        Event::Full(element) => format!("the store is full: records of {element} are left out"),
        Event::RecordingFailed(kind) => format!("the recording has ended: {kind}"),
        Event::Stale => "stale: no longer as the PBX is".to_owned(),
        Event::Resynced => {
            let count = |kind| records.of(kind).len();
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

fn words(payload: &OwnedPayload) -> String {
    let term = payload.as_payload().term();
    let text = term.and_then(Term::as_charlist).map(|text| text.to_string());
    text.or_else(|| Some(term?.to_string())).unwrap_or_default()
}

/// The present calls as a table.
pub(super) fn end(
    out: &mut impl Write,
    time: Timestamp,
    records: &Records,
    is_current: bool,
) -> io::Result<()> {
    let mut channels: Vec<Channel<'_>> = records.channels().collect();
    channels.sort_by_key(|channel| (channel.offer_timestamp(), channel.uuid()));
    let known = if is_current { "" } else { ", as last known: not connected or not in change" };
    writeln!(out, "\nPresent calls: {}{known}", channels.len())?;
    if channels.is_empty() {
        return Ok(());
    }
    writeln!(out, "{:<32}  {:<40}  {:>8}", "who", "state", "for")?;
    for channel in channels {
        let who = wording::who(&channel, records);
        let (state, clock) = (wording::state(&channel, records), channel.in_state_for(time));
        let row =
            format!("{who:<32}  {state:<40}  {:>8}", clock.map(wording::clock).unwrap_or_default());
        let row: String = row.chars().filter(|char| !char.is_control()).collect();
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}
