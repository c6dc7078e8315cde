//! An event as one line of JSON.

use serde_json::{Map, Value, json};
use ucom_events::event::{AgentEvent, ExtensionEvent, ExtensionId, PhoneStatusEvent};
use ucom_events::{Directory, Event, ParseError, Policy, classify, parse_body};

/// Converts a form-encoded body to JSON; absent values are null.
#[must_use]
pub fn of_body(body: &[u8], policy: Policy, directory: &Directory) -> Value {
    match parse_body(body) {
        Ok(Event::Extension(event)) => extension(&event, policy, directory),
        Ok(Event::Agent(event)) => agent(&event),
        Ok(Event::PhoneStatus(event)) => phone_status(&event),
        Ok(other) => json!({"family": "unknown", "unknown": by_name(other.fields().iter())}),
        Err(error) => refused(error),
    }
}

fn extension(event: &ExtensionEvent, policy: Policy, directory: &Directory) -> Value {
    let classified = classify(event, directory, policy);
    let micros = |time: Option<std::time::Duration>| time.map(|time| time.as_micros() as u64);
    let mut line = json!({
        "family": "extension",
        "event_type": event.event_type(),
        "call_id": event.call_id(),
        "sub_call_id": event.sub_call_id(),
        "call_api_id": event.call_api_id(),
        "caller": event.caller(),
        "caller_name": event.caller_name(),
        "caller_extension": event.caller_extension(),
        "caller_extension_id": event.caller_extension_id(),
        "called": event.called(),
        "called_did": event.called_did(),
        "called_extension": event.called_extension(),
        "called_extension_id": event.called_extension_id(),
        "call_status": event.call_status(),
        "flow": event.call_flow(),
        "transferred": event.transferred(),
        "remote_number": event.remote_number(),
        "bridged": event.bridged(),
        "duration_us": micros(event.duration()),
        "bridged_duration_us": micros(event.bridged_duration()),
        "recording_id": event.recording_id(),
        "event_time_us": event.event_time(),
        "call_back_id": event.call_back_id(),
        "tag": event.tag(),
        "scope": classified.scope.code(),
        "party": classified.party,
        "reason": classified.reason.map(|reason| reason.code()),
        "warnings": event.warnings().collect::<Vec<_>>(),
        "unknown": by_name(event.unknown()),
    });
    if classified.withheld {
        line["withheld"] = true.into();
    }
    line
}

fn agent(event: &AgentEvent) -> Value {
    let line = json!({
        "family": "agent",
        "agent_id": event.agent_id(),
        "agent_status": event.agent_status(),
        "agent_type": event.agent_type(),
        "extension": event.extension(),
        "agent_number": event.agent_number(),
        "event_source": event.event_source(),
    });
    with_oddities(line, event.warnings().collect(), by_name(event.unknown()))
}

fn phone_status(event: &PhoneStatusEvent) -> Value {
    let line = json!({
        "family": "phone_status",
        "event_type": PhoneStatusEvent::EVENT_TYPE,
        "client_id": event.client_id(),
        "extension_id": event.extension_id().map(ExtensionId::get),
        "extension_name": event.extension(),
        "old_status_id": event.old_status_id(),
        "new_status_id": event.new_status_id(),
        "change_dt": event.change_dt(),
    });
    with_oddities(line, event.warnings().collect(), by_name(event.unknown()))
}

/// The line, with warnings and unknown fields if there are any.
fn with_oddities(mut line: Value, warnings: Vec<&str>, unknown: Value) -> Value {
    if !warnings.is_empty() {
        line["warnings"] = json!(warnings);
    }
    if unknown != json!({}) {
        line["unknown"] = unknown;
    }
    line
}

fn refused(error: ParseError) -> Value {
    match error.field() {
        Some(field) => json!({"error": error.code(), "field": field}),
        None => json!({"error": error.code()}),
    }
}

/// Unknown fields: each name with all its values in order.
fn by_name<'a>(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Value {
    let mut names = Map::new();
    for (name, value) in pairs {
        let values =
            names.entry(String::from_utf8_lossy(name)).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(String::from_utf8_lossy(value).into());
        }
    }
    Value::Object(names)
}
