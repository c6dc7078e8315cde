//! A pretend Vodia PBX: the backend script of the hub's integration in an engine, with the calls of a queue.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use pbx_examples::{ScriptPbx, Telephony};
use pbx_integration::Identifier;
use pbx_integration::bridge::{BackendScript, BridgeSecret};
use pbx_integration::integration::EntryPoint;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::story::AGENTS;
use super::{Act, Asked, Plan, Playing, PretendPbx, Progress, first_asked, now, token};
use crate::config::{self, SourceConfig, SourceKind};

const TENANT: &str = "tenant1.example.com";
const QUEUE: &str = "300";

pub(super) struct Vodia {
    pbx: ScriptPbx,
    token: String,
}

/// The calls that backend code starts and ends.
struct Calls {
    asked: mpsc::Sender<Asked>,
    playing: Playing,
    /// Part of the next call's id.
    next: AtomicU64,
}

impl Telephony for Calls {
    fn start_call(&self, user: &str, to: &str) -> Option<String> {
        let agent = (0..AGENTS.len()).find(|agent| number(*agent) == user)?;
        let id = format!("v-asked-{}", self.next.fetch_add(1, Ordering::Relaxed));
        let asked = Asked { id: id.clone(), agent, number: to.to_owned() };
        self.asked.try_send(asked).ok().map(|()| id)
    }

    fn end_call(&self, id: &str) -> bool {
        self.playing.hang_up(id)
    }
}

impl Vodia {
    pub(super) fn start(
        hub: SocketAddr,
        asked: mpsc::Sender<Asked>,
        playing: Playing,
    ) -> io::Result<Self> {
        let token = token();
        let identifier = Identifier::new(config::Vodia::IDENTIFIER).map_err(io::Error::other)?;
        let secret = BridgeSecret::new(&*token).map_err(io::Error::other)?;
        let url = format!("http://{hub}/in/vodia");
        let script = BackendScript::builder(&identifier, &url, &secret).build();
        let script = script.map_err(io::Error::other)?;
        let calls = Calls { asked, playing, next: first_asked() };
        Ok(Self { pbx: ScriptPbx::with_telephony(&script, calls), token })
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
        let vodia = config::Vodia::new(&self.token, TENANT);
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
        let point = if plan.placed_by.is_some() { EntryPoint::Agent } else { EntryPoint::Group };
        self.pbx.call(point, &event);
        if act == Act::End {
            self.pbx.call(EntryPoint::Cdr, &record(plan, progress, at));
        }
        self.pbx.flush().await;
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
