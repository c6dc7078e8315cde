//! A PBX's lists of subscriptions, and the fates of requests.

use std::collections::BTreeMap;

use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use ucom_events::api::{ApiError, ApiReply, ApiRequest, Body, Flow, Subscription};

/// The fate of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Executed and answered.
    Done,
    /// Refused with a code; not executed.
    Refused(u16),
    /// Executed; the reply has an unreadable body.
    Unreadable,
    /// Executed; the reply is lost.
    LostAfter,
    /// Not executed; no reply.
    LostBefore,
}

/// Subscriptions by the path of their list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pbx {
    pub(crate) lists: BTreeMap<String, Vec<Value>>,
    pub(crate) next_id: u64,
    /// Items of a page; 0 for lists that are not paged.
    pub(crate) page_size: usize,
    pub(crate) posts: usize,
}

pub(crate) fn reply(status: u16, body: &str) -> ApiReply {
    let status = StatusCode::from_u16(status).unwrap();
    ApiReply::new(status, &HeaderMap::new(), body.as_bytes().to_vec())
}

impl Pbx {
    /// Adds a subscription of any integration.
    pub(crate) fn subscribe(&mut self, list: &str, event_type: &str, url: &str) -> u64 {
        self.add(list, &json!({"event_type": event_type, "url": url, "method": "POST"}))
    }

    pub(crate) fn add_with_method(&mut self, list: &str, kind: &str, url: &str, method: &str) {
        self.add(list, &json!({"event_type": kind, "url": url, "method": method}));
    }

    fn add(&mut self, list: &str, spec: &Value) -> u64 {
        self.next_id += 1;
        let mut item = spec.clone();
        item["id"] = self.next_id.into();
        self.lists.entry(list.to_owned()).or_default().push(item);
        self.next_id
    }

    /// The list of an extension.
    pub(crate) fn extension(id: u64) -> String {
        format!("api/ver1.0/extension/{id}/event/")
    }

    pub(crate) fn read(&self, list: &str) -> (Vec<Subscription>, usize) {
        let items = self.lists.get(list).cloned().unwrap_or_default();
        let page: Vec<Subscription> =
            items.into_iter().map(|item| serde_json::from_value(item).unwrap()).collect();
        (page, 0)
    }

    /// Executes a request.
    pub(crate) fn answer(
        &mut self,
        request: &ApiRequest,
        fate: Fate,
    ) -> Result<ApiReply, ApiError> {
        let no_reply = Err(ApiError::NoReply { what: request.what, cause: "cut".to_owned() });
        match fate {
            // The subscription has just gone.
            Fate::Refused(404) if request.method != Method::POST => {
                let mut gone = request.clone();
                gone.method = Method::DELETE;
                self.act(&gone);
                return Ok(reply(404, "{}"));
            }
            Fate::Refused(status) => return Ok(reply(status, "{}")),
            Fate::LostBefore => return no_reply,
            _ => {}
        }
        let done = self.act(request);
        match fate {
            Fate::LostAfter => no_reply,
            Fate::Unreadable if done.is_success() => Ok(reply(done.status.as_u16(), "<html>")),
            _ => Ok(done),
        }
    }

    fn act(&mut self, request: &ApiRequest) -> ApiReply {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let at = path.rfind("event/").map_or(path.len(), |at| at + "event/".len());
        let (list, id) = path.split_at(at);
        let spec = || match &request.body {
            Some(Body::Json(json)) => serde_json::from_slice::<Value>(json).unwrap(),
            other => panic!("no body: {other:?}"),
        };
        let items = self.lists.entry(list.to_owned()).or_default();
        let position = items.iter().position(|item| item["id"].as_u64() == id.parse().ok());
        match (&request.method, position) {
            (&Method::GET, _) => {
                let page = query.split('&').find_map(|pair| pair.strip_prefix("page="));
                let page: usize = page.unwrap().parse().unwrap();
                let shown: Vec<_> = match self.page_size {
                    0 => items.clone(),
                    size => items.iter().skip((page - 1) * size).take(size).cloned().collect(),
                };
                reply(200, &Value::from(shown).to_string())
            }
            (&Method::POST, _) => {
                self.posts += 1;
                let id = self.add(list, &spec());
                reply(201, &json!({"id": id}).to_string())
            }
            (_, None) => reply(404, "{}"),
            (&Method::PUT, Some(at)) => {
                let id = items[at]["id"].clone();
                items[at] = spec();
                items[at]["id"] = id;
                reply(200, "")
            }
            (&Method::DELETE, Some(at)) => {
                assert!(!id.is_empty(), "never all of a list");
                items.remove(at);
                reply(204, "")
            }
            other => panic!("{other:?}"),
        }
    }

    /// Executes a flow; `fate` returns the fate of each request that changes something.
    pub(crate) fn drive(
        &mut self,
        flow: &mut impl Flow,
        mut fate: impl FnMut(&ApiRequest) -> Fate,
    ) {
        let mut requests = 0;
        while let Some(request) = flow.next_request() {
            requests += 1;
            assert!(requests < 10_000, "the flow loops");
            let outcome = self.answer(&request, fate(&request));
            flow.handle(outcome);
        }
    }
}
