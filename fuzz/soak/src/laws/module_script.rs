//! Laws of `voip_module::module_script`: asks and configuration.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use url::Url;
use voip_module::gravitel::{GravitelProvider, NoTransport};
use voip_module::module_script::protocol::{Function, Reply};
use voip_module::module_script::{ModuleService, ServiceConfig, ServiceKeys};
use voip_module::testing::{ManualTimer, ScriptedTransport};
use voip_module::{
    Buttons, CallData, Error, HttpRequest, LinkError, LiveCall, ParseError, VoipMember,
    VoipProvider, VoipTestConnectionResult, VoipWebhookParseResult,
};

use super::now;

const KEY: &str = "key-7d1c0f4e2b9a8356-of-the-law";
const PREFIX: &str = "/voip/v1/";

/// A PBX whose parser is Gravitel's, which counts the actions on calls.
struct Pbx {
    parser: GravitelProvider<NoTransport>,
    buttons: Buttons,
    actions: AtomicUsize,
}

impl Pbx {
    fn new(buttons: Buttons) -> Self {
        Self { parser: GravitelProvider::parser_only(), buttons, actions: AtomicUsize::new(0) }
    }

    fn act(&self) -> Result<(), Error> {
        self.actions.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[async_trait]
impl VoipProvider for Pbx {
    async fn test_connection(&self) -> VoipTestConnectionResult {
        VoipTestConnectionResult::ok()
    }

    async fn parse_webhook(
        &self,
        request: &HttpRequest,
    ) -> Result<VoipWebhookParseResult, ParseError> {
        self.parser.parse_webhook(request).await
    }

    async fn members(&self) -> Result<Vec<VoipMember>, Error> {
        Ok(vec![VoipMember::new("701", "Anna Admin")])
    }

    async fn generate_call(&self, _: &str, _: &str) -> Result<(), Error> {
        self.act()
    }

    async fn call_link(&self, call: &CallData) -> Result<Url, Error> {
        Ok(LinkError::check(call["link"].as_str())?)
    }

    fn buttons(&self) -> Buttons {
        self.buttons
    }

    async fn accept_call(&self, _: LiveCall<'_>) -> Result<(), Error> {
        self.act()
    }

    async fn hangup_call(&self, _: LiveCall<'_>) -> Result<(), Error> {
        self.act()
    }

    async fn redirect_call(&self, _: LiveCall<'_>, _: &str) -> Result<(), Error> {
        self.act()
    }

    async fn hold_call(&self, _: LiveCall<'_>, _: bool) -> Result<(), Error> {
        self.act()
    }
}

fn service(choice: u8) -> ModuleService<Pbx> {
    let buttons = if choice & 8 == 0 { Buttons::ALL } else { Buttons::HOLD };
    let keys = ServiceKeys::new(KEY).expect("the key is long enough");
    let service = ModuleService::new(Pbx::new(buttons), keys).webhook_hosts(["tenant.example"]);
    if choice & 16 == 0 { service } else { service.check_pushes() }
}

/// The first byte chooses key, method, media type and service; a path and a line feed follow, and
/// the rest is the body.
fn request(data: &[u8]) -> Option<(u8, http::Request<Bytes>)> {
    let (&choice, rest) = data.split_first()?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let key = if choice & 1 == 0 { KEY } else { "another-key-of-the-law" };
    let media_type = if choice & 4 == 0 { "application/json" } else { "text/plain" };
    let request = http::Request::builder()
        .method(if choice & 2 == 0 { Method::POST } else { Method::GET })
        .uri(rest.get(..end)?)
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", media_type)
        .body(Bytes::copy_from_slice(rest.get(end + 1..)?));
    Some((choice, request.ok()?))
}

/// Every request has the status of its code, a wrong key opens nothing, nothing panics, a repeated
/// ask gets the same answer and acts once, and no answer shows the key or a number in its error.
pub fn ask(data: &[u8]) {
    let Some((choice, request)) = request(data) else { return };
    let service = service(choice);
    let path = request.uri().path().to_owned();
    let answer = now(service.handle(request.clone()));
    let actions = || service.provider().actions.load(Ordering::Relaxed);
    let acted = actions();
    // A panic of the provider's parser would be hidden behind this status.
    assert_ne!(answer.status(), 500, "{path}");
    let is_probe = matches!(&*path, "/healthz" | "/readyz");
    if choice & 1 == 1 && !is_probe {
        assert!(matches!(answer.status().as_u16(), 401 | 404 | 405), "{}", answer.status());
    }
    let body = std::str::from_utf8(answer.body()).expect("an answer is text");
    assert!(!body.contains(KEY) && !shown(answer.headers()).contains(KEY), "{body}");
    if request.method() == Method::POST {
        let reply: Reply<Value> = serde_json::from_str(body).expect("a reply");
        let status = reply.error.as_ref().map_or(200, |error| error.code.status().as_u16());
        assert_eq!(answer.status(), status, "{body}");
        let message = reply.error.map(|error| error.message).unwrap_or_default();
        assert!(!has_number(&message), "{message}");
        let again = now(service.handle(request));
        assert_eq!((again.status(), again.body()), (answer.status(), answer.body()));
    }
    assert_eq!(actions(), acted, "a repetition acts");
    let may_act = |function: &&Function| {
        function.button().is_some() || matches!(function, Function::GenerateCall)
    };
    let function = Function::ALL.iter().find(|it| path.strip_prefix(PREFIX) == Some(it.as_str()));
    assert!(acted <= usize::from(function.filter(may_act).is_some()), "{path}: {acted}");
}

fn shown(headers: &HeaderMap) -> String {
    format!("{headers:?}")
}

fn has_number(text: &str) -> bool {
    text.as_bytes().windows(5).any(|digits| digits.iter().all(u8::is_ascii_digit))
}

/// Marks what nothing may show.
const MARK: &str = "m4rk";

/// Lines of variables, `NAME=value`. Secrets get a mark, and a file stands for the name of one.
fn variables(data: &[u8]) -> Vec<(String, String)> {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("the folder can be made");
    }
    let mut variables = Vec::new();
    for (at, line) in data.split(|byte| *byte == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line);
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = match name {
            name if name.ends_with("_FILE") => FOLDER.with(|folder| {
                let path = folder.path().join(format!("{}", at % 4));
                std::fs::write(&path, format!("{MARK}{value}")).expect("the file can be written");
                path.to_string_lossy().into_owned()
            }),
            name if name.contains("KEY") || name.contains("TOKEN") => format!("{MARK}{value}"),
            _ => value.to_owned(),
        };
        variables.push((name.to_owned(), value));
    }
    variables
}

/// Variables are a configuration or give mistakes, none of which shows a secret; the webhook URL of a
/// configuration is a target of pushes.
pub fn service_config(data: &[u8]) {
    let config = match ServiceConfig::from_vars(variables(data)) {
        Ok(config) => config,
        Err(error) => {
            assert!(!error.mistakes().is_empty());
            assert!(!error.to_string().contains(MARK), "{error}");
            return;
        }
    };
    let shown = format!("{config:?}");
    assert!(!shown.contains(MARK), "{shown}");
    let pusher = config.pusher(ScriptedTransport::new(), ManualTimer::new());
    let handle = pusher.build().expect("there is no spool").handle();
    if let Some(url) = &config.webhook_url {
        handle.set_target(url.clone()).expect("the configured URL is a target");
    }
    let service = config.service(Pbx::new(Buttons::NONE), ManualTimer::new());
    assert_eq!(now(service.handle(http::Request::new(Bytes::new()))).status(), 404);
}
