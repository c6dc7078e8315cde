//! A receiver of webhooks that checks signatures, can be stopped, and has bad moments.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use hub::timeline::Call;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::changes::KEY;

/// Everything that receivers at one address have taken, over their restarts.
#[derive(Debug)]
pub(crate) struct Inbox {
    seen: Mutex<Vec<(String, Call)>>,
    requests: watch::Sender<usize>,
    has_bad_moments: bool,
    /// The id of a call whose changes are refused.
    refused: Option<&'static str>,
}

impl Inbox {
    pub(crate) fn new(has_bad_moments: bool) -> Self {
        let (seen, requests) = (Mutex::default(), watch::channel(0).0);
        Self { seen, requests, has_bad_moments, refused: None }
    }

    /// Refuses the changes of a call.
    pub(crate) fn refusing(self, call: &'static str) -> Self {
        Self { refused: Some(call), ..self }
    }

    pub(crate) fn seen(&self) -> Vec<(String, Call)> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits for the `count`th request.
    pub(crate) async fn requests(&self, count: usize) {
        self.requests.subscribe().wait_for(|requests| *requests >= count).await.unwrap();
    }

    /// Waits until `count` different changes have come.
    pub(crate) async fn changes(&self, count: usize) {
        let mut requests = self.requests.subscribe();
        let different = || {
            let seen = self.seen.lock().unwrap();
            seen.iter().map(|(id, _)| id).collect::<std::collections::HashSet<_>>().len()
        };
        requests.wait_for(|_| different() >= count).await.unwrap();
    }

    fn take(&self, headers: &HeaderMap, body: &Bytes) -> Response {
        let number = {
            let mut number = 0;
            self.requests.send_modify(|requests| {
                *requests += 1;
                number = *requests;
            });
            number
        };
        if self.has_bad_moments && number % 11 == 0 {
            return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "0")]).into_response();
        }
        let event: serde_json::Value = serde_json::from_slice(body).unwrap();
        let id = check(headers, body);
        assert_eq!(event["id"], id);
        let call: Call = serde_json::from_value(event["data"].clone()).unwrap();
        if self.refused == Some(&*call.id) {
            return StatusCode::UNPROCESSABLE_ENTITY.into_response();
        }
        self.seen.lock().unwrap().push((id, call));
        // Wakes those who look at `seen`, which the count above came too early for.
        self.requests.send_modify(|_| {});
        // Taken, although the sender cannot know: the change comes again.
        let is_lost = self.has_bad_moments && number % 7 == 0;
        if is_lost { StatusCode::BAD_GATEWAY } else { StatusCode::NO_CONTENT }.into_response()
    }
}

/// Id of a webhook whose signature is right.
fn check(headers: &HeaderMap, body: &Bytes) -> String {
    let header = |name: &str| headers[name].to_str().unwrap();
    let key = STANDARD.decode(KEY.trim_start_matches("whsec_")).unwrap();
    let mut mac = <Hmac<sha2::Sha256> as Mac>::new_from_slice(&key).unwrap();
    let (id, time) = (header("webhook-id"), header("webhook-timestamp"));
    mac.update([id.as_bytes(), b".", time.as_bytes(), b".", body].concat().as_slice());
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(header("webhook-signature"), signature);
    assert_eq!(header("content-type"), "application/cloudevents+json");
    id.to_owned()
}

/// A receiver that listens, in a runtime of its own: stopping it breaks its connections.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    runtime: Runtime,
}

impl Receiver {
    /// Starts a receiver; port 0 takes a free one.
    pub(crate) fn start(inbox: &Arc<Inbox>, port: u16) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let take = |State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes| async move {
            inbox.take(&headers, &body)
        };
        let router = Router::new().route("/hook", post(take)).with_state(inbox.clone());
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        Self { address, runtime }
    }

    /// Stops, in the middle of whatever is under way.
    pub(crate) async fn stop(self) {
        let end = move || self.runtime.shutdown_timeout(std::time::Duration::from_secs(10));
        tokio::task::spawn_blocking(end).await.unwrap();
    }
}
