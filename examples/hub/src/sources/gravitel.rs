//! Gravitel: pushes through the router of `voip-module`, legs folded to calls.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use tokio::time::Instant;
use voip_module::gravitel::{GravitelConfig, GravitelProvider};
use voip_module::router::{Notice, SinkError, TokioTimer};
use voip_module::{
    Delivery, Secret, Sink, Token, VoipCallDirection, VoipCallDisposition, VoipCallRecord,
    VoipProvider as _, VoipWebhookEvent, VoipWebhookRequest, WebhookRouter,
};

use super::book::{Book, Entry, MAX_SILENCE};
use super::clock::{ReplayClock, arrival, arrived_at};
use super::{Control, ControlError, Receiver};
use crate::config::Gravitel;
use crate::http_client::HttpClient;
use crate::timeline::{Call, Direction, Micros, Outcome, State, StepKind, User};

/// Time for another phone to ring, or for the record to come, after all have stopped.
const LINGER: Duration = Duration::from_secs(30);

type Provider = Arc<GravitelProvider<HttpClient>>;

pub(crate) struct GravitelSource {
    book: Arc<Book<Legs>>,
    router: WebhookRouter<Provider>,
    clock: ReplayClock,
    provider: Provider,
    token: Secret,
    has_commands: bool,
}

/// The operators' legs of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legs {
    ringing: BTreeSet<String>,
    talking: BTreeSet<String>,
}

impl GravitelSource {
    pub(crate) fn new(
        config: &Gravitel,
        book: Book<Legs>,
        client: HttpClient,
    ) -> Result<Self, voip_module::Error> {
        let (endpoint, api_key) = match &config.commands {
            Some((endpoint, api_key)) => (endpoint.to_string(), api_key.clone()),
            None => (String::new(), Secret::default()),
        };
        let gravitel =
            GravitelConfig::new(endpoint, api_key).with_crm_key(config.token.clone()).with_http();
        let provider = Arc::new(GravitelProvider::new(gravitel, client));
        let (book, clock) = (Arc::new(book), ReplayClock::default());
        let router = WebhookRouter::new(provider.clone(), Token::new(config.token.clone())?)
            .path(format!("/in/{}", book.source()))
            .clock(clock.clone())
            .timer(TokioTimer)
            .deadlines(Duration::from_secs(5), Duration::from_secs(15))
            .sink(CallSink(book.clone()));
        let has_commands = config.commands.is_some();
        Ok(Self { book, router, clock, provider, token: config.token.clone(), has_commands })
    }

    pub(crate) const fn can_call(&self) -> bool {
        self.has_commands
    }

    /// Asks for the operators until the PBX has named them; then ends calls whose time has come.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        let mut asks = Instant::now();
        loop {
            second.tick().await;
            if self.has_commands && asks <= Instant::now() {
                asks = match self.provider.members().await {
                    Ok(members) => {
                        let users = members.into_iter().map(|member| User {
                            source: self.book.source().into(),
                            id: member.id,
                            name: member.label,
                            ..User::default()
                        });
                        self.book.live().set_users(self.book.source(), users.collect());
                        self.book.live().has_spoken(self.book.source());
                        Instant::now() + Duration::from_secs(3600)
                    }
                    Err(error) => {
                        tracing::warn!(source = self.book.source(), %error, "no operators");
                        Instant::now() + Duration::from_secs(10)
                    }
                };
            }
            let end = |entry: &mut Entry<Legs>| match &entry.call {
                call if call.answered_at_us.is_none() && entry.notes.is_empty() => {
                    let last = call.steps.last().map_or(call.started_at_us, |step| step.at_us);
                    entry.call.end(last, Outcome::Missed);
                }
                _ => entry.lose(),
            };
            if let Err(error) = self.book.sweep(Instant::now(), end).await {
                tracing::warn!(source = self.book.source(), %error, "calls are not ended");
            }
        }
    }
}

#[async_trait]
impl Receiver for GravitelSource {
    fn secrets(&self) -> Option<Vec<Secret>> {
        // Both plain and in the encoding of forms and queries.
        let encoded: String =
            url::form_urlencoded::byte_serialize(self.token.expose().as_bytes()).collect();
        Some(vec![Secret::new(encoded), self.token.clone()])
    }

    fn check(&self, parts: &Parts) -> Result<(), StatusCode> {
        self.router.precheck(parts).map_err(|refusal| refusal.status)
    }

    async fn handle(&self, request: Request<Bytes>, at: Micros) -> Response<Bytes> {
        self.clock.replay(at);
        arrived_at(at, self.router.handle(request)).await
    }

    async fn replayed(&self) {
        self.clock.start(self.book.now());
        self.book.report(self.book.replayed().await);
    }
}

#[async_trait]
impl Control for GravitelSource {
    async fn call(&self, from: &str, to: &str) -> Result<Option<String>, ControlError> {
        if !self.has_commands {
            return Err(ControlError::Unsupported);
        }
        match self.provider.client().make_call(to, from, None).await {
            Ok(id) => Ok(id),
            Err(error @ voip_module::Error::InvalidArgument { .. }) => {
                Err(ControlError::Invalid(error.to_string()))
            }
            Err(error) => Err(ControlError::Refused(error.to_string())),
        }
    }

    async fn hang_up(&self, _: &str) -> Result<(), ControlError> {
        // Gravitel has no such command.
        Err(ControlError::Unsupported)
    }
}

struct CallSink(Arc<Book<Legs>>);

#[async_trait]
impl Sink for CallSink {
    async fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let at = arrival().unwrap_or_else(|| self.0.now());
        let Some(id) = call_id(delivery) else {
            tracing::warn!(source = self.0.source(), "a push without a call id has no call");
            return Ok(());
        };
        if let Some(event) = &delivery.event {
            let (_, operator) = parties(event.direction, &event.src_phone, &event.dst_phone);
            if !operator.is_empty() {
                self.0.live().name_user(self.0.source(), operator, None);
            }
        }
        let source = self.0.source().to_owned();
        Ok(self.0.change(id, |known| fold(&source, id, known, delivery, at)).await?)
    }
}

fn call_id(delivery: &Delivery) -> Option<&str> {
    let of_notice = match &delivery.notice {
        Some(
            Notice::Transferred { call_id, .. }
            | Notice::LegMissed { call_id, .. }
            | Notice::Recording { call_id, .. },
        ) => call_id.as_deref(),
        _ => None,
    };
    let event = delivery.event.as_ref().and_then(|event| event.call_id.as_deref());
    let record = delivery.record.as_ref().and_then(|record| record.call_id.as_deref());
    event.or(record).or(of_notice).filter(|id| !id.is_empty())
}

/// The client's number and the operator.
fn parties<'a>(direction: VoipCallDirection, src: &'a str, dst: &'a str) -> (&'a str, &'a str) {
    match direction {
        VoipCallDirection::Out => (dst, src),
        _ => (src, dst),
    }
}

const fn direction(direction: VoipCallDirection) -> Direction {
    match direction {
        VoipCallDirection::Out => Direction::Outbound,
        VoipCallDirection::Internal => Direction::Internal,
        _ => Direction::Inbound,
    }
}

fn fold(
    source: &str,
    id: &str,
    known: Option<Entry<Legs>>,
    delivery: &Delivery,
    at: Micros,
) -> Option<Entry<Legs>> {
    let stated = delivery.event.as_ref().map(|event| event.direction);
    let stated = stated.or_else(|| delivery.record.as_ref().map(|record| record.direction));
    let due = Instant::now() + MAX_SILENCE;
    let mut entry = match known {
        Some(known) => Entry { due, ..known },
        // A notice alone does not show which way the call goes.
        None => Entry {
            call: Call::new(source, id, direction(stated?), at),
            notes: Legs::default(),
            due,
        },
    };
    if let Some(event) = &delivery.event {
        entry.event(event, at);
    }
    match &delivery.notice {
        Some(Notice::Transferred { operator, .. }) => {
            entry.call.step(at, StepKind::Transferred, operator.as_deref());
        }
        Some(Notice::Recording { call, .. }) => entry.call.recording = link(call),
        _ => {}
    }
    if let Some(record) = &delivery.record {
        entry.record(record, at);
    }
    Some(entry)
}

fn link(call: &voip_module::CallData) -> Option<String> {
    call.get("link")?.as_str().map(str::to_owned)
}

impl Legs {
    fn is_empty(&self) -> bool {
        self.ringing.is_empty() && self.talking.is_empty()
    }
}

impl Entry<Legs> {
    fn event(&mut self, event: &VoipWebhookRequest, at: Micros) {
        let (client, operator) = parties(event.direction, &event.src_phone, &event.dst_phone);
        let is_outbound = event.direction == VoipCallDirection::Out;
        let (call, legs) = (&mut self.call, &mut self.notes);
        if call.customer.is_empty() {
            client.clone_into(&mut call.customer);
        }
        match event.event {
            VoipWebhookEvent::NotifyStart | VoipWebhookEvent::NotifyAnswer if !call.is_open() => {
                reopen(call);
            }
            _ => {}
        }
        match event.event {
            VoipWebhookEvent::NotifyStart => {
                legs.ringing.insert(operator.to_owned());
                if is_outbound {
                    call.placed_by.get_or_insert_with(|| operator.to_owned());
                    client.clone_into(&mut call.called_number);
                } else if !operator.is_empty() {
                    call.add_rang(operator);
                    call.step(at, StepKind::Rang, Some(operator));
                }
                if legs.talking.is_empty() {
                    call.state = State::Ringing;
                }
            }
            VoipWebhookEvent::NotifyAnswer => {
                legs.ringing.remove(operator);
                legs.talking.insert(operator.to_owned());
                let who = Some(operator).filter(|who| !is_outbound && !who.is_empty());
                call.answered_at_us.get_or_insert(at);
                if call.answered_by.is_none() {
                    call.answered_by = who.map(str::to_owned);
                }
                call.wait_us = call.answered_at_us.map(|answered| answered - call.started_at_us);
                call.step(at, StepKind::Answered, who);
                call.state = State::Talking;
            }
            VoipWebhookEvent::NotifyEnd => {
                legs.ringing.remove(operator);
                legs.talking.remove(operator);
                if !legs.talking.is_empty() || !call.is_open() {
                } else if !legs.ringing.is_empty() {
                    call.state = State::Ringing;
                } else if call.answered_at_us.is_some() {
                    call.end(at, Outcome::Answered);
                } else if is_outbound {
                    call.end(at, Outcome::Missed);
                } else {
                    // The next phone of a hunt group may ring, or the record say how it ended.
                    call.state = State::Waiting;
                    self.due = Instant::now() + LINGER;
                }
            }
            _ => {}
        }
    }

    fn record(&mut self, record: &VoipCallRecord, at: Micros) {
        let (client, operator) = parties(record.direction, &record.src_phone, &record.dst_phone);
        let is_outbound = record.direction == VoipCallDirection::Out;
        let call = &mut self.call;
        call.direction = direction(record.direction);
        if call.customer.is_empty() {
            client.clone_into(&mut call.customer);
        }
        if is_outbound {
            call.placed_by.get_or_insert_with(|| operator.to_owned());
        }
        if let Some(link) = link(&record.call) {
            call.recording = Some(link);
        }
        // A record of one operator, while others still ring or talk.
        if !self.notes.is_empty() {
            return;
        }
        let length = record.duration.max(0).saturating_mul(1_000_000);
        let is_answered = record.disposition == VoipCallDisposition::Answered;
        let ended = call.ended_at_us.unwrap_or(at);
        if is_answered && call.answered_at_us.is_none() {
            // No event was seen: the record has only a start and a length.
            if let Some(started) = start(record) {
                call.started_at_us = started;
                call.steps.iter_mut().take(1).for_each(|step| step.at_us = started);
            }
            let answered = (ended - length).max(call.started_at_us);
            call.answered_at_us = Some(answered);
            call.talk_us = Some(length);
            let who = Some(operator).filter(|who| !is_outbound && !who.is_empty());
            if call.answered_by.is_none() {
                call.answered_by = who.map(str::to_owned);
            }
            call.wait_us = Some(answered - call.started_at_us);
            call.step(answered, StepKind::Answered, who);
        }
        let outcome = match record.disposition {
            _ if call.answered_at_us.is_some() => Outcome::Answered,
            VoipCallDisposition::Busy => Outcome::Busy,
            VoipCallDisposition::Cancel | VoipCallDisposition::NoAnswer => Outcome::Missed,
            _ => call.outcome.unwrap_or(Outcome::Unknown),
        };
        call.end(ended, outcome);
    }
}

/// A call that seemed to be over goes on.
fn reopen(call: &mut Call) {
    call.state = State::Ringing;
    (call.ended_at_us, call.outcome, call.talk_us) = (None, None, None);
    if call.answered_at_us.is_none() {
        call.wait_us = None;
    }
    call.steps.retain(|step| step.kind != StepKind::Ended);
}

/// The start of a record, as the PBX writes it.
fn start(record: &VoipCallRecord) -> Option<Micros> {
    let text = record.call.get("start")?.as_str()?;
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let zoned = time.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_microsecond())
}
