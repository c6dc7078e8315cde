//! The driver of the queue: transport, timer, clocks and spool.

use std::fmt;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use http::header::CONTENT_TYPE;

use super::handle::{PushHandle, Shared, State};
use super::message::{MAX_BYTES, PushMessage};
use super::outcome::PushOutcome;
use super::policy::PushPolicy;
use super::queue::PushRequest;
#[cfg(feature = "standard-webhooks")]
use super::sign::PushSigner;
use super::spool::{Spool, SpoolError};
use super::target::PushTarget;
use crate::guard::{self, Boxed};
use crate::log;
use crate::router::{Clock, MonotonicClock, Timer};
use crate::transport::HttpTransport;

type DeadLetters = Box<dyn Fn(&PushMessage) + Send + Sync>;

/// Sends the messages of a queue to the webhook URL. Needs no runtime: [`run`](Self::run) is one
/// future.
///
/// ```no_run
/// use voip_module::module_script::push::Pusher;
/// use voip_module::router::Timer;
/// use voip_module::HttpTransport;
///
/// # async fn example(
/// #     transport: impl HttpTransport,
/// #     timer: impl Timer + 'static,
/// #     url: url::Url,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let mut pusher = Pusher::builder(transport, timer).build()?;
/// let handle = pusher.handle(); // a `Sink`, for a `WebhookRouter` or a connection to the PBX
/// handle.set_target(url)?;
/// pusher.run().await; // in a task of its own; ends after `handle.begin_shutdown()`
/// # Ok(())
/// # }
/// ```
pub struct Pusher<T> {
    shared: Arc<Shared>,
    transport: T,
    timer: Box<dyn Timer>,
    timeout: Duration,
    dead_letters: Option<DeadLetters>,
    #[cfg(feature = "standard-webhooks")]
    signer: Option<PushSigner>,
}

impl<T: HttpTransport> Pusher<T> {
    /// Starts to build a pusher. The transport should follow no redirects and read 64 KiB of an
    /// answer at most.
    #[must_use]
    pub fn builder(transport: T, timer: impl Timer + 'static) -> PusherBuilder<T> {
        PusherBuilder {
            transport,
            timer: Box::new(timer),
            policy: PushPolicy::default(),
            clock: Box::new(MonotonicClock::new()),
            wall_clock: Box::new(SystemTime::now),
            spool: None,
            allow_http: false,
            dead_letters: None,
            #[cfg(feature = "standard-webhooks")]
            signer: None,
        }
    }

    /// Returns a handle.
    #[must_use]
    pub fn handle(&self) -> PushHandle {
        PushHandle::new(self.shared.clone())
    }

    /// Sends messages until [`PushHandle::begin_shutdown`]; then sends once what is due, for
    /// [`PushPolicy::grace`] at most, and returns.
    ///
    /// Cancel-safe: requests in flight count as unanswered, and the next `run` repeats them.
    pub async fn run(&mut self) {
        let this = &*self;
        let mut flights = FuturesUnordered::new();
        let mut removal: Option<Boxed<'_, ()>> = None;
        loop {
            let mut changed = this.shared.changed.listen();
            let now = this.shared.clock.now();
            let (wake, end) = this.with_state(|state| {
                while let Some((request, target)) = state.next(now) {
                    flights.push(this.attempt(request, target));
                }
                (state.queue.next_wake(now), state.end)
            });
            if removal.is_none() {
                removal = this.shared.removal();
            }
            if end.is_some_and(|end| {
                now >= end || flights.is_empty() && wake.is_none_or(|wake| wake > end)
            }) {
                break;
            }
            let wake = wake.into_iter().chain(end).min();
            let mut sleep = wake.map(|wake| this.timer.sleep(wake.saturating_sub(now)));
            poll_fn(|context| {
                let mut is_ready = Pin::new(&mut changed).poll(context).is_ready();
                is_ready |= matches!(flights.poll_next_unpin(context), Poll::Ready(Some(())));
                if let Some(work) = &mut removal {
                    if work.as_mut().poll(context).is_ready() {
                        (removal, is_ready) = (None, true);
                    }
                }
                if let Some(sleep) = &mut sleep {
                    is_ready |= sleep.as_mut().poll(context).is_ready();
                }
                if is_ready { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        drop(flights);
        if let Some(removal) = removal {
            removal.await;
        }
        while let Some(removal) = this.shared.removal() {
            removal.await;
        }
        this.shared.end();
    }

    fn with_state<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        work(&mut self.shared.state())
    }

    fn body(&self, request: &PushRequest) -> String {
        let body = request.message.body(self.shared.unix_time(), request.attempt);
        #[cfg(feature = "standard-webhooks")]
        if let Some(signer) = &self.signer {
            return signer.sign(&body);
        }
        body
    }

    /// Sends one request.
    async fn attempt(&self, request: PushRequest, target: PushTarget) {
        let id = request.message.id();
        let mut flight = Flight { shared: &self.shared, id, outcome: PushOutcome::Retry(None) };
        let body = self.body(&request);
        let is_too_large = body.len() > MAX_BYTES;
        let post = http::Request::post(target.expose())
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(body));
        // A signature may make it too large. The target has been parsed, so this is a request.
        if is_too_large {
            flight.outcome = PushOutcome::Rejected(413);
        } else if let Ok(post) = post {
            let sending = Box::pin(guard::catch(self.transport.send(post)));
            let answer = guard::until(sending, self.timer.sleep(self.timeout).as_mut()).await;
            // An error's source, and the text of a panic, may hold the address: neither is logged.
            if let Some(Ok(Ok(answer))) = answer {
                flight.outcome = PushOutcome::of(id, &answer);
            }
        }
        if let (Some(message), Some(dead_letters)) = (flight.finish(), &self.dead_letters) {
            if guard::catch_now(|| dead_letters(&message)).is_err() {
                log::fault("the receiver of dead letters panicked", "");
            }
        }
    }
}

impl<T> fmt::Debug for Pusher<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pusher").field("shared", &self.shared).finish_non_exhaustive()
    }
}

/// A request in flight; one that is dropped counts as unanswered.
struct Flight<'a> {
    shared: &'a Shared,
    id: &'a str,
    outcome: PushOutcome,
}

impl Flight<'_> {
    fn finish(self) -> Option<PushMessage> {
        self.shared.answer(self.id, self.outcome)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        // After `finish` the queue does not know the id any more.
        self.shared.answer(self.id, PushOutcome::Retry(None));
    }
}

/// Builds a [`Pusher`].
pub struct PusherBuilder<T> {
    transport: T,
    timer: Box<dyn Timer>,
    policy: PushPolicy,
    clock: Box<dyn Clock>,
    wall_clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    spool: Option<Box<dyn Spool>>,
    allow_http: bool,
    dead_letters: Option<DeadLetters>,
    #[cfg(feature = "standard-webhooks")]
    signer: Option<PushSigner>,
}

impl<T: HttpTransport> PusherBuilder<T> {
    /// Sets the policy.
    #[must_use]
    pub fn policy(mut self, policy: PushPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the monotonic clock. The default one is [`MonotonicClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Sets the wall clock, for `sentAt` and for ages in the spool. Default [`SystemTime::now`].
    #[must_use]
    pub fn wall_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.wall_clock = Box::new(clock);
        self
    }

    /// Sets the spool. Without one, messages are lost when the process ends.
    #[must_use]
    pub fn spool(mut self, spool: impl Spool + 'static) -> Self {
        self.spool = Some(Box::new(spool));
        self
    }

    /// Allows `http` webhook URLs, for a platform in the same cluster.
    #[must_use]
    pub const fn with_http(mut self) -> Self {
        self.allow_http = true;
        self
    }

    /// Sets the receiver of messages that the webhook URL refuses for good.
    #[must_use]
    pub fn dead_letters(mut self, receiver: impl Fn(&PushMessage) + Send + Sync + 'static) -> Self {
        self.dead_letters = Some(Box::new(receiver));
        self
    }

    /// Signs pushes, for a script that asks the service to check them.
    #[cfg(feature = "standard-webhooks")]
    #[cfg_attr(docsrs, doc(cfg(feature = "standard-webhooks")))]
    #[must_use]
    pub fn signer(mut self, signer: PushSigner) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Builds the pusher, with the messages of the spool in its queue.
    ///
    /// # Errors
    ///
    /// [`SpoolError`] if the spool cannot be read.
    pub fn build(self) -> Result<Pusher<T>, SpoolError> {
        let Self { transport, timer, policy, clock, wall_clock, spool, .. } = self;
        let timeout = policy.timeout;
        let shared = Shared::new(policy, clock, wall_clock, spool, self.allow_http)?;
        Ok(Pusher {
            shared: Arc::new(shared),
            transport,
            timer,
            timeout,
            dead_letters: self.dead_letters,
            #[cfg(feature = "standard-webhooks")]
            signer: self.signer,
        })
    }
}

impl<T> fmt::Debug for PusherBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PusherBuilder").field("policy", &self.policy).finish_non_exhaustive()
    }
}
