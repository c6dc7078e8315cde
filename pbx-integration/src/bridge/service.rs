//! The service that the scripts report to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use serde_json::json;

use super::Bridge;
use super::auth::{BridgeSecret, authenticate};
use super::deliveries::Admission;
use super::line::Line;
use super::protocol::{self, CommandResult, Head, HeadError, Poll};
use crate::error::Error;
use crate::integration::{Dispatch, EntryPoint, Registry};
use crate::wire::issue::Found;
use crate::wire::{Code, Issue};

/// The time for the integrations, below the 10 s that the script waits.
const WORK_TIME: Duration = Duration::from_secs(8);

/// The time that a poll without commands is held.
const HOLD_TIME: Duration = Duration::from_secs(8);

/// The service that the backend scripts report to: a function from a request to a response, for any web framework.
///
/// Its paths begin with `/v1/` after any prefix. It needs no runtime, and a dropped future leaves no trace.
///
/// 200 means that every integration concerned has stored the payload; otherwise the script sends it again. A repeat
/// of a stored payload is answered 200 and goes to no integration.
#[derive(Clone)]
pub struct BridgeService {
    bridge: Bridge,
    registry: Arc<Registry>,
    observer: Option<Arc<Observer>>,
}

type Observer = dyn Fn(&Dispatch) + Send + Sync;

impl BridgeService {
    pub(super) const fn new(bridge: Bridge, registry: Arc<Registry>) -> Self {
        Self { bridge, registry, observer: None }
    }

    /// Sets a function that sees the receipts and warnings of every payload, such as for a log.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Fn(&Dispatch) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Answers a request of a script.
    // X33
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        match self.answer(&request).await {
            Ok(answer) | Err(answer) => answer.into_response(),
        }
    }

    async fn answer(&self, request: &Request<Bytes>) -> Result<Answer, Answer> {
        let path = request.uri().path();
        let path = path.rfind("/v1/").and_then(|at| path.get(at..)).unwrap_or_default();
        if path.is_empty() {
            return Err(empty(StatusCode::NOT_FOUND));
        }
        if request.method() != Method::POST {
            return Err(empty(StatusCode::METHOD_NOT_ALLOWED));
        }
        let secret = authenticate(self.bridge.secrets(), request.headers())
            .ok_or_else(|| empty(StatusCode::UNAUTHORIZED))?;
        let head = Head::read(request.headers()).map_err(|error| match error {
            HeadError::Version => {
                let body = json!({"error": "protocol", "spoken": [protocol::VERSION]});
                Answer::json(StatusCode::UPGRADE_REQUIRED, &body)
            }
            HeadError::Malformed(name) => bad_request(name),
        })?;
        if request.body().len() > protocol::MAX_BYTES {
            return Err(empty(StatusCode::PAYLOAD_TOO_LARGE));
        }
        if !self.registry.contains(&head.identifier) {
            return Err(empty(StatusCode::NOT_FOUND));
        }
        let line = self.bridge.line(&head.identifier);
        line.state().contact.note(&head, self.bridge.timer().now());
        line.status_changed.notify(usize::MAX);
        let request = Incoming { secret, head, line: &line, body: request.body() };
        match path {
            "/v1/event/ongroup" => self.event(request, EntryPoint::Group).await,
            "/v1/event/onagent" => self.event(request, EntryPoint::Agent).await,
            "/v1/event/oncdr" => self.event(request, EntryPoint::Cdr).await,
            "/v1/http" => self.web_request(request).await,
            "/v1/poll" => self.poll(request).await,
            "/v1/result" => result(&request),
            _ => Err(empty(StatusCode::NOT_FOUND)),
        }
    }

    // X20, X24
    async fn event(
        &self,
        request: Incoming<'_>,
        entry_point: EntryPoint,
    ) -> Result<Answer, Answer> {
        let ticket = match request.line.deliveries.admit(&request.head.delivery) {
            Admission::Known => return Ok(self.commands(&request)),
            Admission::InFlight => return Err(later(1)),
            Admission::Handle(ticket) => ticket,
        };
        let dispatch = self.dispatch(&request, entry_point).await?;
        if !dispatch.all_delivered() {
            return Err(later(5));
        }
        ticket.commit();
        Ok(self.commands(&request))
    }

    // X41
    async fn web_request(&self, request: Incoming<'_>) -> Result<Answer, Answer> {
        let dispatch = self.dispatch(&request, EntryPoint::Http).await?;
        let reply = dispatch.reply.ok_or_else(|| later(5))?;
        let body = json!({
            "status": reply.status, "reason": reply.reason_phrase(), "type": reply.content_type,
            "body": reply.body,
        });
        Ok(Answer::json(StatusCode::OK, &body))
    }

    async fn dispatch(
        &self,
        request: &Incoming<'_>,
        entry_point: EntryPoint,
    ) -> Result<Dispatch, Answer> {
        let tenant = request.head.tenant.as_ref();
        // X21
        if !request.secret.speaks_for(tenant) {
            return Err(empty(StatusCode::FORBIDDEN));
        }
        request.line.state().commands.contact(&request.head.boot);
        let work = Box::pin(self.registry.dispatch_json(entry_point, tenant, request.body));
        let dispatched = match select(work, self.bridge.timer().sleep(WORK_TIME)).await {
            Either::Left((dispatched, _)) => dispatched,
            Either::Right(_) => return Err(later(1)),
        };
        let mut dispatch = dispatched.map_err(|error| refusal(&error))?;
        // X22: the script writes this member first.
        if request.body.starts_with(b"{\"bridge_error\"") {
            let expected = "a payload that can be written as JSON";
            dispatch.warnings.push(Issue::of_payload(Code::BadJson, expected, Found::Text));
        }
        if let Some(observer) = &self.observer {
            observer(&dispatch);
        }
        Ok(dispatch)
    }

    /// The commands that wait, for the answer to an event.
    fn commands(&self, request: &Incoming<'_>) -> Answer {
        let now = self.bridge.timer().now();
        let mut state = request.line.state();
        commands(&state.commands.take(&request.head.boot, request.secret, now))
    }

    // X26, X29
    async fn poll(&self, request: Incoming<'_>) -> Result<Answer, Answer> {
        let Incoming { secret, head, line, body } = request;
        let poll: Poll = serde_json::from_slice(body).unwrap_or_default();
        line.state().contact.note_features(&poll.features);
        let mut hold = self.bridge.timer().sleep(HOLD_TIME);
        let mut is_over = false;
        loop {
            let changed = line.commands_changed.listen();
            let (taken, is_new) = {
                let mut state = line.state();
                let is_new =
                    state.commands.poll(&head.boot).map_err(|_| empty(StatusCode::GONE))?;
                (state.commands.take(&head.boot, secret, self.bridge.timer().now()), is_new)
            };
            if is_new {
                // The poll of the boot that was replaced has to end.
                line.commands_changed.notify(usize::MAX);
            }
            if is_over || !taken.is_empty() {
                return Ok(commands(&taken));
            }
            hold = match select(changed, hold).await {
                Either::Left((_, hold)) => hold,
                Either::Right((_, _)) => {
                    is_over = true;
                    Box::pin(std::future::ready(()))
                }
            };
        }
    }
}

/// A request of a script that is allowed.
struct Incoming<'a> {
    secret: &'a BridgeSecret,
    head: Head,
    line: &'a Line,
    body: &'a Bytes,
}

fn result(request: &Incoming<'_>) -> Result<Answer, Answer> {
    let result: CommandResult =
        serde_json::from_slice(request.body).map_err(|_| bad_request("body"))?;
    request.line.state().commands.finish(result);
    request.line.commands_changed.notify(usize::MAX);
    Ok(commands(&[]))
}

/// An answer of the service.
struct Answer {
    status: StatusCode,
    /// In seconds.
    retry_after: Option<u64>,
    /// JSON, or empty.
    body: String,
}

impl Answer {
    fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self { body: body.to_string(), ..empty(status) }
    }

    fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = self.status;
        let has_body = !response.body().is_empty();
        let headers = response.headers_mut();
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

fn commands(taken: &[String]) -> Answer {
    let body = match taken {
        [] => "{}".to_owned(),
        taken => format!("{{\"commands\":[{}]}}", taken.join(",")),
    };
    Answer { body, ..empty(StatusCode::OK) }
}

fn refusal(error: &Error) -> Answer {
    match error {
        Error::Read(issue) => Answer::json(StatusCode::BAD_REQUEST, &json!({"error": issue})),
        Error::WrongTenant => bad_request("x-bridge-tenant"),
        _ => later(5),
    }
}

fn bad_request(path: &str) -> Answer {
    let error = json!({"code": "bad_request", "path": path, "message": "invalid or missing"});
    Answer::json(StatusCode::BAD_REQUEST, &json!({"error": error}))
}

fn later(seconds: u64) -> Answer {
    Answer { retry_after: Some(seconds), ..empty(StatusCode::SERVICE_UNAVAILABLE) }
}

const fn empty(status: StatusCode) -> Answer {
    Answer { status, retry_after: None, body: String::new() }
}

impl fmt::Debug for BridgeService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeService")
            .field("bridge", &self.bridge)
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
