//! A pretend Gravitel PBX: pushes, and the commands `accounts` and `makeCall`.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;
use url::{Url, form_urlencoded};
use voip_module::testing::Push;

use super::story::AGENTS;
use super::{Act, Asked, Plan, PretendPbx, Progress, deliver, first_asked, now, serve, token};
use crate::config::{self, SourceConfig, SourceKind};
use crate::http_client::HttpClient;

pub(super) struct Gravitel {
    webhook: String,
    endpoint: Url,
    client: HttpClient,
    token: String,
    api_key: String,
}

struct Commands {
    api_key: String,
    asked: mpsc::Sender<Asked>,
    next: AtomicU64,
}

impl Gravitel {
    pub(super) async fn start(
        hub: SocketAddr,
        client: HttpClient,
        asked: mpsc::Sender<Asked>,
    ) -> io::Result<Self> {
        let (token, api_key) = (token(), token());
        let commands = Commands { api_key: api_key.clone(), asked, next: first_asked() };
        let app = Router::new().fallback(command).with_state(Arc::new(commands));
        let address = serve(app).await?;
        let endpoint = format!("http://{address}/sys/crm_api.wcgp");
        let endpoint = endpoint.parse().map_err(io::Error::other)?;
        let webhook = format!("http://{hub}/in/gravitel?token={token}");
        Ok(Self { webhook, endpoint, client, token, api_key })
    }

    async fn push(&self, push: Push) {
        let push = push.crm_token(&self.token);
        deliver(&self.client, || Ok(push.post(&self.webhook))).await;
    }
}

fn extension(agent: usize) -> String {
    (701 + agent).to_string()
}

#[async_trait]
impl PretendPbx for Gravitel {
    fn source(&self) -> SourceConfig {
        let gravitel = config::Gravitel::new(&self.token);
        let gravitel = gravitel.commands(self.endpoint.clone(), &self.api_key);
        SourceConfig::new("gravitel", SourceKind::Gravitel(gravitel))
    }

    async fn perform(&self, plan: &Plan, progress: &Progress, act: Act) {
        let phone = plan.customer.0.trim_start_matches('+');
        let event = |kind: &str, agent: usize| {
            let direction = if plan.placed_by.is_some() { "out" } else { "in" };
            let push = Push::event(kind).phone(phone).ext(&extension(agent)).callid(&plan.id);
            push.direction(direction)
        };
        match act {
            Act::Start => {
                if let Some(agent) = plan.placed_by {
                    self.push(event("OUTGOING", agent)).await;
                }
            }
            Act::Ring(agent) => self.push(event("INCOMING", agent)).await,
            Act::Stop(agent) => self.push(event("CANCELLED", agent)).await,
            Act::Answer(agent) => self.push(event("ACCEPTED", agent)).await,
            Act::End => {
                for (agent, _) in &progress.ringing {
                    self.push(event("CANCELLED", *agent)).await;
                }
                let end = now();
                let (kind, agent) = match plan.placed_by {
                    Some(agent) => ("out", Some(agent)),
                    None => ("in", progress.answered.map(|(agent, _)| agent)),
                };
                let talked = progress.answered.map(|(_, at)| (end - at) / 1_000_000);
                if let Some(agent) = agent {
                    let word = if talked.is_some() { "COMPLETED" } else { "CANCELLED" };
                    self.push(event(word, agent)).await;
                }
                let status = if talked.is_some() { "Success" } else { "Missed" };
                let start = jiff::Timestamp::from_microsecond(progress.started_us);
                let start = start.map(|start| start.strftime("%Y%m%dT%H%M%SZ").to_string());
                let record = Push::history(kind, status)
                    .phone(phone)
                    .callid(&plan.id)
                    .start(&start.unwrap_or_default())
                    .duration(&talked.unwrap_or_default().to_string());
                let record = match agent {
                    Some(agent) => record.ext(&extension(agent)),
                    None => record,
                };
                self.push(record).await;
            }
        }
    }
}

async fn command(
    State(commands): State<Arc<Commands>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_json = headers.get("content-type").is_some_and(|kind| kind == "application/json");
    let fields: HashMap<String, String> = match is_json {
        true => serde_json::from_slice(&body).unwrap_or_default(),
        false => form_urlencoded::parse(&body).into_owned().collect(),
    };
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    if field("token") != commands.api_key {
        return (StatusCode::UNAUTHORIZED, r#"{"error":"Invalid token"}"#).into_response();
    }
    match &*field("cmd") {
        "accounts" => {
            let account = |(agent, name): (usize, &&str)| {
                let login = name.split(' ').next().unwrap_or_default().to_lowercase();
                json!({"name": login, "realName": name, "ext": extension(agent)})
            };
            let accounts: Vec<_> = AGENTS.iter().enumerate().map(account).collect();
            axum::Json(accounts).into_response()
        }
        "makeCall" => {
            let user = field("user");
            let agent = (0..AGENTS.len()).find(|agent| extension(*agent) == user);
            let id = format!("g-asked-{}", commands.next.fetch_add(1, Ordering::Relaxed));
            let asked = agent.map(|agent| Asked { id: id.clone(), agent, number: field("phone") });
            match asked.map(|asked| commands.asked.try_send(asked)) {
                Some(Ok(())) => axum::Json(json!({"uuid": id})).into_response(),
                _ => (StatusCode::BAD_REQUEST, r#"{"error":"Invalid parameters"}"#).into_response(),
            }
        }
        _ => (StatusCode::BAD_REQUEST, r#"{"error":"Invalid parameters"}"#).into_response(),
    }
}
