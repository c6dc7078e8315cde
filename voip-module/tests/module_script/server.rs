//! The service over real HTTP on the loopback interface, and servers that are not the service.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use voip_module::module_script::{ModuleScript, ModuleService, ScriptBuilder, ServiceKeys};
use voip_module::{Buttons, VoipProvider};

use crate::node::Module;
use crate::pbx::Pbx;

pub(crate) const KEY: &str = "K3YK3YK3YK3YK3YK3YK3YK3YK3YK3YK3";

pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    })
}

/// A request as it arrived, and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) status: u16,
    pub(crate) answer_headers: http::HeaderMap,
    pub(crate) reply: String,
}

/// The service of a PBX.
pub(crate) fn service(buttons: Buttons) -> ModuleService<Pbx> {
    ModuleService::new(Pbx::new(buttons), ServiceKeys::new(KEY).unwrap())
}

/// A service that listens.
pub(crate) struct Server {
    pub(crate) service: Arc<ModuleService<Pbx>>,
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

impl Server {
    pub(crate) fn new(buttons: Buttons) -> Self {
        Self::of(service(buttons))
    }

    pub(crate) fn of(service: ModuleService<Pbx>) -> Self {
        Self::at(([127, 0, 0, 1], 0).into(), service)
    }

    pub(crate) fn at(address: SocketAddr, service: ModuleService<Pbx>) -> Self {
        let service = Arc::new(service);
        let seen = Arc::default();
        let listener = runtime().block_on(TcpListener::bind(address)).unwrap();
        let address = listener.local_addr().unwrap();
        let (answers, exchanges) = (service.clone(), Arc::clone(&seen));
        let handler = move |request| exchange(answers.clone(), Arc::clone(&exchanges), request);
        let app = Router::new().fallback(handler);
        runtime().spawn(async move { axum::serve(listener, app).await });
        Self { service, address, seen }
    }

    /// The exchanges since the last time.
    pub(crate) fn seen(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    /// A script that reaches this service.
    pub(crate) fn module(&self, script: ScriptBuilder) -> Module {
        module(script, &format!("http://{}/", self.address))
    }
}

/// A script with the address of its service.
pub(crate) fn module(script: ScriptBuilder, url: &str) -> Module {
    let script = script.allow_http().build().unwrap().into_text();
    Module { script, settings: json!({ "serviceUrl": url, "serviceKey": KEY }) }
}

/// The newest script with every button.
pub(crate) fn newest() -> ScriptBuilder {
    ModuleScript::builder(Buttons::ALL)
}

async fn exchange<P: VoipProvider + 'static>(
    service: Arc<ModuleService<P>>,
    seen: Arc<Mutex<Vec<Exchange>>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    let mut exchange = Exchange {
        target: format!("{} {}", parts.method, parts.uri),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
        status: 0,
        answer_headers: http::HeaderMap::new(),
        reply: String::new(),
    };
    let answer = service.handle(http::Request::from_parts(parts, body)).await;
    exchange.status = answer.status().as_u16();
    exchange.answer_headers = answer.headers().clone();
    exchange.reply = String::from_utf8_lossy(answer.body()).into_owned();
    seen.lock().unwrap().push(exchange);
    answer.map(Into::into)
}

/// A server that answers every request as the first segment of its path says; see
/// [`canned`]. Gives its address.
pub(crate) fn other_server() -> SocketAddr {
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    *ADDRESS.get_or_init(|| {
        let listener = runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                runtime().spawn(answer_canned(stream));
            }
        });
        address
    })
}

/// An address at which nothing listens.
pub(crate) fn closed_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

async fn answer_canned(mut stream: TcpStream) {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let (head, length) = loop {
        let read = stream.read(&mut part).await.unwrap_or_default();
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
            });
            break (head.to_owned(), head.len() + 4 + length.unwrap_or_default());
        }
        if read == 0 {
            return;
        }
    };
    while bytes.len() < length {
        let read = stream.read(&mut part).await.unwrap_or_default();
        if read == 0 {
            return;
        }
        bytes.extend_from_slice(&part[..read]);
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    match path.split('/').nth(1).unwrap_or_default() {
        // Until the sender goes away.
        "silent" => drop(stream.read(&mut part).await),
        "half" => {
            let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"voipBri";
            stream.write_all(half.as_bytes()).await.unwrap();
        }
        mode => {
            let (status, kind, mut body) = canned(mode);
            if mode == "echo" {
                body = body.replace("m\\u0007m", &head.replace(['\r', '\n'], " "));
            }
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

/// Status, media type and body of an answer.
fn canned(mode: &str) -> (u16, &'static str, String) {
    let error = |code: &str| json!({ "voipBridge": 1, "requestId": "x", "error": { "code": code, "message": "m\u{7}m" } });
    let value: Value = match mode {
        "html-200" => return (200, "text/html", "<html>welcome</html>".into()),
        "html-502" => return (502, "text/html", "<html>bad gateway</html>".into()),
        "empty" => return (200, "application/json", String::new()),
        "large" => {
            let body = json!({ "voipBridge": 1, "result": { "x": "y".repeat(2 << 20) } });
            return (200, "application/json", body.to_string());
        }
        "json" => json!({ "ok": true, "result": {} }),
        "newer" => json!({ "voipBridge": 2, "result": {} }),
        "odd-event" => json!({ "voipBridge": 1, "result": {
            "event": { "event": "notify_start", "direction": "sideways" },
            "callRecord": { "direction": "in" }, "response": { "status": 200, "body": "" },
        } }),
        "odd-members" => json!({ "voipBridge": 1, "result": { "members": [
            { "id": "701" }, { "id": "" }, { "id": 7, "label": "a" }, null, "703",
            { "id": "702", "label": "b", "more": 1 },
        ] } }),
        "odd-status" => json!({ "voipBridge": 1, "result": { "response": { "status": 700 } } }),
        "no-response" => json!({ "voipBridge": 1, "result": {} }),
        "no-result" => json!({ "voipBridge": 1 }),
        "result-500" => {
            let body = json!({ "voipBridge": 1, "result": { "success": true } });
            return (500, "application/json", body.to_string());
        }
        "404-page" => return (404, "application/json", "{\"error\":\"not found\"}".into()),
        code => {
            let code = if code == "echo" { "remote" } else { code };
            let parsed = code.parse::<voip_module::module_script::protocol::ErrorCode>();
            let status = parsed.map_or(422, |code| code.status().as_u16());
            return (status, "application/json", error(code).to_string());
        }
    };
    (200, "application/json", value.to_string())
}
