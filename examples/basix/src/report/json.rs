//! One JSON object a line.

use std::collections::BTreeMap;

use basix_cti::{ElementKind, Event, Notice, OwnedRecord, PrintedRecord, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::mirror::{Mirror, Step};
use crate::wording;

/// What happened to a record. A line that was found out after the fact has `"resync":true`.
#[derive(Serialize)]
struct StepLine<'a> {
    time: String,
    change: &'static str,
    element: ElementKind,
    key: &'a str,
    before: Option<PrintedRecord<'a, 'a>>,
    after: Option<PrintedRecord<'a, 'a>>,
    last: Option<PrintedRecord<'a, 'a>>,
    generation: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    resync: bool,
}

/// What is there at the end: how many records of each element, and the present channels.
#[derive(Serialize)]
struct EndLine<'a> {
    time: String,
    event: &'static str,
    current: bool,
    records: BTreeMap<&'static str, usize>,
    channels: BTreeMap<&'a str, PrintedRecord<'a, 'a>>,
}

pub(super) fn step(time: Timestamp, step: &Step) -> serde_json::Result<String> {
    serde_json::to_string(&StepLine {
        time: at(time),
        change: wording::change(step.kind()),
        element: step.element,
        key: &step.key,
        before: step.before.as_ref().map(printed),
        after: step.after.as_ref().map(printed),
        last: step.last.as_ref().map(printed),
        generation: step.generation,
        resync: step.is_found,
    })
}

pub(super) fn end(
    time: Timestamp,
    mirror: &Mirror,
    is_current: bool,
) -> serde_json::Result<String> {
    let count = |element: ElementKind| (element.as_str(), mirror.records(element).len());
    let channels = mirror.records(ElementKind::Channel);
    serde_json::to_string(&EndLine {
        time: at(time),
        event: "end",
        current: is_current,
        records: ElementKind::KNOWN.map(count).into(),
        channels: channels.map(|(key, channel)| (key, printed(channel))).collect(),
    })
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

fn printed(record: &OwnedRecord) -> PrintedRecord<'_, '_> {
    record.as_record().printed(None)
}

fn data(notice: &Notice) -> Value {
    notice.term().and_then(|term| serde_json::to_value(term).ok()).unwrap_or_default()
}

fn at(time: Timestamp) -> String {
    super::moment(time).to_string()
}
