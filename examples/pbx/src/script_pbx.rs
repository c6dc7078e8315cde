//! A pretend PBX that runs a backend script in an embedded engine.

use std::error::Error;
use std::sync::mpsc;
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

/// A PBX that runs a backend script, and does its HTTP requests for real.
#[derive(Clone, Debug)]
pub struct ScriptPbx {
    /// JavaScript for the engine, which has a thread of its own.
    engine: mpsc::Sender<String>,
}

/// Something that the script wants done outside of the engine.
type Asked = (String, String);

impl ScriptPbx {
    /// Loads a script.
    #[must_use]
    pub fn start(script: &BackendScript) -> Self {
        let (engine, lines) = mpsc::channel::<String>();
        let (asking, asked) = unbounded_channel();
        let source = script.as_str().to_owned();
        std::thread::spawn(move || {
            if let Err(error) = run(&source, &lines, &asking) {
                eprintln!("the engine has stopped: {error}");
            }
        });
        let pbx = Self { engine };
        tokio::spawn(serve(pbx.clone(), asked));
        pbx
    }

    /// Calls an entry point.
    pub fn call(&self, entry_point: EntryPoint, payload: &Value) {
        self.eval(format!("{entry_point}({payload})"));
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

/// Runs the engine as long as something can ask it.
fn run(
    script: &str,
    lines: &mpsc::Receiver<String>,
    asking: &UnboundedSender<Asked>,
) -> rquickjs::Result<()> {
    let context = Context::full(&Runtime::new()?)?;
    context.with(|engine| {
        let asking = asking.clone();
        let ask = Function::new(engine.clone(), move |kind: String, text: String| {
            let _ = asking.send((kind, text));
        })?;
        engine.globals().set("ask", ask)?;
        engine.eval::<(), _>(include_str!("host.js"))?;
        engine.eval::<(), _>(script)
    })?;
    for line in lines {
        context.with(|engine| engine.eval::<(), _>(line))?;
    }
    Ok(())
}

/// Does what the script asks for.
async fn serve(pbx: ScriptPbx, mut asked: UnboundedReceiver<Asked>) {
    while let Some((kind, text)) = asked.recv().await {
        let pbx = pbx.clone();
        match &*kind {
            "log" => println!("{text}"),
            "timer" => drop(tokio::spawn(async move {
                let timer: Value = serde_json::from_str(&text).unwrap_or_default();
                let time = timer["time"].as_f64().unwrap_or_default();
                tokio::time::sleep(Duration::from_millis(time as u64)).await;
                pbx.eval(format!("timers[{}]()", timer["number"]));
            })),
            _ => drop(tokio::spawn(async move {
                let asked: Value = serde_json::from_str(&text).unwrap_or_default();
                // A request without an answer has the code 0.
                let answer = post(&asked["request"]).await.unwrap_or_else(|_| json!([0, "", []]));
                pbx.eval(format!("callbacks[{}].apply(null, {answer})", asked["number"]));
            })),
        }
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
