//! The service that the scripts report to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use serde_json::json;

use super::Bridge;
use super::answer::{Answer, bad_request, commands, empty, later, malformed, refusal};
use super::auth::{BridgeSecret, authenticate};
use super::deliveries::Admission;
use super::line::Line;
use super::protocol::{self, Head, Poll};
use super::status::BridgeStatus;
use crate::definition::Identifier;
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
    load_observer: Option<Arc<LoadObserver>>,
}

type Observer = dyn Fn(&Dispatch) + Send + Sync;
type LoadObserver = dyn Fn(&Identifier, &BridgeStatus) + Send + Sync;

impl BridgeService {
    pub(super) const fn new(bridge: Bridge, registry: Arc<Registry>) -> Self {
        Self { bridge, registry, observer: None, load_observer: None }
    }

    /// Sets a function that sees the receipts and warnings of every payload, such as for a log.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Fn(&Dispatch) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Sets a function that sees the state of a script once after each load, when it has reported the features of the
    /// PBX, such as to log which are [missing](super::Features::missing).
    #[must_use]
    pub fn with_load_observer(
        mut self,
        observer: impl Fn(&Identifier, &BridgeStatus) + Send + Sync + 'static,
    ) -> Self {
        self.load_observer = Some(Arc::new(observer));
        self
    }

    /// Checks path, method and secret of a request before its body is read, as [`handle`](Self::handle) does again.
    ///
    /// # Errors
    ///
    /// The status to refuse the request with.
    pub fn precheck(&self, parts: &Parts) -> Result<(), StatusCode> {
        let checked = self.check(&parts.method, &parts.uri, &parts.headers);
        checked.map(drop).map_err(|refused| refused.status)
    }

    fn check<'a>(
        &self,
        method: &Method,
        uri: &'a Uri,
        headers: &HeaderMap,
    ) -> Result<(&'a str, &BridgeSecret), Answer> {
        let path = path(uri)?;
        if method != Method::POST {
            return Err(empty(StatusCode::METHOD_NOT_ALLOWED));
        }
        Ok((path, self.authenticate(headers)?))
    }

    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<&BridgeSecret, Answer> {
        let found = authenticate(self.bridge.secrets(), headers);
        found.ok_or_else(|| empty(StatusCode::UNAUTHORIZED))
    }

    /// Answers a request of a script.
    // X33
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        match self.answer(&request).await {
            Ok(answer) | Err(answer) => answer.into_response(),
        }
    }

    async fn answer(&self, request: &Request<Bytes>) -> Result<Answer, Answer> {
        let (path, secret) = self.check(request.method(), request.uri(), request.headers())?;
        let (head, line) = self.admit(request.headers())?;
        let request = Incoming { secret, head: &head, line: &line, body: request.body() };
        match path {
            "/v1/poll" => self.poll(&request).await,
            "/v1/http" => self.web_request(&request).await,
            "/v1/result" => {
                self.item(path, &request).await?;
                Ok(commands(&[]))
            }
            path => {
                self.item(path, &request).await?;
                Ok(commands(&line.take(&head.boot, secret)))
            }
        }
    }

    /// Takes the headers of a request that has a secret, and notes it.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<(Head, Arc<Line>), Answer> {
        let head = Head::read(headers).map_err(malformed)?;
        if !self.registry.contains(&head.identifier) {
            return Err(empty(StatusCode::NOT_FOUND));
        }
        let line = self.bridge.line(&head.identifier);
        line.note(&head);
        Ok((head, line))
    }

    /// Takes an item of the script's queue: an event, or the result of a command.
    pub(super) async fn item(&self, path: &str, request: &Incoming<'_>) -> Result<(), Answer> {
        request.check_size()?;
        match path {
            "/v1/event/ongroup" => self.event(request, EntryPoint::Group).await,
            "/v1/event/onagent" => self.event(request, EntryPoint::Agent).await,
            "/v1/event/oncdr" => self.event(request, EntryPoint::Cdr).await,
            "/v1/result" => {
                let result = serde_json::from_slice(request.body);
                request.line.finish(result.map_err(|_| bad_request("body"))?);
                Ok(())
            }
            _ => Err(empty(StatusCode::NOT_FOUND)),
        }
    }

    // X20, X24
    async fn event(&self, request: &Incoming<'_>, entry_point: EntryPoint) -> Result<(), Answer> {
        let ticket = match request.line.deliveries.admit(&request.head.delivery) {
            Admission::Known => return Ok(()),
            Admission::InFlight => return Err(later(1)),
            Admission::Handle(ticket) => ticket,
        };
        let dispatch = self.dispatch(request, entry_point).await?;
        if !dispatch.all_delivered() {
            return Err(later(5));
        }
        ticket.commit();
        Ok(())
    }

    // X41
    async fn web_request(&self, request: &Incoming<'_>) -> Result<Answer, Answer> {
        request.check_size()?;
        let dispatch = self.dispatch(request, EntryPoint::Http).await?;
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

    // X26
    async fn poll(&self, request: &Incoming<'_>) -> Result<Answer, Answer> {
        let Incoming { secret, head, line, body } = *request;
        let poll: Poll = serde_json::from_slice(body).unwrap_or_default();
        line.polled(&head.boot).map_err(|_| empty(StatusCode::GONE))?;
        if line.state().contact.note_features(&head.boot, &poll.features) {
            if let Some(observer) = &self.load_observer {
                observer(&head.identifier, &line.status());
            }
        }
        let mut hold = self.bridge.timer().sleep(HOLD_TIME);
        let mut is_over = false;
        loop {
            let changed = line.commands_changed.listen();
            line.polled(&head.boot).map_err(|_| empty(StatusCode::GONE))?;
            let taken = line.take(&head.boot, secret);
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

/// The path after any prefix.
pub(super) fn path(uri: &Uri) -> Result<&str, Answer> {
    let path = uri.path();
    let path = path.rfind("/v1/").and_then(|at| path.get(at..));
    path.ok_or_else(|| empty(StatusCode::NOT_FOUND))
}

/// A request of a script that is allowed, or a message of its websocket.
#[derive(Clone, Copy)]
pub(super) struct Incoming<'a> {
    pub(super) secret: &'a BridgeSecret,
    pub(super) head: &'a Head,
    pub(super) line: &'a Line,
    pub(super) body: &'a [u8],
}

impl Incoming<'_> {
    fn check_size(&self) -> Result<(), Answer> {
        if self.body.len() > protocol::MAX_BYTES {
            return Err(empty(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Ok(())
    }
}

impl fmt::Debug for BridgeService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeService")
            .field("bridge", &self.bridge)
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
