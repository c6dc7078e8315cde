//! A pretend Vodia PBX: live events and records of a queue, and a service that starts and ends calls.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::Request;
use pbx_integration::{EndCall, StartCall};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use url::Url;

use super::story::AGENTS;
use super::{Act, Asked, Plan, Playing, PretendPbx, Progress, deliver, serve, token};
use crate::config::{self, SourceConfig, SourceKind};
use crate::http_client::HttpClient;
use crate::now;

const TENANT: &str = "tenant1.example.com";
const QUEUE: &str = "300";

pub(super) struct Vodia {
    hub: SocketAddr,
    control: Url,
    client: HttpClient,
    token: String,
}

struct Service {
    token: String,
    asked: mpsc::Sender<Asked>,
    playing: Playing,
    next: AtomicU64,
}

impl Vodia {
    pub(super) async fn start(
        hub: SocketAddr,
        client: HttpClient,
        asked: mpsc::Sender<Asked>,
        playing: Playing,
    ) -> io::Result<Self> {
        let token = token();
        let service = Service { token: token.clone(), asked, playing, next: AtomicU64::new(1) };
        let app = Router::new()
            .route("/startCall", post(start_call))
            .route("/endCall", post(end_call))
            .with_state(Arc::new(service));
        let address = serve(app).await?;
        let control = format!("http://{address}").parse().map_err(io::Error::other)?;
        Ok(Self { hub, control, client, token })
    }

    async fn send(&self, point: &str, payload: &Value) {
        let (url, body) = (format!("http://{}/in/vodia/{point}", self.hub), payload.to_string());
        let request = || {
            Request::post(&url)
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
                .body(Bytes::from(body.clone()))
        };
        deliver(&self.client, request).await;
    }
}

fn number(agent: usize) -> String {
    (41 + agent).to_string()
}

fn seconds(micros: i64) -> f64 {
    // To the millisecond, as the PBX writes times.
    (micros / 1_000) as f64 / 1_000.0
}

fn agent_object(agent: usize) -> Value {
    json!({"number": number(agent), "name": AGENTS[agent], "id": agent + 3})
}

#[async_trait]
impl PretendPbx for Vodia {
    fn source(&self) -> SourceConfig {
        let vodia = config::Vodia::new(&self.token, TENANT).control(self.control.clone());
        SourceConfig::new("vodia", SourceKind::Vodia(vodia))
    }

    async fn perform(&self, plan: &Plan, progress: &Progress, act: Act) {
        let (start, at) = (seconds(progress.started_us), seconds(now()));
        let answered = progress.answered.map(|(agent, at)| (agent, seconds(at)));
        let mut times = json!({"start": start});
        if let Some((_, connect)) = answered {
            times["connect"] = json!(connect);
        }
        let customer = json!({"number": plan.customer.0, "name": plan.customer.1});
        let mut event = json!({
            "domain": {"address": TENANT, "name": "Example tenant", "id": 3},
            "callid": plan.id, "inbound": plan.placed_by.is_none(),
        });
        match plan.placed_by {
            Some(agent) => {
                event["caller"] = json!({"number": number(agent), "name": AGENTS[agent]});
                event["callee"] = customer;
                event["agent"] = agent_object(agent);
                event["user"] = json!(agent + 3);
            }
            None => {
                event["caller"] = customer;
                event["callee"] = json!({"number": QUEUE, "name": "Support"});
                event["group"] = json!({"type": "acd", "number": QUEUE, "name": "Support"});
                let ringing = progress.ringing.iter().map(|(agent, _)| agent_object(*agent));
                event["ringing"] = ringing.collect();
                let missed = progress.stopped.iter().map(|(agent, ..)| agent_object(*agent));
                event["missed"] = missed.collect();
                if let Some((agent, _)) = answered {
                    event["agent"] = agent_object(agent);
                }
            }
        }
        let state = match act {
            Act::End => {
                times["end"] = json!(at);
                event["reason"] = json!({"code": 200, "text": "Disconnected"});
                "disconnected"
            }
            _ if answered.is_some() => "connected",
            _ if progress.ringing.is_empty() && plan.placed_by.is_none() => "waiting",
            _ => "ringing",
        };
        event["state"] = json!(state);
        event["timestamps"] = times;
        let point = if plan.placed_by.is_some() { "onagent" } else { "ongroup" };
        self.send(point, &event).await;
        if act == Act::End {
            self.send("oncdr", &record(plan, progress, at)).await;
        }
    }
}

/// The record of a call that has ended.
fn record(plan: &Plan, progress: &Progress, end: f64) -> Value {
    let start = seconds(progress.started_us);
    let answered = progress.answered.map(|(agent, at)| (agent, seconds(at)));
    let millis = |from: f64, to: f64| ((to - from) * 1_000.0).round();
    let customer = format!("\"{}\" <sip:{}@{TENANT}>", plan.customer.1, plan.customer.0);
    let mut trunk = json!({"trunk": "10", "start": start, "end": end, "codec": "PCMU"});
    let mut record = json!({"domain": TENANT, "callid": plan.id, "start": start, "end": end});
    let mut legs = Vec::new();
    if let Some(agent) = plan.placed_by {
        let own = format!("\"{}\" <sip:{}@{TENANT}>", AGENTS[agent], number(agent));
        (record["from"], record["to"]) = (json!(own), json!(customer));
        trunk["direction"] = json!("O");
        trunk["code"] = json!(if answered.is_some() { 200 } else { 480 });
        legs.push(
            json!({"direction": "I", "extension": number(agent), "start": start, "end": end}),
        );
        if let Some((_, connect)) = answered {
            trunk["connect"] = json!(connect);
            record["connect"] = json!(connect);
            legs[0]["connect"] = json!(connect);
        }
    } else {
        let queue = format!("\"Support\" <sip:{QUEUE}@{TENANT}>");
        (record["from"], record["to"]) = (json!(customer), json!(queue));
        record["connect"] = json!(start); // by the queue
        (trunk["direction"], trunk["connect"]) = (json!("I"), json!(start));
        trunk["code"] = json!(200);
        let waited = answered.map_or(end, |(_, connect)| connect);
        let missed: Vec<usize> = progress.stopped.iter().map(|(agent, ..)| agent + 3).collect();
        let mut state = json!({"type": "acd", "account": QUEUE, "accountuser": 12, "start": start,
            "durationivr": 0, "durationring": millis(start, waited), "missed": missed});
        for (agent, from, to) in &progress.stopped {
            legs.push(json!({"direction": "O", "extension": number(*agent),
                "start": seconds(*from), "end": seconds(*to)}));
        }
        if let Some((agent, connect)) = answered {
            state["durationtalk"] = json!(millis(connect, end));
            state["extension"] = json!(number(agent));
            state["extensionuser"] = json!(agent + 3);
            (state["reason"], state["code"]) = (json!("hc"), json!(200));
            legs.push(json!({"direction": "O", "extension": number(agent), "start": start,
                "connect": connect, "end": end}));
        } else {
            record["abandoned"] = json!(true);
        }
        record["states"] = json!([state]);
    }
    record["trunklegs"] = json!([trunk]);
    record["extensionlegs"] = json!(legs);
    record
}

impl Service {
    fn is_allowed(&self, headers: &HeaderMap) -> bool {
        let expected = format!("Bearer {}", self.token);
        headers.get(header::AUTHORIZATION).is_some_and(|value| value == expected.as_str())
    }
}

async fn start_call(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !service.is_allowed(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(call) = serde_json::from_slice::<StartCall>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let agent = (0..AGENTS.len()).find(|agent| call.user() == Some(&*number(*agent)));
    let id = format!("v-asked-{}", service.next.fetch_add(1, Ordering::Relaxed));
    let asked = agent.map(|agent| Asked { id: id.clone(), agent, number: call.to().to_owned() });
    match asked.map(|asked| service.asked.try_send(asked)) {
        Some(Ok(())) => axum::Json(id).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn end_call(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !service.is_allowed(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(end) = serde_json::from_slice::<EndCall>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match service.playing.hang_up(&end.id().to_string()) {
        true => StatusCode::NO_CONTENT.into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}
