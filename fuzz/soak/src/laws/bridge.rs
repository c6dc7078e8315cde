//! Laws of `pbx_integration::bridge`: requests and command results of a script, and call records
//! without one.

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as Task, Poll, Waker};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use pbx_integration::bridge::{Bridge, BridgeSecret, CdrReceiver, SettingNames, Timer};
use pbx_integration::control::{EndCall, StartCall};
use pbx_integration::event::Tenant;
use pbx_integration::settings::{MemorySettings, SaveResult, SettingsScope, SettingsStore as _};
use pbx_integration::{
    AgentEvent, CallControl as _, Cdr, Context, Coverage, Error, GroupEvent, HttpReply,
    HttpRequest, Identifier, Integration, Registry,
};
use serde_json::Value;

use super::now;

const SECRET: &str = "kQ0zT4wY8sN2bV6xL1pR5dG9hJ3mC7fA";
const OTHER: &str = "aF7cM3jH9gD5rP1lX6vB2nS8yW4tZ0Qk";
const BASIC: &[u8] = b"Basic bGF3OkgzbjktUXg3VHo=";
const PASSWORD: &str = "H3n9-Qx7Tz";
const OTHER_CALL: &[u8] =
    br#"{"domain":"tenant1.example.com","callid":"law@pbx","start":1757930400,"end":1757930401}"#;
/// Marks what no error may show.
const MARK: &str = "m4rk";

/// Time that stands still: the short waits of the service are over at once, and those for a command
/// never.
struct Still(Instant);

impl Timer for Still {
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        if time < Duration::from_secs(60) {
            Box::pin(std::future::ready(()))
        } else {
            Box::pin(std::future::pending())
        }
    }

    fn now(&self) -> Instant {
        self.0
    }
}

/// Counts what it is given, and refuses the first of it if asked to.
#[derive(Clone, Default)]
struct Counter {
    stored: Arc<AtomicUsize>,
    refusals: Arc<AtomicUsize>,
}

impl Counter {
    fn store(&self) -> Result<(), Error> {
        let refuses = |left: usize| left.checked_sub(1);
        if self.refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, refuses).is_ok() {
            return Err(Error::other("no room"));
        }
        self.stored.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn stored(&self) -> usize {
        self.stored.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Integration for Counter {
    async fn on_group(&self, _: &Context, _: GroupEvent) -> Result<(), Error> {
        self.store()
    }

    async fn on_agent(&self, _: &Context, _: AgentEvent) -> Result<(), Error> {
        self.store()
    }

    async fn on_cdr(&self, _: &Context, _: Cdr) -> Result<(), Error> {
        self.store()
    }

    async fn on_http(&self, _: &Context, request: HttpRequest) -> Result<HttpReply, Error> {
        Ok(HttpReply::text(201, format!("{} {}", request.url, request.body()?)))
    }
}

fn id() -> Identifier {
    Identifier::new("ourcrmsys").expect("an identifier")
}

fn bridge() -> Bridge {
    let secret = BridgeSecret::new(SECRET).expect("a secret");
    let hour = Duration::from_secs(3600);
    Bridge::with_command_timeout([secret], Still(Instant::now()), hour)
}

fn registry(bridge: &Bridge, counter: Counter) -> Arc<Registry> {
    let calls = Arc::new(bridge.call_control(&id()));
    let registry = Registry::new(Arc::new(MemorySettings::new()), calls);
    registry.register(id(), Coverage::everywhere(), counter).expect("it is the only one");
    Arc::new(registry)
}

/// A request of a script: the path, headers in place of the usual ones, an empty line and the body.
fn request(secret: &str, is_get: bool, text: &[u8]) -> Option<Request<Bytes>> {
    let mut parts = text.splitn(2, |byte| *byte == b'\n');
    let (path, mut rest) = (parts.next()?, parts.next()?);
    let mut headers = http::HeaderMap::new();
    let authorization = format!("Bearer {secret}");
    for (name, value) in [
        ("authorization", &*authorization),
        ("x-bridge", "1;ourcrmsys;b7;0.1.0"),
        ("x-bridge-delivery", "b7-1;1"),
        ("x-bridge-tenant", "tenant1.example.com"),
        ("x-bridge-lost", "g=0,a=0,c=0,r=0"),
    ] {
        headers.insert(name, value.parse().ok()?);
    }
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = (rest.get(..end)?, rest.get(end + 1..)?);
        rest = after;
        if line.is_empty() {
            break;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = http::HeaderName::from_bytes(parts.next()?).ok()?;
        headers.insert(name, http::HeaderValue::from_bytes(parts.next()?).ok()?);
    }
    let method = if is_get { http::Method::GET } else { http::Method::POST };
    let mut request = Request::builder().method(method).uri(path);
    *request.headers_mut()? = headers;
    request.body(Bytes::copy_from_slice(rest)).ok()
}

/// Every request of a script has a status of the protocol, a wrong secret opens nothing, a payload is stored
/// exactly if it is answered 200, and once for its id, and the answer is JSON without the secret.
///
/// The first byte chooses secret, method and whether the integration fails at first.
pub fn bridge_request(data: &[u8]) {
    let Some((&choice, text)) = data.split_first() else { return };
    let secret = if choice & 1 == 0 { SECRET } else { OTHER };
    let Some(request) = request(secret, choice & 2 != 0, text) else { return };
    let (bridge, counter) = (bridge(), Counter::default());
    counter.refusals.store(usize::from(choice & 4 != 0), Ordering::Relaxed);
    let service = bridge.service(registry(&bridge, counter.clone()));
    let path = request.uri().path().to_owned();
    let answer = now(service.handle(request.clone()));
    let status = answer.status().as_u16();
    let known = [200, 400, 401, 403, 404, 405, 413, 426, 503].contains(&status);
    assert!(known, "{path}: {status}");
    check_body(&answer);
    // Any prefix may stand before it.
    let is_event = path.rfind("/v1/").is_some_and(|at| path[at..].starts_with("/v1/event/"));
    if choice & 3 != 0
        && !request.headers()["authorization"].as_bytes().ends_with(SECRET.as_bytes())
    {
        assert!(matches!(status, 401 | 404 | 405), "{status}");
    }
    assert_eq!(counter.stored(), usize::from(is_event && status == 200), "{path}: {status}");
    let (head, body) = request.into_parts();
    let repeat = |body: Bytes| Request::from_parts(head.clone(), body);
    let again = now(service.handle(repeat(body))).status().as_u16();
    // What was refused once is taken now.
    assert!(again == status || status == 503 && again == 200, "{status}, then {again}");
    let stored = usize::from(is_event && again == 200);
    assert_eq!(counter.stored(), stored, "{path}: {again}");
    if stored == 1 {
        // The registry does not know this call, so only the id shows the repetition.
        let other = Bytes::from_static(OTHER_CALL);
        assert_eq!(now(service.handle(repeat(other))).status(), 200);
        assert_eq!(counter.stored(), stored, "{path}: another payload with a known id is stored");
    }
    black_box(bridge.status(&id()));
}

fn check_body(answer: &Response<Bytes>) {
    let body = answer.body();
    assert_eq!(answer.headers().contains_key("content-type"), !body.is_empty());
    assert!(body.is_empty() || serde_json::from_slice::<Value>(body).is_ok(), "{body:?}");
    assert!(!body.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "{body:?}");
}

/// Gives a command of the service to the script, and any result back: the caller has its outcome, no
/// error shows the result's value, and nothing is left.
///
/// The first byte chooses the command; the rest is the result, in which `$` is the command's id.
pub fn command_result(data: &[u8]) {
    let Some((&choice, result)) = data.split_first() else { return };
    let bridge = bridge();
    let service = bridge.service(registry(&bridge, Counter::default()));
    {
        let mut caller = pin!(caller(&bridge, choice));
        // An update loads twice before it saves. A command that has no result is not given again soon.
        for _ in 0..4 {
            let is_over = poll(caller.as_mut()).is_ready();
            let Some(id) = fetch(&service) else {
                assert!(is_over, "a caller waits, and there is no command");
                break;
            };
            let body = replaced(result, &id);
            let parsed = serde_json::from_slice::<Value>(&body);
            let request = request(SECRET, false, &[b"/v1/result\n\n", &*body].concat());
            let Some(request) = request else { break };
            let status = now(service.handle(request)).status().as_u16();
            assert!(matches!(status, 200 | 400), "{status}");
            let waiting = bridge.status(&self::id()).commands;
            let is_its_own = status == 200 && parsed.is_ok_and(|result| result["id"] == id);
            assert!(waiting == 0 || !is_its_own, "a result is not taken");
            if waiting > 0 {
                break;
            }
        }
    }
    assert_eq!(bridge.status(&id()).commands, 0, "a caller that is gone leaves its command");
}

async fn caller(bridge: &Bridge, choice: u8) {
    let calls = bridge.call_control(&id());
    let settings = bridge.settings(SettingNames::new(["url", "mode"], ["password"]));
    let tenant = Tenant::new("tenant1.example.com").expect("a tenant");
    let scope = SettingsScope::tenant(id(), tenant);
    let error = match choice % 4 {
        0 => {
            let call = StartCall::builder("tenant1.example.com", "+12025550123").user("41");
            calls.start_call(&call.build().expect("a call")).await.map(drop).map_err(shown)
        }
        1 => {
            let end = EndCall::builder("1").build().expect("a request");
            calls.end_call(&end).await.map_err(shown)
        }
        2 => settings.public(&scope).await.map(drop).map_err(shown),
        _ => {
            let saved =
                SaveResult::parse(r#"{"data": {"url": "x"}, "secrets": {"password": "y"}}"#);
            let change = saved.expect("a result of save").into_change();
            settings.update(&scope, change).await.map(drop).map_err(shown)
        }
    };
    if let Err(error) = error {
        assert!(!error.contains(MARK), "{error}");
    }
}

fn shown(error: impl std::error::Error) -> String {
    format!("{error} {error:?}")
}

fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Task::from_waker(Waker::noop()))
}

/// The id of the command that waits.
fn fetch(service: &pbx_integration::bridge::BridgeService) -> Option<String> {
    let request = request(SECRET, false, b"/v1/poll\n\n{\"features\":\"calls,settings\"}")?;
    let answer = now(service.handle(request));
    let body: Value = serde_json::from_slice(answer.body()).expect("an answer to a poll is JSON");
    Some(body["commands"][0]["id"].as_str()?.to_owned())
}

fn replaced(text: &[u8], id: &str) -> Vec<u8> {
    let parts: Vec<&[u8]> = text.split(|byte| *byte == b'$').collect();
    parts.join(id.as_bytes())
}

/// A record comes in exactly with the right credentials; it is stored if the answer is 200, and a
/// repetition is not stored again.
///
/// The first byte chooses the method and whether the integration fails at first; the header
/// `Authorization` and a line feed follow, and the rest is the body.
pub fn cdr_receiver(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    let mut parts = rest.splitn(2, |byte| *byte == b'\n');
    let (Some(authorization), Some(body)) = (parts.next(), parts.next()) else { return };
    let method = if choice & 2 == 0 { http::Method::POST } else { http::Method::PUT };
    let request = Request::builder()
        .method(method)
        .header("authorization", authorization)
        .body(Bytes::copy_from_slice(body));
    let Ok(request) = request else { return };
    let counter = Counter::default();
    counter.refusals.store(usize::from(choice & 4 != 0), Ordering::Relaxed);
    let registry = registry(&bridge(), counter.clone());
    let receiver = CdrReceiver::new(registry).basic_auth("law", PASSWORD).expect("credentials");
    let answer = now(receiver.handle(request.clone()));
    let status = answer.status().as_u16();
    assert!([200, 400, 401, 405, 422, 503].contains(&status), "{status}");
    let is_allowed = authorization.split_at_checked(6).is_some_and(|(scheme, pair)| {
        scheme.eq_ignore_ascii_case(&BASIC[..6]) && pair == &BASIC[6..]
    });
    if choice & 2 == 0 {
        assert_eq!(status == 401, !is_allowed, "{status}");
    }
    let text = String::from_utf8_lossy(answer.body());
    assert!(!text.contains(PASSWORD), "{text}");
    assert_eq!(counter.stored(), usize::from(status == 200), "{status}");
    let again = now(receiver.handle(request)).status().as_u16();
    assert!(again == status || status == 503 && again == 200, "{status}, then {again}");
    assert_eq!(counter.stored(), usize::from(again == 200), "{again}");
}
