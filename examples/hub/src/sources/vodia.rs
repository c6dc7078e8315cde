//! Vodia: live events and call records through the registry of `pbx-integration`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, header};
use pbx_integration::control::{ControlError as PbxError, NoCallControl};
use pbx_integration::event::{Agent, Party, Phase, Tenant, Timestamps};
use pbx_integration::integration::EntryPoint;
use pbx_integration::report::{CallDirection, Disposition, StateClass};
use pbx_integration::settings::MemorySettings;
use pbx_integration::wire::Timestamp;
use pbx_integration::{
    AgentEvent, CallControl, CallId, Cdr, Context, Coverage, EndCall, Error, GroupEvent,
    Identifier, Integration, Registry, StartCall,
};
use tokio::time::Instant;
use url::Url;
use voip_module::{HttpTransport as _, Secret};

use super::book::{Book, Entry, MAX_SILENCE};
use super::clock::{arrival, arrived_at};
use super::{Control, ControlError, Receiver};
use crate::config::Vodia;
use crate::http_client::HttpClient;
use crate::timeline::{Call, Direction, Micros, Outcome, State, StepKind};

pub(crate) struct VodiaSource {
    book: Arc<Book<()>>,
    registry: Registry,
    token: Secret,
    tenant: Option<Tenant>,
    control: Option<HttpCallControl>,
}

impl VodiaSource {
    pub(crate) fn new(config: &Vodia, book: Book<()>, client: HttpClient) -> Result<Self, String> {
        let book = Arc::new(book);
        let control = config.control.clone().map(|url| HttpCallControl {
            client,
            url,
            token: config.token.clone(),
        });
        let registry = Registry::new(Arc::new(MemorySettings::new()), Arc::new(NoCallControl));
        let identifier = Identifier::new("hub").map_err(|error| error.to_string())?;
        registry
            .register(identifier, Coverage::everywhere(), Log(book.clone()))
            .map_err(|error| error.to_string())?;
        let tenant = Tenant::new(&config.tenant);
        if tenant.is_none() {
            return Err("tenant: expected a DNS name, found another text".into());
        }
        Ok(Self { book, registry, token: config.token.clone(), tenant, control })
    }

    pub(crate) const fn can_control(&self) -> bool {
        self.control.is_some()
    }

    /// Ends calls of which nothing was heard for long.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            second.tick().await;
            self.book.report(self.book.sweep(Instant::now(), Entry::lose).await);
        }
    }

    fn entry_point(&self, path: &str) -> Option<EntryPoint> {
        let rest = path.strip_prefix("/in/")?.strip_prefix(self.book.source())?;
        rest.strip_prefix('/')?.parse().ok().filter(|point| *point != EntryPoint::Http)
    }
}

#[async_trait]
impl Receiver for VodiaSource {
    fn secrets(&self) -> Vec<Secret> {
        vec![self.token.clone()]
    }

    fn check(&self, parts: &Parts) -> Result<(), StatusCode> {
        let presented = parts.headers.get(header::AUTHORIZATION);
        let presented = presented.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        if !presented.is_some_and(|presented| self.token.matches(presented)) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        if parts.method != Method::POST {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        self.entry_point(parts.uri.path()).map(drop).ok_or(StatusCode::NOT_FOUND)
    }

    async fn handle(&self, request: Request<Bytes>, at: Micros) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        let Some(point) = self.entry_point(request.uri().path()) else {
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        };
        let work = self.registry.dispatch_json(point, self.tenant.as_ref(), request.body());
        let status = match arrived_at(at, work).await {
            Ok(dispatch) => {
                for receipt in dispatch.failures() {
                    tracing::warn!(source = self.book.source(), %receipt, "an event was not taken");
                }
                dispatch.status()
            }
            Err(error) => {
                tracing::warn!(source = self.book.source(), %error, "an event cannot be read");
                *response.body_mut() = error.to_string().into();
                error.status()
            }
        };
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        response
    }

    async fn replayed(&self) {
        self.book.report(self.book.replayed().await);
    }
}

/// The integration that writes the hub's log.
struct Log(Arc<Book<()>>);

#[async_trait]
impl Integration for Log {
    async fn on_group(&self, _: &Context, event: GroupEvent) -> Result<(), Error> {
        let (live, source) = (self.0.live(), self.0.source());
        let group = event.group.as_ref();
        if let Some(number) = group.and_then(|group| group.number.as_deref()) {
            live.name_queue(source, number, group.and_then(|group| group.name.as_deref()));
        }
        event.ringing.iter().chain(&event.agent).for_each(|agent| self.name(agent));
        let (phase, at) = (event.phase(), arrival());
        let start = Start {
            inbound: event.inbound,
            caller: event.caller.as_ref(),
            callee: event.callee.as_ref(),
            times: event.timestamps.as_ref(),
        };
        let change = |known| {
            let mut entry = start.open(source, &event.callid, known, at)?;
            let call = &mut entry.call;
            let number = group.and_then(|group| group.number.clone());
            if let Some(number) = number
                && call.queue.is_none()
            {
                call.step(call.started_at_us, StepKind::Queued, Some(&number));
                call.queue = Some(number);
            }
            for agent in event.ringing.iter().filter_map(|agent| agent.number.as_deref()) {
                if !call.rang.iter().any(|rang| rang == agent) {
                    call.add_rang(agent);
                    call.step(at, StepKind::Rang, Some(agent));
                }
            }
            let agent = event.agent.as_ref().and_then(|agent| agent.number.as_deref());
            progress(call, phase, agent, start.times, at, Outcome::Abandoned);
            Some(entry)
        };
        self.0.change(&event.callid, change).await.map_err(Error::other)
    }

    async fn on_agent(&self, _: &Context, event: AgentEvent) -> Result<(), Error> {
        event.agent.iter().for_each(|agent| self.name(agent));
        let (source, phase, at) = (self.0.source(), event.phase(), arrival());
        let agent = event.agent.as_ref().and_then(|agent| agent.number.as_deref());
        let start = Start {
            inbound: event.inbound,
            caller: event.caller.as_ref(),
            callee: event.callee.as_ref(),
            times: event.timestamps.as_ref(),
        };
        let is_of_group = event.group.is_some();
        let change = |known: Option<Entry<()>>| {
            let mut entry = start.open(source, &event.callid, known, at)?;
            let call = &mut entry.call;
            // The agent's own end is not that of a call that waits in a group.
            if is_of_group && phase == Phase::Ended && call.answered_by.as_deref() != agent {
                return None;
            }
            let is_caller = event.inbound == Some(false);
            if is_caller {
                call.placed_by = agent.map(str::to_owned).or_else(|| call.placed_by.take());
            } else if let Some(agent) = agent
                && phase == Phase::Ringing
                && !call.rang.iter().any(|rang| rang == agent)
            {
                call.add_rang(agent);
                call.step(at, StepKind::Rang, Some(agent));
            }
            progress(call, phase, agent.filter(|_| !is_caller), start.times, at, Outcome::Missed);
            Some(entry)
        };
        self.0.change(&event.callid, change).await.map_err(Error::other)
    }

    async fn on_cdr(&self, _: &Context, cdr: Cdr) -> Result<(), Error> {
        let source = self.0.source();
        let change = |known: Option<Entry<()>>| {
            let call = call_of(source, &cdr, known.map(|entry| entry.call), arrival());
            Some(Entry { call, notes: (), due: Instant::now() + MAX_SILENCE })
        };
        self.0.change(&cdr.callid, change).await.map_err(Error::other)
    }
}

impl Log {
    fn name(&self, agent: &Agent) {
        if let Some(number) = &agent.number {
            self.0.live().name_user(self.0.source(), number, agent.name.as_deref());
        }
    }
}

/// The facts about the whole call in both kinds of live events.
struct Start<'a> {
    inbound: Option<bool>,
    caller: Option<&'a Party>,
    callee: Option<&'a Party>,
    times: Option<&'a Timestamps>,
}

impl Start<'_> {
    /// The call, which the event may begin; `None` if it has ended.
    fn open(
        &self,
        source: &str,
        id: &str,
        known: Option<Entry<()>>,
        at: Micros,
    ) -> Option<Entry<()>> {
        let due = Instant::now() + MAX_SILENCE;
        if let Some(known) = known {
            return known.call.is_open().then_some(Entry { due, ..known });
        }
        let started = self.times.and_then(|times| times.start).map_or(at, micros);
        let direction = match self.inbound {
            Some(false) => Direction::Outbound,
            _ => Direction::Inbound,
        };
        let mut call = Call::new(source, id, direction, started);
        let number = |party: Option<&Party>| party.and_then(|party| party.number.clone());
        let (customer, own) = match direction {
            Direction::Outbound => (self.callee, self.caller),
            _ => (self.caller, self.callee),
        };
        call.customer = number(customer.filter(|party| !party.is_anonymous())).unwrap_or_default();
        call.customer_name = customer.and_then(|party| party.name.clone());
        call.called_number = number(self.callee).unwrap_or_default();
        if direction == Direction::Outbound {
            call.placed_by = number(own);
        }
        Some(Entry { call, notes: (), due })
    }
}

/// Brings a call to a phase.
fn progress(
    call: &mut Call,
    phase: Phase,
    agent: Option<&str>,
    times: Option<&Timestamps>,
    at: Micros,
    unanswered: Outcome,
) {
    match phase {
        Phase::Connected => {
            if call.answered_at_us.is_none() {
                // Not the event's `connect`: a queue connects too.
                call.answered_at_us = Some(at);
                call.answered_by = agent.map(str::to_owned);
                call.wait_us = Some((at - call.started_at_us).max(0));
                call.step(at, StepKind::Answered, agent);
            }
            call.state = State::Talking;
        }
        Phase::Ended => {
            let ended = times.and_then(|times| times.end).map_or(at, micros);
            let is_answered = call.answered_at_us.is_some();
            call.end(ended, if is_answered { Outcome::Answered } else { unanswered });
        }
        _ if call.answered_at_us.is_some() => call.state = State::Talking,
        Phase::Ringing => call.state = State::Ringing,
        _ => call.state = State::Waiting,
    }
}

const fn micros(time: Timestamp) -> Micros {
    time.as_millis().saturating_mul(1_000)
}

/// A call as its record has it; what the record leaves out is kept.
fn call_of(source: &str, cdr: &Cdr, known: Option<Call>, at: Micros) -> Call {
    let length = |time: Duration| Micros::try_from(time.as_micros()).unwrap_or(Micros::MAX);
    let summary = cdr.summary();
    let ended = cdr.end.map(micros);
    let started = cdr.start.map(micros).or(ended).unwrap_or(at);
    let direction = match summary.direction {
        CallDirection::Outbound => Direction::Outbound,
        CallDirection::Internal => Direction::Internal,
        _ => Direction::Inbound,
    };
    let mut call = Call::new(source, &cdr.callid, direction, started);
    if let Some(known) = &known {
        (call.customer, call.customer_name) = (known.customer.clone(), known.customer_name.clone());
        (call.called_number, call.queue) = (known.called_number.clone(), known.queue.clone());
        call.rang.clone_from(&known.rang);
    }
    if let Some(customer) = &summary.customer {
        call.customer = customer.number.clone().unwrap_or_default();
        call.customer_name = customer.name.clone().or(call.customer_name);
    }
    if let Some(number) = cdr.to.as_ref().and_then(|to| to.number()) {
        call.called_number = number.into_owned();
    }
    call.placed_by.clone_from(&summary.originator);
    for state in cdr.states.iter().filter(|state| state.is_queue()) {
        if let (Some(account), Some(start)) = (&state.account, state.start) {
            call.queue.get_or_insert_with(|| account.clone());
            call.step(micros(start), StepKind::Queued, Some(account));
        }
    }
    for leg in cdr.extension_legs.iter().filter(|leg| !leg.is_from_extension()) {
        if let (Some(extension), Some(start)) = (&leg.extension, leg.start) {
            call.add_rang(extension);
            call.step(micros(start), StepKind::Rang, Some(extension));
        }
    }
    let mut answers = cdr.extension_legs.iter().filter(|leg| {
        leg.is_answered() && !leg.is_from_extension() && leg.extension == summary.agent
    });
    let answered = answers.next().and_then(|leg| leg.connect).map(micros);
    let outside = || cdr.trunk_legs.iter().find_map(|leg| leg.connect).map(micros);
    let (outcome, answered) = match summary.disposition {
        Disposition::Answered => {
            let known = known.as_ref().and_then(|known| known.answered_at_us);
            (Outcome::Answered, answered.or(known).or_else(outside).or(Some(started)))
        }
        Disposition::Voicemail => (Outcome::Voicemail, None),
        Disposition::AbandonedWaiting | Disposition::AbandonedRinging => (Outcome::Abandoned, None),
        Disposition::Busy => (Outcome::Busy, None),
        Disposition::Declined | Disposition::Canceled | Disposition::NoAnswer => {
            (Outcome::Missed, None)
        }
        Disposition::Failed(_) => (Outcome::Failed, None),
        _ => (Outcome::Unknown, None),
    };
    if let Some(answered) = answered {
        call.answered_at_us = Some(answered);
        call.answered_by.clone_from(&summary.agent);
        call.step(answered, StepKind::Answered, summary.agent.as_deref());
        call.talk_us = Some(length(summary.talk));
    }
    let waits = cdr.states.iter().filter(|state| state.class() == StateClass::Person);
    let wait = waits.map(|state| state.wait()).next();
    call.wait_us = wait.filter(|wait| !wait.is_zero()).map(length);
    call.recording = cdr.recordings.iter().find_map(|recording| recording.file.clone());
    let ended = ended.or_else(|| known.and_then(|known| known.ended_at_us)).unwrap_or(started);
    if outcome == Outcome::Voicemail {
        call.step(ended, StepKind::Voicemail, None);
    }
    call.end(ended, outcome);
    call
}

/// Call control of a service over HTTP: `startCall` and `endCall`, as JSON.
#[derive(Clone, Debug)]
struct HttpCallControl {
    client: HttpClient,
    url: Url,
    token: Secret,
}

impl HttpCallControl {
    async fn post(&self, name: &str, body: String) -> Result<(StatusCode, Bytes), PbxError> {
        let base = self.url.as_str().trim_end_matches('/');
        let request = Request::post(format!("{base}/{name}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose()))
            .body(Bytes::from(body))
            .map_err(|error| PbxError::Unreachable(Box::new(error)))?;
        let response = self.client.send(request).await;
        let response = response.map_err(|error| PbxError::Unreachable(Box::new(error)))?;
        Ok((response.status(), response.into_body()))
    }
}

#[async_trait]
impl CallControl for HttpCallControl {
    async fn start_call(&self, call: &StartCall) -> Result<CallId, PbxError> {
        let body = serde_json::to_string(call).unwrap_or_default();
        match self.post("startCall", body).await? {
            (status, body) if status.is_success() => serde_json::from_slice(&body)
                .map_err(|error| PbxError::Unreachable(Box::new(error))),
            (status, _) => Err(PbxError::Refused { code: status.as_u16() }),
        }
    }

    async fn end_call(&self, end: &EndCall) -> Result<(), PbxError> {
        let body = serde_json::to_string(end).unwrap_or_default();
        match self.post("endCall", body).await? {
            (status, _) if status.is_success() => Ok(()),
            (StatusCode::NOT_FOUND, _) => Err(PbxError::NotFound),
            (status, _) => Err(PbxError::Refused { code: status.as_u16() }),
        }
    }
}

#[async_trait]
impl Control for VodiaSource {
    async fn call(&self, from: &str, to: &str) -> Result<Option<String>, ControlError> {
        let control = self.control.as_ref().ok_or(ControlError::Unsupported)?;
        let tenant = self.tenant.as_ref().ok_or(ControlError::Unsupported)?;
        let call = StartCall::builder(tenant, to).user(from).build();
        let call = call.map_err(|error| ControlError::Invalid(error.to_string()))?;
        Ok(Some(control.start_call(&call).await?.to_string()))
    }

    async fn hang_up(&self, id: &str) -> Result<(), ControlError> {
        let control = self.control.as_ref().ok_or(ControlError::Unsupported)?;
        let end = EndCall::builder(id).build();
        let end = end.map_err(|error| ControlError::Invalid(error.to_string()))?;
        Ok(control.end_call(&end).await?)
    }
}

impl From<PbxError> for ControlError {
    fn from(error: PbxError) -> Self {
        match error {
            PbxError::NotFound => Self::NotFound,
            PbxError::Invalid(error) => Self::Invalid(error.to_string()),
            PbxError::Unreachable(_) => Self::Unreachable,
            error => Self::Refused(error.to_string()),
        }
    }
}
