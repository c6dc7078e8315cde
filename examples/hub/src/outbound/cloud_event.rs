//! Changes of calls as CloudEvents 1.0, in the JSON event format.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::wire_id;
use crate::store::OutboxRow;

/// Media type of a single event in the JSON format.
pub(super) const MEDIA_TYPE: &str = "application/cloudevents+json";

#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: String,
    source: String,
    r#type: &'a str,
    subject: &'a str,
    time: String,
    datacontenttype: &'static str,
    data: &'a RawValue,
}

/// The JSON of a change, as the hub with this name sends it.
///
/// The `id` names the content, so that a repeated event has the same `id`, from every hub.
///
/// # Errors
///
/// A row whose body is not JSON.
pub(super) fn to_json(hub: &str, row: &OutboxRow) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&CloudEvent {
        specversion: "1.0",
        id: wire_id(row),
        source: format!("/hub/{hub}"),
        r#type: &row.kind,
        subject: &row.call_id,
        time: Timestamp::from_microsecond(row.at_us).unwrap_or_default().to_string(),
        datacontenttype: "application/json",
        data: serde_json::from_str(&row.body)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::to_json;
    use crate::store::OutboxRow;

    #[test]
    fn event_has_the_attributes_of_cloud_events_and_the_call_as_data() {
        let row = OutboxRow {
            sequence: 7,
            source: "north".into(),
            call_id: "c-1".into(),
            message_id: "north/c-1/0a".into(),
            kind: "call.ended".into(),
            at_us: 1_700_000_001_500_000,
            body: r#"{"source":"north","id":"c-1","outcome":"missed"}"#.into(),
        };
        let event: Value = serde_json::from_slice(&to_json("hq", &row).unwrap()).unwrap();
        let expected = json!({
            "specversion": "1.0", "id": "north/c-1/0a", "source": "/hub/hq", "type": "call.ended",
            "subject": "c-1", "time": "2023-11-14T22:13:21.5Z",
            "datacontenttype": "application/json",
            "data": { "source": "north", "id": "c-1", "outcome": "missed" },
        });
        assert_eq!(event, expected);
    }
}
