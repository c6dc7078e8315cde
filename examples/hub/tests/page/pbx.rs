//! A pretend Gravitel PBX: pushes events to a hub, and takes its commands.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use http_body_util::Full;
use hub::{Config, Hub, Running};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tempfile::TempDir;
use tokio::net::TcpListener;
use voip_module::testing::Push;

const TOKEN: &str = "push-token";

/// A PBX whose hub can be started and stopped.
pub(crate) struct Pbx {
    folder: TempDir,
    commands: SocketAddr,
    taken: Arc<Mutex<Vec<String>>>,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Pbx {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let commands = listener.local_addr().unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let take = |State(taken): State<Arc<Mutex<Vec<String>>>>, body: String| async move {
            if body.contains("accounts") {
                return r#"[{"name":"anna","realName":"Anna Weber","ext":"201"}]"#;
            }
            taken.lock().unwrap().push(body);
            r#"{"uuid":"call-from-page"}"#
        };
        let router = Router::new()
            .route("/refuse", post(async || StatusCode::UNPROCESSABLE_ENTITY))
            .fallback(post(take))
            .with_state(taken.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { folder: TempDir::new().unwrap(), commands, taken, client }
    }

    /// Starts a hub on a port; the database stays the same.
    pub(crate) async fn hub(&self, port: u16) -> Running {
        self.hub_with(port, "", "").await
    }

    /// Starts a hub on a free port whose page and API need a token.
    pub(crate) async fn hub_with_token(&self, token: &str) -> Running {
        let path = self.folder.path().join("page-token");
        std::fs::write(&path, token).unwrap();
        self.hub_with(0, &format!("token = {{ file = {path:?} }}"), "").await
    }

    /// Starts a hub that sends changes to a receiver, which refuses them.
    pub(crate) async fn hub_with_refusals(&self) -> Running {
        let path = self.folder.path().join("webhook-key");
        std::fs::write(&path, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        let (secret, commands) = (format!("{{ file = {path:?} }}"), self.commands);
        let webhook = format!(
            "[[webhook]]\nname = \"crm\"\nurl = \"http://{commands}/refuse\"\nsecret = {secret}"
        );
        self.hub_with(0, "", &webhook).await
    }

    async fn hub_with(&self, port: u16, keys: &str, webhook: &str) -> Running {
        let path = |name: &str| self.folder.path().join(name);
        std::fs::write(path("token"), TOKEN).unwrap();
        std::fs::write(path("key"), "command-key").unwrap();
        let text = format!(
            "name = \"hq\"
            listen = \"127.0.0.1:{port}\"
            database = {:?}
            {keys}
            [[source]]
            name = \"north\"
            kind = \"gravitel\"
            token = {{ file = {:?} }}
            endpoint = \"http://{}/crm\"
            api_key = {{ file = {:?} }}
            {webhook}",
            path("hub.sqlite3"),
            path("token"),
            self.commands,
            path("key")
        );
        Hub::start(Config::parse(&text).unwrap()).await.unwrap()
    }

    /// Reports that nobody answered a call.
    pub(crate) async fn report_missed(&self, hub: &Running, call: &str, phone: &str) {
        self.report(hub, call, phone, "CANCELLED").await;
        self.push(hub, Push::history("in", "Missed").callid(call).phone(phone).ext("201")).await;
    }

    /// Reports an event of a call, such as `INCOMING`.
    pub(crate) async fn report(&self, hub: &Running, call: &str, phone: &str, event: &str) {
        self.push(hub, Push::event(event).callid(call).phone(phone).ext("201")).await;
    }

    async fn push(&self, hub: &Running, push: Push) {
        let request = push.crm_token(TOKEN);
        let request = request.post(&format!("http://{}/in/north?token={TOKEN}", hub.address()));
        let response = self.client.request(request.map(Full::new)).await.unwrap();
        assert_eq!(response.status(), 200);
    }

    /// Commands to start calls that came from the hub.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}
