//! One JSON object a line.

use std::collections::BTreeMap;

use basix_cti::message::OwnedPayload;
use basix_cti::message::PrintedRecord;
use basix_cti::record::OwnedRecord;
use basix_cti::store::Origin;
use basix_cti::{Change, ElementKind, Event, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::follow::records::Records;
use crate::follow::wording;

/// The change of a record. A line without an event of the PBX has its `origin`.
#[derive(Serialize)]
struct ChangeLine<'a> {
    time: String,
    change: &'static str,
    element: ElementKind,
    key: &'a str,
    event_name: Option<&'a str>,
    before: Option<PrintedRecord<'a, 'a>>,
    after: Option<PrintedRecord<'a, 'a>>,
    last: Option<PrintedRecord<'a, 'a>>,
    generation: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'static str>,
}

/// All records, after changes were missed: they replace those of earlier lines.
#[derive(Serialize)]
struct RecordsLine<'a> {
    time: String,
    event: &'static str,
    records: BTreeMap<&'static str, BTreeMap<&'a str, PrintedRecord<'a, 'a>>>,
}

/// The end: the number of records of each element, and the present channels.
#[derive(Serialize)]
struct EndLine<'a> {
    time: String,
    event: &'static str,
    current: bool,
    records: BTreeMap<&'static str, usize>,
    channels: BTreeMap<&'a str, PrintedRecord<'a, 'a>>,
}

pub(super) fn change(time: Timestamp, change: &Change) -> serde_json::Result<String> {
    serde_json::to_string(&ChangeLine {
        time: at(time),
        change: wording::change(change.kind()),
        element: change.element(),
        key: &change.key(),
        event_name: change.event_name(),
        before: change.before().map(printed),
        after: change.after().map(printed),
        last: change.last().map(printed),
        generation: change.generation(),
        origin: match change.origin() {
            Origin::Event => None,
            Origin::Disconnect => Some("disconnect"),
            _ => Some("list"),
        },
    })
}

pub(super) fn records(time: Timestamp, records: &Records) -> serde_json::Result<String> {
    let table = |element: ElementKind| {
        let rows = records.of(element).map(|(key, record)| (key, printed(record)));
        (element.as_str(), rows.collect())
    };
    let records = ElementKind::KNOWN.map(table).into();
    serde_json::to_string(&RecordsLine { time: at(time), event: "records", records })
}

pub(super) fn end(
    time: Timestamp,
    records: &Records,
    is_current: bool,
) -> serde_json::Result<String> {
    let count = |element: ElementKind| (element.as_str(), records.of(element).len());
    let channels = records.of(ElementKind::Channel);
    serde_json::to_string(&EndLine {
        time: at(time),
        event: "end",
        current: is_current,
        records: ElementKind::KNOWN.map(count).into(),
        channels: channels.map(|(key, channel)| (key, printed(channel))).collect(),
    })
}

/// An event of the connection; `None` for events without a line.
pub(super) fn event(time: Timestamp, event: &Event) -> Option<Value> {
    let mut line = match event {
        Event::Connected => json!({"event": "connected"}),
        Event::Listed { element, records } => {
            json!({"event": "listed", "element": element, "records": records})
        }
        Event::System(payload) => json!({"event": "system_msg", "data": data(payload)}),
        Event::Message(payload) => json!({"event": "msg", "data": data(payload)}),
        Event::Unknown(term) => json!({"event": "unknown", "data": term.as_term()}),
        Event::Refused(refused) => json!({
            "event": "refused",
            "class": refused.class().as_str(),
            "offset": refused.offset(),
            "size": refused.size(),
        }),
        Event::Unavailable(element) => json!({"event": "unavailable", "element": element}),
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

fn data(payload: &OwnedPayload) -> Value {
    payload.as_payload().term().and_then(|term| serde_json::to_value(term).ok()).unwrap_or_default()
}

fn at(time: Timestamp) -> String {
    super::moment(time).to_string()
}
