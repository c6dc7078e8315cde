//! A PBX that is none: the API over real HTTP, with places and an hourly limit, and events sent out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use ucom_events::{DEFAULT_SUBSCRIPTION_LIMIT, Fields};

const TOKEN: &str = "token-of-the-pretend-pbx";

/// What the PBX has, shared with its server.
#[derive(Clone, Debug)]
pub struct PretendPbx {
    state: Arc<Mutex<PbxState>>,
    client: reqwest::Client,
}

#[derive(Debug)]
struct PbxState {
    extensions: Vec<Value>,
    /// Subscriptions by the path of their list.
    subscriptions: BTreeMap<String, Vec<Value>>,
    next_id: u64,
    requests_left: u64,
    requests: u64,
    deleted_all: bool,
}

impl PretendPbx {
    /// Extensions on one page of the list.
    const PAGE: usize = 3;
    /// Requests of one hour.
    const HOURLY_LIMIT: u64 = 100;

    /// A PBX with extensions, each an id, a short name and a type. Events go out through `client`.
    #[must_use]
    pub fn new(extensions: &[(u64, &str, &str)], client: reqwest::Client) -> Self {
        let extensions = extensions
            .iter()
            .map(|(id, name, kind)| {
                json!({"id": id, "name": format!("453*{name}"), "type": kind, "status": "active",
                    "client_id": 801, "domain": "sip.example.com", "label": null})
            })
            .collect();
        let state = PbxState {
            extensions,
            subscriptions: BTreeMap::new(),
            next_id: 150,
            requests_left: Self::HOURLY_LIMIT,
            requests: 0,
            deleted_all: false,
        };
        Self { state: Arc::new(Mutex::new(state)), client }
    }

    /// The server of the API.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// Puts a subscription onto an extension, as another integration has done long ago.
    pub fn subscribe(&self, extension: u64, event_type: &str, url: &str) {
        let spec = json!({"url": url, "event_type": event_type, "method": "POST"});
        self.state().add(&format!("extension/{extension}/event"), &spec);
    }

    /// The subscriptions whose URLs begin with something.
    #[must_use]
    pub fn subscriptions_below(&self, url: &str) -> Vec<(String, Value)> {
        let state = self.state();
        let all = state.subscriptions.iter().flat_map(|(path, list)| {
            list.iter().map(|subscription| (path.clone(), subscription.clone()))
        });
        all.filter(|(_, subscription)| text(subscription, "url").starts_with(url)).collect()
    }

    /// How many requests the API has had.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// Whether somebody has removed all subscriptions of an extension at once.
    #[must_use]
    pub fn has_deleted_all(&self) -> bool {
        self.state().deleted_all
    }

    /// Leaves so many requests of this hour.
    pub fn leave_requests(&self, left: u64) {
        self.state().requests_left = left;
    }

    /// Sends an event to everybody who has subscribed to it, and tells how many that are.
    ///
    /// # Errors
    ///
    /// If a receiver cannot be reached.
    pub async fn send(
        &self,
        list: &str,
        event_type: &str,
        fields: &Fields,
    ) -> Result<usize, reqwest::Error> {
        let receivers: Vec<_> = self
            .state()
            .subscriptions
            .get(list)
            .into_iter()
            .flatten()
            .filter(|subscription| text(subscription, "event_type") == event_type)
            .map(|subscription| text(subscription, "url").to_owned())
            .collect();
        for url in &receivers {
            self.post(url, fields).await?;
        }
        Ok(receivers.len())
    }

    /// Sends an event to one address, and gives the code of the answer.
    ///
    /// # Errors
    ///
    /// If it cannot be reached.
    pub async fn post(&self, url: &str, fields: &Fields) -> Result<u16, reqwest::Error> {
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(fields.to_form());
        Ok(request.send().await?.status().as_u16())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, PbxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PbxState {
    fn add(&mut self, list: &str, spec: &Value) -> Value {
        let mut subscription = spec.clone();
        subscription["id"] = self.next_id.into();
        self.next_id += 1;
        self.subscriptions.entry(list.to_owned()).or_default().push(subscription.clone());
        subscription
    }

    fn answer(
        &mut self,
        method: &Method,
        path: &str,
        query: &str,
        body: &[u8],
    ) -> (StatusCode, Value) {
        let not_found = (StatusCode::NOT_FOUND, json!({"message": "no such resource"}));
        match (method.as_str(), path) {
            ("GET", "user") => return (StatusCode::OK, json!({"id": 7, "client_id": 801})),
            ("GET", "client/801/client") => {
                return (StatusCode::OK, json!({"id": 801, "prefix": "453", "extension_len": "3"}));
            }
            ("GET", "client/801/extension") => {
                let page = query.strip_prefix("page=").and_then(|page| page.parse().ok());
                let first = (page.unwrap_or(1_usize).max(1) - 1) * PretendPbx::PAGE;
                let page = self.extensions.iter().skip(first).take(PretendPbx::PAGE);
                return (StatusCode::OK, page.cloned().collect());
            }
            _ => {}
        }
        let spec = || serde_json::from_slice::<Value>(body).unwrap_or_default();
        if path.ends_with("/event") {
            return match method.as_str() {
                "GET" => {
                    let list = self.subscriptions.get(path).cloned().unwrap_or_default();
                    (StatusCode::OK, list.into())
                }
                "POST" => {
                    let taken = self.subscriptions.get(path).map_or(0, Vec::len);
                    if taken >= DEFAULT_SUBSCRIPTION_LIMIT {
                        let words = json!({"message": "no free place for an event"});
                        return (StatusCode::CONFLICT, words);
                    }
                    (StatusCode::CREATED, self.add(path, &spec()))
                }
                "DELETE" => {
                    self.deleted_all = true;
                    self.subscriptions.remove(path);
                    (StatusCode::NO_CONTENT, Value::Null)
                }
                _ => not_found,
            };
        }
        let Some((list, id)) = path.rsplit_once('/') else { return not_found };
        let Some(list) = self.subscriptions.get_mut(list) else { return not_found };
        let Some(at) = list.iter().position(|one| one["id"].as_u64() == id.parse().ok()) else {
            return not_found;
        };
        match method.as_str() {
            "PUT" => {
                let mut changed = spec();
                changed["id"] = list[at]["id"].clone();
                list[at] = changed.clone();
                (StatusCode::OK, changed)
            }
            "DELETE" => {
                list.remove(at);
                (StatusCode::NO_CONTENT, Value::Null)
            }
            _ => not_found,
        }
    }
}

async fn answer(
    State(pbx): State<PretendPbx>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = pbx.state();
    state.requests += 1;
    if state.requests_left == 0 {
        let words = json!({"status": "rate_limit_exceeded", "message": "wait for the next hour"});
        return with_rate(StatusCode::TOO_MANY_REQUESTS, 0, &words);
    }
    state.requests_left -= 1;
    let left = state.requests_left;
    if (&method, uri.path()) == (&Method::POST, "/oauth/token") {
        let form = Fields::parse(&body, &ucom_events::Limits::default()).unwrap_or_default();
        let is_known = form.first("client_secret") == Some(b"secret of the application".as_slice());
        return if is_known {
            let token = json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600,
                "scope": "all"});
            with_rate(StatusCode::OK, left, &token)
        } else {
            with_rate(StatusCode::UNAUTHORIZED, left, &json!({"message": "wrong credentials"}))
        };
    }
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    if bearer != Some(&format!("Bearer {TOKEN}")) {
        return with_rate(StatusCode::UNAUTHORIZED, left, &json!({"message": "wrong token"}));
    }
    let Some(path) = uri.path().strip_prefix("/api/ver1.0/") else {
        return with_rate(StatusCode::NOT_FOUND, left, &json!({"message": "no such resource"}));
    };
    let query = uri.query().unwrap_or_default();
    let (status, reply) = state.answer(&method, path.trim_end_matches('/'), query, &body);
    with_rate(status, left, &reply)
}

fn with_rate(status: StatusCode, left: u64, reply: &Value) -> Response {
    let headers = [
        ("x-ratelimit-limit", PretendPbx::HOURLY_LIMIT.to_string()),
        ("x-ratelimit-remaining", left.to_string()),
        ("x-ratelimit-reset", "1800".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    let body = if reply.is_null() { String::new() } else { reply.to_string() };
    (status, headers, body).into_response()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}
