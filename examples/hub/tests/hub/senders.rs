//! Requests of PBXs, as they send them.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::net::SocketAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Request;
use pbx_integration::integration::EntryPoint;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;
use voip_module::testing::Push;

use hub::config::{Gravitel, SourceConfig, SourceKind, Ucom, Vodia};

/// With characters that a form encodes.
pub(crate) const CRM_KEY: &str = "key/of+the-cabinet";
pub(crate) const UCOM_TOKEN: &str = "5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f";
pub(crate) const BRIDGE_TOKEN: &str = "sJ3kq0P-ww7Zt1b_9dRmXv5eLhYc2aGu";
pub(crate) const TENANT: &str = "tenant1.example.com";

/// The password of the CDR URL.
pub(crate) const CDR_PASSWORD: &str = "9fK2-mQx7Tz";

/// A request without its address.
#[derive(Clone)]
pub(crate) struct Sent {
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Sent {
    fn new(path: String, content_type: &str, body: String) -> Self {
        Self { path, headers: vec![("content-type", content_type.into())], body: body.into() }
    }

    pub(crate) fn request(&self, hub: SocketAddr) -> Request<Bytes> {
        let request = Request::post(format!("http://{hub}{}", self.path));
        let headers = self.headers.iter();
        let request = headers.fold(request, |request, (name, value)| request.header(*name, value));
        request.body(self.body.clone()).unwrap()
    }

    pub(crate) fn with_path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    pub(crate) fn with_authorization(mut self, value: &str) -> Self {
        self.headers.retain(|(name, _)| *name != "authorization");
        self.headers.push(("authorization", value.to_owned()));
        self
    }
}

pub(crate) fn sources() -> [SourceConfig; 3] {
    let ucom = Ucom::new(UCOM_TOKEN, "453", &["106", "107"]);
    let vodia = Vodia::new(BRIDGE_TOKEN, TENANT).cdr_password(CDR_PASSWORD);
    [
        SourceConfig::new("cloud", SourceKind::Gravitel(Gravitel::new(CRM_KEY))),
        SourceConfig::new("ucom", SourceKind::Ucom(ucom)),
        SourceConfig::new("tenant", SourceKind::Vodia(vodia)),
    ]
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A push of Gravitel.
pub(crate) fn push(push: Push) -> Sent {
    let key = Serializer::new(String::new()).append_pair("token", CRM_KEY).finish();
    let body = push.crm_token(CRM_KEY).form();
    Sent::new(format!("/in/cloud?{key}"), FORM, body)
}

/// An event of UCOM, at a second of the call.
pub(crate) fn event(kind: &str, call: &str, extension: &str, status: &str, second: u64) -> Sent {
    let own = format!("453*{extension}");
    let mut form = Serializer::new(String::new());
    form.append_pair("EventType", kind)
        .append_pair("CallID", call)
        .append_pair("SubCallID", &format!("{call}-{extension}"))
        .append_pair("CallerIDNum", "+4930901820")
        .append_pair("CallerIDName", "Ruth Adler")
        .append_pair("CalledNumber", &own)
        .append_pair("CalledDID", "493012345")
        .append_pair("CallFlow", "IN")
        .append_pair("CalledExtension", &format!("{own}@pbx.test"))
        .append_pair("CallStatus", status)
        .append_pair("EventTime", &(1_781_000_000_000_000 + second * 1_000_000).to_string());
    Sent::new(format!("/in/ucom/ext-event/{UCOM_TOKEN}"), FORM, form.finish())
}

/// A request of Vodia's backend script.
pub(crate) fn vodia(point: &str, payload: &Value) -> Sent {
    let payload = payload.to_string();
    // The same delivery for the same payload.
    let delivery = BuildHasherDefault::<DefaultHasher>::default().hash_one(&payload);
    let mut sent = Sent::new(format!("/in/tenant/v1/event/{point}"), JSON, payload);
    sent.headers.extend([
        ("authorization", format!("Bearer {BRIDGE_TOKEN}")),
        ("x-bridge", format!("1;{};boot;0.1.0", Vodia::IDENTIFIER)),
        ("x-bridge-delivery", format!("boot-{delivery};1")),
        ("x-bridge-tenant", TENANT.into()),
    ]);
    sent
}

/// A record that Vodia posts to its CDR URL.
pub(crate) fn web_cdr(record: &Sent) -> Sent {
    let credentials = BASE64_STANDARD.encode(format!("tenant:{CDR_PASSWORD}"));
    let record = record.clone().with_path("/in/tenant/cdr");
    record.with_authorization(&format!("Basic {credentials}"))
}

/// The life of a call to a queue: rings at 41 and 42, is taken by 42 or given up.
pub(crate) fn queue_events(id: &str, is_answered: bool) -> Vec<(EntryPoint, Value)> {
    let start = 1_781_000_000.125;
    let (connect, end) = (start + 8.5, start + 68.5);
    let agents = [("41", "Joe Example", 3), ("42", "Ann Example", 4)]
        .map(|(number, name, id)| json!({"number": number, "name": name, "id": id}));
    let event = |more: Value| {
        let mut event = json!({
            "domain": {"address": TENANT, "name": "Example", "id": 3}, "inbound": true,
            "caller": {"number": "+12025550100", "name": "Alice Example"}, "callid": id,
            "callee": {"number": "300", "name": "Support"},
            "group": {"type": "acd", "number": "300", "name": "Support"},
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        (EntryPoint::Group, event)
    };
    let mut sent =
        vec![event(json!({"state": "ringing", "timestamps": {"start": start}, "ringing": agents}))];
    let mut state = json!({"type": "acd", "account": "300", "accountuser": 12, "start": start,
        "durationivr": 0, "durationring": 8_500, "missed": []});
    let mut record = json!({"domain": TENANT, "callid": id, "start": start, "connect": start,
        "end": end, "from": "\"Alice Example\" <sip:+12025550100@tenant1.example.com>",
        "to": "\"Support\" <sip:300@tenant1.example.com>",
        "trunklegs": [{"direction": "I", "trunk": "10", "start": start, "connect": start,
            "end": end, "code": 200}]});
    let mut times = json!({"start": start, "end": end});
    let ended = json!({"code": 200, "text": "Disconnected"});
    let mut legs =
        vec![json!({"direction": "O", "extension": "41", "start": start, "end": connect})];
    if is_answered {
        times["connect"] = json!(connect);
        sent.push(event(json!({"state": "connected", "agent": agents[1],
            "timestamps": {"start": start, "connect": connect}})));
        sent.push(event(json!({"state": "disconnected", "agent": agents[1], "timestamps": times,
            "reason": ended})));
        state["durationtalk"] = json!(60_000);
        (state["extension"], state["extensionuser"]) = (json!("42"), json!(4));
        (state["reason"], state["code"]) = (json!("hc"), json!(200));
        legs.push(json!({"direction": "O", "extension": "42", "start": start, "connect": connect,
            "end": end}));
    } else {
        sent.push(event(json!({"state": "disconnected", "timestamps": times, "reason": ended})));
        record["abandoned"] = json!(true);
        legs.push(json!({"direction": "O", "extension": "42", "start": start, "end": end}));
    }
    (record["states"], record["extensionlegs"]) = (json!([state]), json!(legs));
    sent.push((EntryPoint::Cdr, record));
    sent
}

/// The same as the requests of a script.
pub(crate) fn queue_call(id: &str, is_answered: bool) -> Vec<Sent> {
    let events = queue_events(id, is_answered);
    events.iter().map(|(point, payload)| vodia(point.as_str(), payload)).collect()
}
