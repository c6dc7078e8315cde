//! The path of a request through the router.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::in_flight::InFlight;
use super::journal::{Begun, Claim, Identity, Verdict};
use super::{Delivery, Refusal, Sink, SinkError, WebhookRouter, WebhookVerifier};
use crate::carrier::{HttpRequest, HttpResponse};
use crate::error::ParseError;
use crate::guard::{self, Panicked};
use crate::log;
use crate::model::VoipWebhookParseResult;
use crate::provider::VoipProvider;

/// The outcome of a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The answer to the sender.
    pub response: http::Response<Bytes>,
    /// The parse result of this request alone, before the journal; empty if it was refused.
    pub result: VoipWebhookParseResult,
    /// The journal's verdict; `None` without a call of the journal.
    pub verdict: Option<Verdict>,
    /// The delivery, if the sink took one.
    pub delivery: Option<Delivery>,
}

impl Outcome {
    fn answer(response: impl Into<http::Response<Bytes>>) -> Self {
        let result = VoipWebhookParseResult::empty();
        Self { response: response.into(), result, verdict: None, delivery: None }
    }
}

/// A parsed request.
struct Parsed {
    request: HttpRequest,
    result: VoipWebhookParseResult,
    /// The verified id of the delivery.
    delivery_id: Option<String>,
}

impl<P: VoipProvider> WebhookRouter<P> {
    /// Answers a request.
    pub async fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        self.process(request).await.response
    }

    /// Answers a request, and returns the outcome.
    pub async fn process(&self, request: http::Request<Bytes>) -> Outcome {
        match self.parse(request).await {
            Ok(parsed) => self.conclude(parsed).await,
            Err(response) => Outcome::answer(response),
        }
    }

    /// Checks a request and lets the provider parse it.
    async fn parse(&self, request: http::Request<Bytes>) -> Result<Parsed, HttpResponse> {
        // V129
        let (parts, body) = request.into_parts();
        let suffix = self.check_head(&parts).map_err(refusal)?.to_owned();
        if body.len() > self.limits.body {
            log::refused(Refusal::TOO_LARGE.status, "payload_too_large", "size of the body");
            return Err(refusal(Refusal::TOO_LARGE));
        }
        let request = http::Request::from_parts(parts, body);
        let verify =
            |verifier: &dyn WebhookVerifier| guard::catch_now(|| verifier.verify(&request));
        let delivery_id = match self.verifier.as_deref().map(verify) {
            None => None,
            Some(Ok(Ok(delivery_id))) => delivery_id,
            Some(Ok(Err(error))) => {
                let (status, text) = (StatusCode::UNAUTHORIZED, error.to_string());
                log::refused(status, "bad_signature", &text);
                return Err(HttpResponse::error(status, &text));
            }
            Some(Err(Panicked(text))) => return Err(self.fault("the verifier panicked", &text)),
        };
        let request = HttpRequest::new(request, suffix);
        if request.is_form() {
            let text = request.form_text().unwrap_or_default();
            self.limits.check_form(text.as_bytes()).map_err(|error| self.refuse(&error))?;
        }
        let parse = guard::catch(Box::pin(self.provider.parse_webhook(&request)));
        let result = match self.until(self.provider_deadline, Box::pin(parse)).await {
            Some(Ok(Ok(result))) => result,
            Some(Ok(Err(ParseError::Internal))) => {
                return Err(self.fault("the provider's parser failed", "internal error"));
            }
            Some(Ok(Err(error))) => return Err(self.refuse(&error)),
            Some(Err(Panicked(text))) => {
                return Err(self.fault("the provider's parser panicked", &text));
            }
            None => {
                self.log_fault("the provider's parser exceeded its deadline", "");
                return Err(refusal(Refusal::DEADLINE));
            }
        };
        Ok(Parsed { request, result, delivery_id })
    }

    /// Delivers a result unless it was delivered before, and builds the answer.
    async fn conclude(&self, parsed: Parsed) -> Outcome {
        let Parsed { request, result, delivery_id } = parsed;
        let response = result.response.clone().unwrap_or_default();
        let mut outcome = Outcome::answer(response);
        if !outcome.response.status().is_success() {
            log::refused(outcome.response.status(), "response", "by the provider");
            // A provider may quote its request, and it does not know the token.
            let body = String::from_utf8_lossy(outcome.response.body()).into_owned();
            *outcome.response.body_mut() = self.redact(&body).into();
        } else if !result.is_empty() {
            self.deliver(&request, &result, delivery_id.as_deref(), &mut outcome).await;
        }
        outcome.result = result.for_platform(self.platform);
        outcome
    }

    async fn deliver(
        &self,
        request: &HttpRequest,
        result: &VoipWebhookParseResult,
        delivery_id: Option<&str>,
        outcome: &mut Outcome,
    ) {
        let keys = self.provider.key_fields();
        let key = self.with_journal(|journal| journal.key().clone());
        let identity = key.map(|key| match delivery_id {
            Some(id) => key.of_delivery_id(id),
            None => key.of_request(request, keys),
        });
        let (mut delivery, in_flight) = match identity {
            None => (Delivery::from(result), None),
            Some(identity) => match self.begin(identity, result).await {
                Some(Begun::Deliver(ticket, delivery)) => {
                    outcome.verdict = Some(ticket.verdict());
                    (*delivery, Some(InFlight::new(self, ticket)))
                }
                Some(Begun::Drop(verdict)) => {
                    outcome.verdict = Some(verdict);
                    return;
                }
                Some(Begun::InFlight) | None => {
                    outcome.response = Refusal::IN_FLIGHT.into();
                    return;
                }
            },
        };
        let fingerprint = in_flight.as_ref().and_then(InFlight::fingerprint);
        match self.claim(fingerprint).await {
            Claim::Claimed => {}
            Claim::InFlight => {
                outcome.verdict = None;
                outcome.response = Refusal::IN_FLIGHT.into();
                return;
            }
            Claim::Delivered => {
                outcome.verdict = Some(Verdict::Repeat);
                in_flight.into_iter().for_each(InFlight::commit);
                return;
            }
        }
        delivery.raw = request.raw(keys);
        let delivery = delivery.for_platform(self.platform);
        let failed = match &self.sink {
            Some(sink) => self.hand_to(&**sink, &delivery).await.err(),
            None => None,
        };
        if let Some(response) = failed {
            outcome.response = response.into();
            // The journal comes first, because the store may never answer.
            drop(in_flight);
            self.settle(fingerprint, false).await;
            return;
        }
        in_flight.into_iter().for_each(InFlight::commit);
        self.settle(fingerprint, true).await;
        outcome.delivery = Some(delivery);
    }

    /// Begins a delivery. A repetition in flight waits for the outcome of the first one, at most as
    /// long as the sink's deadline; then returns `None`.
    async fn begin(&self, identity: Identity, result: &VoipWebhookParseResult) -> Option<Begun> {
        // V161
        let mut wait: Option<guard::Boxed<'_, ()>> = None;
        let mut has_waited = false;
        loop {
            let ended = self.ended.listen();
            let begun = self.with_journal(|journal| {
                let begun = journal.begin(self.clock.now(), identity, result);
                if matches!(begun, Begun::InFlight) && !std::mem::replace(&mut has_waited, true) {
                    journal.count_waited();
                }
                begun
            })?;
            if !matches!(begun, Begun::InFlight) {
                return Some(begun);
            }
            let is_over = match &self.timer {
                Some(timer) => {
                    let wait = wait.get_or_insert_with(|| timer.sleep(self.sink_deadline));
                    guard::until(Box::pin(ended), wait.as_mut()).await.is_none()
                }
                None => true,
            };
            if is_over {
                self.with_journal(|journal| journal.count_refused_in_flight());
                return None;
            }
        }
    }

    async fn hand_to(&self, sink: &dyn Sink, delivery: &Delivery) -> Result<(), HttpResponse> {
        let deliver = guard::catch(sink.deliver(delivery));
        match self.until(self.sink_deadline, Box::pin(deliver)).await {
            Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => Err(self.fault("the sink failed", &error.to_string())),
            Some(Err(Panicked(text))) => Err(self.fault("the sink panicked", &text)),
            None => {
                self.log_fault("the sink exceeded its deadline", "");
                Err(refusal(Refusal::DEADLINE))
            }
        }
    }

    /// Claims a fingerprint, if there is a store. An unavailable store does not prevent the
    /// delivery.
    async fn claim(&self, fingerprint: Option<u128>) -> Claim {
        let (Some(store), Some(fingerprint)) = (&self.store, fingerprint) else {
            return Claim::Claimed;
        };
        let lease = self.sink_deadline.saturating_mul(2);
        self.ask_store(store.claim(fingerprint, lease)).await.unwrap_or(Claim::Claimed)
    }

    /// Confirms or releases a fingerprint.
    async fn settle(&self, fingerprint: Option<u128>, is_delivered: bool) {
        let (Some(store), Some(fingerprint)) = (&self.store, fingerprint) else { return };
        let settled = if is_delivered {
            let age = self.with_journal(|journal| journal.age()).unwrap_or_default();
            store.confirm(fingerprint, age)
        } else {
            store.release(fingerprint)
        };
        self.ask_store(settled).await;
    }

    /// Waits for the store's answer until the sink's deadline; then logs it and returns `None`.
    async fn ask_store<T>(&self, answer: guard::Boxed<'_, Result<T, SinkError>>) -> Option<T> {
        match self.until(self.sink_deadline, Box::pin(guard::catch(answer))).await {
            Some(Ok(Ok(answer))) => return Some(answer),
            Some(Ok(Err(error))) => {
                self.log_fault("the fingerprint store failed", &error.to_string());
            }
            Some(Err(Panicked(text))) => self.log_fault("the fingerprint store panicked", &text),
            None => self.log_fault("the fingerprint store exceeded its deadline", ""),
        }
        None
    }

    /// Runs a future to its end, or to a deadline if there is a timer.
    async fn until<T>(&self, deadline: Duration, future: guard::Boxed<'_, T>) -> Option<T> {
        match &self.timer {
            Some(timer) => guard::until(future, timer.sleep(deadline).as_mut()).await,
            None => Some(future.await),
        }
    }

    /// Refuses a request with the error's own status and text, without the token.
    fn refuse(&self, error: &ParseError) -> HttpResponse {
        let message = self.redact(&error.public_message());
        log::refused(error.status(), error.code(), &self.redact(&error.to_string()));
        HttpResponse::error(error.status(), &message)
    }

    /// Logs a fault and returns an answer without its details.
    fn fault(&self, what: &str, detail: &str) -> HttpResponse {
        // V46
        self.log_fault(what, detail);
        HttpResponse::from(ParseError::Internal)
    }
}

fn refusal(refusal: Refusal) -> HttpResponse {
    HttpResponse::from(http::Response::from(refusal))
}
