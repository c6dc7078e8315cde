//! Reports of a PBX about calls to a queue.

use pbx_integration::integration::EntryPoint::{self, Agent, Cdr, Group, Http};
use serde_json::{Value, json};

/// The tenant of the calls.
pub const TENANT: &str = "tenant1.example.com";

/// A call to the queue 300 from ringing to record, in the order of the PBX's reports: it rings at
/// 41 and 43, 43 misses it, and 41 answers it.
#[must_use]
pub fn answered() -> Vec<(EntryPoint, Value)> {
    let start = 1_757_926_800.125;
    let (connect, end) = (1_757_926_818.625, 1_757_926_913.625);
    let (joe, ann) = (agent("41", "Joe Example", 3), agent("43", "Ann Example", 7));
    let event = |fields: Value| {
        let mut event = live("c7f2a1e0@pbx.example.com", "+12025550100", "Alice Example");
        merge(&mut event, fields);
        event
    };
    let queue = json!({"type": "acd", "number": "300", "name": "Support"});
    vec![
        (
            Group,
            event(json!({"state": "ringing", "timestamps": {"start": start}, "group": queue,
            "ringing": [joe, ann]})),
        ),
        (
            Agent,
            event(json!({"state": "ringing", "timestamps": {"start": start}, "group": "300",
            "agent": ann, "user": 7})),
        ),
        (
            Group,
            event(json!({"state": "ringing", "timestamps": {"start": start}, "group": queue,
            "ringing": [joe], "missed": [ann]})),
        ),
        (
            Group,
            event(json!({"state": "connected", "group": queue, "agent": joe,
            "timestamps": {"start": start, "connect": connect}})),
        ),
        (
            Agent,
            event(json!({"state": "connected", "group": "300", "agent": joe, "user": 3,
            "timestamps": {"start": start, "connect": connect}})),
        ),
        (
            Group,
            event(json!({"state": "disconnected", "group": queue, "agent": joe,
            "timestamps": {"start": start, "connect": connect, "end": end},
            "reason": {"code": 200, "text": "Disconnected"}})),
        ),
        (
            Cdr,
            json!({
                "domain": TENANT, "callid": "c7f2a1e0@pbx.example.com",
                "from": "\"Alice Example\" <sip:+12025550100@tenant1.example.com>",
                "to": "\"Support\" <sip:300@tenant1.example.com>",
                "start": start, "connect": start, "end": end,
                "states": [{"type": "acd", "account": "300", "accountuser": 12, "start": start,
                    "durationivr": 12_000, "durationring": 6_500, "durationtalk": 95_000,
                    "durationhold": 10_000, "missed": [7], "reason": "hc", "extension": "41",
                    "extensionuser": 3, "code": 200}],
                "trunklegs": [{"direction": "I", "trunk": "10", "cost": "0.0250", "start": start,
                    "connect": start, "end": end, "code": 200, "codec": "PCMU", "mos": 4.4}],
                "extensionlegs": [
                    {"direction": "O", "extension": "43", "start": start, "end": connect},
                    {"direction": "O", "extension": "41", "start": start, "connect": connect, "end": end},
                ],
            }),
        ),
    ]
}

/// A missed call to extension 43, and one to 45, which no integration covers.
#[must_use]
pub fn others() -> Vec<(EntryPoint, Value)> {
    let record = |callid: &str, extension: &str, start: f64| {
        json!({
            "domain": TENANT, "callid": callid, "start": start, "end": start + 20.0,
            "trunklegs": [{"direction": "I", "start": start, "end": start + 20.0, "code": 480}],
            "extensionlegs": [{"direction": "O", "extension": extension, "start": start,
                "end": start + 20.0}],
        })
    };
    vec![
        (Cdr, record("d901@pbx.example.com", "43", 1_757_930_400.0)),
        (Cdr, record("e114@pbx.example.com", "45", 1_757_934_000.0)),
    ]
}

/// A click on a number in the CRM.
#[must_use]
pub fn click_to_dial(token: &str) -> (EntryPoint, Value) {
    let payload = json!({
        "method": "POST", "scheme": "https", "identifier": "ourcrmsys", "url": "ourcrmsys/dial",
        "domain": TENANT, "body": "{\"user\":\"41\",\"dial\":\"+12025550123\"}",
        "headers": [{"name": "Content-Type", "value": "application/json"},
            {"name": "X-Token", "value": token}],
    });
    (Http, payload)
}

fn live(callid: &str, number: &str, name: &str) -> Value {
    json!({
        "domain": {"address": TENANT, "name": "Example tenant", "id": 3}, "inbound": true,
        "caller": {"number": number, "name": name},
        "callee": {"number": "300", "name": "Support"}, "callid": callid,
    })
}

fn agent(number: &str, name: &str, id: u64) -> Value {
    json!({"number": number, "name": name, "id": id})
}

fn merge(into: &mut Value, fields: Value) {
    if let (Some(into), Value::Object(fields)) = (into.as_object_mut(), fields) {
        into.extend(fields);
    }
}
