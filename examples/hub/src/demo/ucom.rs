//! A pretend UCOM PBX: events of extensions.

use std::net::SocketAddr;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use url::form_urlencoded::Serializer;

use super::story::AGENTS;
use super::{Act, Plan, PretendPbx, Progress, deliver, now, token};
use crate::config::{self, SourceConfig, SourceKind};
use crate::http_client::HttpClient;

const PREFIX: &str = "453";

pub(super) struct Ucom {
    url: String,
    client: HttpClient,
    token: String,
}

impl Ucom {
    pub(super) fn new(hub: SocketAddr, client: HttpClient) -> Self {
        let token = token();
        Self { url: format!("http://{hub}/in/ucom/ext-event/{token}"), client, token }
    }

    async fn send(&self, plan: &Plan, kind: &str, agent: usize, status: &str, talked: Option<i64>) {
        let body = Bytes::from(form(plan, kind, agent, status, talked));
        let request = || {
            Request::post(&self.url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body.clone())
        };
        deliver(&self.client, request).await;
    }
}

fn form(plan: &Plan, kind: &str, agent: usize, status: &str, talked: Option<i64>) -> String {
    let own = format!("{PREFIX}*{}", extension(agent));
    let (customer, full) = (&*plan.customer.0, format!("{own}@pbx.test"));
    let is_outbound = plan.placed_by.is_some();
    let mut form = Serializer::new(String::new());
    form.append_pair("EventType", kind)
        .append_pair("CallID", &plan.id)
        .append_pair("SubCallID", &format!("{}-{agent}", plan.id))
        .append_pair("CallerIDNum", if is_outbound { &own } else { customer })
        .append_pair("CalledNumber", if is_outbound { customer } else { &own })
        .append_pair("CallFlow", if is_outbound { "OUT" } else { "IN" })
        .append_pair(if is_outbound { "CallerExtension" } else { "CalledExtension" }, &full)
        .append_pair("CallStatus", status)
        .append_pair("EventTime", &now().to_string());
    if !is_outbound {
        form.append_pair("CallerIDName", plan.customer.1);
    }
    if let Some(talked) = talked {
        form.append_pair("Duration", &talked.to_string());
    }
    form.finish()
}

fn extension(agent: usize) -> String {
    (106 + agent).to_string()
}

#[async_trait]
impl PretendPbx for Ucom {
    fn source(&self) -> SourceConfig {
        let extensions: Vec<String> = (0..AGENTS.len()).map(extension).collect();
        let extensions: Vec<&str> = extensions.iter().map(String::as_str).collect();
        let ucom = config::Ucom::new(&self.token, PREFIX, &extensions);
        SourceConfig::new("ucom", SourceKind::Ucom(ucom))
    }

    async fn perform(&self, plan: &Plan, progress: &Progress, act: Act) {
        match act {
            Act::Start => {
                if let Some(agent) = plan.placed_by {
                    self.send(plan, "dial-out", agent, "CALLING", None).await;
                }
            }
            Act::Ring(agent) => self.send(plan, "dial-in", agent, "CALLING", None).await,
            Act::Stop(agent) => self.send(plan, "hangup", agent, "NOANSWER", Some(0)).await,
            Act::Answer(agent) => self.send(plan, "answer", agent, "ANSWER", None).await,
            Act::End => {
                for (agent, _) in &progress.ringing {
                    self.send(plan, "hangup", *agent, "CANCEL", Some(0)).await;
                }
                let last = progress.answered.map(|(agent, at)| (agent, "ANSWER", now() - at));
                let last = last.or_else(|| plan.placed_by.map(|agent| (agent, "NOANSWER", 0)));
                if let Some((agent, status, talked)) = last {
                    self.send(plan, "hangup", agent, status, Some(talked)).await;
                }
            }
        }
    }
}
