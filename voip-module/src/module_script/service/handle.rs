//! The way of an ask through the service.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::ask::{Received, Refused};
use super::dispatch::Answered;
use super::endpoint::Endpoint;
use super::log::Line;
use super::replies::{Begun, Sent};
use super::{ModuleService, answer};
use crate::error::Error;
use crate::guard::{self, Panicked};
use crate::log;
use crate::module_script::protocol::{ErrorCode, Failure, Function};
use crate::provider::VoipProvider;

impl<P: VoipProvider> ModuleService<P> {
    /// Answers a request.
    pub async fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (parts, body) = request.into_parts();
        let endpoint = match self.check_head(&parts) {
            Ok(endpoint) => endpoint,
            Err(response) => return response,
        };
        let is_stopping = self.stopping.get().is_some();
        match endpoint {
            Endpoint::Health => probe(&parts.method, StatusCode::OK, "ok"),
            // A PBX outage does not show here: no ask would arrive then, and nobody could read why.
            Endpoint::Readiness if is_stopping => {
                probe(&parts.method, StatusCode::SERVICE_UNAVAILABLE, "stopping")
            }
            Endpoint::Readiness => probe(&parts.method, StatusCode::OK, "ready"),
            Endpoint::Log => self.show_log(parts.uri.query()),
            Endpoint::Status => self.show_status(),
            Endpoint::Ask(function) => {
                let received = Received::read(&parts, &body);
                answer::json(self.answer(function, received).await, "")
            }
        }
    }

    /// Carries an ask out, and logs it.
    async fn answer(&self, function: Function, received: Result<Received, Refused>) -> Sent {
        let started = self.clock.now();
        let (request_id, done) = match received {
            Ok(ask) => {
                let done = self.carry_out(function, &ask).await;
                (Some(ask.request_id), done)
            }
            Err((id, failure)) => {
                let done = Done::new(id.as_deref(), Err(failure));
                (id, done)
            }
        };
        let Done { code, sent, detail } = done;
        let took = self.clock.now().saturating_sub(started);
        let line = Line {
            time: self.timestamp(),
            function: function.as_str(),
            request_id,
            code: code.map_or("ok", ErrorCode::as_str),
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            detail,
        };
        self.log().write(function, line);
        sent
    }

    async fn carry_out(&self, function: Function, ask: &Received) -> Done {
        let id = Some(&*ask.request_id);
        let refuse = |code, message| Done::new(id, Err(Failure::new(code, message)));
        if self.is_closed() {
            return refuse(ErrorCode::NotReady, "the service is stopping");
        }
        let gate = match function {
            Function::ParseWebhook => &self.webhooks,
            _ => &self.calls,
        };
        let Some(_place) = gate.enter(&self.left) else {
            return refuse(ErrorCode::Busy, "too many asks at once");
        };
        if !function.acts_on_a_call() {
            return Done::new(id, self.run(function, ask).await);
        }
        match self.replies.begin(self.clock.now(), function, &ask.request_id, &ask.args.canonical())
        {
            Begun::New(running) => {
                let done = Done::new(id, self.run(function, ask).await);
                running.finish(done.sent.clone());
                done
            }
            Begun::Answered(sent) => Done { code: None, sent, detail: Some("repeated".into()) },
            Begun::InProgress => refuse(ErrorCode::InProgress, "the same ask is running"),
            Begun::Reused => refuse(ErrorCode::RequestIdReused, "another ask had this id"),
        }
    }

    /// Runs a function to its end, its panic or its time limit.
    // W116, W117
    async fn run(&self, function: Function, ask: &Received) -> Answered {
        let limit = match function {
            Function::ParseWebhook => self.webhooks_limit,
            _ => self.calls_limit,
        };
        let work = Box::pin(guard::catch(Box::pin(self.dispatch(function, &ask.args))));
        let outcome = match &self.timer {
            Some(timer) => guard::until(work, timer.sleep(limit).as_mut()).await,
            None => Some(work.await),
        };
        match outcome {
            Some(Ok(answered)) => answered,
            Some(Err(Panicked(text))) => {
                log::fault("a function of the provider panicked", &text);
                Err(Failure::new(ErrorCode::Internal, "internal error"))
            }
            None => Err(Error::Timeout.into()),
        }
    }
}

/// An ask that has its reply.
struct Done {
    /// `None` for a success.
    code: Option<ErrorCode>,
    sent: Sent,
    detail: Option<String>,
}

impl Done {
    fn new(id: Option<&str>, outcome: Answered) -> Self {
        let (outcome, detail) = match outcome {
            Ok((answer, detail)) => (Ok(answer), detail),
            Err(failure) => (Err(failure), None),
        };
        let (code, sent) = answer::reply(id, outcome);
        Self { code, sent, detail }
    }
}

// W120, W121, W124
fn probe(method: &Method, status: StatusCode, text: &'static str) -> http::Response<Bytes> {
    answer::text(status, if method == Method::HEAD { "" } else { text })
}
