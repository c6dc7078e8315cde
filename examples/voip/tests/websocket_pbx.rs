//! Runs `websocket-pbx` between a model PBX that has a websocket only and a pretend platform.
//!
//! The platform runs the generated script in node, if node and the compiler are there.

#![expect(clippy::unwrap_used, reason = "tests may, also outside of test functions")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use basix_cti_testing::{Ending, Pbx, Server};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use voip_module::Buttons;
use voip_module::module_script::ModuleScript;

const TOKEN: &str = "T1K-token-of-the-platform";

/// The module's script in node, with stand-ins for the platform's globals.
struct Script {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    text: String,
    _node: Child,
}

impl Script {
    fn start() -> Option<Self> {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../voip-module/tests/module_script");
        let has_node = Command::new("node").arg("--version").output().is_ok();
        if !has_node || !folder.join("typescript/node_modules/typescript-oldest").exists() {
            assert!(
                std::env::var_os("REQUIRE_TYPESCRIPT").is_none(),
                "node or typescript is missing"
            );
            eprintln!("without node and typescript the pretend platform confirms by itself");
            return None;
        }
        let mut node = Command::new("node");
        node.arg(folder.join("platform.js")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut node = node.spawn().unwrap();
        let text = ModuleScript::builder(Buttons::default()).build().unwrap().into_text();
        let (input, output) = (node.stdin.take().unwrap(), node.stdout.take().unwrap());
        Some(Self { input, output: BufReader::new(output), text, _node: node })
    }

    /// Returns the result of the script for a request.
    fn parse(&mut self, body: &str) -> Value {
        let request = json!({
            "method": "POST", "headers": { "content-type": "application/json" }, "body": body,
        });
        let job = json!({
            "script": self.text, "settings": {}, "function": "VoipParseWebhookRequest",
            "args": [request],
        });
        writeln!(self.input, "{job}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let result: Value = serde_json::from_str(&line).unwrap();
        assert!(result["urls"].as_array().unwrap().is_empty(), "the script asks nobody: {line}");
        result["value"].clone()
    }
}

/// Pushes that the platform took: id and content.
type Taken = Vec<(String, Value)>;

/// The platform: allows three requests, then says 429, and expects a second of silence.
struct Platform {
    script: Mutex<Option<Script>>,
    taken: watch::Sender<Taken>,
    limit: Mutex<(u32, Option<Instant>)>,
    /// The number of answers 429.
    refused: watch::Sender<u32>,
}

impl Platform {
    async fn serve(self: &Arc<Self>, address: &str) -> (std::net::SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = axum::Router::new().fallback(hook).with_state(self.clone());
        (address, tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }))
    }

    /// Waits until this many requests were answered 429.
    async fn until_refused(&self, count: u32) {
        self.refused.subscribe().wait_for(|refused| *refused >= count).await.unwrap();
    }

    /// Waits for a number of pushes, and returns the names of all so far.
    async fn until(&self, count: usize) -> Vec<String> {
        let mut taken = self.taken.subscribe();
        let taken = taken.wait_for(|taken| taken.len() >= count).await.unwrap();
        taken.iter().map(|(_, push)| name(push)).collect()
    }
}

/// Stages of a push, without prefixes.
fn name(push: &Value) -> String {
    let stage = push["event"]["event"].as_str().map(|word| {
        word.trim_start_matches("Event.")
            .trim_start_matches("notify_")
            .trim_start_matches("Notify")
            .to_lowercase()
    });
    let record = push["callRecord"].as_object().map(|_| "record".to_owned());
    stage.into_iter().chain(record).collect::<Vec<_>>().join("+")
}

async fn hook(
    State(platform): State<Arc<Platform>>,
    uri: Uri,
    body: String,
) -> (StatusCode, HeaderMap, String) {
    assert_eq!(uri.to_string(), format!("/hook/1?token={TOKEN}"));
    let mut headers = HeaderMap::new();
    {
        let mut limit = platform.limit.lock().unwrap();
        if let Some(since) = limit.1.take() {
            assert!(since.elapsed() >= Duration::from_secs(1), "a push during the wait after 429");
        }
        limit.0 += 1;
        if limit.0 % 4 == 0 {
            limit.1 = Some(Instant::now());
            headers.insert("retry-after", 1.into());
            platform.refused.send_modify(|refused| *refused += 1);
            return (StatusCode::TOO_MANY_REQUESTS, headers, String::new());
        }
    }
    let push: Value = serde_json::from_str(&body).unwrap();
    let id = push["id"].as_str().unwrap().to_owned();
    let (result, answer) = match &mut *platform.script.lock().unwrap() {
        None => (push, format!(r#"{{"voipBridge":1,"accepted":"{id}"}}"#)),
        Some(script) => {
            let result = script.parse(&body);
            assert_eq!(result["response"]["code"], 200);
            let answer = result["response"]["text"].as_str().unwrap().to_owned();
            (result, answer)
        }
    };
    // At least once: a message whose confirmation was lost comes again, with its id.
    platform.taken.send_if_modified(|taken| {
        let is_new = taken.iter().all(|(earlier, _)| *earlier != id);
        if is_new {
            taken.push((id, result));
        }
        is_new
    });
    (StatusCode::OK, headers, answer)
}

/// The program, between a PBX and the platform.
struct Program {
    pbx_url: String,
    webhook_url: String,
    spool: tempfile::TempDir,
}

impl Program {
    fn start(&self) -> Running {
        let test = std::env::current_exe().unwrap();
        let folder: PathBuf = test.parent().and_then(Path::parent).unwrap().join("examples");
        let mut command = Command::new(folder.join("websocket-pbx"));
        command.env("BASIX_URL", &self.pbx_url).env("VOIP_WEBHOOK_URL", &self.webhook_url);
        command.env("VOIP_SPOOL_DIR", self.spool.path());
        Running(command.spawn().unwrap())
    }

    /// Waits until the program has noted what it shows: this text is in its file.
    async fn until_noted(&self, text: &str) {
        let file = self.spool.path().join("shown.json");
        while !std::fs::read_to_string(&file).is_ok_and(|noted| noted.contains(text)) {
            tokio::task::yield_now().await;
        }
    }
}

/// The running program; killed if the test ends before it.
struct Running(Child);

impl Running {
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// One call over a restart of the platform and of the service, one that ends while the service is down,
/// and restarts of both while the platform's limit is met.
// W145, W154, W155, W176, W177
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_a_websocket_pbx_appear_in_order_and_once_through_restarts() {
    tokio::time::timeout(Duration::from_secs(120), story()).await.expect("within two minutes");
}

async fn story() {
    let mut pbx = Pbx::new(1);
    let anna = pbx.add_user("anna");
    let server = Server::start(pbx).await.unwrap();
    let platform = Arc::new(Platform {
        script: Mutex::new(Script::start()),
        taken: watch::Sender::default(),
        limit: Mutex::default(),
        refused: watch::Sender::default(),
    });
    let (address, mut listening) = platform.serve("127.0.0.1:0").await;
    let program = Program {
        pbx_url: server.origin().replace("ws://", "ws://example.test:token@"),
        webhook_url: format!("http://{address}/hook/1?token={TOKEN}"),
        spool: tempfile::TempDir::new().unwrap(),
    };
    let mut child = program.start();

    let first = server.with(|pbx| pbx.offer("0312345678", anna)).unwrap();
    let leg = server.with(|pbx| pbx.ring(&first, anna)).unwrap();
    assert_eq!(platform.until(1).await, ["start"]);

    // The platform goes away, Anna answers, and the service is killed before the platform is back.
    listening.abort();
    let _ = (&mut listening).await;
    server.with(|pbx| pbx.pick_up(&leg)).unwrap();
    program.until_noted(r#""is_answered":true"#).await;
    child.kill();
    (_, listening) = platform.serve(&address.to_string()).await;
    child = program.start();
    assert_eq!(platform.until(2).await, ["start", "answer"]);
    server.with(|pbx| pbx.hangup(&first, Ending::PEER_HANGS_UP)).unwrap();
    assert_eq!(platform.until(3).await, ["start", "answer", "end+record"]);

    // A caller gives up while the service is down.
    let second = server.with(|pbx| pbx.offer("0312345679", anna)).unwrap();
    server.with(|pbx| pbx.ring(&second, anna)).unwrap();
    platform.until(4).await;
    program.until_noted(&second).await;
    child.kill();
    server.with(|pbx| pbx.hangup(&second, Ending::CALLER_GIVES_UP)).unwrap();
    child = program.start();
    let names = platform.until(5).await;
    assert_eq!(names, ["start", "answer", "end+record", "start", "end"]);

    // Further calls, so that the limit is met again, by the end of the first and the start of the third.
    for number in 1..=3 {
        let call = server.with(|pbx| pbx.offer("0312345680", anna)).unwrap();
        server.with(|pbx| pbx.ring(&call, anna)).unwrap();
        if number == 3 {
            // The platform restarts while the service has to wait.
            platform.until_refused(3).await;
            listening.abort();
            let _ = (&mut listening).await;
            (_, listening) = platform.serve(&address.to_string()).await;
        }
        platform.until(4 + 2 * number).await;
        server.with(|pbx| pbx.hangup(&call, Ending::CALLER_GIVES_UP)).unwrap();
        if number == 1 {
            // The service is killed while it has to wait; the next one does not know that.
            platform.until_refused(2).await;
            child.kill();
            platform.limit.lock().unwrap().1 = None;
            child = program.start();
        }
        platform.until(5 + 2 * number).await;
    }
    // Anna calls out.
    let out = server.with(|pbx| pbx.dial(anna, "0399999999")).unwrap();
    let leg = server.with(|pbx| pbx.ring_out(&out, "0399999999")).unwrap();
    platform.until(12).await;
    server.with(|pbx| pbx.pick_up(&leg)).unwrap();
    platform.until(13).await;
    server.with(|pbx| pbx.hangup(&out, Ending::PEER_HANGS_UP)).unwrap();
    assert_eq!(platform.until(14).await[11..], ["start", "answer", "end+record"]);

    let id = child.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.0.wait().unwrap().code(), Some(0));

    let taken = platform.taken.borrow().clone();
    let facts: std::collections::BTreeSet<String> =
        taken.iter().map(|(_, push)| push["event"].to_string()).collect();
    assert_eq!((facts.len(), taken.len()), (14, 14), "each once");
    let call_ids = |at: usize| taken[at].1["event"]["callId"].as_str().unwrap();
    assert!([0, 1, 2].iter().all(|at| call_ids(*at) == first));
    assert!([3, 4].iter().all(|at| call_ids(*at) == second));
    let record = &taken[2].1["callRecord"];
    assert_eq!(
        (&record["srcPhone"], &record["dstPhone"]),
        (&json!("0312345678"), &json!(anna.to_string()))
    );
    let event = &taken[11].1["event"];
    assert_eq!(
        (&event["srcPhone"], &event["dstPhone"]),
        (&json!(anna.to_string()), &json!("0399999999"))
    );
    assert!(platform.limit.lock().unwrap().0 > taken.len() as u32, "the limit was met");
    server.stop().await;
}
