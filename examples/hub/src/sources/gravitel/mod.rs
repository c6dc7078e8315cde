//! Gravitel: pushes through the router of `voip-module`, legs folded to calls.

mod legs;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use tokio::time::Instant;
use voip_module::gravitel::{GravitelConfig, GravitelProvider};
use voip_module::router::{Notice, SinkError, TokioTimer};
use voip_module::{Delivery, Secret, Sink, Token, VoipProvider as _, WebhookRouter};

use self::legs::{Legs, fold, parties};
use super::book::{Book, Entry};
use super::clock::{ReplayClock, arrival, arrived_at};
use super::{Control, ControlError, Receiver};
use crate::config::Gravitel;
use crate::http_client::HttpClient;
use crate::timeline::{Micros, Outcome, User};

type Provider = Arc<GravitelProvider<HttpClient>>;

pub(crate) struct GravitelSource {
    book: Arc<Book<Legs>>,
    router: WebhookRouter<Provider>,
    clock: ReplayClock,
    provider: Provider,
    token: Secret,
    has_commands: bool,
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
