//! The executor over real HTTP on the loopback, feature `reqwest`.
#![cfg(feature = "reqwest")]
#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use ucom_events::api::{
    ApiError, ApiHost, ApiRequest, Attempt, ClientId, Credentials, Grant, Secret,
};
use ucom_events::event::ExtensionId;
use ucom_events::executor::{Clock, Executor};
use ucom_events::plan::Owner;

/// A server that answers with codes in turn, and records its requests.
#[derive(Clone, Default)]
struct Server {
    codes: Arc<Mutex<VecDeque<u16>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(codes: &[u16]) -> (Self, String) {
        let server = Self::default();
        server.codes.lock().unwrap().extend(codes);
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", socket.local_addr().unwrap());
        let state = server.clone();
        let router =
            axum::Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap| {
                let state = state.clone();
                async move { state.answer(&method, &uri, &headers) }
            });
        tokio::spawn(async move { axum::serve(socket, router).await });
        (server, address)
    }

    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> axum::response::Response {
        let mut asked = self.asked.lock().unwrap();
        let bearer = headers.get("authorization").map_or("", |value| value.to_str().unwrap());
        asked.push(format!("{method} {} {bearer}", uri.path()).trim_end().to_owned());
        if uri.path() == "/oauth/token" {
            let number = asked.iter().filter(|line| line.contains("oauth")).count();
            return format!(r#"{{"access_token": "t{number}"}}"#).into_response();
        }
        let code = self.codes.lock().unwrap().pop_front().unwrap_or(200);
        let headers = [("x-ratelimit-reset", "17"), ("location", "/elsewhere")];
        (StatusCode::from_u16(code).unwrap(), headers, "[]").into_response()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A clock that stands still, and whose waits end at once.
#[derive(Debug, Default)]
struct StandingClock {
    now: Mutex<Duration>,
    waits: Mutex<Vec<Duration>>,
}

#[async_trait::async_trait]
impl Clock for StandingClock {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, time: Duration) {
        self.waits.lock().unwrap().push(time);
        *self.now.lock().unwrap() += time;
    }
}

fn executor(address: &str, clock: &Arc<StandingClock>) -> Executor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Executor::new(ApiHost::allowing_http(address).unwrap(), credentials(), provider)
        .unwrap()
        .with_clock(clock.clone())
}

fn credentials() -> Credentials {
    Credentials::new("app", Some(Secret::new("s")), Grant::ClientCredentials)
}

fn question() -> ApiRequest {
    let owner = Owner::Extension(ExtensionId::new(33_335));
    ApiRequest::subscriptions(ClientId::new(801), &owner, 1)
}

const TOKEN: &str = "POST /oauth/token";
const LIST: &str = "GET /api/ver1.0/extension/33335/event/ Bearer t1";
const LIST_2: &str = "GET /api/ver1.0/extension/33335/event/ Bearer t2";

/// Codes in turn, automatic or by a user, expected requests, waits, success.
type Row = (&'static [u16], bool, &'static [&'static str], &'static [u64], bool);

const ROWS: &[Row] = &[
    (&[200], false, &[TOKEN, LIST], &[], true),
    (&[401, 200], false, &[TOKEN, LIST, TOKEN, LIST_2], &[], true),
    (&[401, 401, 200], false, &[TOKEN, LIST, TOKEN, LIST_2], &[], false),
    (&[429, 200], true, &[TOKEN, LIST, LIST], &[17], true),
    (&[429, 429, 200], true, &[TOKEN, LIST, LIST], &[17], false),
    (&[429, 200], false, &[TOKEN, LIST], &[], false),
    (&[401, 429, 200], true, &[TOKEN, LIST, TOKEN, LIST_2, LIST_2], &[17], true),
    (&[403, 200], true, &[TOKEN, LIST], &[], false),
    (&[500, 200], true, &[TOKEN, LIST], &[], false),
    (&[302, 200], true, &[TOKEN, LIST], &[], false),
];

// R15–R19.
#[tokio::test]
async fn it_follows_next_step() {
    for (codes, automatic, asked, waits, ends_well) in ROWS {
        let (server, address) = Server::start(codes).await;
        let clock = Arc::new(StandingClock::default());
        let attempt = if *automatic { Attempt::automatic() } else { Attempt::by_user() };
        let result = executor(&address, &clock).send(&question(), attempt).await;
        assert_eq!(server.asked(), *asked, "{codes:?}");
        let waited: Vec<_> = clock.waits.lock().unwrap().iter().map(Duration::as_secs).collect();
        assert_eq!(waited, *waits, "{codes:?}");
        let reply = result.unwrap();
        assert_eq!(reply.is_success(), *ends_well, "{codes:?} {reply:?}");
    }
}

#[tokio::test]
async fn the_hourly_budget_holds_whatever_is_asked() {
    let (server, address) = Server::start(&[]).await;
    let clock = Arc::new(StandingClock::default());
    let executor = executor(&address, &clock).with_budget(5);
    let mut refused = 0;
    for _ in 0..20 {
        let result = executor.send(&question(), Attempt::by_user()).await;
        refused += usize::from(matches!(result, Err(ApiError::Budget { .. })));
    }
    assert_eq!((server.asked().len(), refused), (5, 16));
    clock.sleep(Duration::from_secs(3600)).await;
    assert!(executor.send(&question(), Attempt::by_user()).await.is_ok());
}

#[tokio::test]
async fn no_reply_is_reported_without_address_and_secrets() {
    // A port without a listener.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", socket.local_addr().unwrap());
    drop(socket);
    let executor = executor(&address, &Arc::default());
    let error = executor.send(&question(), Attempt::automatic()).await.unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("asking for a token: no reply from the API (error sending request")
    );
    assert!(message.contains("refused"), "{message}");
    assert!(!message.contains("http://") && !message.contains("oauth"), "{message}");
}

#[test]
fn an_executor_hides_its_secrets() {
    let executor = executor("http://127.0.0.1:1", &Arc::default());
    let shown = format!("{executor:?}");
    assert!(!shown.contains("Secret") && shown.contains("127.0.0.1"), "{shown}");
}
