//! A cloud PBX that speaks Gravitel's protocol over real HTTP, on loopback.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::net::TcpListener;
use url::Url;
use voip_module::HttpTransport;
use voip_module::testing::Push;
use voip_module::transport::TransportError;

/// A cloud PBX that speaks Gravitel's protocol over real HTTP: it answers `accounts`, `makeCall`
/// and `history`, and pushes the events of calls.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MockPbx {
    /// The address of commands.
    pub endpoint: Url,
    state: Arc<Pbx>,
}

#[derive(Debug)]
struct Pbx {
    /// The key that commands have to carry.
    api_key: String,
    /// Operator and client of the requested calls.
    asked: Mutex<Vec<(String, String)>>,
}

impl MockPbx {
    /// Starts the PBX on a free port.
    ///
    /// # Errors
    ///
    /// If no port is available.
    pub async fn start(api_key: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let mut endpoint =
            Url::parse("http://127.0.0.1/sys/crm_api.wcgp").map_err(std::io::Error::other)?;
        // An http URL always takes a port.
        let _ = endpoint.set_port(Some(listener.local_addr()?.port()));
        let state = Arc::new(Pbx { api_key: api_key.into(), asked: Mutex::default() });
        let app = axum::Router::new().fallback(command).with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { endpoint, state })
    }

    /// The calls requested with `makeCall`, as operator and client.
    #[must_use]
    pub fn asked(&self) -> Vec<(String, String)> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The pushes of three calls, in order: one answered, one requested, and one missed, whose
    /// record comes twice.
    #[must_use]
    pub fn pushes(&self, crm_key: &str) -> Vec<Push> {
        let (client, missed) = ("79990000001", "79990000003");
        let mut pushes = vec![
            Push::contact().phone(client).callid("C-1"),
            Push::event("INCOMING").phone(client).ext("701").user("admin").callid("C-1"),
            Push::event("ACCEPTED").phone(client).ext("701").user("admin").callid("C-1"),
            Push::event("COMPLETED").phone(client).ext("701").user("admin").callid("C-1"),
            Push::history("in", "Success")
                .phone(client)
                .ext("701")
                .user("admin")
                .start("20240105T101500Z")
                .duration("124")
                .callid("C-1")
                .link("https://rec.example/a.mp3?id=1"),
        ];
        for (operator, dialled) in self.asked() {
            let event = |kind| Push::event(kind).phone(&dialled).ext(&operator).callid("C-2");
            pushes.extend([
                event("OUTGOING"),
                event("ACCEPTED").direction("out"),
                event("COMPLETED").direction("out"),
                Push::history("out", "Success")
                    .phone(&dialled)
                    .ext(&operator)
                    .start("20240105T102000Z")
                    .duration("11")
                    .callid("C-2"),
            ]);
        }
        let rings = |kind, ext| Push::event(kind).phone(missed).ext(ext).callid("C-3");
        let record =
            Push::history("in", "missed").phone(missed).user("pbx").duration("0").callid("C-3");
        pushes.extend([
            rings("INCOMING", "701"),
            rings("INCOMING", "702"),
            rings("CANCELLED", "701"),
            rings("CANCELLED", "702"),
            record.clone(),
            record,
        ]);
        pushes.into_iter().map(|push| push.crm_token(crm_key)).collect()
    }

    /// Sends a push, and returns the status and body of the answer.
    ///
    /// # Errors
    ///
    /// If no answer came.
    pub async fn push(
        &self,
        transport: &impl HttpTransport,
        webhook: &Url,
        push: &Push,
    ) -> Result<(StatusCode, String), TransportError> {
        let answer = transport.send(push.post(webhook.as_str())).await?;
        Ok((answer.status(), String::from_utf8_lossy(answer.body()).into_owned()))
    }
}

/// Answers a command, in JSON or as a form.
async fn command(State(pbx): State<Arc<Pbx>>, headers: HeaderMap, body: Bytes) -> Response {
    let is_json = headers.get("content-type").is_some_and(|kind| kind == "application/json");
    let fields: HashMap<String, String> = if is_json {
        serde_json::from_slice(&body).unwrap_or_default()
    } else {
        url::form_urlencoded::parse(&body).into_owned().collect()
    };
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    if field("token") != pbx.api_key {
        return (StatusCode::UNAUTHORIZED, r#"{"error":"Invalid token"}"#).into_response();
    }
    match &*field("cmd") {
        "accounts" => r#"[{"name":"admin","realName":"Anna Admin","ext":"701"},
            {"name":"ivan","ext":"702"},{"name":"robot"}]"#
            .into_response(),
        "makeCall" => {
            let mut asked = pbx.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push((field("user"), field("phone")));
            r#"{"uuid":"5f0c0000-0000-4000-8000-000000000001"}"#.into_response()
        }
        "history" => "5f0c,out,+79990000002,ivan@pbx.example,+74990000000,\
                      2024-01-05T13:20:00+03:00,4,11,\r\n\
                      C-1,in,+79990000001,admin@pbx.example,+74990000000,\
                      2024-01-05T13:15:00+03:00,7,124,https://rec.example/a.mp3?id=1\r\n"
            .into_response(),
        _ => (StatusCode::BAD_REQUEST, r#"{"error":"Invalid parameters"}"#).into_response(),
    }
}
