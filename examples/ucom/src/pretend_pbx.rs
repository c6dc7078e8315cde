//! A mock PBX: the API over real HTTP, with pages, places, an hourly limit and faults, and events
//! sent out.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};

const TOKEN: &str = "token-of-the-pretend-pbx";

/// The secret that the pretend PBX exchanges for a token.
pub const SECRET: &str = "secret of the application";

/// A fault of requests whose method and path match.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Refused with a code; not executed.
    Refuse(u16),
    /// Executed, and answered with HTML.
    Html,
    /// Executed, and the connection is cut.
    Cut,
}

/// The contents of the PBX, shared with its server.
#[derive(Clone, Debug, Default)]
pub struct PretendPbx(Arc<Mutex<Contents>>);

/// Inside a [`PretendPbx`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Contents {
    /// Extensions, agents and numbers, by the path of their list below the client.
    pub lists: BTreeMap<&'static str, Vec<Value>>,
    /// Subscriptions by the path of their list.
    pub subscriptions: BTreeMap<String, Vec<Value>>,
    /// Items of a page; 0 for a server that ignores pages.
    pub page_size: usize,
    /// Places of a list of subscriptions.
    pub places: usize,
    /// Remaining requests of this hour.
    pub requests_left: u64,
    /// Faults: method, part of the path, kind, and number of times.
    pub faults: Vec<(Method, String, Fault, usize)>,
    /// Received requests: method and path.
    pub asked: Vec<String>,
    next_id: u64,
}

impl Default for Contents {
    fn default() -> Self {
        Self {
            lists: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            page_size: 100,
            places: 16,
            requests_left: 1_000,
            faults: Vec::new(),
            asked: Vec::new(),
            next_id: 150,
        }
    }
}

impl PretendPbx {
    /// A PBX with extensions, each an id, a short name, a type and a label.
    #[must_use]
    pub fn new(extensions: &[(u64, &str, &str, &str)]) -> Self {
        let pbx = Self::default();
        let extensions = extensions.iter().map(|(id, name, kind, label)| {
            json!({"id": id, "name": format!("453*{name}"), "type": kind, "status": "active",
                "client_id": 801, "label": label})
        });
        pbx.contents().lists.insert("extension", extensions.collect());
        pbx.contents().lists.insert("did", vec![json!({"name": "78125550100"})]);
        pbx
    }

    /// Returns the contents.
    pub fn contents(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes requests fail: the next `times` whose method and path match.
    pub fn fail(&self, method: Method, path: &str, fault: Fault, times: usize) {
        self.contents().faults.push((method, path.to_owned(), fault, times));
    }

    /// Serves the API on the loopback.
    ///
    /// # Errors
    ///
    /// If no port is available.
    pub async fn serve(&self) -> io::Result<SocketAddr> {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = socket.local_addr()?;
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        Ok(address)
    }

    /// Adds a subscription of any integration to an extension.
    pub fn subscribe(&self, extension: u64, event_type: &str, url: &str) {
        let spec = json!({"url": url, "event_type": event_type, "method": "POST"});
        self.contents().add(&format!("extension/{extension}/event"), &spec);
    }

    /// The URLs of subscriptions to an event of a list.
    #[must_use]
    pub fn receivers(&self, list: &str, event_type: &str) -> Vec<String> {
        let contents = self.contents();
        let all = contents.subscriptions.get(list).into_iter().flatten();
        all.filter(|item| item["event_type"] == event_type)
            .filter_map(|item| item["url"].as_str().map(str::to_owned))
            .collect()
    }
}

impl Contents {
    fn add(&mut self, list: &str, spec: &Value) -> Value {
        let mut item = spec.clone();
        item["id"] = self.next_id.into();
        self.next_id += 1;
        self.subscriptions.entry(list.to_owned()).or_default().push(item.clone());
        item
    }

    fn page(&self, items: &[Value], query: &str) -> Value {
        let page = query.split('&').find_map(|pair| pair.strip_prefix("page="));
        let page = page.and_then(|page| page.parse().ok()).unwrap_or(1_usize).max(1);
        match self.page_size {
            0 => items.to_vec().into(),
            size => items.iter().skip((page - 1) * size).take(size).cloned().collect(),
        }
    }

    fn act(&mut self, method: &Method, path: &str, query: &str, body: &[u8]) -> (u16, Value) {
        let not_found = (404, json!({"message": "no such resource"}));
        match (method.as_str(), path) {
            ("GET", "user") => return (200, json!({"id": 7, "client_id": 801})),
            ("GET", "client/801/client") => {
                return (200, json!({"prefix": "453", "extension_len": "3"}));
            }
            _ => {}
        }
        if let Some(list) = path.strip_prefix("client/801/").and_then(|list| self.lists.get(list)) {
            return (200, self.page(list, query));
        }
        let spec = || serde_json::from_slice::<Value>(body).unwrap_or_default();
        if path.ends_with("/event") || path.ends_with("phone_events") {
            let list = self.subscriptions.entry(path.to_owned()).or_default().clone();
            return match method.as_str() {
                "GET" => (200, self.page(&list, query)),
                "POST" if list.len() >= self.places => (409, json!({"message": "no free place"})),
                "POST" => (201, self.add(path, &spec())),
                _ => not_found,
            };
        }
        let Some((list, id)) = path.rsplit_once('/') else { return not_found };
        let Some(list) = self.subscriptions.get_mut(list) else { return not_found };
        let Some(at) = list.iter().position(|item| item["id"].as_u64() == id.parse().ok()) else {
            return not_found;
        };
        match method.as_str() {
            "PUT" => {
                let id = list[at]["id"].clone();
                list[at] = spec();
                list[at]["id"] = id;
                (200, list[at].clone())
            }
            "DELETE" => {
                list.remove(at);
                (204, Value::Null)
            }
            _ => not_found,
        }
    }

    /// The fault of a request.
    fn fault(&mut self, method: &Method, path: &str) -> Option<Fault> {
        let is_met = |fault: &&mut (Method, String, Fault, usize)| {
            fault.0 == *method && path.contains(&fault.1) && fault.3 > 0
        };
        let fault = self.faults.iter_mut().find(is_met)?;
        fault.3 -= 1;
        Some(fault.2.clone())
    }
}

async fn answer(
    State(pbx): State<PretendPbx>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut contents = pbx.contents();
    let path = uri.path().trim_start_matches("/api/ver1.0/").trim_end_matches('/').to_owned();
    contents.asked.push(format!("{method} {path}"));
    if contents.requests_left == 0 {
        return reply(429, 0, &json!({"status": "rate_limit_exceeded"}));
    }
    contents.requests_left -= 1;
    let left = contents.requests_left;
    if uri.path() == "/oauth/token" {
        let is_known = String::from_utf8_lossy(&body).contains(&SECRET.replace(' ', "+"));
        return match is_known {
            true => reply(200, left, &json!({"access_token": TOKEN, "expires_in": 3600})),
            false => reply(401, left, &json!({"message": "wrong credentials"})),
        };
    }
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    if bearer != Some(&format!("Bearer {TOKEN}")) {
        return reply(401, left, &json!({"message": "wrong token"}));
    }
    let fault = contents.fault(&method, &path);
    if let Some(Fault::Refuse(code)) = fault {
        return reply(code, left, &json!({"message": "Anna +79215550142"}));
    }
    let (code, value) = contents.act(&method, &path, uri.query().unwrap_or_default(), &body);
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match fault {
        Some(Fault::Html) => (status, "<html>done</html>").into_response(),
        Some(Fault::Cut) => {
            let cut = stream::once(async { Err::<Bytes, _>(io::Error::other("cut")) });
            (status, Body::from_stream(cut)).into_response()
        }
        _ => reply(code, left, &value),
    }
}

fn reply(code: u16, left: u64, value: &Value) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        ("x-ratelimit-limit", "1000".to_owned()),
        ("x-ratelimit-remaining", left.to_string()),
        ("x-ratelimit-reset", "1800".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    let body = if value.is_null() { String::new() } else { value.to_string() };
    (status, headers, body).into_response()
}
