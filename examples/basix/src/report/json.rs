//! One JSON object a line.

use basix_cti::{ElementKind, Event, Notice, OwnedRecord, Timestamp};
use serde_json::{Map, Value, json};

use crate::mirror::{Mirror, Step};
use crate::wording;

/// What happened to a record. A line that was found out after the fact has `"resync":true`.
pub(super) fn step(time: Timestamp, step: &Step) -> Value {
    let mut line = json!({
        "time": at(time),
        "change": wording::change(step.kind()),
        "element": step.element,
        "key": step.key,
        "before": record(step.before.as_ref()),
        "after": record(step.after.as_ref()),
        "last": record(step.last.as_ref()),
        "generation": step.generation,
    });
    if step.is_found {
        line["resync"] = true.into();
    }
    line
}

/// What happened on the connection; nothing for what changes nothing.
pub(super) fn event(time: Timestamp, event: &Event) -> Option<Value> {
    let mut line = match event {
        Event::Connected => json!({"event": "connected"}),
        Event::Snapshot(list) => {
            json!({"event": "snapshot", "element": list.element, "records": list.records})
        }
        Event::System(notice) => json!({"event": "system_msg", "data": data(notice)}),
        Event::Message(notice) => json!({"event": "msg", "data": data(notice)}),
        Event::Unknown(term) => json!({"event": "unknown", "data": term.as_term()}),
        Event::Refused(refused) => json!({
            "event": "refused",
            "class": refused.class().as_str(),
            "offset": refused.offset(),
            "size": refused.size(),
        }),
        Event::Full(element) => json!({"event": "full", "element": element}),
        Event::RecordingFailed(kind) => {
            json!({"event": "recording_failed", "reason": kind.to_string()})
        }
        Event::Stale => json!({"event": "stale"}),
        Event::Resynced => json!({"event": "resynced"}),
        Event::Disconnected(end) => json!({
            "event": "disconnected",
            "reason": end.reason.to_string(),
            "retry_in": end.retry_in.map(|wait| wait.as_secs_f64()),
        }),
        Event::Lagged { missed, generation } => {
            json!({"event": "lagged", "missed": missed, "generation": generation})
        }
        _ => return None,
    };
    line["time"] = at(time).into();
    Some(line)
}

/// What is there at the end: how many records of each element, and the present channels.
pub(super) fn end(time: Timestamp, mirror: &Mirror, is_current: bool) -> Value {
    let records = ElementKind::KNOWN
        .into_iter()
        .map(|element| (element.to_str().into_owned(), mirror.records(element).len().into()));
    let channels = mirror.records(ElementKind::Channel);
    let channels = channels.map(|(key, channel)| (key.to_owned(), record(Some(channel))));
    json!({
        "time": at(time),
        "event": "end",
        "current": is_current,
        "records": records.collect::<Map<_, Value>>(),
        "channels": channels.collect::<Map<_, _>>(),
    })
}

fn record(record: Option<&OwnedRecord>) -> Value {
    // A record is always printed: it has been checked.
    let printed = record.map(|record| serde_json::to_value(record.as_record().printed(None)));
    printed.and_then(Result::ok).unwrap_or_default()
}

fn data(notice: &Notice) -> Value {
    notice.term().and_then(|term| serde_json::to_value(term).ok()).unwrap_or_default()
}

fn at(time: Timestamp) -> String {
    super::moment(time).to_string()
}
