//! A pretend PBX that runs a backend script in an embedded engine.

use std::error::Error;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::Duration;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use pbx_integration::bridge::BackendScript;
use pbx_integration::integration::EntryPoint;
use rquickjs::{Context, Function, Runtime};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

/// A PBX that runs a backend script until it is dropped, and does its HTTP requests for real.
#[derive(Debug)]
pub struct ScriptPbx {
    /// JavaScript for the engine, which has a thread of its own.
    engine: Arc<mpsc::Sender<String>>,
    /// Payloads so far.
    called: AtomicU64,
    /// Payloads that the service has answered for good.
    answered: watch::Receiver<u64>,
}

/// The calls of a PBX, which its backend code starts and ends.
pub trait Telephony: Send + 'static {
    /// Starts a call; returns its id, or `None` if it cannot be started.
    fn start_call(&self, user: &str, to: &str) -> Option<String>;

    /// Ends a call; returns whether there was one.
    fn end_call(&self, id: &str) -> bool;
}

/// Something that the script wants done outside of the engine.
type Asked = (String, String);

impl ScriptPbx {
    /// Loads a script, in a runtime of Tokio. Calls are printed.
    #[must_use]
    pub fn start(script: &BackendScript) -> Self {
        Self::with_telephony(script, PrintedCalls::default())
    }

    /// Loads a script, in a runtime of Tokio.
    #[must_use]
    pub fn with_telephony(script: &BackendScript, telephony: impl Telephony) -> Self {
        let (engine, lines) = mpsc::channel::<String>();
        let (asking, asked) = unbounded_channel();
        let source = script.as_str().to_owned();
        std::thread::spawn(move || {
            if let Err(error) = run(&source, telephony, &lines, &asking) {
                eprintln!("the engine has stopped: {error}");
            }
        });
        let engine = Arc::new(engine);
        let (answering, answered) = watch::channel(0);
        tokio::spawn(serve(Arc::downgrade(&engine), asked, Arc::new(answering)));
        Self { engine, called: AtomicU64::new(0), answered }
    }

    /// Calls an entry point.
    pub fn call(&self, entry_point: EntryPoint, payload: &Value) {
        self.called.fetch_add(1, Ordering::Relaxed);
        self.eval(format!("{entry_point}({payload})"));
    }

    /// Waits until the service has taken every event and record so far, or refused it.
    pub async fn flush(&self) {
        let called = self.called.load(Ordering::Relaxed);
        let _ = self.answered.clone().wait_for(|answered| *answered >= called).await;
    }

    /// Keeps what the `save` of a form of a tenant returned.
    pub fn save_form(&self, tenant: &str, returned: &Value) {
        self.eval(format!("saveForm({}, '', {returned})", json!(tenant)));
    }

    fn eval(&self, script: String) {
        // An engine that has stopped said why.
        let _ = self.engine.send(script);
    }
}

/// Calls that are printed.
#[derive(Default)]
struct PrintedCalls(Mutex<Vec<String>>);

impl Telephony for PrintedCalls {
    fn start_call(&self, user: &str, to: &str) -> Option<String> {
        println!("in the PBX: {user} calls {to}");
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = format!("call-{}", calls.len() + 1);
        calls.push(id.clone());
        Some(id)
    }

    fn end_call(&self, id: &str) -> bool {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = calls.iter().any(|call| call == id);
        if is_known {
            println!("in the PBX: {id} has ended");
        }
        is_known
    }
}

/// Runs the engine as long as something can ask it.
fn run(
    script: &str,
    telephony: impl Telephony,
    lines: &mpsc::Receiver<String>,
    asking: &UnboundedSender<Asked>,
) -> rquickjs::Result<()> {
    let context = Context::full(&Runtime::new()?)?;
    context.with(|engine| {
        let (asking, telephony) = (asking.clone(), Rc::new(telephony));
        let ask = Function::new(engine.clone(), move |kind: String, text: String| {
            let _ = asking.send((kind, text));
        })?;
        let calls = telephony.clone();
        let start = Function::new(engine.clone(), move |user: String, to: String| {
            calls.start_call(&user, &to)
        })?;
        let end = Function::new(engine.clone(), move |id: String| telephony.end_call(&id))?;
        engine.globals().set("ask", ask)?;
        engine.globals().set("start", start)?;
        engine.globals().set("end", end)?;
        engine.eval::<(), _>(include_str!("host.js"))?;
        engine.eval::<(), _>(script)
    })?;
    for line in lines {
        context.with(|engine| engine.eval::<(), _>(line))?;
    }
    Ok(())
}

/// Does what the script asks for, as long as there is an engine.
async fn serve(
    engine: Weak<mpsc::Sender<String>>,
    mut asked: UnboundedReceiver<Asked>,
    answering: Arc<watch::Sender<u64>>,
) {
    while let Some((kind, text)) = asked.recv().await {
        let (engine, answering) = (engine.clone(), answering.clone());
        tokio::spawn(async move {
            let asked: Value = serde_json::from_str(&text).unwrap_or_default();
            let arguments = match &*kind {
                "timer" => {
                    let time = asked["time"].as_f64().unwrap_or_default();
                    tokio::time::sleep(Duration::from_millis(time as u64)).await;
                    json!([])
                }
                // A request without an answer has the code 0.
                _ => post(&asked["request"]).await.unwrap_or_else(|_| json!([0, "", []])),
            };
            let is_event =
                asked["request"]["url"].as_str().is_some_and(|url| url.contains("/v1/event/"));
            let code = arguments[0].as_u64().unwrap_or_default();
            // The script tries again after these.
            let is_later = [401, 403, 408, 425, 426, 429].contains(&code);
            if is_event && (200..500).contains(&code) && !is_later {
                answering.send_modify(|answered| *answered += 1);
            }
            if let Some(engine) = engine.upgrade() {
                let _ = engine.send(format!("resume({}, {arguments})", asked["number"]));
            }
        });
    }
}

/// Sends a request, and gives the arguments of its callback.
async fn post(asked: &Value) -> Result<Value, Box<dyn Error + Send + Sync>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut request = Request::post(text(&asked["url"]));
    for header in asked["header"].as_array().into_iter().flatten() {
        request = request.header(text(&header["name"]), text(&header["value"]));
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request.body(Body::from(text(&asked["body"])))?).await?;
    let headers = answer.headers().iter().map(|(name, value)| {
        json!({"name": name.as_str(), "value": String::from_utf8_lossy(value.as_bytes())})
    });
    let (status, headers) = (answer.status().as_u16(), headers.collect::<Vec<_>>());
    let body = answer.into_body().collect().await?.to_bytes();
    Ok(json!([status, String::from_utf8_lossy(&body), headers]))
}
